"""A quarrel that comes back is offered with its reasons; a look-alike is not."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engines.match_set import match_set
from anlan.engines.match_set.measure import Shelf, call_facts, measure, tokens_for
from anlan.engines.recurrence import (
    FINDINGS,
    VERSION,
    CallFacts,
    FileFacts,
    call_keys,
    compare_all,
    file_keys,
    match_call,
    party_keys,
)
from anlan.engines.recurrence.features import BY_PLACE, SILENT, STANDINGS, Finding, standing_of
from anlan.engines.recurrence.fitting import Judged, fit_weights, silent_at_nought
from anlan.engines.recurrence.match import CURRENT, Weights, with_rivals
from anlan.engines.recurrence.weights import BY_STANDING, WEIGHTS

LEAK = FileFacts(
    id="leak",
    texts=("楼上卫生间漏水，把我家吊顶泡坏了，找他不认账，吵起来了",),
    last_day=100.0,
    code="0402",
    is_open=True,
    address="丽景苑5幢1单元302室",
    lon=120.0,
    lat=29.0,
    radius_m=30,
    incident_ids=frozenset({"I1"}),
    party_tokens=frozenset({"phone:aa", "name:bb"}),
)
BACK = CallFacts(
    id="c",
    text="楼上卫生间又漏了，上次说好修的没修，吊顶又湿了",
    day=112.0,
    code="0402",
    address="丽景苑五栋302",
    lon=120.0001,
    lat=29.0,
    radius_m=30,
)


def findings(call: CallFacts, file: FileFacts, *tokens: str) -> dict[str, str]:
    found = compare_all(call, [file], {file.id: tokens} if tokens else {})[file.id]
    return {finding.feature: finding.finding for finding in found}


def test_the_same_leak_at_the_same_door_is_offered_with_its_reasons() -> None:
    (match,) = match_call(BACK, [LEAK])
    assert match.file_id == "leak"
    assert match.score > 0.9
    assert match.version == VERSION
    told = {e.feature: (e.finding, e.speaks) for e in match.evidence}
    assert told["place"] == ("same_room", "for")
    assert told["again"] == ("says_so", "for")
    assert [abs(e.weight) for e in match.evidence] == sorted((abs(e.weight) for e in match.evidence), reverse=True)


def test_another_floor_and_the_next_building_are_other_matters() -> None:
    assert match_call(replace(BACK, address="丽景苑5幢802"), [LEAK]) == []
    assert match_call(replace(BACK, address="丽景苑6幢302"), [LEAK]) == []


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("丽景苑5幢1单元302室", "丽景苑５号楼３０２室"),
        ("丽景苑5幢1单元302室", "丽景苑五栋三〇二"),
        ("丽景苑5幢1单元302室", "丽景苑5-1-302"),
        ("浙江省某某县石柱镇枫庄村4组33号", "枫庄自然村四组三十三号"),
        ("枫庄村4组33号", "枫庄第4小组３３号"),
        ("人民路105号", "人民路一百零五号"),
    ],
)
def test_an_address_in_another_hand_is_the_same_door(written: str, other: str) -> None:
    file = replace(LEAK, address=written)
    assert findings(replace(BACK, address=other), file)["place"] in ("same_room", "same_number")


def test_a_road_and_a_hospital_of_one_name_are_two_places() -> None:
    assert findings(replace(BACK, address="人民医院"), replace(LEAK, address="人民路105号"))["place"] == "other_name"


def test_who_moved_away_is_found_by_the_old_place_in_their_words() -> None:
    moved = replace(BACK, address="金河苑6幢1204室", lon=120.2, text="以前住丽景苑5幢302室，现在搬走了，" + BACK.text)
    assert findings(moved, LEAK)["place"] == "told_same_room"
    assert set(call_keys(moved).keys) & set(file_keys(LEAK))


def test_parties_speak_inside_an_open_file_only() -> None:
    assert findings(BACK, LEAK, "phone:aa")["parties"] == "phone"
    assert findings(BACK, LEAK, "phone:zz", "sound:yy")["parties"] == "none_of_two"
    assert findings(BACK, LEAK)["parties"] == "not_asked"
    closed = replace(LEAK, is_open=False, party_tokens=frozenset())
    with pytest.raises(ValueError, match="closed"):
        match_call(BACK, [closed], tokens={"leak": ["phone:aa"]})
    with pytest.raises(ValueError, match="closed"):
        replace(LEAK, is_open=False)


def test_one_person_under_three_spellings_has_one_sound_and_one_number() -> None:
    spellings = [party_keys(name=name, phone=phone) for name, phone in PEOPLE]
    assert len({keys[0] for keys in spellings}) == 1
    assert len({keys[2] for keys in spellings}) == 1
    assert party_keys(name="王先生") == party_keys(name="王") == party_keys() == ()


PEOPLE = (("张敏", "19900123456"), ("章 闽", "+86 199-0012-3456"), ("张民（房主）", "１９９００１２３４５６"))


def test_no_key_of_the_lookup_names_a_party() -> None:
    called = replace(BACK, text="我叫张敏，电话19900123456，" + BACK.text)
    keys = " ".join((*call_keys(called).keys, *file_keys(LEAK)))
    assert "19900123456" not in keys
    assert "张敏" not in keys


def test_numbers_of_identity_and_telephone_in_the_words_play_no_part() -> None:
    numbered = replace(BACK, text=BACK.text + "，身份证00000019900101001X，电话19900123456")
    other = replace(BACK, text=BACK.text + "，身份证00000019500505999X，电话19900999999")
    assert compare_all(numbered, [LEAK], {}) == compare_all(other, [LEAK], {})


def test_a_theft_at_the_same_door_is_not_looked_up_at_all() -> None:
    assert call_keys(replace(BACK, code="0105")).keys == ()
    assert call_keys(replace(BACK, code="0505")).keys == ()


def test_a_blow_at_the_same_door_may_be_the_quarrel_grown_worse() -> None:
    assert set(call_keys(replace(BACK, code="0201")).keys) & set(file_keys(LEAK))


def test_what_somebody_tied_by_hand_weighs_most() -> None:
    far = CallFacts("c", "又来了", 110.0, linked_incident_ids=frozenset({"I1"}))
    assert findings(far, LEAK)["link"] == "tied_by_hand"
    assert max(WEIGHTS["link"].values()) >= max(
        w for f, names in WEIGHTS.items() if f != "link" for w in names.values()
    )


def test_of_two_files_that_fit_alike_neither_is_said_to_be_the_one() -> None:
    assert match_call(BACK, [LEAK, replace(LEAK, id="twin")]) == []
    both = match_call(BACK, [LEAK, replace(LEAK, id="twin")], threshold=0.3)
    assert [match.file_id for match in both] == ["leak", "twin"]
    assert both[0].score == both[1].score < 0.5


@given(st.dictionaries(st.text(max_size=3), st.floats(-700, 700), max_size=6))
@settings(max_examples=40)
def test_scores_of_rivals_are_shares_of_one(sums: dict[str, float]) -> None:
    scores = with_rivals(sums)
    assert scores.keys() == sums.keys()
    assert all(0.0 <= score <= 1.0 for score in scores.values())
    assert sum(scores.values()) <= 1.0 + 1e-9
    ordered = sorted(sums, key=lambda name: sums[name])
    assert [scores[name] for name in ordered] == sorted(scores.values())


@given(
    st.text(max_size=60),
    st.text(max_size=30),
    st.one_of(st.none(), st.sampled_from(["0402", "0201", "9999", ""])),
    st.floats(0, 2000),
)
@settings(max_examples=60)
def test_nonsense_is_answered_and_every_finding_has_a_name(
    text: str, address: str, code: str | None, day: float
) -> None:
    call = CallFacts("c", text, day, code, address)
    file = replace(LEAK, texts=(text, "", "吵"), address=address[::-1])
    for finding in compare_all(call, [file, LEAK], {})["leak"]:
        assert finding.finding in FINDINGS[finding.feature]
    assert len({f.feature for f in compare_all(call, [file], {})[file.id]}) == len(FINDINGS)
    assert all(isinstance(key, str) for key in (*call_keys(call).keys, *file_keys(file)))


def test_every_weight_belongs_to_a_finding_that_exists() -> None:
    assert {f: set(names) <= set(FINDINGS[f]) for f, names in WEIGHTS.items()} == dict.fromkeys(FINDINGS, True)


def test_every_weight_by_standing_belongs_to_a_finding_that_exists_and_what_is_silent_has_none() -> None:
    assert set(BY_STANDING) == set(STANDINGS)
    for features in BY_STANDING.values():
        assert set(features) == set(BY_PLACE)
        for feature, names in features.items():
            assert set(names) <= set(FINDINGS[feature]) - {SILENT[feature]}


def test_a_shared_cause_says_more_at_one_door_than_among_all_who_work_at_a_site() -> None:
    def weight(address: str) -> float:
        found = compare_all(replace(BACK, address=address), [replace(LEAK, address=address)], {})["leak"]
        return next(CURRENT.of(finding) for finding in found if finding.feature == "cause")

    assert weight("丽景苑5幢302室") > weight("丽景工地")


_SOME = st.floats(-5, 5).map(lambda value: round(value, 2))


_PLAIN = {f: st.fixed_dictionaries(dict.fromkeys(FINDINGS[f], _SOME)) for f in ("place", *BY_PLACE)}


@given(
    st.fixed_dictionaries(_PLAIN),
    st.fixed_dictionaries(
        {s: st.fixed_dictionaries({f: st.dictionaries(st.sampled_from(FINDINGS[f]), _SOME) for f in BY_PLACE})
         for s in STANDINGS}
    ),
)  # fmt: skip
@settings(max_examples=30)
def test_silence_at_nought_changes_no_sum(
    plain: dict[str, dict[str, float]], by_standing: dict[str, dict[str, dict[str, float]]]
) -> None:
    fitted = Weights("t", 0.0, plain, by_standing)
    written = silent_at_nought(fitted)
    for place in FINDINGS["place"]:
        standing = standing_of(place)
        found = [Finding("place", place), *(Finding(f, FINDINGS[f][-1], standing=standing) for f in BY_PLACE)]
        assert sum(map(written.of, found)) == pytest.approx(sum(map(fitted.of, found)), abs=1e-6)


def test_the_order_of_the_candidates_changes_nothing() -> None:
    labelled = match_set(31, files=300, calls_per_kind=1)
    shelf = Shelf(labelled)
    for call in labelled.calls:
        files = shelf.candidates(call)
        tokens = tokens_for(call, files)
        forward = match_call(call_facts(call), files, tokens=tokens, threshold=0.0)
        assert forward == match_call(call_facts(call), files[::-1], tokens=tokens, threshold=0.0)


@pytest.mark.parametrize("book", [0, 1])
def test_most_returns_are_found_and_hardly_a_look_alike_is_offered(book: int) -> None:
    """A small set; `anlan disputes match-eval` measures on large ones. Book 1 was never fitted on."""
    measured = measure([match_set(7001, book=book, files=800, calls_per_kind=10)])
    assert measured.recall()[0] >= 0.80
    assert measured.precision()[0] >= 0.93
    assert measured.in_reach / measured.returns >= 0.95


def test_the_fit_gives_weights_that_part_what_it_was_shown() -> None:
    same, other = (list(compare_all(BACK, [LEAK], {})["leak"]) for _ in range(2))
    other[0] = replace(other[0], finding="other_room")
    returns = Judged({"leak": same, "next": other}, "leak")
    new = Judged({"next": other}, None)
    weights = fit_weights([returns, new] * 20, version="t")
    assert weights.of(same[0]) > weights.of(other[0])
    for alike in (returns, new):
        with pytest.raises(ValueError, match="none"):
            fit_weights([alike], version="t")
    assert CURRENT.version == VERSION


def test_the_fit_knows_of_rivals() -> None:
    """Ten files look the same and one of them is meant: each is offered with a tenth, not with its own odds."""
    same = list(compare_all(BACK, [LEAK], {})["leak"])
    crowded = Judged({f"file {k}": same for k in range(10)}, "file 3")
    weights = fit_weights([crowded] * 50 + [Judged({}, None)], version="t", pull=0.01)
    odds = weights.constant + sum(map(weights.of, same))
    assert with_rivals(dict.fromkeys(range(10), odds))[3] == pytest.approx(0.1, abs=0.01)
