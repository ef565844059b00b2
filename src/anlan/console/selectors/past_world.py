"""The centre as it stood at a moment: rows taken back to their beginning and brought forward by events.

The rows are read from the store for this one purpose, changed in memory by what ``past_steps`` says of each
kind of event, and never saved. They are shaped by the very functions that shape the live screen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from anlan.console.selectors import island
from anlan.console.selectors.queue import (
    OPEN_STATES,
    ORDER_ENDED,
    ROWS_A_GROUP,
    SENT_NO_MORE,
    Filled,
    Row,
    hands_since,
    under_headings,
)
from anlan.core.actor import Actor
from anlan.core.permissions import permitted
from anlan.core.shut import INCIDENT, rows_shut
from anlan.dispatch.models import Assignment, Revisit, WorkOrder
from anlan.dispatch.selectors import clocks_told, most_pressing
from anlan.intake.models import Call, CallBack, Incident
from anlan.tagging.selectors import incident_type
from anlan.units.models import CrewMember, Unit
from anlan.units.selectors import SeenAt, UnitOnBoard

WAITING_SHOWN = 20


@dataclass
class World:
    """Who holds what, who is on what, since when, at the moment the last event was applied.

    A row counts from the event that made it: an id in ``incidents`` alone says nothing, one in ``begun`` does.
    """

    incidents: dict[int, Incident] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)
    assignments: dict[int, Assignment] = field(default_factory=dict)
    sent: dict[int, list[Assignment]] = field(default_factory=lambda: defaultdict(list))
    orders: dict[int, WorkOrder] = field(default_factory=dict)
    routed: dict[int, list[WorkOrder]] = field(default_factory=lambda: defaultdict(list))
    revisits: dict[int, list[Revisit]] = field(default_factory=lambda: defaultdict(list))
    units: dict[int, Unit] = field(default_factory=dict)
    on_books: set[int] = field(default_factory=set)
    crews: dict[int, list[CrewMember]] = field(default_factory=lambda: defaultdict(list))
    calls: dict[int, Call] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)
    call_backs: dict[int, list[CallBack]] = field(default_factory=lambda: defaultdict(list))
    due: dict[int, CallBack] = field(default_factory=dict)
    org_ids: dict[str, int] = field(default_factory=dict)
    seen: dict[int, SeenAt] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    raised: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    sheets: dict[int, int] = field(default_factory=dict)
    touched_incidents: set[int] = field(default_factory=set)
    touched_units: set[int] = field(default_factory=set)

    def incident(self, incident_id: int | None) -> Incident | None:
        """The incident, if it is one of those looked at and has been opened by now."""
        return self.incidents.get(incident_id or 0) if incident_id in self.begun else None

    def call_of(self, number: str) -> Call | None:
        """The call of that number, if it is one of those looked at."""
        return next((call for call in self.calls.values() if call.number == number), None)

    def of_matter(self, incident_id: int) -> Iterator[Assignment]:
        """Assignments of the incident and of those merged into it by now."""
        yield from self.sent[incident_id]
        for other in self.begun:
            row = self.incidents[other]
            if row.state == "merged" and row.merged_into_id == incident_id:
                yield from self.of_matter(other)


def sees(actor: Actor, row: Model | None) -> bool:
    """The same reach as ``visible_to``, asked of a row in memory."""
    if row is None:
        return False
    fields: tuple[str, ...] = type(row).scope_fields  # type: ignore[attr-defined]
    return actor.sees_all or any(getattr(row, name) in actor.org_ids for name in fields)


def row_at(world: World, incident: Incident, *, at: datetime) -> Row:
    """The incident's row of the queue, as ``queue_for`` would have read it."""
    by = "received_at" if incident.state == "open" else "state_since"
    assignments = sorted(world.sent[incident.pk], key=lambda a: (a.sent_at, a.pk))
    orders = sorted(world.routed[incident.pk], key=lambda o: (o.routed_at, o.pk))
    row = Row(incident, incident_type(incident.code), getattr(incident, by), at)
    row.assignments = [a for a in assignments if a.state not in SENT_NO_MORE]
    row.order = next((o for o in orders if o.state not in ORDER_ENDED), None)
    if incident.state == "dispatched":
        row.since = hands_since(row)
    revisit = _revisit_at(world.revisits[incident.pk], at)
    row.clock = most_pressing(clocks_told(incident, assignments, orders[-1] if orders else None, revisit, at=at))
    return row


def row_out(row: Row, filled: Filled) -> dict[str, Any]:
    """The row as the screen drew it; what has been erased since is said to be, not left blank."""
    out = island.row_out(row, is_unsent=filled.group.key == "unsent")
    if row.incident.erased_at is not None:
        out["place"] = _("Place and words of this matter are kept no longer.")
    return out


def _revisit_at(rows: Iterable[Revisit], at: datetime) -> Revisit | None:
    standing = [r for r in rows if r.created_at <= at and (r.done_at is None or r.done_at > at)]
    return standing[-1] if standing else None


def unit_at(world: World, unit: Unit, *, at: datetime) -> UnitOnBoard:
    """The unit as ``units_for_board`` would have read it."""
    members = [m for m in world.crews[unit.pk] if m.joined_at <= at and (m.left_at is None or m.left_at > at)]
    return UnitOnBoard(
        id=unit.pk,
        call_sign=unit.call_sign,
        track=unit.track,
        vehicle=unit.vehicle,
        organisation_id=unit.organisation_id,
        organisation=unit.organisation.name_zh,
        organisation_en=unit.organisation.name_en,
        capabilities=tuple(unit.capabilities),
        state=unit.state,
        state_since=unit.state_since,
        incident_id=unit.incident_id,
        incident_number=unit.incident_number,
        base=None,
        crew=tuple(m.person.name for m in sorted(members, key=lambda m: (m.joined_at, m.pk))),
        seen=world.seen.get(unit.pk),
    )


class Picture:
    """What one desk saw: made once in whole, then only what was touched is made anew."""

    def __init__(self, world: World, actor: Actor, *, at: datetime) -> None:
        self.world, self.actor = world, actor
        self._shut = {key for sort, key in rows_shut().get(actor.id or 0, ()) if sort == INCIDENT}
        self._takes_calls = permitted(actor, "console.call")
        self._sees_units = permitted(actor, "units.view")
        self._rows: dict[int, Row] = {}
        self._units: dict[int, UnitOnBoard] = {}
        world.touched_incidents |= world.begun
        world.touched_units |= world.on_books
        self.refresh(at=at)

    def refresh(self, *, at: datetime) -> tuple[set[int], set[int]]:
        """Take in what was touched; returns the incidents and units made anew."""
        world = self.world
        incidents, units = world.touched_incidents, world.touched_units
        world.touched_incidents, world.touched_units = set(), set()
        for pk in incidents:
            incident = world.incident(pk)
            if incident is not None and incident.state in OPEN_STATES and self._may_see(incident):
                self._rows[pk] = row_at(world, incident, at=at)
            else:
                self._rows.pop(pk, None)
        for pk in units if self._sees_units else ():
            if pk in world.on_books and sees(self.actor, world.units.get(pk)):
                unit = unit_at(world, world.units[pk], at=at)
                if unit.incident_id in self._shut:
                    unit = replace(unit, incident_id=None, incident_number="")
                self._units[pk] = unit
        return incidents, units

    def _may_see(self, incident: Incident) -> bool:
        return sees(self.actor, incident) and not {incident.pk, incident.merged_into_id} & self._shut

    def groups(self) -> list[Filled]:
        """The queue under its headings."""
        by_state: dict[str, list[Row]] = {state: [] for state in OPEN_STATES}
        for row in self._rows.values():
            by_state[row.incident.state].append(row)
        counts = {state: len(rows) for state, rows in by_state.items()}
        for state, rows in by_state.items():
            by = "received_at" if state == "open" else "state_since"
            rows.sort(key=lambda row: (row.incident.priority, getattr(row.incident, by), row.incident.pk))
            del rows[ROWS_A_GROUP:]
        return under_headings(by_state, counts)

    def rows_out(self, filled: Filled) -> list[dict[str, Any]]:
        """The rows of one heading as the screen drew them."""
        return [row_out(row, filled) for row in filled.rows]

    def units(self) -> list[UnitOnBoard]:
        """Units on the books then, in the order of the board."""
        # ``world.units`` keeps the order in which the store gave them: that of the call signs.
        return [self._units[pk] for pk in self.world.units if pk in self._units]

    def calls(self) -> list[Call]:
        """Calls that waited, longest first."""
        rows = [self.world.calls[pk] for pk in self.world.waiting] if self._takes_calls else []
        rows = [row for row in rows if self._may_hear(row)]
        return sorted(rows, key=lambda call: (call.state_since, call.pk))[:WAITING_SHOWN]

    def call_backs(self) -> list[CallBack]:
        """Callers to be called back, most overdue first."""
        rows = list(self.world.due.values()) if self._takes_calls else []
        rows = [task for task in rows if self._may_hear(self.world.calls.get(task.call_id))]
        return sorted(rows, key=lambda task: (task.due_at, task.pk))[:WAITING_SHOWN]

    def _may_hear(self, call: Call | None) -> bool:
        return sees(self.actor, call) and (call is None or call.incident_id not in self._shut)

    def whole(self) -> dict[str, Any]:
        """The values the screen drew, of the same shape as the live ``snapshot``."""
        groups, units, calls = self.groups(), self.units(), self.calls()
        return {
            "groups": [{**island.group_out(filled), "rows": self.rows_out(filled)} for filled in groups],
            "calls": [island.call_out(call) for call in calls],
            "call_backs": [island.call_back_out(task) for task in self.call_backs()],
            "units": [island.unit_out(unit) for unit in units],
            "strip": island.strip_out(groups, len(calls), units),
        }
