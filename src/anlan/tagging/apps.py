from django.apps import AppConfig


class TaggingConfig(AppConfig):
    name = "anlan.tagging"
    label = "tagging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.tagging import sentences  # noqa: F401
