"""What can't be: it is put aside with its reason, and the report is taken, whatever else it says."""

from __future__ import annotations

import json
from datetime import UTC, timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.models import Event, QuarantinedRow
from anlan.core.purpose import machine_use
from anlan.intake.errors import NotInList
from anlan.intake.models import Call, CallBack, IncidentTag
from anlan.intake.services import (
    call_back_done,
    call_receive,
    call_ring,
    incident_danger_set,
    sheet_read,
)
from anlan.intake.sheet import RADIUS_AT_MOST_M
from anlan.tagging.services import external_code_map
from world import T0

FIGHT = "有人打架"


@pytest.fixture
def told(ben):
    """``told(lon="x")``: a report as it comes over the interface, each part in any shape."""

    def act(**raw):
        sheet, aside = sheet_read({"narrative": FIGHT} | raw)
        return call_receive(line=sheet, at=T0, by=ben, unreadable=aside)

    return act


def reasons(got):
    return [row.code for row in got.quarantined]


@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_day_at_the_edge_of_the_calendar_does_not_cost_the_report(told, edge):
    got = told(occurred_from=edge)
    assert reasons(got) == ["unreadable"]
    assert (got.incident.narrative, got.incident.occurred_from) == (FIGHT, None)


def test_nothing_has_happened_in_the_future(told):
    got = told(occurred_from=(T0 + timedelta(days=9000)).isoformat(), occurred_to=T0.isoformat())
    assert reasons(got) == ["future"]
    assert (got.incident.occurred_from, got.incident.occurred_to) == (None, T0)
    ahead = T0 + timedelta(minutes=4)
    assert told(occurred_from=ahead.isoformat()).incident.occurred_from == ahead


def test_nothing_ends_before_it_begins(told):
    began = T0 - timedelta(hours=2)
    got = told(occurred_from=began.isoformat(), occurred_to=(began - timedelta(minutes=1)).isoformat())
    assert reasons(got) == ["backwards"]
    assert (got.incident.occurred_from, got.incident.occurred_to) == (began, None)


def test_a_time_is_kept_in_utc_whatever_zone_it_came_in(told):
    moment = told(occurred_from="2026-03-02T08:30:00+08:00").incident.occurred_from
    assert (moment.tzinfo, moment.hour) == (UTC, 0)


@pytest.mark.parametrize("radius", [RADIUS_AT_MOST_M + 1, 1e300])
def test_a_rough_place_as_large_as_the_earth_is_none(told, radius):
    got = told(lon=120.05, lat=28.90, radius_m=radius)
    assert reasons(got) == ["too_large"]
    assert (got.incident.lon, got.incident.location_radius_m) == (120.05, None)


def test_a_danger_nobody_knows_is_danger_and_its_words_stand_in_no_event(told):
    got = told(narrative="楼上漏水", danger=["王某住3幢501", "fire"])
    assert reasons(got) == ["not_in_list"]
    assert (got.incident.priority, got.incident.track, got.incident.danger) == ("P1", "P", ["unnamed", "fire"])
    assert "王某" not in json.dumps([event.data for event in Event.objects.all()], ensure_ascii=False)
    assert "王某" in json.loads(QuarantinedRow.objects.get().raw)[0]


def test_a_danger_set_later_must_be_one_of_the_known(take, ben):
    incident = take(narrative="楼上漏水", danger=("weapon",)).incident
    with pytest.raises(NotInList, match="weapon"):
        incident_danger_set(incident=incident, danger=["weapon", "王某"], reason="", by=ben, at=T0)
    incident.refresh_from_db()
    assert incident.danger == ["weapon"]


def test_a_danger_nobody_knows_told_on_calling_back_is_danger(take, ben):
    silent = take(call_type="silent", lon=None, lat=None)
    incident = call_back_done(call_back=silent.call_back, outcome="danger", danger=("王某",), by=ben, at=T0)
    assert (incident.priority, incident.danger) == ("P1", ["unnamed"])
    assert not any("王某" in json.dumps(event.data, ensure_ascii=False) for event in Event.objects.all())


# Another system's types


def test_another_systems_type_is_read_as_it_was_mapped(take):
    external_code_map(system="old-110", code="010203", maps_to="0105", by=SYSTEM, at=T0)
    assert take(source="old-110", external_id="A1", code="010203").incident.code == "0105"


def test_a_mapped_code_is_theirs_even_where_it_looks_like_one_of_ours(take):
    external_code_map(system="old-110", code="0402", maps_to="0105", by=SYSTEM, at=T0)
    assert take(source="old-110", external_id="A1", code="0402").incident.code == "0105"
    assert take(code="0402").incident.code == "0402"


def test_a_type_nobody_mapped_is_put_aside_and_the_words_decide(take):
    got = take(source="old-110", external_id="A1", code="77", narrative="两个人在路边打架，其中一个头上流血了")
    assert reasons(got) == ["not_in_list"]
    assert got.incident.priority == "P1"
    assert IncidentTag.objects.filter(incident=got.incident).exists()


# The telephone


def test_another_number_on_a_line_whose_hanging_up_was_lost_is_another_caller(county):
    first = call_ring(line="110-1", phone="13800000001", by=SYSTEM, at=T0)
    second = call_ring(line="110-1", phone="13900000002", by=SYSTEM, at=T0 + timedelta(minutes=3))
    first.refresh_from_db()
    assert first.state == "abandoned"
    assert CallBack.objects.get().call == first
    assert second.state == "ringing"
    with machine_use("compare"):
        assert second.reporter.phone == "13900000002"


@pytest.mark.parametrize("again", ["", "13800000001", "+86 138 0000 0001", "013800000001"])
def test_the_same_number_however_it_is_written_is_the_same_ring(county, again):
    first = call_ring(line="110-1", phone="13800000001", by=SYSTEM, at=T0)
    assert call_ring(line="110-1", phone=again, by=SYSTEM, at=T0 + timedelta(seconds=1)) == first


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [(28.9, 120.05, "swapped"), (1e9, 1e9, "not_on_earth"), (0.0, 0.0, "zero"), (120.05, None, "half_a_point")],
)
def test_a_ring_from_nowhere_rings_without_a_place(county, lon, lat, code):
    call = call_ring(line="110-1", lon=lon, lat=lat, radius_m=500.0, by=SYSTEM, at=T0)
    assert (call.state, call.lon, call.lat, call.cell) == ("ringing", None, None, None)
    assert [row.code for row in QuarantinedRow.objects.filter(source__startswith=f"call {call.number}")] == [code]


def test_a_ring_from_outside_the_area_keeps_its_place(county):
    call = call_ring(line="110-1", lon=121.5, lat=31.2, by=SYSTEM, at=T0)
    assert (call.lon, call.lat) == (121.5, 31.2)
    assert QuarantinedRow.objects.get().code == "outside_bounds"
    assert Call.objects.count() == 1
