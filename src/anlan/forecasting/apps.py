from django.apps import AppConfig


class ForecastingConfig(AppConfig):
    name = "anlan.forecasting"
    label = "forecasting"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.dispatch.selectors import demand_source_add
        from anlan.forecasting import messages, sentences  # noqa: F401
        from anlan.forecasting.selectors.expected import demand_expected

        demand_source_add(demand_expected)
