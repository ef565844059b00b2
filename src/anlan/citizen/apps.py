from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CitizenConfig(AppConfig):
    name = "anlan.citizen"
    label = "citizen"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.citizen import sentences  # noqa: F401
        from anlan.core.context import navigation_add

        navigation_add(_("Citizens' requests"), "citizen:requests", "citizen.requests", order=75)
