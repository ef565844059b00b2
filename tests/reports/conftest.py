"""Tiny worlds whose figures one can compute on paper: rows with exact times, written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from anlan.accounts.models import Organisation
from anlan.core.actor import SYSTEM, Actor
from anlan.dispatch.models import Assignment, Feedback, Revisit, WorkOrder
from anlan.intake.models import Call, Incident, IncidentLink
from anlan.reports.selectors import Figure, kpi_all
from anlan.units.models import Unit
from anlan.units.services import unit_add
from world import T0, World, build_world

S = timedelta(seconds=1)
MIN = timedelta(minutes=1)
WEEK = (T0, T0 + timedelta(days=7))


@dataclass
class Desk:
    """Writes rows at exact times, counted from the minute an incident is received."""

    world: World
    units: dict[str, Unit]
    numbers: Any = field(default_factory=lambda: count(1))

    def org(self, code: str) -> Organisation:
        return self.world.orgs[code]

    def actor(self, name: str) -> Actor:
        return self.world.actor(name)

    def incident(self, at: datetime = T0, *, side: str = "west", **columns: Any) -> Incident:
        """A valid P3 in town, reported by a citizen, opened by a call answered at ``at``."""
        sent, arrived = columns.pop("sent", None), columns.pop("arrived", None)
        number = next(self.numbers)
        values = {
            "number": f"T{number:05d}",
            "code": "0401",
            "priority": "P3",
            "priority_rule": "test",
            "track": "P",
            "track_rule": "test",
            "state": "open",
            "state_since": at,
            "received_at": at,
            "station": self.org(side),
            "town_room": self.org(f"town-{side}"),
            "first_sent_at": None if sent is None else at + sent,
            "first_arrived_at": None if arrived is None else at + arrived,
        }
        incident = Incident.objects.create(**values | columns)
        Call.objects.create(
            number=f"C{number:05d}",
            channel="walk_in",
            state="incident_open",
            state_since=at,
            answered_at=at,
            incident=incident,
            filed_under=incident,
            is_opening=True,
            station=incident.station,
        )
        return incident

    def call(self, *, rang: datetime = T0, after: timedelta | None, **columns: Any) -> Call:
        """A telephone call, answered ``after`` the ring or given up."""
        return Call.objects.create(
            number=f"R{next(self.numbers):05d}",
            state="abandoned" if after is None else "recorded",
            state_since=rang,
            ringing_at=rang,
            answered_at=None if after is None else rang + after,
            **columns,
        )

    def sheet(self, incident: Incident, unit: str = "P-01", **steps: Any) -> Assignment:
        """A dispatch sheet; ``sent``, ``signed`` … ``inferred`` count from the incident's minute."""
        at = incident.received_at
        times = {f"{name}_at": at + steps.pop(name) for name in list(steps) if isinstance(steps[name], timedelta)}
        if "inferred_at" in times:
            times["arrived_inferred_at"] = times.pop("inferred_at")
        times.setdefault("sent_at", at)
        values = {"state": "closed", "state_since": at, **times, **steps}
        return Assignment.objects.create(incident=incident, unit=self.units[unit], **values)

    def feedback(self, incident: Incident, after: timedelta = MIN, **columns: Any) -> Feedback:
        values = {"code": incident.code, "priority": incident.priority, "result": "helped", "review": "agreed"}
        return Feedback.objects.create(incident=incident, filed_at=incident.received_at + after, **values | columns)

    def order(self, incident: Incident, state: str, **columns: Any) -> WorkOrder:
        at = incident.received_at
        times = {key: at + value for key, value in columns.items() if isinstance(value, timedelta)}
        values = {"routed_at": at, "state_since": at} | columns | times
        return WorkOrder.objects.create(incident=incident, town_room=incident.town_room, state=state, **values)

    def revisit(self, incident: Incident, outcome: str, rating: int | None = None, rule: str = "sample") -> Revisit:
        at = incident.received_at
        return Revisit.objects.create(
            incident=incident,
            rule=rule,
            probability=0.1,
            created_at=at,
            due_at=at,
            done_at=at if outcome else None,
            outcome=outcome,
            rating=rating,
        )

    def repeat(self, incident: Incident, earlier: Incident, *, undone: bool = False) -> IncidentLink:
        undone_at = T0 if undone else None
        return IncidentLink.objects.create(
            kind="repeat", incident=incident, earlier=earlier, made_at=T0, undone_at=undone_at
        )

    def figures(self, name: str = "gus", **asked: Any) -> dict[str, Figure]:
        """The page of the week as ``name`` sees it, by key."""
        found = kpi_all(self.actor(name), **{"start": WEEK[0], "end": WEEK[1], **asked})
        return {figure.key: figure for figure in found}


@pytest.fixture
def desk(db, taxonomy) -> Desk:
    world = build_world(units=False, roads=False)
    units = {
        sign: unit_add(
            call_sign=sign,
            track=sign[0],
            vehicle="car" if sign[0] == "P" else "foot",
            organisation=world.orgs[org],
            base_lon=120.06,
            base_lat=28.90,
            by=SYSTEM,
            at=T0,
        )
        for sign, org in (("P-01", "west"), ("P-03", "east"), ("C-01", "town-west"), ("C-02", "town-east"))
    }
    return Desk(world, units)
