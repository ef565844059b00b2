"""The calls of the fictional county: the same from the same seed, lifelike in mix, masked."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from math import sqrt

import numpy as np
import pytest

from anlan.engines.county.areas import AreaIndex
from anlan.engines.county.calls import CallTable, call_stream, call_table
from anlan.engines.county.demand import base_rates, near_repeat_chance, returns_mean
from anlan.engines.county.mix import FAMILY_SHARES, INVALID_SHARE, MIX, family_of
from anlan.engines.county.narrative import CORES, WITNESS_CORES, PlaceWords, core_of, tell
from anlan.engines.county.records import County

START = datetime(2025, 3, 31, 16, tzinfo=UTC)
DANGERS = {"weapon", "injury", "fire", "self_harm", "fight_ongoing", "child_or_elder_at_risk", "crowd", "drowning",
           "gas", "medical"}  # fmt: skip


@pytest.fixture(scope="module")
def year(county: County) -> CallTable:
    return call_table(county, start=START, end=START + timedelta(days=365), seed=7)


def _day(county: County, seed: int) -> list[object]:
    return list(call_stream(county, start=START, end=START + timedelta(days=1), seed=seed))


def _wilson(hits: int, n: int, z: float = 3.29) -> tuple[float, float]:
    share, z2 = hits / n, z * z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return middle - half, middle + half


def test_one_seed_gives_one_stream_and_another_seed_another(county: County) -> None:
    assert _day(county, 3) == _day(county, 3)
    assert _day(county, 3) != _day(county, 4)


def test_a_stream_over_a_past_day_repeats_the_rows_of_the_history(county: County, year: CallTable) -> None:
    low = START + timedelta(days=100, hours=5)
    day = list(call_stream(county, start=low, end=low + timedelta(days=1), seed=7))
    first = int(np.searchsorted(year.called_at_s, low.timestamp()))
    assert len(day) > 60
    assert day == [year.row(first + k) for k in range(len(day))]


def test_calls_come_in_order_inside_the_span_and_each_has_its_own_number(county: County) -> None:
    day = list(call_stream(county, start=START, end=START + timedelta(days=2), seed=1))
    times = [call.called_at for call in day]
    assert times == sorted(times)
    assert times[0] >= START
    assert times[-1] < START + timedelta(days=2)
    assert len({call.call_id for call in day}) == len(day)


def test_it_refuses_a_rate_of_nothing_and_a_span_that_runs_backwards(county: County) -> None:
    with pytest.raises(ValueError, match="above zero"):
        next(call_stream(county, start=START, end=START + timedelta(days=1), rate_per_day=0, seed=1))
    with pytest.raises(ValueError, match="backwards"):
        next(call_stream(county, start=START, end=START - timedelta(days=1), seed=1))


def test_the_rate_is_what_was_asked_for_within_season_and_weather(county: County, year: CallTable) -> None:
    assert 0.95 < len(year) / (365 * 150) < 1.05
    busy = call_table(county, start=START, end=START + timedelta(days=56), rate_per_day=600, seed=7)
    assert 0.9 < len(busy) / (56 * 600) < 1.15


def test_base_rates_add_up_to_the_calls_asked_for_once_all_callers_and_returns_are_counted() -> None:
    callers = 1 + np.array([mix.further_callers for mix in MIX])
    events = 1 + returns_mean(np.array([mix.comes_back for mix in MIX])) + near_repeat_chance()
    assert float((base_rates(150.0) * callers * events).sum()) == pytest.approx(150.0)
    assert sum(mix.share for mix in MIX if not mix.code.startswith("90")) == pytest.approx(1.0)
    assert len(MIX) == 83


def test_the_mix_of_first_events_stays_within_a_point_of_the_published_shares(year: CallTable) -> None:
    events = year.events
    first = (events.parent == 0) & (events.near_parent == 0)
    codes = [MIX[row].code for row in events.code[first].tolist()]
    families = Counter(family_of(code) for code in codes if not code.startswith("90"))
    n = families.total()
    for family, per_cent in FAMILY_SHARES.items():
        low, high = _wilson(families[family], n)
        assert low - 0.01 < per_cent / 100 < high + 0.01, (family, families[family] / n)


def test_invalid_calls_are_about_three_in_ten_and_further_callers_about_one_in_ten_of_the_valid(
    year: CallTable,
) -> None:
    invalid = np.char.startswith(year.codes(), "90")
    low, high = _wilson(int(invalid.sum()), len(year))
    assert low - 0.01 < INVALID_SHARE < high + 0.01
    assert 0.07 < (year.nth[~invalid] > 0).mean() < 0.13


def test_every_code_of_the_taxonomy_occurs(year: CallTable) -> None:
    assert set(year.codes().tolist()) == {mix.code for mix in MIX} == set(CORES)


def test_the_day_has_its_commute_and_the_night_is_quiet(year: CallTable) -> None:
    hour = ((year.called_at_s + 8 * 3600) // 3600) % 24
    count = np.bincount(hour, minlength=24)
    assert count[8] > 5 * count[3]
    traffic = np.char.startswith(year.codes(), "03")
    by_hour = np.bincount(hour[traffic], minlength=24)
    assert by_hour[8] > by_hour[14]


def test_all_callers_of_an_event_ring_within_25_minutes_and_use_words_of_their_own(year: CallTable) -> None:
    rows = np.flatnonzero(year.nth == 1)[:300]
    same_words = 0
    for row in rows.tolist():
        first = int(np.flatnonzero((year.event == year.event[row]) & (year.nth == 0))[0])
        one, two = year.row(first), year.row(row)
        assert one.truth.event_id == two.truth.event_id
        assert timedelta(0) <= two.called_at - one.called_at <= timedelta(minutes=25)
        same_words += one.narrative == two.narrative
    assert len(rows) == 300
    assert same_words <= 3


def test_matters_that_return_do_so_at_the_same_place_within_30_days(year: CallTable) -> None:
    events = year.events
    row_of = {int(event): row for row, event in enumerate(events.id.tolist())}
    back = [row for row in np.flatnonzero(events.parent > 0).tolist() if int(events.parent[row]) in row_of]
    assert len(back) > 500
    for row in back:
        parent = row_of[int(events.parent[row])]
        assert 0 < events.at_s[row] - events.at_s[parent] <= 30 * 86400
        assert events.place[row] == events.place[parent]
        assert events.code[row] == events.code[parent]
        assert events.root[row] == events.root[parent]


def test_the_place_phrase_stands_in_the_words_and_in_the_gazetteer(county: County, year: CallTable) -> None:
    names = {name for g in county.gazetteer for name in (g.name_zh, *g.aliases)}
    calls = [year.row(row) for row in range(0, len(year), 37)]
    placed = [call for call in calls if call.place_phrase]
    assert len(placed) > 0.5 * len(calls)
    for call in placed:
        assert call.place_phrase in call.narrative
        assert call.place_phrase in names


def test_every_located_call_falls_in_one_beat(county: County, year: CallTable) -> None:
    known = ~np.isnan(year.lon)
    assert 0.7 < known.mean() < 1
    beats = AreaIndex(county.areas).beat_numbers(year.lon[known], year.lat[known])
    assert (beats >= 0).all()
    assert (beats == year.beat[known]).all()
    assert (year.beat[~known] == -1).all()


def test_no_call_carries_a_whole_telephone_number_or_a_full_name(year: CallTable) -> None:
    for row in range(0, len(year), 11):
        call = year.row(row)
        assert re.fullmatch(r"1\d{2}\*{4}\d{4}", call.phone)
        assert not re.search(r"\d{7,}", call.narrative)
        assert re.fullmatch(r"(.(先生|女士|师傅|阿姨|老板|同学))?", call.caller)


def test_no_blank_of_the_grammar_is_left_open(year: CallTable) -> None:
    assert not [
        text for text in (year.narrative(row) for row in range(0, len(year), 7)) if re.search(r"[\[\]{}|#@]", text)
    ]


def test_the_phrase_book_names_only_known_dangers_and_scenes(county: County) -> None:
    scenes = {g.place_type for g in county.gazetteer} | {"junction"}
    for book in (CORES, WITNESS_CORES):
        for cores in book.values():
            assert all(set(core.danger) <= DANGERS and set(core.scenes) <= scenes for core in cores)


def test_the_facts_of_an_event_are_the_same_for_all_its_callers() -> None:
    core = core_of("injury#{colour}{auto}撞人，[伤者躺着|人在地上]")
    place = PlaceWords(("澄澜广场",), "landmark")
    facts = {
        re.search(r"(.+?)撞人", tell(core, None, event_key=9, call_key=k, nth_caller=k).text[-20:]) is not None
        for k in range(5)
    }
    assert facts == {True}
    colours = {c for c in ("白色", "黑色", "红色", "银灰色", "蓝色", "香槟色")
               if any(c in tell(core, place, event_key=9, call_key=k).text for k in range(40))}  # fmt: skip
    assert len(colours) == 1


def test_a_core_that_must_not_name_a_place_does_not() -> None:
    told = tell(core_of("#{nowhere}打错了"), PlaceWords(("澄澜广场",), "landmark"), event_key=1, call_key=2)
    assert told.place_phrase == ""
    assert "澄澜广场" not in told.text
