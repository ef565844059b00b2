"""Reading what a past stretch needs: the incidents that were open in it, the units, and their events.

Nothing that had ended before the stretch is read, and nothing that began after it: what a past moment costs
depends on how much was open then, not on how much has happened since.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery

from anlan.accounts.models import Organisation
from anlan.console.selectors.calls import IS_WAITING
from anlan.console.selectors.past_intake import APART, OF_CALLS
from anlan.console.selectors.past_steps import STEPS, apply, unit_stands
from anlan.console.selectors.past_world import World
from anlan.console.selectors.queue import HEADLINE_CHARS, IS_OPEN
from anlan.core.models import Event
from anlan.dispatch.models import Assignment, Revisit, WorkOrder
from anlan.intake import events as intake
from anlan.intake.models import Call, CallBack, Incident
from anlan.units import events as units
from anlan.units.models import CrewMember, StatusLog, Unit
from anlan.units.selectors import positions_at

# Spelt out for the partial index, as in the queue.
IS_ENDED = (
    '"intake_incident"."state" IN (\'closed\', \'merged\', \'invalid\') AND "intake_incident"."erased_at" IS NULL'
)
CALL_WAITS_AT_MOST = timedelta(days=7)
"""A call that was in nobody's hands for longer than this and has been taken up since is not looked for."""
EVENT_FIELDS = ("id", "kind", "schema", "at", "subject_type", "subject_id", "incident_id", "data")
OF_UNITS = (units.UNIT_ADDED, units.UNIT_CLAIMED, units.STATUS_CHANGED, units.CREW_JOINED, units.CREW_LEFT)
OF_INCIDENTS = tuple(kind for kind in STEPS if kind not in OF_UNITS)


@dataclass(frozen=True, slots=True)
class Told:
    """An event and when it took effect: never before what was written earlier of the same thing."""

    event: Event
    at: datetime


def world_load(start: datetime, end: datetime, *, today: datetime) -> tuple[World, list[Told]]:
    """The world as it stood at ``start``, and what happened after it up to ``end``, in order."""
    world = World(org_ids=dict(Organisation.objects.values_list("code", "id")))
    _incidents(world, start, end)
    _calls(world, start, end)
    _units(world, start, end, today=today)
    told = _in_order(_events(world, start, end))
    later = []
    for each in told:
        if each.at > start:
            later.append(each)
        elif each.event.kind not in OF_UNITS:
            apply(world, each.event, each.at)
    later.sort(key=lambda each: (each.at, each.event.pk))
    return world, later


def day_load(start: datetime, end: datetime) -> tuple[World, list[Told]]:
    """A world of nothing but the incidents received from ``start`` to ``end``, and all their events in order.

    None is applied yet: whoever counts a day applies them up to the moment it is counted for.
    """
    world = World(org_ids=dict(Organisation.objects.values_list("code", "id")))
    _incidents(world, start, end, since=start)
    ids = list(world.incidents)
    by_then = Event.objects.filter(at__lte=end).only(*EVENT_FIELDS)
    parts = (
        by_then.filter(incident_id__in=ids, kind__in=OF_INCIDENTS),
        by_then.filter(kind__in=APART, at__gte=start),
    )
    told = _in_order({event.pk: event for part in parts for event in part})
    return world, sorted(told, key=lambda each: (each.at, each.event.pk))


def _incidents(world: World, start: datetime, end: datetime, *, since: datetime | None = None) -> None:
    """Incidents that may have been open between ``start`` and ``end``, with everybody sent to them."""
    by_then = Incident.objects.filter(received_at__lte=end).defer("narrative")
    if since is not None:
        by_then = by_then.filter(received_at__gte=since)
    kept, erased = (
        IS_ENDED.format("'closed', 'merged', 'invalid'", ""),
        IS_ENDED.format("'closed', 'merged', 'invalid'", "NOT "),
    )
    for rows in (
        by_then.extra(where=[IS_OPEN]),
        by_then.extra(where=[kept]).filter(state_since__gt=start),
        by_then.extra(where=[erased]).filter(state_since__gt=start),
    ):
        for incident in rows:
            world.incidents[incident.pk] = incident
    ids = list(world.incidents)
    headlines = Incident.objects.filter(pk__in=ids).values_list("pk", "narrative")
    for pk, narrative in headlines:
        world.incidents[pk].headline = narrative[:HEADLINE_CHARS]  # type: ignore[attr-defined]
    for incident in world.incidents.values():
        incident.first_sent_at_now = incident.first_sent_at  # type: ignore[attr-defined]
        incident.first_arrived_at_now = incident.first_arrived_at  # type: ignore[attr-defined]
    _first_holders(world, ids)
    for row in Assignment.objects.filter(incident_id__in=ids, sent_at__lte=end).select_related("unit"):
        world.assignments[row.pk] = row
    for order in WorkOrder.objects.filter(incident_id__in=ids, routed_at__lte=end).select_related("town_room"):
        world.orders[order.pk] = order
    for revisit in Revisit.objects.filter(incident_id__in=ids, created_at__lte=end).order_by("id"):
        world.revisits[revisit.incident_id].append(revisit)


def _first_holders(world: World, ids: list[int]) -> None:
    """Who had each incident first: whom the first hand-over names, or who still has it."""
    rows = Event.objects.filter(incident_id__in=ids, kind=intake.HOLDER_SET).order_by("-id")
    for incident_id, data in rows.values_list("incident_id", "data"):
        world.incidents[incident_id or 0].holder_id = world.org_ids.get(data.get("holder_from", ""))


def _calls(world: World, start: datetime, end: datetime) -> None:
    """Calls that may have been waiting for somebody, and callers who may have been due a call back."""
    tasks = CallBack.objects.filter(Q(done_at=None) | Q(done_at__gt=start)).order_by("id")
    for task in tasks:
        world.call_backs[task.call_id].append(task)
    earliest = start - CALL_WAITS_AT_MOST
    recorded = Event.objects.filter(kind=intake.CALL_RECORDED, at__gt=earliest, at__lte=end)
    moved_later = Call.objects.filter(state_since__gt=start)
    for rows in (
        Call.objects.extra(where=[IS_WAITING]),
        moved_later.filter(ringing_at__gt=earliest, ringing_at__lte=end),
        moved_later.filter(pk__in=list(recorded.values_list("subject_id", flat=True))),
        Call.objects.filter(pk__in=list(world.call_backs)),
    ):
        for call in rows.defer("narrative"):
            world.calls[call.pk] = call
            call.station_now = call.station_id  # type: ignore[attr-defined]
    for own in world.call_backs.values():
        for task in own:
            task.call = world.calls[task.call_id]


def _units(world: World, start: datetime, end: datetime, *, today: datetime) -> None:
    """Every unit in the state it had at ``start``, with its crew of the stretch and its last position."""
    last = StatusLog.objects.filter(unit=OuterRef("pk"), at__lte=start).order_by("-at", "-id")
    rows = Unit.objects.filter(is_active=True).select_related("organisation")
    then = {}
    for unit in rows.annotate(then=Subquery(last.values("id")[:1])):
        world.units[unit.pk] = unit
        then[unit.pk] = unit.then
    added = dict(Event.objects.filter(kind=units.UNIT_ADDED).values_list("subject_id", "at"))
    logs = {log.unit_id: log for log in StatusLog.objects.filter(pk__in=[pk for pk in then.values() if pk])}
    _numbers(world, start, end, (log.incident_id for log in logs.values()))
    for pk in world.units:
        log, entered = logs.get(pk), added.get(pk)
        if log is not None:
            unit_stands(world, pk, log.state_to, log.at, log.incident_id)
        elif entered is not None and entered <= start:
            unit_stands(world, pk, "off", entered, None)
    members = CrewMember.objects.filter(joined_at__lte=end).filter(Q(left_at=None) | Q(left_at__gt=start))
    for member in members.select_related("person"):
        world.crews[member.unit_id].append(member)
    world.seen = positions_at(world.units, at=start, today=today)


def _numbers(world: World, start: datetime, end: datetime, on: Iterable[int | None]) -> None:
    """Numbers of the incidents units are on, of those too that nobody counts as open."""
    claimed = Event.objects.filter(kind=units.UNIT_CLAIMED, at__gt=start, at__lte=end)
    wanted = {pk for pk in (*on, *claimed.values_list("incident_id", flat=True)) if pk}
    world.numbers = dict(Incident.objects.filter(pk__in=wanted).values_list("id", "number"))


def _events(world: World, start: datetime, end: datetime) -> dict[int, Event]:
    """Every event that made these rows what they were, each once."""
    ids, calls = list(world.incidents), list(world.calls)
    oldest = min((row.received_at for row in world.incidents.values()), default=start)
    opened_by = [call.filed_under_id for call in world.calls.values() if call.filed_under_id]
    by_then = Event.objects.filter(at__lte=end)
    parts: tuple[QuerySet[Event], ...] = (
        by_then.filter(incident_id__in=ids, kind__in=OF_INCIDENTS),
        by_then.filter(incident_id__in=opened_by, kind=intake.INCIDENT_OPENED),
        by_then.filter(subject_type="intake.call", subject_id__in=calls, kind__in=OF_CALLS),
        by_then.filter(kind__in=APART, at__gte=oldest),
        by_then.filter(kind__in=OF_UNITS, at__gt=start),
    )
    return {event.pk: event for part in parts for event in part.only(*EVENT_FIELDS)}


def _in_order(events: dict[int, Event]) -> list[Told]:
    """As they were written; one that claims to be earlier than its forerunner took effect with that one."""
    latest: dict[tuple[str, int], datetime] = {}
    told = []
    for pk in sorted(events):
        event = events[pk]
        about = ("incident", event.incident_id) if event.incident_id else (event.subject_type, event.subject_id)
        at = max(event.at, latest.get(about, event.at))
        latest[about] = at
        told.append(Told(event, at))
    return told
