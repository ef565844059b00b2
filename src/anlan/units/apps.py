from django.apps import AppConfig


class UnitsConfig(AppConfig):
    name = "anlan.units"
    label = "units"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.units import sentences  # noqa: F401
