"""What a door says: short, counted with measure words, numbers one by one, the same in both languages."""

from __future__ import annotations

import re

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from anlan.equipment.prompt import Asked, Facts, Kind, address, prompt_of, spelled, things_told
from anlan.equipment.rules import CLAIMS, REASONS

RADIO = Kind("对讲机", "radio", "台")
BATON = Kind("警棍", "baton", "根")
VEST = Kind("防刺背心", "stab vest", "件")
PISTOL = Kind("手枪", "pistol", "支")
PD780 = Kind("PD780对讲机", "PD780 radio", "台")
ZHANG = ("张明", "station")


@pytest.fixture
def zh():
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def en():
    with translation.override("en"):
        yield


TOOK = Facts(taken=[(ZHANG, RADIO), (ZHANG, BATON), (ZHANG, RADIO)], asked=[Asked("booked_not_seen", "loan", VEST)])


def test_what_was_taken_is_counted_with_measure_words_and_what_was_left_is_asked_after(zh):
    prompt = prompt_of(TOOK)
    assert prompt.done == ("张警官，已领：对讲机2台、警棍1根",)
    assert prompt.asks == ("预约的防刺背心1件未登记，请确认",)
    assert prompt.spoken == "张警官，已领：对讲机两台、警棍一根；预约的防刺背心一件未登记，请确认。"
    assert prompt.tone == "ask"


def test_in_english_it_says_the_same(en):
    assert prompt_of(TOOK).spoken == (
        "Officer Zhang, taken: 2 radios, 1 baton; 1 stab vest booked but not heard: say whether you have it."
    )


def test_what_is_brought_back_ends_with_a_word_on_damage(zh):
    assert prompt_of(Facts(back=[BATON])).spoken == "已归还：警棍一根，如有损坏请告诉管理员。"


def test_a_controlled_thing_sends_to_the_counter(zh):
    prompt = prompt_of(Facts(asked=[Asked("controlled", "loan", PISTOL)]))
    assert (prompt.asks, prompt.tone) == (("手枪1支属管控装备，请到领还台两人核对",), "call")


def test_two_people_abreast_are_told_apart(zh):
    others = [(("欧阳雪", "station"), RADIO), (("李强", "town_room"), VEST)]
    facts = Facts(taken=[(ZHANG, BATON), *others])
    assert prompt_of(facts).done == (
        "张警官，已领：警棍1根",
        "欧阳警官，已领：对讲机1台",
        "李同志，已领：防刺背心1件",
    )


def test_a_tag_nobody_knows_stops_its_carrier(zh):
    prompt = prompt_of(Facts(asked=[Asked("unknown_tag", "loan", None), Asked("unknown_tag", "loan", None)]))
    assert (prompt.spoken, prompt.tone) == ("有两个标签没有登记，请留步，找管理员核实。", "call")


def test_the_number_of_a_model_is_spoken_one_by_one(zh):
    assert spelled("PD780对讲机") == "P D 七 八 零对讲机"
    assert spelled("TC-110") == "T C 幺 幺 零"
    assert things_told([PD780], is_spoken=True).startswith("P D 七 八 零")
    assert things_told([PD780]) == "PD780对讲机1台"
    with translation.override("en"):
        assert things_told([PD780, PD780], is_spoken=True) == "2 P D 7 8 0 radios"
        assert spelled("body camera") == "body camera"


@pytest.mark.parametrize(("count", "said"), [(1, "一根"), (2, "两根"), (10, "十根"), (12, "十二根"), (80, "八十根")])
def test_counts_are_spoken_as_people_count(zh, count, said):
    assert things_told([BATON] * count, is_spoken=True) == f"警棍{said}"


@pytest.mark.parametrize(
    ("name", "many"),
    [("torch", "torches"), ("battery", "batteries"), ("handcuffs", "handcuffs"), ("警棍", "警棍"), ("key", "keys")],
)
def test_english_names_are_put_in_the_plural(en, name, many):
    assert things_told([Kind("警棍", name)] * 2) == f"2 {many}"


def test_a_name_is_an_address_in_either_language(en):
    assert (address("吕一", "station"), address("欧阳雪", "station")) == ("Officer Lyu", "Officer Ouyang")
    assert address("Eve Long", "station") == "Officer Long"
    assert address("", "station") == ""


kinds = st.builds(
    Kind,
    name=st.sampled_from(["警棍", "对讲机", "PD780对讲机", "防刺背心", "强光手电", "手铐", "盾牌", "急救包", ""]),
    name_en=st.sampled_from(["", "baton", "torch"]),
    measure_word=st.sampled_from(["件", "根", "台", "副"]),
)
facts = st.builds(
    Facts,
    taken=st.lists(st.tuples(st.sampled_from([ZHANG, ("李强", "brigade")]), kinds), max_size=90),
    back=st.lists(kinds, max_size=20),
    asked=st.lists(
        st.builds(
            Asked, reason=st.sampled_from(sorted(REASONS)), claim=st.sampled_from(sorted(CLAIMS)),
            kind=st.none() | kinds,
        ),
        max_size=20,
    ),
)  # fmt: skip


@given(facts, st.sampled_from(["zh-hans", "en"]))
def test_whatever_happened_something_short_is_said(facts, language):
    with translation.override(language):
        prompt = prompt_of(facts)
    lines = prompt.done + prompt.asks
    assert bool(prompt.spoken) == bool(facts.taken or facts.back or facts.asked) == bool(lines)
    assert (prompt.tone == "done") == (not facts.asked)
    # No blank of a sentence stays open, and of each list at most six names are told.
    assert not re.search(r"[{}]|%\(", "".join(lines) + prompt.spoken)
    assert all(line.count("、") < 6 for line in lines)
    if language == "zh-hans":
        assert not re.search("[0-9]", re.sub(r"\d{3,}", "", prompt.spoken)), "figures are spoken as words"


@given(st.lists(kinds, min_size=1, max_size=60))
def test_whatever_is_told_adds_up(things):
    with translation.override("zh-hans"):
        told = things_told(things)
    if len(set(things)) > 6:
        assert told.endswith(f"等共{len(things)}件")
    else:
        assert len(told.split("、")) == len(set(things))
