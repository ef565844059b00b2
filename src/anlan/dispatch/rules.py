"""States of assignments and community work orders, and the clocks that run over them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from anlan.core.state_machine import StateMachine

ASSIGNMENT = StateMachine(
    "dispatch.assignment",
    labels={
        "sent": _("sent"),
        "signed": _("signed"),
        "en_route": _("en route"),
        "arrived": _("arrived"),
        "finished": _("finished"),
        "feedback_done": _("feedback filed"),
        "reviewed": _("reviewed"),
        "closed": _("closed"),
        "refused": _("refused"),
        "reassigned": _("reassigned"),
        "cancelled": _("cancelled"),
    },
    moves={
        "sent": ("signed", "en_route", "arrived", "refused", "reassigned", "cancelled"),
        "signed": ("en_route", "arrived", "refused", "reassigned", "cancelled"),
        "en_route": ("arrived", "refused", "reassigned", "cancelled"),
        "arrived": ("finished", "cancelled"),
        "finished": ("feedback_done",),
        "feedback_done": ("reviewed", "finished"),
        "reviewed": ("closed", "finished"),
    },
)
ACTIVE = ("sent", "signed", "en_route", "arrived")
TRAVELLING = ("sent", "signed", "en_route")

WORK_ORDER = StateMachine(
    "dispatch.work_order",
    labels={
        "routed": _("routed to the town room"),
        "signed": _("signed"),
        "contacted": _("caller contacted"),
        "assigned": _("team assigned"),
        "on_site": _("team on site"),
        "settled": _("settled on site"),
        "moved_on": _("moved on"),
        "closed": _("closed"),
        "bounced": _("sent back"),
        "escalated": _("handed to police"),
    },
    moves={
        "routed": ("signed", "bounced", "escalated"),
        "signed": ("contacted", "assigned", "bounced", "escalated"),
        "contacted": ("assigned", "settled", "moved_on", "bounced", "escalated"),
        "assigned": ("on_site", "contacted", "escalated"),
        "on_site": ("settled", "moved_on", "escalated"),
        "settled": ("closed", "escalated"),
        "moved_on": ("closed", "escalated"),
        "closed": ("escalated",),
        "bounced": ("routed", "escalated"),
        "escalated": (),
    },
)

RESULT_CODES = {
    "settled_on_site": _("settled on site"),
    "mediated_agreement": _("mediated, agreement"),
    "mediated_none": _("mediated, no agreement"),
    "case_administrative": _("administrative case accepted"),
    "case_criminal": _("criminal case accepted"),
    "to_department": _("transferred to a department"),
    "to_mediation_centre": _("handed to the mediation centre"),
    "helped": _("helped"),
    "person_found": _("person found"),
    "accident_fast_settled": _("accident fast-settled"),
    "false_alarm": _("false alarm"),
    "not_found": _("nothing found on arrival"),
    "duplicate": _("duplicate"),
    "cannot_handle": _("cannot be handled"),
}
SETTLED_ON_SITE = ("settled_on_site", "mediated_agreement", "helped", "person_found", "accident_fast_settled")

UNSIGNED_ALARM = timedelta(seconds=60)
UNSIGNED_REASSIGN = timedelta(seconds=120)
NOT_MOVING_ALARM = timedelta(seconds=120)
MOVED_M = 60.0
ARRIVED_WITHIN_M = 100.0
UNDO_WINDOW = timedelta(seconds=10)
SEND_WITHIN = timedelta(seconds=60)
FEEDBACK_WITHIN = timedelta(minutes=30)
REVIEW_WITHIN = timedelta(hours=24)
CLOSE_WITHIN = timedelta(hours=48)
TOWN_SIGN_WITHIN = timedelta(minutes=1)
TOWN_CONTACT_WITHIN = timedelta(minutes=3)
TOWN_ARRIVE_WITHIN = timedelta(minutes=30)
TOWN_CLOSE_WITHIN = timedelta(hours=24)
REVISIT_SHARE = 0.10
REVISIT_WORKDAYS = 3


@dataclass(frozen=True)
class ClockRule:
    """A clock's name, what it measures, and how long it allows before it is late."""

    kind: str
    allows: timedelta
    version: int = 1
