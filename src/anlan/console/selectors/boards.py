"""The town room's board with its four clocks, and the station room's lists of what is not right yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Substr
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.console.selectors.queue import open_incidents
from anlan.core.actor import Actor
from anlan.dispatch.models import Assignment, Feedback, Revisit, WorkOrder
from anlan.dispatch.selectors import RunningClock, clocks_by_incident
from anlan.intake.models import Incident, Transfer
from anlan.tagging.selectors import incident_type

ORDER_ENDED = ("closed", "escalated", "bounced")
NARRATIVE_CHARS = 300
ORDERS_SHOWN = 60
ROWS_SHOWN = 50
# Spelt out for the partial indexes, as in the queue.
ORDER_IS_OPEN = "NOT (\"dispatch_workorder\".\"state\" IN ('closed', 'escalated', 'bounced'))"
SHEET_IS_OPEN = 'NOT ("dispatch_assignment"."state" = \'closed\')'
FEEDBACK_WAITS = '"dispatch_feedback"."review" = \'waiting\''

# The clock's rule, its name on the board, and the step that stops it.
CLOCKS: tuple[tuple[str, str | Promise, str], ...] = (
    ("town_sign", _("Sign"), "signed_at"),
    ("town_contact", _("Reach the caller"), "contacted_at"),
    ("town_arrive", _("On site"), "arrived_at"),
    ("town_close", _("Closed"), "closed_at"),
)


@dataclass(frozen=True, slots=True)
class Clock:
    """One of the four: running towards its end, or stopped after ``taken``, or not waited for any more."""

    name: str | Promise
    running: RunningClock | None
    taken: timedelta | None

    @property
    def warn_s(self) -> float:
        return self.running.allows.total_seconds() / 3 if self.running else 0.0


@dataclass(slots=True)
class OrderOnBoard:
    """An order with its clocks, the teams sent, and the police units they meet there."""

    order: WorkOrder
    kind: Any
    clocks: list[Clock]
    teams: list[Assignment]
    police: list[Assignment]
    offered: Sequence[Any] = ()

    @property
    def next_due(self) -> datetime:
        running = [clock.running.due_at for clock in self.clocks if clock.running]
        return min(running, default=self.order.routed_at)


def town_orders(actor: Actor, *, at: datetime) -> list[OrderOnBoard]:
    """Open orders in the actor's reach, the one that is due next on top. Five queries."""
    rows = WorkOrder.objects.visible_to(actor).extra(where=[ORDER_IS_OPEN])
    rows = rows.annotate(said=Substr("incident__narrative", 1, NARRATIVE_CHARS)).defer("incident__narrative")
    orders = list(rows.select_related("incident", "town_room").order_by("routed_at")[:ORDERS_SHOWN])
    gone = ("refused", "reassigned", "cancelled", "closed")
    sent = Assignment.objects.filter(incident_id__in=[o.incident_id for o in orders])
    on_it: dict[tuple[int, str], list[Assignment]] = {}
    for row in sent.exclude(state__in=gone).select_related("unit"):
        on_it.setdefault((row.incident_id, row.unit.track), []).append(row)
    running = clocks_by_incident([o.incident for o in orders], at=at) if orders else {}
    board = [
        OrderOnBoard(
            o,
            incident_type(o.incident.code),
            _clocks(o, running[o.incident_id]),
            teams=on_it.get((o.incident_id, "C"), []),
            police=on_it.get((o.incident_id, "P"), []),
        )
        for o in orders
    ]
    return sorted(board, key=lambda each: each.next_due)


def _clocks(order: WorkOrder, running: list[RunningClock]) -> list[Clock]:
    """The four clocks of an order, each running or stopped."""
    by_kind = {clock.kind: clock for clock in running if clock.subject == "order" and clock.subject_id == order.pk}
    found = []
    for kind, name, field in CLOCKS:
        stopped: datetime | None = getattr(order, field)
        found.append(Clock(name, by_kind.get(kind), stopped - order.routed_at if stopped else None))
    return found


@dataclass(frozen=True, slots=True)
class Wanting:
    """A list of the station board: what is not right yet, and what to do. Each line has its clock."""

    key: str
    title: str | Promise
    todo: str | Promise
    kinds: tuple[str, ...]
    rows: list[Any]
    clocks: dict[int, list[RunningClock]]

    @property
    def shown(self) -> list[tuple[Any, Incident, RunningClock | None]]:
        """``(row, incident, clock)`` of each line; the clock is the one this list is about."""
        found = []
        for row in self.rows:
            incident = _incident_of(row)
            mine = (c for c in self.clocks.get(incident.pk, ()) if c.kind in self.kinds)
            found.append((row, incident, next(mine, None)))
        return found


def _incident_of(row: Any) -> Incident:
    found: Incident = row if isinstance(row, Incident) else row.incident
    return found


def station_lists(actor: Actor, *, at: datetime) -> list[Wanting]:
    """The six lists of the station room, each longest waiting first. Nine queries."""
    lists: list[tuple[str, Any, Any, tuple[str, ...], list[Any]]] = [
        ("unsent", _("Not sent"), _("Send, or ask the desk."), ("send",), _unsent(actor)),
        ("unsigned", _("Not signed"), _("Ring the unit, or send another."), ("sign",), _unsigned(actor)),
        ("late", _("Late to arrive"), _("Ask where they are; send support."), ("arrive",), _late(actor, at)),
        ("due", _("Feedback overdue"), _("Remind the unit."), ("feedback",), _due(actor, at)),
        ("review", _("Feedback to review"), _("Read, agree or return."), ("review",), _waiting(actor)),
        ("correct", _("Returned, not yet corrected"), _("Chase."), ("feedback",), _returned(actor)),
    ]
    incidents = {_incident_of(row).pk: _incident_of(row) for *_words, rows in lists for row in rows}
    clocks = clocks_by_incident(list(incidents.values()), at=at) if incidents else {}
    return [Wanting(key, title, todo, kinds, rows, clocks) for key, title, todo, kinds, rows in lists]


def _unsent(actor: Actor) -> list[Incident]:
    """Open ones, without those a town room has taken on."""
    with_room = WorkOrder.objects.filter(incident_id=OuterRef("pk")).exclude(state__in=ORDER_ENDED)
    rows = open_incidents(actor).filter(~Exists(with_room), state="open")
    return list(rows.defer("narrative").order_by("priority", "received_at")[:ROWS_SHOWN])


def _sheets(actor: Actor) -> QuerySet[Assignment]:
    rows: QuerySet[Assignment] = Assignment.objects.visible_to(actor).extra(where=[SHEET_IS_OPEN])
    return rows.select_related("unit", "incident").defer("incident__narrative")


def _unsigned(actor: Actor) -> list[Assignment]:
    return list(_sheets(actor).filter(state="sent").order_by("sent_at")[:ROWS_SHOWN])


def _late(actor: Actor, at: datetime) -> list[Assignment]:
    """On their way for longer than the type of the incident allows at that place."""
    rows = _sheets(actor).filter(state__in=("signed", "en_route")).order_by("sent_at")[: 4 * ROWS_SHOWN]
    late = []
    for row in rows:
        allowed = incident_type(row.incident.code).arrive_within(row.incident.setting)
        if allowed is not None and at - row.sent_at > allowed:
            late.append(row)
    return late[:ROWS_SHOWN]


def _due(actor: Actor, at: datetime) -> list[Incident]:
    since = at - timedelta(minutes=30)
    rows = open_incidents(actor).filter(state="feedback_due", state_since__lt=since)
    return list(rows.order_by("state_since")[:ROWS_SHOWN])


def _waiting(actor: Actor) -> list[Feedback]:
    rows = Feedback.objects.visible_to(actor).extra(where=[FEEDBACK_WAITS])
    return list(rows.select_related("incident").order_by("filed_at")[:ROWS_SHOWN])


def _returned(actor: Actor) -> list[Feedback]:
    """Returned sheets whose incident still waits for a better one."""
    rows = Feedback.objects.visible_to(actor).filter(review="returned", incident__state="feedback_due")
    return list(rows.select_related("incident").order_by("reviewed_at")[:ROWS_SHOWN])


def revisits_due(actor: Actor) -> list[Revisit]:
    """Callers to be asked again, next due first."""
    rows = Revisit.objects.visible_to(actor).filter(done_at=None).select_related("incident")
    return list(rows.order_by("due_at")[:ROWS_SHOWN])


def transfers_open(actor: Actor) -> list[tuple[Transfer, Any]]:
    """What was offered to the actor's desk and what it has, unanswered first, longest waiting on top."""
    rows = Transfer.objects.filter(partner_id__in=actor.org_ids, state__in=("offered", "accepted"))
    rows = rows.annotate(said=Substr("incident__narrative", 1, NARRATIVE_CHARS)).defer("incident__narrative")
    open_ones = rows.exclude(incident__state="closed").select_related("incident", "partner")
    found = open_ones.order_by("-state", "offered_at")[:ORDERS_SHOWN]
    return [(row, incident_type(row.incident.code)) for row in found]
