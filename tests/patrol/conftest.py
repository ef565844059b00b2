"""A west station with two cars, a year of calls at two crossings, a must-cover point and a booth."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from anlan.core.actor import SYSTEM
from anlan.engines.geo import cell_of
from anlan.engines.patrol_route import lane
from anlan.intake.models import Incident
from anlan.patrol.rules import Settings
from anlan.patrol.services import patrol_plan_make, plan_draw
from anlan.places.services import point_put
from world import T0, World, build_world

SHIFT = (T0 + timedelta(hours=1), T0 + timedelta(hours=9))
BUSY, QUIET = (120.07, 28.901), (120.09, 28.901)
PLAIN = Settings(search_s=0)


@pytest.fixture(autouse=True)
def short_slices(monkeypatch):
    """A county this small is searched through in a few hundred turns."""
    monkeypatch.setattr(lane, "WORK", 2e6)


def reports(world: World, spot: tuple[float, float], times: int, *, station: str = "west") -> None:
    """So many thefts there within the year before."""
    held = Incident.objects.count()
    Incident.objects.bulk_create(
        Incident(
            number=f"Y{held + k:07d}",
            code="0107",
            received_at=T0 - timedelta(days=10 + k),
            state_since=T0 - timedelta(days=10 + k),
            lon=spot[0],
            lat=spot[1],
            cell=cell_of(*spot),
            station=world.orgs[station],
            priority="P3",
            priority_rule="test",
            track="P",
            track_rule="test",
            origin="citizen",
            is_valid=True,
        )
        for k in range(times)
    )


@pytest.fixture
def county(db) -> World:
    world = build_world()
    reports(world, BUSY, 40)
    reports(world, QUIET, 10)
    for kind, code, name, lon in (("must_cover", "M1", "实验小学", 120.06), ("booth", "B1", "广场岗亭", 120.08)):
        point_put(
            kind=kind,
            code=code,
            name_zh=name,
            lon=lon,
            lat=28.902,
            source="tests",
            organisation=world.orgs["west"],
            by=SYSTEM,
            at=T0,
        )
    return world


@pytest.fixture
def patrol(county) -> SimpleNamespace:
    """``patrol.plan()`` draws and keeps the west's shift, as Jia, who leads the duty."""
    jia = county.actor("jia")

    def draw(settings: Settings = PLAIN, org: str = "west", seed: int = 5, by=jia, shift=SHIFT):
        return plan_draw(
            organisation=county.orgs[org],
            starts_at=shift[0],
            ends_at=shift[1],
            settings=settings,
            seed=seed,
            by=by,
            at=T0,
        )

    def plan(**more):
        draft = draw(**more)
        return patrol_plan_make(draft=draft, organisation=county.orgs["west"], by=jia, at=T0)

    return SimpleNamespace(world=county, jia=jia, draw=draw, plan=plan)
