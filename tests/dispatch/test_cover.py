"""Cover of the small county: what the free units reach, what sending one costs, who is advised and who moves up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from django.utils import translation

from anlan.core.actor import SYSTEM, Actor
from anlan.dispatch import cover_ground
from anlan.dispatch.cover_ground import Demand, demand_of, demand_source_add
from anlan.dispatch.jobs import cover_prepare
from anlan.dispatch.selectors import advice_for, cover_now, moves_proposed, recommend, waiting_posts
from anlan.dispatch.selectors.advising import advice_words
from anlan.engines.geo import cell_of
from anlan.places.models import Point, RoadNetwork
from anlan.places.services import road_condition_set
from anlan.units.services import unit_state_set
from dispatch.scene import incident_of, send
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def past(world):
    """Nine calls in the west where P-01 and P-02 stand, three in the east at P-03, in the last year."""
    for lon, count in ((120.07, 9), (120.14, 3)):
        for _each in range(count):
            at = T0 - timedelta(days=30)
            incident_of(world, lon=lon, cell=cell_of(lon, 28.9), received_at=at, state="closed", closed_at=at)


def test_all_is_reached_and_only_the_east_hangs_on_one_unit(world, past):
    found = cover_now(at=T0)
    assert (found.share, found.source, found.calls) == (1.0, "year", 12)
    assert found.total_a_day == pytest.approx(12 / 365)
    assert {unit.call_sign: round(loss, 3) for unit, loss in found.losses(SYSTEM)} == {
        "P-03": 0.25,
        "P-01": 0.0,
        "P-02": 0.0,
    }


def test_a_unit_out_of_reach_covers_nothing(world, past):
    # P-03 alone: from 120.14 to 120.07 are 6.8 km, 512 s under blue light: beyond five minutes
    for sign in ("P-01", "P-02"):
        unit_state_set(unit=world.units[sign], to="off", by=SYSTEM, at=T0)
    assert cover_now(at=T0).share == pytest.approx(0.25)


def test_kinds_no_map_may_show_and_what_officers_report_are_no_demand(world, past):
    for other in ({"code": "0204"}, {"code": "0109"}, {"code": "1201"}, {"origin": "officer"}):
        incident_of(world, lon=120.14, cell=cell_of(120.14, 28.9), received_at=T0 - timedelta(days=1), **other)
    assert cover_now(at=T0).calls == 12


def test_a_station_names_its_own_units_alone_and_counts_all(world, past):
    east = Actor(kind="person", org_ids=frozenset({world.orgs["east"].pk}))
    found = cover_now(at=T0)
    assert found.share == 1.0
    assert [unit.call_sign for unit, _loss in found.losses(east)] == ["P-03"]


def test_what_nobody_can_know_is_said(world):
    assert cover_now(at=T0).share is None
    incident = incident_of(world)
    assert advice_for(incident, recommend(incident, at=T0)).share is None


def test_without_roads_there_is_no_figure(world, past):
    RoadNetwork.objects.update(is_active=False)
    assert cover_now(at=T0).share is None


def test_a_forecast_stands_before_the_mean_of_the_year(world, past, monkeypatch):
    monkeypatch.setattr(cover_ground, "_sources", [])
    told = Demand(np.array([120.14]), np.array([28.9]), np.array([2.0]), "forecast", 5)
    demand_source_add(lambda at: told)
    assert demand_of(T0).source == "forecast"
    assert cover_now(at=T0).total_a_day == 2.0


def test_a_p1_gets_the_quickest_and_another_one_that_leaves_the_east_covered(world, past):
    # 120.115 lies between P-02 (3.4 km) and P-03 (2.4 km): 73 s more, and the east stays covered
    where = {"lon": 120.115, "station": world.orgs["east"]}
    urgent = incident_of(world, **where)
    advice = advice_for(urgent, recommend(urgent, at=T0))
    assert (advice.choice.unit.call_sign, advice.rule) == ("P-03", "quickest")
    assert (advice.share, advice.share_after) == (1.0, pytest.approx(0.75))
    calm = incident_of(world, priority="P3", **where)
    advice = advice_for(calm, recommend(calm, at=T0))
    assert (advice.choice.unit.call_sign, advice.rule, advice.saved) == ("P-02", "cover", pytest.approx(0.25))
    assert 0 < advice.added_s <= advice.cap_s
    with translation.override("en"):
        assert "keeps 25.0 points more cover" in advice_words(advice)


def test_a_neighbour_moves_up_when_the_only_unit_is_sent(world, past):
    Point.objects.create(
        kind="standby", code="S1", name_zh="东待命点", organisation=world.orgs["east"], lon=120.13, lat=28.9,
        cell=cell_of(120.13, 28.9), source="test", valid_from=T0,
    )  # fmt: skip
    assert moves_proposed(cover_now(at=T0), by=SYSTEM, at=T0) == []
    send(world, incident_of(world, lon=120.14), "P-03")
    found = cover_now(at=T0)
    assert found.share == pytest.approx(0.75)
    moves = moves_proposed(found, by=SYSTEM, at=T0)
    assert [(move.post.code, move.share) for move in moves] == [("S1", 1.0)]
    assert moves[0].unit.call_sign in ("P-01", "P-02")  # either leaves the west to the other
    # P-01 wins more in the east than beside P-02; then the west needs P-02 where it is.
    waits = waiting_posts(found, by=SYSTEM, at=T0)
    assert [(move.unit.call_sign, move.post.code) for move in waits] == [("P-01", "S1")]


def test_the_ground_is_kept_on_disk_for_every_process_and_made_anew_when_spoilt(world, past, settings):
    folder = Path(settings.ROADS_DIR).parent / "cover"
    for old in folder.glob("*.npy"):
        old.unlink()
    cover_ground._ground_of.cache_clear()
    cover_prepare(at=T0)
    files = sorted(folder.glob("*.npy"))
    assert files  # the same table may serve this third of the day and the next
    cover_ground._ground_of.cache_clear()
    with patch.object(cover_ground, "_travel", side_effect=AssertionError("worked out again")):
        assert cover_now(at=T0).share == 1.0
    for file in files:
        file.write_bytes(b"spoilt")
    cover_ground._ground_of.cache_clear()
    assert cover_now(at=T0).share == 1.0


def test_a_closed_road_leaves_the_ground_as_it_is(world, past):
    before = cover_now(at=T0).ground
    road_condition_set(
        kind="closed", cause="works", lon=120.10, lat=28.9, ends_at=T0 + timedelta(hours=2), by=SYSTEM, at=T0
    )
    assert cover_now(at=T0).ground is before
