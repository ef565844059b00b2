"""The clocks of town rooms, told by hours of the day: those who work the evening are not judged by the morning.

An order owes a step until it leaves the room's hands; one sent back or handed to police owes nothing after that,
one settled by telephone owes no arrival. What is not due yet by the end of the period, or by the moment it is asked
at where that comes first, is not looked at.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.db.models import Case, DateTimeField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, ExtractHour
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from anlan.reports.definitions.conditions import within
from anlan.reports.definitions.records import orders
from anlan.reports.definitions.shape import Kind, Kpi, Records, Split, Words
from anlan.reports.definitions.slices import Base, Slice

OVER = ("closed", "escalated", "bounced")
"""States in which an order is in nobody's hands any more."""
PEAK_SHARE = 0.5
"""The peak is the fewest hours of the day in which at least this share of the period's orders was routed."""
OWED, OWED_ON_SITE = "owed_until", "owed_on_site_until"
_HOURS = re.compile(r"hours-([0-9]{2}(?:\.[0-9]{2})*)")


def hours_key(hours: tuple[int, ...]) -> str:
    """Under what the part of these hours is asked for: ``hours-17.18``."""
    return "hours-" + ".".join(f"{hour:02d}" for hour in sorted(hours))


def hours_named(hours: tuple[int, ...]) -> str:
    """07:00–07:59, or stretches of hours: 07–09, 17–20 o'clock, each hour whole."""
    stretches: list[list[int]] = []
    for hour in sorted(hours):
        if stretches and stretches[-1][-1] == hour - 1:
            stretches[-1].append(hour)
        else:
            stretches.append([hour])
    return ", ".join(f"{row[0]:02d}:00–{row[-1]:02d}:59" for row in stretches)


def hours_part(kpi: Kpi, key: str) -> Split | None:
    """The part of a clock's orders that was routed in some hours of the day; None for any other key."""
    found = _HOURS.fullmatch(key)
    if found is None or kpi.records != Records.CLOCK:
        return None
    hours = tuple(int(hour) for hour in found[1].split("."))
    if hours != tuple(sorted(set(hours))) or hours[-1] > 23:
        return None
    name = format_lazy("{clock} · {hours}", clock=kpi.name, hours=hours_named(hours))
    return Split(key, name, Q(hour__in=hours))


def _told(part: Slice) -> QuerySet[Any]:
    """Orders to town rooms, each with the hour it was routed in and until when it owed what it did not do."""
    known = Value(part.known_until, output_field=DateTimeField())
    left = Case(When(state__in=OVER, then=F("state_since")), default=known, output_field=DateTimeField())
    rows: QuerySet[Any] = orders(part).annotate(
        **{
            "hour": ExtractHour("routed_at"),
            OWED: left,
            OWED_ON_SITE: Coalesce(F("settled_at"), left),
        }
    )
    return rows


CLOCK_BASE = Base(_told, {}, "incident__received_at")


def _clock(
    key: str, name: Words, formula: Words, start: str, end: str, allows: timedelta, *, owed: str = OWED
) -> Kpi:
    never = Q(**{f"{end}__isnull": True, f"{owed}__gt": F(start) + allows})
    return Kpi(
        key=key,
        group="track",
        kind=Kind.SHARE,
        records=Records.CLOCK,
        name=name,
        formula=formula,
        denominator=Q(**{f"{start}__isnull": False}) & (Q(**{f"{end}__isnull": False}) | never),
        numerator=within(end, start, allows),
        counter=("bounced", "diverted_escalated"),
        version=2,
    )


CLOCKS: tuple[Kpi, ...] = (
    _clock(
        "town_sign_1",
        _("Town room: signed within 1 min"),
        _(
            "Orders the town room signed at most 1 min after routing / orders signed, and those not signed when the "
            "minute was over. Told by the hour of routing."
        ),
        "routed_at",
        "signed_at",
        timedelta(minutes=1),
    ),
    _clock(
        "town_contact_3",
        _("Town room: caller reached within 3 min"),
        _(
            "Orders whose caller was reached at most 3 min after routing / orders whose caller was reached, and "
            "those where nobody was when the 3 min were over. Told by the hour of routing."
        ),
        "routed_at",
        "contacted_at",
        timedelta(minutes=3),
    ),
    _clock(
        "town_there_5",
        _("Town room: team there within 5 min of sending"),
        _(
            "Orders whose team arrived at most 5 min after it was sent / orders whose team arrived, and those where "
            "none was there when the 5 min were over; settled by telephone before that, an order owes no arrival. "
            "Told by the hour of routing."
        ),
        "assigned_at",
        "arrived_at",
        timedelta(minutes=5),
        owed=OWED_ON_SITE,
    ),
    _clock(
        "town_there_30",
        _("Town room: team on site within 30 min"),
        _(
            "Orders whose team was on site at most 30 min after routing / orders whose team arrived, and those where "
            "none was there when the 30 min were over; settled by telephone before that, an order owes no arrival. "
            "Told by the hour of routing."
        ),
        "routed_at",
        "arrived_at",
        timedelta(minutes=30),
        owed=OWED_ON_SITE,
    ),
    _clock(
        "town_close_24",
        _("Town room: closed within 24 h"),
        _(
            "Orders closed at most 24 h after routing / orders closed, and those still open when the 24 h were over. "
            "Told by the hour of routing."
        ),
        "routed_at",
        "closed_at",
        timedelta(hours=24),
    ),
)
