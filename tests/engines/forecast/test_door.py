"""Which rows may be learnt from: rules of the data door."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.forecast import Asked, ForecastRefused, open_door, run
from engines.forecast.rows import LAT, LON, city, joined, rows

ASKED = Asked(test_from=20_045, test_until=20_059)


def forecasts(given_rows, asked=ASKED):
    record, _ = open_door(given_rows, asked)
    results = run(record, (), record.days_between(asked.test_from, asked.test_until + 1), keep_means=True)
    return results.sheets["yearly_mean"].means


@given(st.integers(0, 2**16), st.sampled_from(["officer", "mixed", "alarm"]), st.booleans())
@settings(max_examples=8, deadline=None)
def test_a_flood_of_rows_officers_wrote_changes_no_bit_of_a_forecast(seed, origin, far_away):
    ours = city()
    rng = np.random.default_rng(seed)
    flood = replace(
        city(days=400, a_day=20, seed=seed, first=19_700),
        origin=None,
    )
    flood = replace(flood, origin=np.zeros(len(flood), dtype=np.int32), origins=(origin,))
    if far_away:
        flood = replace(flood, lon=flood.lon + 20 * rng.random(), lat=flood.lat - 3.0)
    before, after = forecasts(ours), forecasts(joined(ours, flood))
    for name in before:
        assert np.array_equal(before[name], after[name])


def test_each_refused_row_is_counted_under_its_reason():
    bad = joined(
        city(),
        rows([20_010.5] * 3, origin="officer"),
        rows([20_011.5], kind="0109"),
        rows([20_011.5] * 2, kind="1003"),
        rows([20_011.5], kind="0204"),
        rows([20_012.5], lon=0.0, lat=0.0),
        rows([20_012.5] * 2, lon=float("nan")),
        rows([20_013.5], lon=200.0),
        rows([20_013.5], lat=LAT + 5),
        rows([30_000.0]),
    )
    record, told = open_door(bad, replace(ASKED, today=20_060))
    assert told.refused == {
        "not_citizen_origin": 3,
        "class_never_forecast": 3,
        "class_station_area_only": 1,
        "place_zero_zero": 1,
        "no_place": 2,
        "place_off_the_earth": 1,
        "place_far_away": 1,
        "dated_in_the_future": 1,
    }
    assert told.kept + sum(told.refused.values()) == told.rows
    assert set(record.history.categories) == {"dispute", "theft"}


def test_a_class_that_may_not_be_forecast_is_refused_by_name():
    for name in ("0109", "0801", "1001", "1299", "0204", "drug possession"):
        with pytest.raises(ForecastRefused, match="category_not_allowed"):
            open_door(city(), replace(ASKED, categories=(name,)))


def test_the_same_file_given_twice_counts_once():
    once, twice = city(), joined(city(), city(), files=True)
    record, told = open_door(twice, ASKED)
    assert told.refused == {"repeated_across_files": len(once)}
    assert len(record.history.all_events) == len(open_door(once, ASKED)[0].history.all_events)


def test_two_equal_calls_in_one_file_are_two_calls_but_a_file_written_twice_is_one():
    ours = city()
    alike = replace(rows([20_010.5, 20_010.5]), ident=np.zeros(2, dtype=np.int64))
    assert open_door(joined(ours, alike), ASKED)[1].refused == {}
    assert open_door(joined(ours, ours), ASKED)[1].refused == {"repeated_in_file": len(ours)}


def test_a_day_that_was_not_recorded_whole_is_unknown_and_not_zero():
    watched = np.array([day for day in range(20_000, 20_060) if day % 7 != 3], dtype=np.int32)
    record, told = open_door(city(), replace(ASKED, watched=watched))
    assert told.refused["day_not_complete"] > 0
    assert np.array_equal(record.history.days, watched)


def test_a_silence_of_weeks_is_taken_for_a_gap_when_nobody_lists_the_days():
    ours = city()
    quiet = (ours.wall_s // 86_400 < 20_010) | (ours.wall_s // 86_400 >= 20_020)
    pick = np.flatnonzero(quiet)
    cut = replace(
        ours,
        **{
            name: getattr(ours, name)[pick]
            for name in ("wall_s", "has_hour", "kind", "origin", "lon", "lat", "ident", "file")
        },
    )
    record, told = open_door(cut, ASKED)
    assert {"note": "silent_days_taken_for_gaps", "days": 10} in told.notes
    assert len(record.history.days) == 50


def test_files_without_hours_are_forecast_by_the_day():
    ours = city()
    bare = replace(ours, has_hour=np.zeros(len(ours), dtype=bool))
    record, told = open_door(bare, ASKED)
    assert record.history.shifts == 1
    assert told.notes[0]["note"] == "no_hours_forecast_by_day"
    few = replace(ours, has_hour=np.arange(len(ours)) % 10 != 0)
    assert open_door(few, ASKED)[1].refused == {"no_hour": int((~few.has_hour).sum())}


def test_one_event_and_one_cell_are_enough_to_say_something():
    record, _ = open_door(rows([20_000.5, 20_050.5]), ASKED)
    assert record.history.cells == 1
    results = run(record, (), record.days_between(20_045, 20_060))
    assert results.sheets["yearly_mean"].sums["theft"][:, 0].sum() == 1


def test_a_category_seen_first_in_the_test_span_is_forecast_and_scored():
    new = rows([20_050.5, 20_051.5], kind="fraud")
    record, _ = open_door(joined(city(), new), ASKED)
    results = run(record, (), record.days_between(20_045, 20_060), keep_means=True)
    assert results.sheets["yearly_mean"].sums["fraud"][:, 0].sum() == 2
    assert (results.sheets["yearly_mean"].means["fraud"] > 0).all()


def test_where_nothing_can_be_done_it_says_why():
    with pytest.raises(ForecastRefused, match="no_rows"):
        open_door(rows([]), ASKED)
    with pytest.raises(ForecastRefused, match="no_training_events"):
        open_door(rows([20_050.5]), ASKED)
    with pytest.raises(ForecastRefused, match="no_test_days"):
        open_door(rows([20_000.5]), ASKED)
    with pytest.raises(ForecastRefused, match="unknown_category"):
        open_door(city(), replace(ASKED, categories=("robbery",)))


def test_a_default_address_of_the_geocoder_is_told():
    ours = city(a_day=30)
    lump = replace(city(days=60, a_day=2, seed=9), lon=None)
    lump = replace(lump, lon=np.full(len(lump), LON), lat=np.full(len(lump), LAT))
    notes = open_door(joined(ours, lump), ASKED)[1].notes
    told = [note for note in notes if note["note"] == "geocoding_lump"]
    assert (told[0]["lon"], told[0]["lat"]) == (LON, LAT)
    assert not [note for note in open_door(ours, ASKED)[1].notes if note["note"] == "geocoding_lump"]


def test_a_level_that_doubled_is_told_with_its_day():
    doubled = joined(city(days=40, a_day=20), city(days=60, a_day=60, first=20_040, seed=3))
    notes = open_door(doubled, Asked(20_096, 20_099))[1].notes
    told = [note for note in notes if note["note"] == "level_shift"]
    assert told
    assert all(note["to_per_day"] > 1.5 * note["from_per_day"] for note in told)
