"""The day on the wall board: against the same weekday, shares with their aim, and where citizens reported from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from anlan.accounts.models import Organisation
from anlan.accounts.selectors import organisations
from anlan.core.actor import Actor
from anlan.engines.geo import cell_ring
from anlan.reports.selectors import (
    AIMS,
    HEAT_BANDS,
    HEAT_KEY,
    WEEKDAY_VERSION,
    Against,
    Figure,
    Heat,
    WeekdayPast,
    against_hours,
    against_weekday,
    heat_day,
    kpi_some,
    weekday_past,
)

COUNTED: tuple[tuple[str, str, str, str | Promise], ...] = (
    ("calls", "answer_10s", "denominator", gettext_lazy("Calls")),
    ("incidents", "volume", "numerator", gettext_lazy("Incidents")),
    ("p1", "volume:priority-P1", "numerator", gettext_lazy("P1")),
)
"""What stands against the same weekday: its name here, the figure, and which part of its records."""
Price = tuple[tuple[str, str | Promise], ...]
RATES: tuple[tuple[str, Price, str | Promise], ...] = (
    ("arrive_5", (("arrive_5_position", gettext_lazy("by position")),), gettext_lazy("P1 in town within 5 min")),
    (
        "divert_rate",
        (
            ("diverted_escalated", gettext_lazy("later to police")),
            ("diverted_injured", gettext_lazy("somebody injured")),
            ("bounced", gettext_lazy("sent back")),
        ),
        gettext_lazy("Diverted to community"),
    ),
    ("onsite_rate", (), gettext_lazy("Settled on the spot")),
    ("repeat_rate", (), gettext_lazy("Repeats")),
)
"""The shares, each with the figures that tell its price, and the word short enough for a wall."""
Past = dict[str, WeekdayPast]


@dataclass(frozen=True, slots=True)
class Period:
    """The local day up to now, as the board and the pages of records both count it."""

    at: datetime
    organisation: Organisation | None

    @property
    def start(self) -> datetime:
        return timezone.localtime(self.at).replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(days=1)

    @property
    def day(self) -> date:
        return self.start.date()

    def records(self, key: str, part: str = "numerator", day: date | None = None) -> str:
        """The address of the records; those of an earlier day up to the same moment of it."""
        asked = {"from": day or self.day, "to": day or self.day, "part": part}
        if day is not None:
            asked["until"] = f"{timezone.localtime(self.at):%H:%M:%S}"
        if self.organisation is not None:
            asked["organisation"] = self.organisation.code
        return f"{reverse('console:kpi_records', args=[key])}?{urlencode(asked)}"


def past_of(actor: Actor, period: Period) -> Past:
    """The same weekdays before, for everything compared; they change no more, so it is asked rarely."""
    asked = [(name, key, part) for name, key, part, _label in COUNTED] + [("citizen", HEAT_KEY, "numerator")]
    return {
        name: weekday_past(actor, key, day=period.day, part=part, organisation=period.organisation)
        for name, key, part in asked
    }


@dataclass(frozen=True, slots=True)
class Compared:
    """Today's count of something beside the same weekdays; each opens its records."""

    name: str
    label: str
    against: Against
    href: str
    days: tuple[tuple[date, int, str], ...]
    version: int = WEEKDAY_VERSION

    @property
    def is_known(self) -> bool:
        """Whether there is anything on record, today or before."""
        return bool(self.against.now or self.against.n)


def compared(actor: Actor, past: Past, period: Period) -> list[Compared]:
    """Calls, incidents and P1 of today beside the same weekdays. Two queries."""
    figures = _figures(actor, [key for _name, key, _part, _label in COUNTED], period)
    found = []
    for name, key, part, label in COUNTED:
        figure = figures[key]
        count = figure.denominator if part == "denominator" else figure.numerator
        against = against_weekday(past[name], count, at=period.at)
        days = tuple((day, n, period.records(key, part, day)) for day, n in against.counts)
        found.append(Compared(name, str(label), against, period.records(key, part), days))
    return found


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of today with its interval, its aim if it has one, and the figures that tell its price."""

    figure: Figure
    label: str
    href: str
    aim: float | None
    price: tuple[tuple[Figure, str, str], ...]

    @property
    def verdict(self) -> str:
        """Beside its aim: "met", "missed", or "open" while the interval holds the aim."""
        figure = self.figure
        if self.aim is None or figure.low is None or figure.high is None:
            return ""
        if figure.low >= self.aim:
            return "met"
        return "missed" if figure.high < self.aim else "open"

    @property
    def aim_text(self) -> str:
        return "" if self.aim is None else f"{100 * self.aim:.0f} %"

    @property
    def drawn(self) -> dict[str, float] | None:
        """Bar, interval and aim in hundredths, for the zero-based bar."""
        figure = self.figure
        if figure.value is None or figure.low is None or figure.high is None:
            return None
        low, high = 100 * figure.low, 100 * figure.high
        aim = 100 * (self.aim or 0.0)
        return {"value": 100 * figure.value, "low": low, "span": high - low, "aim": aim}


def rates(actor: Actor, period: Period) -> list[Rate]:
    """The shares of the day. One query for each kind of record."""
    keys = [name for key, price, _label in RATES for name in (key, *(other for other, _word in price))]
    figures = _figures(actor, keys, period)
    return [
        Rate(
            figures[key],
            str(label),
            period.records(key),
            AIMS.get(key),
            tuple((figures[other], str(short), period.records(other)) for other, short in price),
        )
        for key, price, label in RATES
    ]


def _figures(actor: Actor, keys: list[str], period: Period) -> dict[str, Figure]:
    return kpi_some(actor, keys, start=period.start, end=period.end, organisation=period.organisation)


def heat(actor: Actor, past: Past, period: Period) -> dict[str, Any]:
    """The map's heat and the hours beside it, as plain values: the day, then each hour that has reports."""
    found = heat_day(actor, start=period.start, end=period.end, organisation=period.organisation)
    hours = against_hours(past["citizen"], {hour: each.total for hour, each in found.hours.items()})
    names = {org.pk: str(org.name_shown) for org in organisations()}
    return {
        "hour_now": timezone.localtime(period.at).hour,
        "n": hours[0].n,
        "bands": [_band(place) for place in range(len(HEAT_BANDS))],
        "day": _heat(found.day, names),
        "by_hour": {str(hour): _heat(each, names) for hour, each in found.hours.items()},
        "hours": [
            {
                "hour": hour,
                "now": each.now,
                "mean": _tenth(each.mean),
                "low": _tenth(each.usual_low),
                "high": _tenth(each.usual_high),
                "drawn": found.hours[hour].drawn if hour in found.hours else 0,
            }
            for hour, each in enumerate(hours)
        ],
        "href": period.records(HEAT_KEY),
        "features": {str(cell): cell_ring(cell) for cell in _cells(found.day, *found.hours.values())},
    }


def _cells(*heats: Heat) -> list[int]:
    return sorted({cell for each in heats for cell, _band in each.cells})


def _heat(found: Heat, names: dict[int, str]) -> dict[str, Any]:
    return {
        "total": found.total,
        "drawn": found.drawn,
        "not_drawn": found.not_drawn,
        "cells": [[str(cell), band] for cell, band in found.cells],
        "stations": [[names.get(org, ""), _band(band), org, band] for org, band in found.stations],
    }


def _band(place: int) -> str:
    """``5–9``, ``40+``: what a band stands for."""
    low = HEAT_BANDS[place]
    return f"{low}–{HEAT_BANDS[place + 1] - 1}" if place + 1 < len(HEAT_BANDS) else f"{low}+"


def _tenth(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
