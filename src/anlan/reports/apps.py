from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "anlan.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.core.context import navigation_add
        from anlan.reports.selectors.day_sums import sums_begin

        navigation_add(_("Weekly bulletin"), "reports:bulletin", "reports.view", order=80)
        navigation_add(_("Counts for outside"), "reports:outside", "reports.export_outside", order=82)
        sums_begin()
