from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "anlan.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.notices import messages, sentences  # noqa: F401
