"""Positions come late, twice, out of order, from the future, in another datum; none of it does harm."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import BadInput, NotFound, NotPermitted
from anlan.core.models import QuarantinedRow
from anlan.units.jobs import positions_expire
from anlan.units.models import PositionFix, PositionStream, UnitPosition
from anlan.units.rules import sequence_holds, sequence_taken
from anlan.units.selectors import positions_latest
from anlan.units.services import PositionReport, positions_take
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def fix(unit, seq, passed_s=0.0, *, lon=120.07, lat=28.90, boot="a", **more):
    return PositionReport(
        unit_id=unit.pk, boot=boot, seq=seq, lon=lon, lat=lat, fixed_at=T0 + timedelta(seconds=passed_s), **more
    )


def take(*fixes, at_s=100.0, by=SYSTEM):
    return positions_take(fixes=fixes, by=by, at=T0 + timedelta(seconds=at_s))


def place(unit, at_s=100.0):
    return positions_latest([unit.pk], at=T0 + timedelta(seconds=at_s))[unit.pk]


def test_the_newest_fix_is_where_the_unit_is_and_late_ones_are_history(world):
    unit = world.units["P-01"]
    take(fix(unit, 2, 20, lon=120.072))
    take(fix(unit, 1, 10, lon=120.071))
    assert place(unit).lon == 120.072
    assert PositionFix.objects.filter(unit_id=unit.pk, boot="a").count() == 2


def test_the_same_batch_ten_times_is_the_same_as_once(world):
    unit = world.units["P-01"]
    batch = [fix(unit, k, k, lon=120.07 + k / 1000) for k in (1, 2, 3)]
    answers = [take(*batch) for _ in range(10)]
    assert [(one.accepted, one.repeated) for one in answers] == [(3, 0)] + [(0, 3)] * 9
    assert {one.acknowledged[unit.pk, "a"] for one in answers} == {3}
    assert PositionFix.objects.filter(unit_id=unit.pk, boot="a").count() == 3


def test_only_what_is_complete_is_acknowledged(world):
    unit = world.units["P-01"]
    acknowledged = [take(fix(unit, seq, seq)).acknowledged[unit.pk, "a"] for seq in (1, 3, 4, 2)]
    assert acknowledged == [1, 1, 1, 4]


def test_a_restarted_device_counts_from_one_again(world):
    unit = world.units["P-01"]
    take(fix(unit, 1, 10, boot="monday"))
    taken = take(fix(unit, 1, 20, boot="tuesday"))
    assert (taken.accepted, taken.acknowledged) == (1, {(unit.pk, "tuesday"): 1})


def test_a_fix_from_the_future_is_put_aside_with_its_reason_and_not_repeated_for_ever(world):
    unit = world.units["P-01"]
    before = place(unit)
    taken = take(fix(unit, 1, 131), at_s=100)
    assert (taken.accepted, taken.quarantined, taken.acknowledged[unit.pk, "a"]) == (0, 1, 1)
    assert place(unit) == before
    row = QuarantinedRow.objects.get()
    assert row.code == "position_future"
    assert "时钟" in row.reason_zh
    assert json.loads(row.raw)[0]["seq"] == 1


def test_half_a_minute_ahead_is_a_clock_like_any_other(world):
    assert take(fix(world.units["P-01"], 1, 129), at_s=100).accepted == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"lon": 200.0}, "position_not_on_earth"),
        ({"lon": 28.9, "lat": 120.07}, "position_not_on_earth"),
        ({"lon": 0.0, "lat": 0.0}, "position_zero"),
        ({"lon": float("nan")}, "position_missing"),
        ({"speed_mps": 400.0}, "position_too_fast"),
    ],
)
def test_an_impossible_fix_is_put_aside_with_its_reason(world, wrong, code):
    unit = world.units["P-01"]
    before = place(unit)
    assert take(fix(unit, 1, 50, **wrong)).quarantined == 1
    assert QuarantinedRow.objects.get().code == code
    assert place(unit) == before


def test_a_bad_fix_repeated_is_put_aside_once(world):
    unit = world.units["P-01"]
    for _ in range(3):
        take(fix(unit, 1, 5000))
    assert QuarantinedRow.objects.count() == 1


def test_a_device_with_a_wrong_clock_fills_one_row_a_batch_and_not_the_store(world):
    unit = world.units["P-01"]
    take(*(fix(unit, k, 5000 + k) for k in range(1, 501)))
    assert len(json.loads(QuarantinedRow.objects.get().raw)) == 500


def test_good_and_bad_in_one_batch_go_their_own_ways(world):
    unit = world.units["P-01"]
    taken = take(fix(unit, 1, 10), fix(unit, 2, 9999), fix(unit, 3, 30))
    assert (taken.accepted, taken.quarantined, taken.acknowledged[unit.pk, "a"]) == (2, 1, 3)


def test_other_datums_are_converted_at_the_door(world):
    from anlan.engines.geo import wgs84_to_bd09, wgs84_to_gcj02

    for name, convert, call_sign in (("gcj02", wgs84_to_gcj02, "P-01"), ("bd09", wgs84_to_bd09, "P-02")):
        lon, lat = (float(value) for value in convert(120.075, 28.905))
        take(fix(world.units[call_sign], 1, 50, lon=lon, lat=lat, datum=name))
        assert (place(world.units[call_sign]).lon, place(world.units[call_sign]).lat) == pytest.approx(
            (120.075, 28.905), abs=1e-7
        )


def test_a_crew_reports_its_own_unit_only(world):
    eve = world.actor("eve")
    assert take(fix(world.units["P-01"], 1, 10), by=eve).accepted == 1
    with pytest.raises(NotFound):
        take(fix(world.units["P-01"], 2, 20), fix(world.units["P-02"], 1, 20), by=eve)
    assert PositionFix.objects.filter(boot="a").count() == 1


def test_a_terminal_reports_its_own_unit_only(world):
    terminal = Actor(kind="unit", id=world.units["P-02"].pk)
    assert take(fix(world.units["P-02"], 1, 10), by=terminal).accepted == 1
    with pytest.raises(NotFound):
        take(fix(world.units["P-01"], 1, 10), by=terminal)


def test_a_chief_reports_no_positions(world):
    with pytest.raises(NotPermitted):
        take(fix(world.units["P-01"], 1, 10), by=world.actor("gus"))


def test_a_fix_of_a_unit_nobody_knows_is_put_aside_and_the_rest_is_taken(world):
    unit = world.units["P-01"]
    stranger = PositionReport(unit_id=999_999, boot="a", seq=1, lon=120.0, lat=28.9, fixed_at=T0)
    taken = take(stranger, fix(unit, 1, 10))
    assert (taken.accepted, taken.quarantined) == (1, 1)
    assert set(taken.acknowledged) == {(unit.pk, "a")}


def test_an_enormous_batch_is_refused_as_a_whole(world):
    unit = world.units["P-01"]
    with pytest.raises(BadInput):
        take(*[fix(unit, k) for k in range(1, 5002)])


def test_a_batch_costs_a_dozen_questions_however_many_units_and_fixes(world):
    from django.db import connections, router
    from django.test.utils import CaptureQueriesContext

    alias = router.db_for_write(PositionFix)

    def cost(fixes):
        with ExitStack() as spies:
            seen = [spies.enter_context(CaptureQueriesContext(connections[name])) for name in {alias, "default"}]
            take(*fixes)
        return sum(len(spy) for spy in seen)

    assert cost([fix(world.units["P-01"], 1, 10)]) <= 12
    assert cost([fix(unit, k, 10 + k) for unit in world.units.values() for k in range(2, 40)]) <= 12


def test_age_stale_and_lost_are_told_from_the_fix(world):
    unit = world.units["P-01"]
    take(fix(unit, 1, 10))
    found = [place(unit, at_s) for at_s in (40, 71, 611)]
    assert [(one.age_s, one.is_stale, one.is_lost) for one in found] == [
        (30.0, False, False),
        (61.0, True, False),
        (601.0, True, True),
    ]


def test_history_is_forgotten_after_its_time_and_the_last_place_stays(world):
    unit = world.units["P-01"]
    take(fix(unit, 1, 10))
    positions_expire(at=T0 + timedelta(days=31))
    assert not PositionFix.objects.exists()
    assert not PositionStream.objects.exists()
    assert UnitPosition.objects.filter(unit_id=unit.pk).exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(order=st.permutations(list(range(1, 9))), cuts=st.lists(st.integers(1, 7), max_size=3))
def test_whatever_the_order_and_the_batches_the_end_is_the_same(world, order, cuts):
    unit = world.units["P-01"]
    PositionFix.objects.all().delete()
    PositionStream.objects.all().delete()
    UnitPosition.objects.all().delete()
    edges = [0, *sorted(set(cuts)), len(order)]
    for low, high in pairwise(edges):
        batch = [fix(unit, seq, seq * 10, lon=120 + seq / 1000) for seq in order[low:high]]
        take(*batch, *batch[:1])
    assert place(unit).lon == 120.008
    assert PositionFix.objects.count() == 8
    assert PositionStream.objects.get().upto == 8


@given(st.lists(st.integers(1, 40)), st.lists(st.integers(1, 40)))
def test_a_stream_holds_exactly_what_it_was_given(first, second):
    upto, beyond = sequence_taken(*sequence_taken(0, [], first), second)
    given_numbers = set(first) | set(second)
    assert {seq for seq in range(1, 42) if sequence_holds(upto, beyond, seq)} == given_numbers
    assert upto + 1 not in given_numbers
    assert set(range(1, upto + 1)) <= given_numbers


def test_a_number_taken_already_or_left_out_is_told_even_where_all_others_go_on_by_one(world):
    first, second = world.units["P-01"], world.units["P-02"]
    take(fix(first, 1, 10), fix(second, 1, 10))
    again = take(fix(first, 2, 20), fix(second, 1, 10))
    assert (again.accepted, again.repeated) == (1, 1)
    assert again.acknowledged == {(first.pk, "a"): 2, (second.pk, "a"): 1}
    ahead = take(fix(first, 3, 30), fix(second, 3, 30))
    assert ahead.acknowledged == {(first.pk, "a"): 3, (second.pk, "a"): 1}
    closed = take(fix(first, 4, 40), fix(second, 2, 20))
    assert closed.acknowledged == {(first.pk, "a"): 4, (second.pk, "a"): 3}
    assert sorted(PositionFix.objects.filter(boot="a").values_list("unit_id", "seq")) == sorted(
        [(first.pk, k) for k in (1, 2, 3, 4)] + [(second.pk, k) for k in (1, 2, 3)]
    )
