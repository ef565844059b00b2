"""An address is found as people say it, and where it is not sure, a person decides."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.addresses import Candidate, GazetteerIndex, GazetteerRecord, best_of
from engines.addresses.world import LAT, LON, RECORDS, TOWN


def best(text: str, **more: tuple[float, float]) -> str | None:
    found = best_of(TOWN.search(text, **more))
    return found.record.name_zh if found else None


def first(text: str) -> Candidate:
    return TOWN.search(text)[0]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("云埠街9号", "云埠街9号"),
        ("云埠街９号", "云埠街9号"),
        ("云埠街九号", "云埠街9号"),
        ("云埠街二十一号", "云埠街21号"),
        ("云埠街廿一号", "云埠街21号"),
        ("云埠街9号之2", "云埠街9号之2"),
        ("云埠街9-2号", "云埠街9号之2"),
        ("报警人称在云埠街 9 号楼下有人打架", "云埠街9号"),
        ("望云花园11幢", "望云花园11幢"),
        ("望云花园十一幢2单元301室", "望云花园11幢"),
        ("望云花园１１－２－３０１", "望云花园11幢"),
        ("望云花园11号楼", "望云花园11幢"),
        ("望云花园11栋", "望云花园11幢"),
        ("望云小区", "望云花园"),
        ("望云花园1107", "望云花园"),
        ("长坑村3组", "长坑村3组"),
        ("长坑三组", "长坑村3组"),
        ("长坑村", "长坑村"),
        ("客运东站售票厅", "客运东站"),
        ("云埠街与柏川路交叉口", "云埠街与柏川路路口"),
        ("柏川路云埠街路口", "云埠街与柏川路路口"),
        ("柏川路和云埠街口", "云埠街与柏川路路口"),
        ("环东线4公里处", "环东线4公里处"),
        ("环东线K4", "环东线4公里处"),
        ("No. 9, Yunbu Street", "云埠街9号"),
        ("9 yunbu st", "云埠街9号"),
        ("Building 2, Wangyun Gardens", "望云花园2幢"),
        ("Broadway & W 42nd St", "Broadway与West 42nd Street交叉口"),
        ("broadway与west 42nd street交叉口", "Broadway与West 42nd Street交叉口"),
    ],
)
def test_what_is_said_in_the_usual_ways_is_found(said: str, meant: str) -> None:
    assert best(said) == meant


@pytest.mark.parametrize("said", ["解放路12号", "解放路"])
def test_two_streets_of_one_name_are_both_offered_and_none_is_taken(said: str) -> None:
    found = TOWN.search(said)
    assert len(found) >= 2
    assert found[0].confidence == found[1].confidence < 0.6
    assert "one_of_several" in found[0].how
    assert best_of(found) is None


def test_a_number_only_one_of_them_has_speaks_for_that_one() -> None:
    assert best("解放路88号") == "解放路88号"
    assert first("解放路88号").lon > LON + 0.05


def test_the_callers_rough_place_settles_between_places_of_one_name() -> None:
    found = best_of(TOWN.search("解放路12号", near=(LON + 0.06, LAT)))
    assert found is not None
    assert found.lon == pytest.approx(LON + 0.0601)
    assert "near_caller" in found.how
    assert best("解放路12号", near=(LON + 0.03, LAT)) is None


def test_an_unknown_number_between_two_known_ones_is_placed_but_not_taken_unasked() -> None:
    found = first("云埠街15号")
    # Between 9 (0.9) and 21 (2.1) on the odd side: half way.
    assert found.lon == pytest.approx(LON + 1.5 / 1000)
    assert found.lat == pytest.approx(LAT)
    assert "interpolated" in found.how
    assert found.radius_m >= 25
    assert best("云埠街15号") is None


def test_a_number_far_beyond_the_last_one_only_gives_the_street() -> None:
    found = first("云埠街900号")
    assert found.kind == "road"
    assert "number_unknown" in found.how
    assert best("云埠街900号") is None


def test_an_unknown_building_or_group_gives_its_estate_or_village_to_confirm() -> None:
    assert (first("望云花园30幢").record.name_zh, first("望云花园30幢").how[-1]) == ("望云花园", "building_unknown")
    assert (first("长坑村9组").record.name_zh, first("长坑村9组").how[-1]) == ("长坑村", "group_unknown")
    assert best("望云花园30幢") is best("长坑村9组") is None


def test_metres_to_the_east_move_the_point() -> None:
    plain, moved = first("客运东站"), first("客运东站往东50米")
    east_m = (moved.lon - plain.lon) * 111_195 * math.cos(math.radians(plain.lat))
    assert east_m == pytest.approx(50, abs=0.5)
    assert moved.lat == plain.lat
    assert moved.radius_m > plain.radius_m
    assert "moved" in moved.how


def test_beside_and_opposite_widen_the_radius_and_leave_the_point() -> None:
    plain, opposite, near = first("客运东站"), first("客运东站对面"), first("客运东站附近")
    assert (opposite.lon, near.lon) == (plain.lon, plain.lon)
    assert plain.radius_m < opposite.radius_m < near.radius_m


def test_metres_past_a_kilometre_stone_are_placed_between_the_stones() -> None:
    found = first("环东线K4+300")
    assert found.lon == pytest.approx(LON + (20 + 43) / 1000)
    assert "interpolated" in found.how


@pytest.mark.parametrize("said", ["忘云花园2幢", "望云华园2栋", "望云花院二幢"])
def test_a_homophone_is_offered_first_but_confirmed_by_a_person(said: str) -> None:
    assert first(said).record.name_zh == "望云花园2幢"
    assert "same_sound" in first(said).how
    assert best(said) is None


def test_one_wrong_character_is_offered_but_never_taken() -> None:
    assert first("望去花园").record.name_zh == "望云花园"
    assert "one_character" in first("望去花园").how
    assert best("望去花园") is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wyhy", "望云花园"),
        ("WYHY", "望云花园"),
        ("wyhy2", "望云花园2幢"),
        ("wyhy11-2-301", "望云花园11幢"),
        ("ybj9", "云埠街9号"),
        ("wangyunhuayuan", "望云花园"),
        ("wangyun hua", "望云花园"),
        ("ckc3", "长坑村3组"),
    ],
)
def test_initials_and_pinyin_find_the_place_while_typing(typed: str, meant: str) -> None:
    assert first(typed).record.name_zh == meant
    assert best(typed) is None


def test_the_beginning_of_a_name_is_enough_to_be_offered_it() -> None:
    assert "望云花园" in {candidate.record.name_zh for candidate in TOWN.search("望云花")}


def test_a_chain_shop_is_the_one_on_the_street_named_with_it() -> None:
    found = first("柏川路世纪超市")
    assert found.record.road == "柏川路"
    assert TOWN.search("世纪超市")[0].confidence < 0.6


@pytest.mark.parametrize("said", ["长坑路5号", "东站路"])
def test_a_short_name_inside_a_longer_unknown_one_is_not_taken(said: str) -> None:
    assert best(said) is None


def test_a_junction_with_an_unknown_street_is_not_taken_for_the_known_one() -> None:
    assert best("某某路与云埠街交叉口") is None


def test_a_place_entered_twice_is_no_ambiguity() -> None:
    twice = [GazetteerRecord(n, "landmark", "文化礼堂", lon=LON + n * 1e-5, lat=LAT) for n in (1, 2)]
    assert best_of(GazetteerIndex(twice).search("文化礼堂")) is not None


@pytest.mark.parametrize("text", ["", "   ", "号", "路", "😀", "‮", "\x00", "12345", "？？？", "x" * 1_000_000])
def test_text_without_a_place_finds_nothing(text: str) -> None:
    assert TOWN.search(text) == []


def test_a_limit_is_kept_and_an_empty_gazetteer_answers_nothing() -> None:
    assert len(TOWN.search("解放路", limit=1)) == 1
    assert GazetteerIndex([]).search("云埠街9号") == []


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from([r.name_zh for r in RECORDS] + list("与口号0一往东 米-"))).map("".join)
)
def test_any_text_is_answered_in_order_with_honest_confidences(text: str) -> None:
    found = TOWN.search(text)
    confidences = [candidate.confidence for candidate in found]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0.0 < c <= 1.0 for c in confidences)
    assert all(candidate.radius_m > 0 and math.isfinite(candidate.lon) for candidate in found)
    assert found == TOWN.search(text), "the same question has the same answer"


@given(st.sampled_from([r for r in RECORDS if r.name_zh != "解放路" and "解放路12" not in r.name_zh]))
def test_every_record_is_found_first_by_its_own_name(record: GazetteerRecord) -> None:
    assert first(record.name_zh).record.name_zh == record.name_zh


@given(st.integers(1, 21))
def test_a_number_on_the_street_lies_between_its_ends(number: int) -> None:
    found = first(f"云埠街{number}号")
    assert LON + 0.1 / 1000 - 1e-9 <= found.lon <= LON + 2.1 / 1000 + 1e-9
