from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "anlan.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.accounts import checks  # noqa: F401
