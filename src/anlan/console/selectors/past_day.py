"""What stood around a past moment's lists: the day's two figures, the weather as it was known, words of broadcasts.

The figures are counted from incidents taken back to the moment by their events, by the conditions of the live ones;
a test holds the two equal. Weather keeps when it was received, so it is asked as of then.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from anlan.console.selectors import island
from anlan.console.selectors.past_load import Told, day_load
from anlan.console.selectors.past_steps import apply
from anlan.console.selectors.past_world import World, sees
from anlan.console.selectors.surroundings import weather
from anlan.core.actor import Actor
from anlan.core.models import Event
from anlan.core.permissions import permitted
from anlan.intake.models import Incident
from anlan.places import events as places
from anlan.places.models import WeatherWarning
from anlan.reports.selectors import figure_counted
from anlan.tagging.selectors import incident_type

ARRIVE_WITHIN = timedelta(minutes=5)
HANDLED = ("settled", "moved_on", "closed")
EVERY = timedelta(minutes=1)
"""As often as the live strip asks."""
SKY_NEWS = (places.WEATHER_TAKEN, places.WARNING_ISSUED, places.WARNING_LIFTED)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def figures_between(actor: Actor, *, start: datetime, end: datetime) -> list[list[Any]]:
    """``[ms, cells]``: the strip's figures of the day at ``start`` and at each minute at which they had changed."""
    if not permitted(actor, "reports.view"):
        return []
    found: list[list[Any]] = []
    told: list[Told] = []
    world, midnight = World(), end
    for at in _moments(start, end):
        if _midnight(at) != midnight:
            midnight = _midnight(at)
            world, told = day_load(midnight, end)
        while told and told[0].at <= at:
            each = told.pop(0)
            apply(world, each.event, each.at)
        cells = _cells(actor, world, midnight)
        if not found or found[-1][1] != cells:
            found.append([_ms(at), cells])
    return found


def _moments(start: datetime, end: datetime) -> Iterator[datetime]:
    yield start
    at = start.replace(second=0, microsecond=0) + EVERY
    while at <= end:
        yield at
        at += EVERY


def _midnight(at: datetime) -> datetime:
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)


def _cells(actor: Actor, world: World, midnight: datetime) -> list[dict[str, Any]]:
    rows = [row for pk in world.begun if _counts(actor, row := world.incidents[pk], midnight)]
    urgent = [row for row in rows if _is_attended_p1(row)]
    pairs = {
        "arrive_5": (sum(_within_5(row) for row in urgent), len(urgent)),
        "divert_rate": (sum(_came_first(world, row) for row in rows), len(rows)),
    }
    return [
        island.day_cell(
            figure_counted(key, numerator=pairs[key][0], denominator=pairs[key][1], on=midnight), midnight
        )
        for key in island.DAY_FIGURES
    ]


def _counts(actor: Actor, row: Incident, midnight: datetime) -> bool:
    """Received that day, in reach, valid, and an incident of its own."""
    return (
        row.received_at >= midnight
        and row.state != "invalid"
        and row.merged_into_id is None
        and incident_type(row.code).is_valid_incident
        and sees(actor, row)
    )


def _is_attended_p1(row: Incident) -> bool:
    if row.priority != "P1" or row.setting != "town" or row.origin == "patrol":
        return False
    sent, arrived = row.first_sent_at, row.first_arrived_at
    return sent is not None and arrived is not None and arrived >= sent


def _within_5(row: Incident) -> bool:
    sent, arrived = row.first_sent_at, row.first_arrived_at
    return sent is not None and arrived is not None and arrived <= sent + ARRIVE_WITHIN


def _came_first(world: World, row: Incident) -> bool:
    """A community team arrived first, or nobody went and a town room handled it."""
    arrived = [(each.arrived_at, each.pk, each.unit.track) for each in world.sent[row.pk] if each.arrived_at]
    if arrived:
        return min(arrived)[2] == "C"
    return any(order.state in HANDLED for order in world.routed[row.pk])


def skies_between(*, start: datetime, end: datetime) -> list[list[Any]]:
    """``[ms, sky]``: the weather strip as it was known at ``start`` and whenever it had changed."""
    news = Event.objects.filter(kind__in=SKY_NEWS, at__gt=start, at__lte=end).values_list("at", flat=True)
    ends = WeatherWarning.objects.filter(ends_at__gt=start, ends_at__lte=end).values_list("ends_at", flat=True)
    hour = start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    hours = [hour + timedelta(hours=k) for k in range(24) if hour + timedelta(hours=k) <= end]
    found: list[list[Any]] = []
    for at in sorted({start, *news, *ends, *hours}):
        sky = sky_at(at)
        if not found or found[-1][1] != sky:
            found.append([_ms(at), sky])
    return found


def sky_at(at: datetime) -> dict[str, Any]:
    """The weather strip of a past moment; a warning has the level it had then."""
    sky = weather(at=at)
    numbers = {each["number"] for each in sky["warnings"]}
    rows = {row.pk: row for row in WeatherWarning.objects.filter(number__in=numbers)}
    issued = Event.objects.filter(
        kind=places.WARNING_ISSUED, subject_type="places.weatherwarning", subject_id__in=rows, at__lte=at
    )
    levels = {rows[event.subject_id].number: event.data["level"] for event in issued.order_by("at", "id")}
    words = dict(WeatherWarning.Level.choices)
    for each in sky["warnings"]:
        level = levels.get(each["number"], each["level"])
        each |= {"level": level, "level_word": str(words[level])}
    return sky
