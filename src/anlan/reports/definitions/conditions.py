"""Conditions and parts that several figures share, with the targets of the edition in force."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from django.db.models import F, Q
from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.intake.models import Incident
from anlan.reports.definitions.shape import Split
from anlan.tagging.selectors import vocabulary

ARRIVE_WITHIN = {
    "P1": {"town": timedelta(minutes=5), "suburb": timedelta(minutes=10), "rural": timedelta(minutes=20)},
    "P2": {"town": timedelta(minutes=10), "suburb": timedelta(minutes=15), "rural": timedelta(minutes=30)},
    "P3": {"town": timedelta(minutes=30), "suburb": timedelta(minutes=45), "rural": timedelta(minutes=60)},
    "P4": {"town": timedelta(hours=24), "suburb": timedelta(hours=24), "rural": timedelta(hours=24)},
}
"""Targets of edition 1. They stand here and not with the clocks: a published figure keeps its targets."""
SETTINGS = {"town": _("town"), "suburb": _("suburb"), "rural": _("countryside")}
ORIGINS = {
    "citizen": _("reported by citizens"),
    "patrol": _("found by patrol"),
    "device": _("alarm devices"),
    "partner": _("handed over by partner desks"),
    "mixed": _("origin not told apart"),
}


def within(later: str, earlier: str, allowed: timedelta) -> Q:
    """``later`` lies at most ``allowed`` after ``earlier``; false where one is missing."""
    return Q(**{f"{later}__lte": F(earlier) + allowed})


def in_order(earlier: str, later: str) -> Q:
    """Both moments are known and the clock ran forwards between them."""
    return Q(**{f"{later}__gte": F(earlier)})


CALLED = ~Q(origin="patrol")
"""Not found by officers themselves: there nobody waited for anybody."""
ATTENDED = in_order("first_sent_at", "first_arrived_at") & CALLED
URBAN_P1 = Q(priority="P1", setting="town")


def on_target() -> Q:
    """The first unit arrived within what the incident's priority and setting allow."""
    found = Q()
    for priority, settings in ARRIVE_WITHIN.items():
        for setting, allowed in settings.items():
            cell = Q(priority=priority, setting=setting)
            found |= cell & within("first_arrived_at", "first_sent_at", allowed)
    return found


def arrival_cells() -> tuple[Split, ...]:
    """One part for each priority and setting, each with its own target."""
    return tuple(
        Split(
            f"{priority}-{setting}",
            _pair(priority, SETTINGS[setting]),
            Q(priority=priority, setting=setting),
            within("first_arrived_at", "first_sent_at", allowed),
        )
        for priority, settings in ARRIVE_WITHIN.items()
        for setting, allowed in settings.items()
    )


def volume_parts() -> tuple[Split, ...]:
    """Volumes by track, priority, origin and level-1 type."""
    tracks = Incident._meta.get_field("track").flatchoices
    return (
        *(Split(f"track-{key}", words, Q(track=key)) for key, words in tracks),
        *(Split(f"priority-{key}", key, Q(priority=key)) for key in ARRIVE_WITHIN),
        *(Split(f"origin-{key}", words, Q(origin=key)) for key, words in ORIGINS.items()),
        *_types(vocabulary().version),
    )


@cache
def _types(version: int) -> tuple[Split, ...]:
    held = vocabulary()
    invalid = {row.parent_code for row in held.types.values() if not row.is_valid_incident}
    return tuple(
        Split(f"type-{row['code']}", _either(row["zh"], row["en"]), Q(code__startswith=row["code"]))
        for row in held.groups
        if row["code"] not in invalid
    )


def _choose(zh: str, en: str) -> str:
    return zh if (get_language() or "").startswith("zh") else en


_either = lazy(_choose, str)
_pair = lazy("{} {}".format, str)
