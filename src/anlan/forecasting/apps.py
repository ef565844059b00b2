from django.apps import AppConfig


class ForecastingConfig(AppConfig):
    name = "anlan.forecasting"
    label = "forecasting"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.forecasting import messages, sentences  # noqa: F401
