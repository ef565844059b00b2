"""Everything the incident page shows about one incident."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Person
from anlan.console.asked import NOTHING
from anlan.console.selectors.queue import OPEN_STATES, Row
from anlan.console.words import danger_words, rule_words
from anlan.core.actor import Actor
from anlan.core.models import Event
from anlan.core.selectors import events_of_incident
from anlan.core.sentences import sentence_for
from anlan.dispatch.events import FIELD_ATTACHMENT_ADDED
from anlan.dispatch.models import Assignment, CheckIn, Feedback, Revisit, WorkOrder
from anlan.dispatch.selectors import RunningClock, clocks_of
from anlan.intake.models import Call, CallBack, Incident, IncidentLink, IncidentTag, Reporter, Transfer
from anlan.intake.selectors import standing_whole
from anlan.tagging.selectors import incident_type, vocabulary

TIMELINE_ROWS = 120
ACTIVE = ("sent", "signed", "en_route", "arrived")
ALARMS = ("alarm", "overdue", "refused", "escalated", "support", "not_moving", "unsigned")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    at: datetime
    text: str
    who: str | Promise
    tone: str
    detail: str = ""
    link: str = ""


class Sent:
    """An assignment with the buttons that may come next; everything else is the row's own."""

    def __init__(self, row: Assignment, at: datetime, timer: CheckIn | None = None) -> None:
        self.row, self.checkin = row, timer
        self.undo_until = row.sent_at + UNDO_WINDOW
        self.can_undo = row.state == "sent" and at < self.undo_until

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)

    @property
    def next_steps(self) -> list[tuple[str, str | Promise, str]]:
        """``(state, button, deed)`` of the steps a desk may note for the unit, most likely first."""
        told = self.row.reported_at is not None
        return [(to, *BUTTONS[to]) for to in NEXT.get(self.row.state, ()) if not (told and to == "reported")]


BUTTONS = {
    "signed": (_("Signed"), "sign"),
    "en_route": (_("Set off"), "depart"),
    "arrived": (_("Arrived"), "arrive"),
    "finished": (_("Done"), "finish"),
    "reported": (_("First report"), "report"),
}
NEXT = {
    "sent": ("signed", "en_route"),
    "signed": ("en_route", "arrived"),
    "en_route": ("arrived",),
    "arrived": ("finished", "reported"),
}
UNDO_WINDOW = timedelta(seconds=10)


@dataclass(slots=True)
class Told:
    """An incident with everything that hangs on it."""

    incident: Incident
    kind: Any
    timeline: list[Entry]
    calls: list[Call]
    call_backs: list[CallBack]
    assignments: list[Sent]
    orders: list[WorkOrder]
    feedback: list[Feedback]
    transfers: list[Transfer]
    revisits: list[Revisit]
    tags: list[Any]
    clocks: list[RunningClock]
    duplicates: list[IncidentLink] = field(default_factory=list)
    repeat_of: IncidentLink | None = None
    repeats: list[IncidentLink] = field(default_factory=list)
    danger: list[str] = field(default_factory=list)
    track_why: str = ""
    priority_why: str = ""
    order_why: str = ""

    @property
    def active(self) -> list[Sent]:
        return [a for a in self.assignments if a.state in ACTIVE]

    @property
    def order_open(self) -> WorkOrder | None:
        return next((o for o in self.orders if o.state not in ("closed", "escalated", "bounced")), None)

    @property
    def feedback_waiting(self) -> Feedback | None:
        return next((f for f in self.feedback if f.review == "waiting"), None)

    @property
    def transfer_open(self) -> Transfer | None:
        return next((t for t in self.transfers if t.state in ("offered", "accepted")), None)

    @property
    def meeting(self) -> list[Sent]:
        """Police units that meet a town room on the spot: on the joint track, while both are on it."""
        both = self.incident.track == "J" and self.order_open is not None
        return [a for a in self.active if a.unit.track == "P"] if both else []

    @property
    def revisit_open(self) -> Revisit | None:
        return next((r for r in self.revisits if r.done_at is None), None)

    @property
    def is_undone(self) -> bool:
        return self.incident.state in ("open", "dispatched", "on_scene")


def incident_for(actor: Actor, number: str) -> Incident:
    """The incident of that number, or ``NotFound``."""
    rows = Incident.objects.select_related("station", "town_room", "holder", "routed_to", "place", "merged_into")
    incident: Incident = rows.one_for(actor, number=number.replace(NOTHING, ""))
    return incident


def told(incident: Incident, *, at: datetime) -> Told:
    """The incident with everything that hangs on it; a fixed number of queries."""
    pk = incident.pk
    links = IncidentLink.objects.filter(undone_at=None).select_related("incident", "earlier")
    earlier = {link.kind: link for link in links.filter(incident_id=pk)}
    later = list(links.filter(earlier_id=pk))
    kind = incident_type(incident.code)
    timers = {row.assignment_id: row for row in CheckIn.objects.filter(incident_id=pk).exclude(state="ended")}
    sent = Assignment.objects.filter(incident_id=pk).select_related("unit")
    return Told(
        incident=incident,
        kind=kind,
        timeline=timeline_of(incident),
        calls=_calls(pk),
        call_backs=list(CallBack.objects.filter(call__incident_id=pk, done_at=None).select_related("call")),
        assignments=[Sent(row, at, timers.get(row.pk)) for row in sent],
        orders=list(WorkOrder.objects.filter(incident_id=pk).select_related("town_room").order_by("-routed_at")),
        feedback=list(
            Feedback.objects.filter(incident_id=pk).select_related("assignment__unit").order_by("-filed_at")
        ),
        transfers=list(Transfer.objects.filter(incident_id=pk).select_related("partner").order_by("-offered_at")),
        revisits=list(Revisit.objects.filter(incident_id=pk).order_by("-created_at")),
        tags=_tags(incident),
        clocks=clocks_of(incident, at=at),
        duplicates=[link for link in later if link.kind == IncidentLink.Kind.DUPLICATE],
        repeat_of=earlier.get(IncidentLink.Kind.REPEAT),
        repeats=[link for link in later if link.kind == IncidentLink.Kind.REPEAT],
        danger=danger_words(incident.danger),
        track_why=rule_words(incident.track_rule, kind),
        priority_why=rule_words(incident.priority_rule, kind),
        order_why=_order_why(incident, kind, at=at),
    )


def _order_why(incident: Incident, kind: Any, *, at: datetime) -> str:
    """Why it stands where it stands in the queue; empty once it is over."""
    if incident.state not in OPEN_STATES:
        return ""
    return standing_whole(Row(incident, kind, incident.state_since, at).standing, at=at)


def _calls(incident_id: int) -> list[Call]:
    """The calls, each with whether a reporter is on file - not who: that is asked for with a purpose."""
    on_file = Exists(Reporter.objects.filter(call=OuterRef("pk")))
    rows = Call.objects.filter(incident_id=incident_id).select_related("taker").annotate(has_reporter=on_file)
    return list(rows.order_by("id"))


def timeline_of(incident: Incident) -> list[Entry]:
    """The last events of the incident as sentences, newest first."""
    return entries_of(list(events_of_incident(incident.pk).reverse()[:TIMELINE_ROWS]))


def entries_of(rows: list[Event]) -> list[Entry]:
    """Events as lines of a timeline, in the order they come."""
    ids = {row.actor_id for row in rows if row.actor_kind == "person" and row.actor_id}
    names = dict(Person.objects.filter(pk__in=ids).values_list("id", "name"))
    return [_entry(row, names) for row in rows]


def _entry(row: Event, names: dict[int, str]) -> Entry:
    is_alarm = any(word in row.kind for word in ALARMS)
    is_person = row.actor_kind == "person"
    who = names.get(row.actor_id or 0, "") if is_person else _WHO.get(row.actor_kind, row.actor_kind)
    tone = "alarm" if is_alarm else "person" if is_person else ""
    return Entry(row.at, sentence_for(row), who, tone, link=_content_of(row))


def _content_of(row: Event) -> str:
    """Where the photo or voice note is that an event tells of; opening it is logged, so it is never shown unasked."""
    return f"/api/attachments/{row.subject_id}/content" if row.kind == FIELD_ATTACHMENT_ADDED else ""


_WHO: dict[str, Promise] = {"system": _("system"), "unit": _("unit terminal"), "device": _("device")}


@dataclass(frozen=True, slots=True)
class TagShown:
    """A tag with its word and what it was read from."""

    row: IncidentTag
    name_zh: str
    name_en: str

    @property
    def evidence(self) -> str:
        return "、".join(dict.fromkeys(_words_of(part) for part in self.row.evidence or ()))


def _words_of(part: Any) -> str:
    """The words of one piece of evidence, which is kept as text or with its place in the text."""
    return str(part.get("words", "")) if isinstance(part, dict) else str(part)


def _tags(incident: Incident) -> list[TagShown]:
    words = vocabulary().tags
    rows = IncidentTag.objects.filter(incident=incident, superseded_by=None).exclude(value="")
    rows = rows.order_by("dimension", "id")
    shown = []
    for row in rows:
        value = words.get(row.dimension, {}).get(row.value)
        zh, en = (value.name_zh, value.name_en) if value else (row.value, row.value)
        shown.append(TagShown(row, zh, en))
    return shown
