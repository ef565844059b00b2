from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "anlan.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.ledger import sentences  # noqa: F401
