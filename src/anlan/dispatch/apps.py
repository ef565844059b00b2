from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "anlan.dispatch"
    label = "dispatch"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.dispatch import messages, sentences  # noqa: F401
