from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "anlan.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.core.context import navigation_add

        navigation_add(_("Weekly bulletin"), "reports:bulletin", "reports.view", order=80)
