from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "anlan.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.accounts import checks  # noqa: F401
        from anlan.core.context import navigation_add

        navigation_add(_("Accounts"), "accounts:people", "accounts.people", order=90)
        navigation_add(_("Beyond our area"), "accounts:beyond", "accounts.glass_view", order=92)
