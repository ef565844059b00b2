from django.apps import AppConfig


class PatrolConfig(AppConfig):
    name = "anlan.patrol"
    label = "patrol"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.patrol import sentences  # noqa: F401
