"""The town room's board: its matters by what comes next, their clocks, its teams and how it keeps its times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Substr
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.core.actor import Actor
from anlan.dispatch.models import Assignment, WorkOrder
from anlan.dispatch.selectors import ACTIVE, TOWN_TEAM_TARGET, TRAVELLING, RunningClock, clocks_by_incident
from anlan.tagging.selectors import incident_type
from anlan.units.models import Unit
from anlan.units.selectors import UnitOnBoard, units_for_board

NARRATIVE_CHARS = 300
ORDERS_SHOWN = 80
LOAD_OF = timedelta(hours=12)
# Spelt out for the partial index, as in the queue.
ORDER_IS_OPEN = "NOT (\"dispatch_workorder\".\"state\" IN ('closed', 'escalated', 'bounced'))"

# The clock's rule, its name on the board, and the step that stops it.
CLOCKS: tuple[tuple[str, str | Promise, str], ...] = (
    ("town_sign", _("Sign"), "signed_at"),
    ("town_contact", _("Reach the caller"), "contacted_at"),
    ("town_arrive", _("On site"), "arrived_at"),
    ("town_close", _("Closed"), "closed_at"),
)
# What the room has to do next, and with which states that is.
GROUPS: tuple[tuple[str, str | Promise, tuple[str, ...]], ...] = (
    ("sign", _("To sign"), ("routed",)),
    ("send", _("To call and send"), ("signed", "contacted")),
    ("out", _("Team out"), ("assigned", "on_site")),
    ("close", _("To close"), ("settled", "moved_on")),
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

    @property
    def is_ours(self) -> bool:
        """Whether the room has accepted the matter; until then, whoever routed it keeps it."""
        return bool(self.order.incident.holder_id == self.order.town_room_id)

    @property
    def can_go_back(self) -> bool:
        """A matter goes back once in its life."""
        return self.order.incident.bounces == 0

    @property
    def waits_for_team(self) -> list[tuple[Assignment, datetime]]:
        """Teams under way, each with the moment by which it should be there (five minutes from sending)."""
        return [(row, row.sent_at + TOWN_TEAM_TARGET) for row in self.teams if row.state in TRAVELLING]


@dataclass(frozen=True, slots=True)
class OrderGroup:
    """The orders that wait for the same deed, next due on top."""

    key: str
    title: str | Promise
    rows: list[OrderOnBoard]


@dataclass(slots=True)
class TeamOnBoard:
    """A street team: what it does, for how long, and how much it has had since half a day ago."""

    unit: UnitOnBoard
    job: Assignment | None
    had: int
    settled: int
    due_at: datetime | None = field(default=None)

    @property
    def order_key(self) -> tuple[int, int, str]:
        """Who is out first, then the free, least loaded first; those off last."""
        return (0 if self.job else 1 if self.unit.state == "available" else 2, self.had, self.unit.call_sign)


def town_orders(actor: Actor, *, at: datetime) -> list[OrderOnBoard]:
    """Open orders in the actor's reach, the one that is due next on top. Five queries."""
    rows = WorkOrder.objects.counted_for(actor).extra(where=[ORDER_IS_OPEN])
    rows = rows.annotate(said=Substr("incident__narrative", 1, NARRATIVE_CHARS)).defer("incident__narrative")
    rows = rows.select_related("incident__holder", "town_room", "routed_from")
    orders = list(rows.order_by("routed_at")[:ORDERS_SHOWN])
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


def town_groups(board: list[OrderOnBoard]) -> list[OrderGroup]:
    """The board by what comes next; groups with nothing in them are told too."""
    return [
        OrderGroup(key, title, [each for each in board if each.order.state in states])
        for key, title, states in GROUPS
    ]


def _clocks(order: WorkOrder, running: list[RunningClock]) -> list[Clock]:
    """The four clocks of an order, each running or stopped."""
    by_kind = {clock.kind: clock for clock in running if clock.subject == "order" and clock.subject_id == order.pk}
    found = []
    for kind, name, column in CLOCKS:
        stopped: datetime | None = getattr(order, column)
        found.append(Clock(name, by_kind.get(kind), stopped - order.routed_at if stopped else None))
    return found


def town_teams(actor: Actor, *, at: datetime) -> list[TeamOnBoard]:
    """The street teams in reach with state and load: those out first, then the free, least used first.

    Five queries. Load counts matters sent in the last twelve hours, undone sendings left out.
    """
    units = [row for row in units_for_board(actor, at=at) if row.track == Unit.Track.COMMUNITY]
    ids = [row.id for row in units]
    theirs = Assignment.objects.filter(unit_id__in=ids)
    jobs = {row.unit_id: row for row in theirs.filter(state__in=ACTIVE).select_related("incident")}
    counts = (
        theirs.filter(sent_at__gt=at - LOAD_OF)
        .exclude(state__in=("cancelled", "refused"))
        .values_list("unit_id")
        .annotate(had=Count("pk"), done=Count("pk", filter=Q(finished_at__isnull=False)))
    )
    load = {unit_id: (had, done) for unit_id, had, done in counts.order_by()}
    teams = []
    for row in units:
        job = jobs.get(row.id)
        due_at = job.sent_at + TOWN_TEAM_TARGET if job and job.state in TRAVELLING else None
        teams.append(TeamOnBoard(row, job, *load.get(row.id, (0, 0)), due_at))
    return sorted(teams, key=lambda team: team.order_key)


def partners_of(assignment: Assignment) -> list[Assignment]:
    """Units of the other side on the same matter: the police a street team meets there, the team police meet."""
    gone = ("refused", "reassigned", "cancelled", "closed")
    rows = Assignment.objects.filter(incident_id=assignment.incident_id).exclude(state__in=gone)
    return list(rows.exclude(unit__track=assignment.unit.track).select_related("unit"))
