"""The parts of text tagging: plain form, numbers, denial, rules, triage, grammar."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anlan.engines.text_tags.danger import DangerRule, Fired, fired_rules
from anlan.engines.text_tags.dimensions import TagRow, TagWords
from anlan.engines.text_tags.features import features
from anlan.engines.text_tags.flags import FlagPolicy, raise_flags
from anlan.engines.text_tags.grammar import Example, Pattern, examples, expand
from anlan.engines.text_tags.lexicon import Lexicon
from anlan.engines.text_tags.normalise import plain
from anlan.engines.text_tags.numbers import ages, heads, minutes_ago, number
from anlan.engines.text_tags.reading import read
from anlan.engines.text_tags.sounds import sound
from anlan.engines.text_tags.tables import Table
from anlan.engines.text_tags.training import fit
from anlan.engines.text_tags.triage import TriageTable, conditions
from anlan.tagging.data import read_json

WORDS = Lexicon({"fire": ["着火", "冒烟"], "fight": ["打架", "动手"], "leap": ["跳楼"]}, ["跳楼价"])


@given(st.text(max_size=300))
def test_every_plain_character_knows_where_it_came_from(text):
    simple = plain(text)
    assert len(simple.origins) == len(simple.text)
    assert list(simple.origins) == sorted(simple.origins)
    assert all(0 <= origin < len(text) for origin in simple.origins)
    assert plain(simple.text).text == simple.text


def test_width_case_and_direction_marks_do_not_matter():
    assert plain("\u202eＫＴＶ１２\u200b").text == "ktv12"


@pytest.mark.parametrize(("said", "value"), [("十二", 12), ("二十", 20), ("一百二十", 120), ("35", 35), ("x", None)])
def test_numbers_are_read_in_digits_and_in_chinese(said, value):
    assert number(said) == value


def test_ages_heads_and_minutes_are_found():
    assert [age for age, _, _ in ages("78岁老人和六岁孩子")] == [78, 6]
    assert heads("三十多名工人") == 30
    assert heads("几十人堵门") == 50
    assert minutes_ago("五分钟前转的") == 5
    assert minutes_ago("昨天转的") is None


@pytest.mark.parametrize("text", ["没有着火", "并未动手", "怕打架", "差点着火", "着火了，已经扑灭"])
def test_what_is_denied_feared_or_over_is_not_meant(text):
    assert read(text, WORDS).meant == ()
    assert read(text, WORDS).unmeant != ()


@pytest.mark.parametrize("text", ["着火了", "火没灭，还在冒烟", "没人管，一直打架", "没带手机，楼下打架"])
def test_a_denial_of_something_else_does_not_reach_over(text):
    assert read(text, WORDS).meant != ()


def test_a_figure_of_speech_hides_the_word_inside_it():
    assert read("跳楼价大甩卖", WORDS).families == frozenset()
    assert read("有人跳楼", WORDS).families == {"leap"}


def test_a_slip_of_the_same_sound_sounds_the_same():
    assert sound("司") == sound("思")
    assert sound("真") == sound("蒸")
    assert sound("7") == ""


def test_a_danger_rule_needs_its_words_near_one_another():
    rule = DangerRule.of({"id": "x", "flag": "fire", "near": [["fire"], ["fight"]], "within": 4})
    assert [fired.flag for fired in fired_rules(read("着火了打架", WORDS), [rule])] == ["fire"]
    assert fired_rules(read("着火了在很远很远的地方有人打架", WORDS), [rule]) == []
    assert fired_rules(read("着火了没打架", WORDS), [rule]) == []


@pytest.fixture(scope="module")
def table():
    edition = read_json("taxonomy-1.json")
    listed = {row["code"]: row for row in read_json("transfer-list-1.json")["items"]}
    return TriageTable({row["code"]: row for row in edition["level2"]}, listed, edition["dispute_escalation"])


@pytest.fixture(scope="module")
def words():
    held = read_json("lexicon-1.json")
    return Lexicon(held["families"], held["harmless"])


@pytest.mark.parametrize(
    ("code", "flags", "text", "priority", "track", "rule"),
    [
        ("0410", ["fire"], "吵", "P1", "P", "danger"),
        ("1101", [], "问怎么办证", "P4", "T", "transfer.list"),
        ("0402", [], "邻居吵架", "P3", "C", "taxonomy"),
        ("0402", [], "邻居喝醉酒吵架", "P3", "J", "dispute.escalated"),
        ("0402", [], "和邻居吵架，这是第三次报警", "P3", "J", "dispute.escalated"),
        ("0403", [], "十二名工人讨薪", "P2", "J", "taxonomy"),
        ("0403", [], "三名工人讨薪", "P3", "J", "taxonomy"),
        ("0105", [], "小偷还在里面翻东西", "P1", "P", "taxonomy"),
        ("0308", [], "油罐车停在路中间", "P1", "J", "taxonomy"),
        ("9001", [], "无声", "P4", "P", "invalid"),
        (None, [], "不清楚", "P3", "P", "unknown.first_receiver"),
    ],
)
def test_triage_follows_its_rules_in_order(table, words, code, flags, text, priority, track, rule):
    decision = table.decide(code, flags, conditions(read(text, words)))
    assert (decision.priority, decision.track, decision.track_rule_id) == (priority, track, rule)


def test_an_unsure_p1_without_danger_becomes_p2(table):
    assert table.decide("0201", [], [], is_sure=False).priority == "P2"
    assert table.decide("0201", ["weapon"], [], is_sure=False).priority == "P1"


def test_a_pattern_is_filled_from_its_alternatives_and_slots():
    filled = expand("[甲|乙]在{路}", {"路": ["东街"]}, random.Random(1))
    assert filled in {"甲在东街", "乙在东街"}
    with pytest.raises(KeyError):
        expand("{无}", {}, random.Random(1))


def test_alternatives_take_turns_so_that_none_is_left_untold():
    slots = {"头": ["报称"], "举": ["举报"], "尾": ["速来"], "地": ["东街"]}
    pattern = Pattern("a-1", "0410", "[甲|乙|丙|丁|戊|己|庚]吵，很响")
    told = "".join(example.text for example in examples([pattern], slots, per_pattern=1, seed=1))
    assert set("甲乙丙丁戊己庚") <= set(told)


def test_dangerous_words_in_a_harmless_story_raise_nothing_unless_the_rule_is_certain():
    policy = FlagPolicy({}, frozenset(), {}, frozenset(), frozenset(), frozenset(), certain_rules=frozenset({"sure"}))
    fired = [Fired("loose", "fire", ()), Fired("sure", "weapon", ())]
    reading, codes = read("着火", WORDS), {"0410": 1.0}
    calm = raise_flags(reading, fired, codes, {"fire": 0.0, "weapon": 0.0, "any": 0.01}, policy)
    tense = raise_flags(reading, fired, codes, {"fire": 0.0, "weapon": 0.0, "any": 0.4}, policy)
    assert [each.flag for each in calm] == ["weapon"]
    assert {each.flag for each in tense} == {"fire", "weapon"}


def test_danger_that_is_no_flags_own_raises_the_likeliest_flag():
    policy = FlagPolicy({}, frozenset(), {}, frozenset(), frozenset(), frozenset())
    said = raise_flags(read("怪", WORDS), [], {"0410": 1.0}, {"fire": 0.2, "gas": 0.4, "any": 0.9}, policy)
    assert [(each.flag, each.rule_id) for each in said] == [("gas", "model")]


def test_the_same_seed_gives_the_same_texts_and_another_does_not():
    slots = {"头": ["报称"], "举": ["举报"], "尾": ["速来"], "地": ["东街", "西街"]}
    patterns = [Pattern("a-1", "0410", "[楼上|楼下]吵，[很响|睡不着]")]
    first = [example.text for example in examples(patterns, slots, per_pattern=5, seed=1)]
    assert first == [example.text for example in examples(patterns, slots, per_pattern=5, seed=1)]
    assert first != [example.text for example in examples(patterns, slots, per_pattern=5, seed=2)]


def test_a_code_that_lives_by_danger_is_doubted_where_nothing_else_tells_of_danger():
    policy = FlagPolicy({"0701": "fire"}, frozenset(), {}, frozenset(), frozenset({"0701", "0201"}), frozenset())
    assert policy.doubts("0701", 0.01)
    assert not policy.doubts("0701", 0.5)
    assert not policy.doubts("0201", 0.01)


@given(arrays(np.int8, st.tuples(st.integers(1, 12), st.integers(1, 9)), elements=st.integers(-3, 3)), st.data())
def test_a_sparse_table_sums_as_the_whole_one(whole, data):
    rows = np.array(data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)), dtype=np.intp)
    strengths = np.linspace(0.5, 2.0, len(rows))
    table = Table.of(whole)
    entries = table.entries(rows)
    assert np.allclose(entries.added(strengths, table.width), strengths @ whole[rows])
    assert entries.column(0, len(rows)).tolist() == whole[rows, 0].tolist()
    again = Table.read(table.counts, table.columns, table.values, table.width)
    assert again.starts.tolist() == table.starts.tolist()


@pytest.fixture(scope="module")
def learned():
    """A quarrel over a wall, harmless; the same quarrel with a knife; a knife sold in a shop."""
    told = (("a", "0402", "为围墙吵架", ()), ("b", "0402", "为围墙拿刀", ("weapon",)), ("c", "0404", "买刀退货", ()))
    given = [Example(text, Pattern(at, code, text, danger=danger)) for at, code, text, danger in told * 6]
    return fit(given, WORDS, (), ("weapon",), version="t", seed=1)


@pytest.mark.parametrize(
    ("text", "code", "in_danger"), [("围墙拿刀", "0402", True), ("买刀退", "0404", False), ("围墙吵", "0402", False)]
)
def test_one_word_means_danger_in_one_matter_and_nothing_in_another(learned, text, code, in_danger):
    codes, flags = learned.scores(learned.known(features(read(text, WORDS))))
    assert learned.kinds == ("0402", "0402!", "0404")
    assert learned.codes[int(codes.argmax())] == code
    assert (flags[-1] > 0.5) == in_danger
    assert codes.sum() == pytest.approx(1.0)


@given(st.text(alphabet="打刀火吵0 ，", max_size=20))
def test_tag_words_are_found_where_they_first_stand(text):
    words = TagWords([TagRow("cause", "x", ("刀火", "火", "吵0", "打"), (), 0)])
    assert words.places(text) == {word: text.find(word) for word in words.rows[0].words if word in text}
