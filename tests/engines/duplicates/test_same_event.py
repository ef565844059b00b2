"""One event told by several callers is seen as one; events that only look alike are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.duplicates import CallFacts, DuplicateIndex, Limits, PairScore, duplicate_pairs, score_pair
from anlan.engines.duplicates.scene_words import BROAD, CODE_SCENES, OWN, PUBLIC, READILY
from engines.duplicates.told_pairs import SAME_EVENT, TWO_EVENTS

METRES_PER_DEGREE = 111_195.0


def judge(first: str, second: str, *, minutes: float = 4, metres: float = 60, **facts: str) -> PairScore:
    a = CallFacts("a", first, 0, 120.0, 29.0)
    b = CallFacts("b", second, minutes, 120.0, 29.0 + metres / METRES_PER_DEGREE, **facts)
    return score_pair(a, b)


def test_most_pairs_written_for_the_purpose_are_judged_rightly() -> None:
    # A floor that guards against getting worse, not a claim about real calls.
    right = sum(judge(a, b, minutes=m, metres=d).score >= 0.5 for a, b, m, d in SAME_EVENT)
    wrong = sum(judge(a, b, minutes=m, metres=d).score >= 0.5 for a, b, m, d in TWO_EVENTS)
    assert right / len(SAME_EVENT) >= 0.95
    assert wrong / len(TWO_EVENTS) <= 0.12


def test_two_callers_at_one_fire_are_one_event_with_reasons() -> None:
    found = judge("报新安路五金店二楼着火", "新安路好大的烟，楼上烧起来了")
    assert found.score > 0.9
    assert {"same_scene", "minutes_apart", "same_place_named"} <= {reason.kind for reason in found.reasons}


@pytest.mark.parametrize(
    ("first", "second", "dimension"),
    [
        ("丽景苑5幢有人放音响", "丽景苑9幢有人放音响", "building"),
        ("丽景苑五幢有人放音响", "丽景苑９幢有人放音响", "building"),
        ("石门村3组争地界", "石门村7组争地界", "village_group"),
        ("万达找儿子，五岁", "万达找女儿，八岁", "sex"),
        ("环城路东段堵车", "环城路西段堵车", "heading"),
        ("电瓶车被偷，红色的", "电瓶车被偷，白色的", "colour"),
        ("楼上装修太吵", "楼下打麻将太吵", "noise_source"),
        ("公园里一条柯基咬人", "公园里一条博美咬人", "breed"),
        ("商场走丢孩子，短发", "商场走丢孩子，扎马尾", "hair"),
        ("超市里孩子走散，四岁", "超市里孩子走散，七岁", "age"),
    ],
)
def test_a_detail_told_differently_speaks_for_two_events(first: str, second: str, dimension: str) -> None:
    found = judge(first, second, minutes=9, metres=90)
    differing = {reason.detail[0] for reason in found.reasons if reason.kind == "detail_differs"}
    assert dimension in differing
    assert found.score < 0.5


def test_two_losses_of_their_own_are_two_matters_however_near() -> None:
    a = CallFacts("a", "摩托没了，锁断在地上，东苑4幢", 0, 120.0, 29.0, code="0106")
    b = CallFacts("b", "东苑4幢停的车让人骑走了", 5, 120.0, 29.0, code="0106")
    found = score_pair(a, b)
    assert "own_matter" in {reason.kind for reason in found.reasons}
    assert found.score < 0.5


def test_the_code_says_what_kind_it_is_where_the_callers_choose_other_words() -> None:
    told = ("东苑那边红了半边天", "东苑二楼窗子往外喷，人在叫")
    bare = judge(*told, minutes=2, metres=40)
    a = CallFacts("a", told[0], 0, 120.0, 29.0, code="0701")
    b = CallFacts("b", told[1], 2, 120.0, 29.0 + 40 / METRES_PER_DEGREE, code="0701")
    assert score_pair(a, b).score > max(0.5, bare.score)


def test_what_was_days_ago_is_not_what_another_sees_now() -> None:
    found = judge("东苑楼下两口子在吵", "东苑两口子吵架，上礼拜的事，问怎么开证明", minutes=8)
    assert "other_time_told" in {reason.kind for reason in found.reasons}


def test_again_the_next_day_is_not_a_duplicate() -> None:
    found = judge("丈夫打我，凤鸣小区", "丈夫又打我，昨天你们来过的，凤鸣小区", minutes=1300, metres=20)
    assert found.score < 0.01
    assert "comes_back_after_earlier_visit" in {reason.kind for reason in found.reasons}


def test_going_on_with_a_call_just_made_speaks_for_one_event() -> None:
    found = judge("绿园小区停车吵架", "刚才报的停车那个，现在把我车窗砸了，绿园小区", minutes=7)
    assert found.score > 0.5
    assert "goes_on_with_earlier_call" in {reason.kind for reason in found.reasons}


def test_an_uncertain_place_is_held_against_nobody() -> None:
    a = CallFacts("a", "新安路着火了", 0, 120.0, 29.0)
    rough = CallFacts("b", "新安路好大的烟", 2, 120.0, 29.0 + 1400 / METRES_PER_DEGREE, radius_m=1200)
    sure = CallFacts("b", "新安路好大的烟", 2, 120.0, 29.0 + 1400 / METRES_PER_DEGREE)
    assert score_pair(a, rough).score > score_pair(a, sure).score


def test_calls_without_a_place_are_still_compared() -> None:
    a, b = CallFacts("a", "中山桥有人跳河了", 0), CallFacts("b", "河里有个女的在扑腾，中山桥下游", 2)
    assert score_pair(a, b).score > 0.5


def test_people_reporting_their_own_loss_are_not_one_event() -> None:
    found = judge("手机被偷，步行街公交站", "钱包被偷，步行街公交站", minutes=5, metres=40)
    assert found.score < 0.5
    assert "own_matter" in {reason.kind for reason in found.reasons}


texts = st.one_of(st.sampled_from([t for a, b, *_ in SAME_EVENT for t in (a, b)]), st.text(max_size=80))
facts = st.builds(
    CallFacts,
    id=st.uuids().map(str),
    text=texts,
    minute=st.floats(0, 500),
    lon=st.one_of(st.none(), st.floats(120.0, 120.02)),
    lat=st.one_of(st.none(), st.floats(29.0, 29.02)),
    code=st.sampled_from([None, "0701", "0902", "0410"]),
)


@given(facts, facts)
def test_the_score_does_not_depend_on_who_is_named_first(a: CallFacts, b: CallFacts) -> None:
    assert score_pair(a, b).score == score_pair(b, a).score
    assert 0.0 <= score_pair(a, b).score <= 1.0


@given(st.lists(facts, max_size=8, unique_by=lambda c: c.id), st.sampled_from([0.2, 0.5, 0.8]))
def test_the_index_leaves_out_no_pair_that_a_full_comparison_would_find(
    calls: list[CallFacts], threshold: float
) -> None:
    limits = Limits()
    found = {frozenset((p.first_id, p.second_id)) for p in duplicate_pairs(calls, threshold=threshold)}
    for position, a in enumerate(calls):
        for b in calls[:position]:
            wanted = limits.allow(a, b) and score_pair(a, b).score >= threshold
            assert (frozenset((a.id, b.id)) in found) == wanted


def test_suggestions_come_likeliest_first_and_never_the_call_itself() -> None:
    fire = CallFacts("1", "报新安路五金店二楼着火", 0, 120.0, 29.0)
    noise = CallFacts("2", "新安路广场舞太吵", 1, 120.0, 29.0)
    smoke = CallFacts("3", "新安路好大的烟", 2, 120.0, 29.0004)
    index = DuplicateIndex([fire, noise, smoke])
    asked = CallFacts("4", "新安路五金店着火，消防来了没有", 3, 120.0, 29.0001)
    assert [pair.second_id for pair in index.suggest(asked)] == ["1", "3"]
    index.add(asked)
    assert "4" not in {pair.second_id for pair in index.suggest(asked)}
    index.remove("1")
    index.remove("not there")
    assert [pair.second_id for pair in index.suggest(asked)] == ["3"]
    assert len(index) == 3


@pytest.mark.parametrize("text", ["", "。。。", "火" * 1_000_000, "‮路新", "\x00\x07", "😀🚒" * 50])
def test_any_text_can_be_compared(text: str) -> None:
    assert 0.0 <= judge(text, "新安路着火").score <= 1.0


def test_the_word_lists_name_only_scenes_there_are_and_each_pair_once() -> None:
    known = PUBLIC.keys() | OWN.keys()
    pairs = [frozenset(pair.split("+")) for listed in READILY.values() for pair in listed.split()]
    assert all(len(pair) == 2 and pair <= known for pair in pairs)
    assert len(pairs) == len(set(pairs))
    assert known >= BROAD
    assert set(CODE_SCENES.values()) <= known
    assert not PUBLIC.keys() & OWN.keys()


def test_a_suggested_code_stands_in_where_the_words_show_no_scene() -> None:
    a = CallFacts("a", "快来人，出大事了", 0, 120.0, 29.0, code="0701")
    b = CallFacts("b", "新安路着火", 2, 120.0, 29.0004)
    assert score_pair(a, b).score > 0.5
    assert "kind_unknown" in {r.kind for r in score_pair(CallFacts("a", a.text, 0, 120.0, 29.0), b).reasons}
