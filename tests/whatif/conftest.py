"""A west station with two cars and four weeks of calls at two crossings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.engines.geo import cell_of
from anlan.intake.models import Incident
from world import T0, World, build_world

SPOTS = ((120.07, 28.901), (120.09, 28.901))
DAYS = 14


def calls(world: World, *, days: range = range(1, DAYS + 1), a_day: int = 8, priority: str = "P3") -> None:
    """So many thefts a day, every other one at the other crossing, ``days`` before now."""
    held = Incident.objects.count()
    Incident.objects.bulk_create(
        Incident(
            number=f"W{held + day * a_day + k:07d}",
            code="0107",
            received_at=(at := T0 - timedelta(days=day) + timedelta(hours=k)),
            state_since=at,
            lon=SPOTS[k % 2][0],
            lat=SPOTS[k % 2][1],
            cell=cell_of(*SPOTS[k % 2]),
            station=world.orgs["west"],
            priority=priority,
            priority_rule="test",
            track="P",
            track_rule="test",
            origin="citizen",
            is_valid=True,
        )
        for day in days
        for k in range(a_day)
    )


@pytest.fixture
def county(db, monkeypatch) -> World:
    """Without the bound by hindsight, which only the tests about it wait for."""
    monkeypatch.setattr("anlan.whatif.jobs.BOUND_RUNS", 0)
    world = build_world()
    calls(world)
    return world
