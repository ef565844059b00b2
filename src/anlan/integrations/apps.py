from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "anlan.integrations"
    label = "integrations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.integrations import sentences  # noqa: F401
