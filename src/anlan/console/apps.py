from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsoleConfig(AppConfig):
    name = "anlan.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.console import sentences  # noqa: F401
        from anlan.core.context import dark_add, navigation_add, shell_part_add
        from anlan.core.templatetags.anlan import LABELS
        from anlan.disputes.rules import LEVELS

        LABELS.update({("disputes.level", key): word for key, word in LEVELS.items()})
        dark_add("console:island", "console:queue", "console:incident", "console:wall", "console:replay")
        dark_add("console:call_new", "console:call_edit", "console:call_save")
        navigation_add(_("Live console"), "console:island", "console.queue", order=5)
        navigation_add(_("Queue"), "console:queue", "console.queue", order=10)
        navigation_add(_("New call"), "console:call_new", "console.call", order=20)
        navigation_add(_("Units"), "console:units", "units.view", order=30)
        navigation_add(_("Many at once"), "console:many", "dispatch.send", order=32)
        navigation_add(_("Closed roads"), "console:roads", "places.road_set", order=64)
        navigation_add(_("Cover"), "console:cover", "dispatch.recommend", order=66)
        navigation_add(_("Response plans"), "console:plans", "dispatch.plan_view", order=67)
        navigation_add(_("Arrival times"), "console:arrivals", "reports.view", order=73)
        navigation_add(_("Town room"), "console:town", "console.town_board", order=40)
        navigation_add(_("Disputes"), "console:disputes", "disputes.view", order=45)
        navigation_add(_("Mediation"), "console:mediation", "disputes.mediation_view", order=47)
        navigation_add(_("Revisits"), "console:dispute_revisits", "disputes.revisit", order=48)
        navigation_add(_("Station room"), "console:station", "console.station_board", order=50)
        navigation_add(_("Handed to us"), "console:partner", "console.partner_board", order=55)
        navigation_add(_("My unit"), "console:phone", "console.unit_page", order=60)
        navigation_add(_("My visits"), "console:visits", "disputes.act", order=62)
        navigation_add(_("Handover"), "console:handover", "dispatch.handover", order=65)
        shell_part_add("console/parts/notices_badge.html")
        navigation_add(_("Figures"), "console:kpi", "reports.view", order=70)
        navigation_add(_("Disputes in figures"), "console:dispute_figures", "reports.view", order=72)
        navigation_add(_("Call forecast"), "console:forecast", "forecasting.view", order=74)
        navigation_add(_("Wall board"), "console:wall", "console.wall", order=75)
        navigation_add(_("Evidence ledger"), "console:ledger", "ledger.view", order=90)
        navigation_add(_("Replay"), "console:replay", "console.replay", order=78)
