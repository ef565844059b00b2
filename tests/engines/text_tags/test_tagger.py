"""What the tagger promises a call taker, with the packaged data."""

from __future__ import annotations

import dataclasses
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.tagging.data import load_tagger


@pytest.fixture(scope="module")
def tagger():
    return load_tagger()


def _flags(tagger, text):
    return {flag.flag for flag in tagger.suggest(text).flags}


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("烧烤摊两个人打起来了，一个拿着菜刀在追，快来", "weapon"),
        ("三楼厨房着火了，火苗窜出窗户", "fire"),
        ("楼道里煤气味很重，关不掉", "gas"),
        ("有人站在天台边上要跳楼", "self_harm"),
        ("小孩掉进水库里了，还没上来", "drowning"),
        ("奶奶有老年痴呆，早上出去到现在没回来", "child_or_elder_at_risk"),
        ("厂门口一百多人拉横幅堵大门", "crowd"),
        ("候车厅有人突然倒地抽搐口吐白沫", "medical"),
        ("被车撞了，腿断了，地上都是血", "injury"),
    ],
)
def test_a_present_danger_raises_its_flag_and_goes_to_the_police_at_p1(tagger, text, flag):
    said = tagger.suggest(text)
    assert flag in {each.flag for each in said.flags}
    assert (said.priority, said.track) == ("P1", "P")
    assert (said.priority_rule_id, said.track_rule_id) == ("danger", "danger")


@pytest.mark.parametrize(
    "text",
    [
        "楼下烧垃圾，火已经灭了，就是投诉一下",
        "两车碰擦，没有人受伤，走保险就行",
        "商家打出跳楼价，买回来是坏的，不给退",
        "孩子打游戏里面拿刀砍人，家长问怎么教育",
        "学校上午搞消防演练，会放烟，报备一下",
        "不是打架，两家就是吵嘴，没动手",
    ],
)
def test_what_is_denied_over_or_unreal_raises_no_flag(tagger, text):
    said = tagger.suggest(text)
    assert said.flags == ()
    assert said.priority != "P1"


def test_evidence_stands_in_the_text_as_it_was_given(tagger):
    text = "报警人称：　阳光花苑３幢ＫＴＶ门口\u202e有人持刀砍人，流血了"
    said = tagger.suggest(text)
    told = [each for code in said.codes for each in code.evidence]
    told += [each for flag in said.flags for each in flag.evidence]
    told += [each for tag in said.tags for each in tag.evidence]
    assert told
    assert all(text[each.start : each.end] == each.words for each in told)


def test_a_megabyte_is_read_in_part_and_says_so(tagger):
    said = tagger.suggest("邻居吵架" * 262_144)
    assert said.note == "truncated"


@pytest.mark.parametrize("text", ["", "   ", "\u202e\u200b\x00", "？？？", "1"])
def test_a_text_without_words_is_not_guessed_at_and_stays_with_the_police(tagger, text):
    said = tagger.suggest(text)
    assert said.track == "P"
    if not text.strip("\u202e\u200b\x00 "):
        assert said.is_abstained
        assert said.code is None


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_no_text_makes_it_fail_and_beliefs_are_shares(text):
    said = load_tagger().suggest(text)
    scores = [code.score for code in said.codes]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) <= 1.001
    assert said.priority in {"P1", "P2", "P3", "P4"}
    assert said.track in {"P", "J", "C", "T"}
    if said.flags:
        assert (said.priority, said.track) == ("P1", "P")


def test_it_holds_no_state_and_may_be_shared_between_threads(tagger):
    texts = ["店里着火了", "电动车被偷了", "楼上装修太吵", "和邻居吵架"] * 10
    alone = [tagger.suggest(text) for text in texts]
    said = [None] * len(texts)

    def ask(offset):
        for at in range(offset, len(texts), 4):
            said[at] = tagger.suggest(texts[at])

    threads = [threading.Thread(target=ask, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == alone


def test_a_suggestion_cannot_be_changed(tagger):
    said = tagger.suggest("着火了")
    with pytest.raises(dataclasses.FrozenInstanceError):
        said.priority = "P4"
