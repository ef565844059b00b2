"""One incident with all that belongs to it, and calls by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.selectors import events_of_incident
from anlan.core.sentences import sentence_for
from anlan.intake.models import Call, CallBack, Incident, IncidentLink, IncidentTag, StepReason, Transfer
from anlan.intake.rules import CALLS_WAITING

_IS_WAITING = '"intake_call"."state" IN ({})'.format(", ".join(f"'{state}'" for state in CALLS_WAITING))


@dataclass(frozen=True)
class IncidentDetail:
    """What the page of an incident shows: itself, its calls, labels that stand, links, transfers."""

    incident: Incident
    calls: list[Call]
    tags: list[IncidentTag]
    links: list[IncidentLink]
    linked_here: list[IncidentLink]
    transfers: list[Transfer]
    call_backs: list[CallBack]


@dataclass(frozen=True, slots=True)
class CallClocks:
    """How long each step of a call took; None where it has not happened."""

    ring_to_answer: timedelta | None
    answer_to_recorded: timedelta | None
    answer_to_sent: timedelta | None


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One thing that happened, as a sentence in the active language, with the reason if one was given."""

    event_id: int
    at: datetime
    kind: str
    sentence: str
    actor_kind: str
    actor_id: int | None
    actor_name: str
    reason: str


def incident_for(actor: Actor, incident_id: int) -> Incident:
    """The incident, or ``NotFound`` - whether it is missing or merely not the actor's."""
    found: Incident = Incident.objects.one_for(actor, pk=incident_id)
    return found


def call_for(actor: Actor, call_id: int) -> Call:
    """The call, if it or its incident lies in the actor's reach; else ``NotFound``.

    Calls that nobody could place belong to the centre, not to a station.
    """
    call: Call | None = Call.objects.filter(pk=call_id).unshut_to(actor).select_related("incident").first()
    if call is None:
        Call.objects.refuse_shut(actor, pk=call_id)
        raise NotFound
    if actor.sees_all or call.station_id in actor.org_ids:
        return call
    if call.incident is not None and Incident.objects.visible_to(actor).filter(pk=call.incident_id).exists():
        return call
    raise NotFound


def transfer_for(actor: Actor, transfer_id: int) -> Transfer:
    """The transfer, to who offered it or is asked; else ``NotFound``."""
    found: Transfer = Transfer.objects.select_related("incident", "partner", "offered_from").one_for(
        actor, pk=transfer_id
    )
    return found


def call_back_for(actor: Actor, call_back_id: int) -> CallBack:
    """The task of calling back, if its call lies in the actor's reach; else ``NotFound``."""
    task = CallBack.objects.select_related("call").filter(pk=call_back_id).first()
    if task is None:
        raise NotFound
    call_for(actor, task.call_id)
    return task


def incident_detail(actor: Actor, incident_id: int) -> IncidentDetail:
    """Everything about one incident. Seven queries, however much hangs on it."""
    incident: Incident = Incident.objects.select_related("station", "town_room", "holder", "merged_into").one_for(
        actor, pk=incident_id
    )
    calls = list(Call.objects.filter(incident=incident).select_related("taker").order_by("id"))
    standing = IncidentLink.objects.filter(undone_at=None)
    return IncidentDetail(
        incident=incident,
        calls=calls,
        tags=list(
            IncidentTag.objects.filter(incident=incident, superseded_by=None)
            .exclude(value="")
            .order_by("dimension", "id")
        ),
        links=list(standing.filter(incident=incident).select_related("earlier")),
        linked_here=list(standing.filter(earlier=incident).select_related("incident").order_by("id")),
        transfers=list(Transfer.objects.filter(incident=incident).select_related("partner").order_by("id")),
        call_backs=list(CallBack.objects.filter(call__in=[call.pk for call in calls]).order_by("id")),
    )


def tag_source(actor: Actor) -> str:
    """As what an actor's word on a label counts: at the desk as call taker's, else as who was there."""
    source = IncidentTag.Source
    return str(source.TAKER if actor.has_role("call_taker", "dispatcher", "duty_leader") else source.OFFICER)


def calls_waiting(actor: Actor, *, limit: int = 100) -> list[Call]:
    """Calls that ring, speak, or have not led to anything yet; longest wait first."""
    rows = Call.objects.counted_for(actor).extra(where=[_IS_WAITING])
    return list(rows.order_by("state_since", "id")[:limit])


def call_on_line(line: str) -> Call | None:
    """The call that is on a telephone line now: ringing or being spoken."""
    return (
        Call.objects.extra(where=[_IS_WAITING]).filter(line=line, ended_at=None).order_by("-id").first()
        or Call.objects.filter(line=line, ended_at=None, ringing_at__isnull=False).order_by("-id").first()
    )


def call_backs_due(actor: Actor, *, limit: int = 100) -> list[CallBack]:
    """Who has to be called back, the most urgent first."""
    rows = CallBack.objects.filter(done_at=None).select_related("call", "call__incident").order_by("due_at", "id")
    if not actor.sees_all:
        rows = rows.filter(call__station_id__in=actor.org_ids)
    return list(rows[:limit])


def call_clocks(call: Call) -> CallClocks:
    """The clocks of one call, from its rows: ring to answer, answer to recorded, answer to sent."""
    sent_at = call.incident.first_sent_at if call.incident else None
    return CallClocks(
        ring_to_answer=_between(call.ringing_at, call.answered_at),
        answer_to_recorded=_between(call.answered_at, call.recorded_at),
        answer_to_sent=_between(call.answered_at, sent_at),
    )


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    return None if start is None or end is None else end - start


def timeline(actor: Actor, incident_id: int) -> list[TimelineLine]:
    """What happened to an incident, oldest first, in sentences; each room words its own kinds.

    Raises ``NotFound`` outside the actor's reach.
    """
    incident_for(actor, incident_id)
    events = list(events_of_incident(incident_id))
    people = {event.actor_id for event in events if event.actor_kind == "person" and event.actor_id is not None}
    names = dict(Person.objects.filter(pk__in=people).values_list("id", "name"))
    reasons = dict(StepReason.objects.filter(incident_id=incident_id).values_list("event_id", "text"))
    return [
        TimelineLine(
            event_id=event.pk,
            at=event.at,
            kind=event.kind,
            sentence=sentence_for(event),
            actor_kind=event.actor_kind,
            actor_id=event.actor_id,
            actor_name=names.get(event.actor_id or 0, "") if event.actor_kind == "person" else "",
            reason=reasons.get(event.pk, ""),
        )
        for event in events
    ]
