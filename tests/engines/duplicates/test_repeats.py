"""The same matter coming back is found as a repeat, and kept apart from duplicates."""

import pytest

from anlan.engines.duplicates import CallFacts, duplicate_pairs, repeat_candidates

DAY = 1440.0
QUARREL = CallFacts("old", "邻居漏水到楼下，两家吵起来，丽景苑5幢", 0, 120.0, 29.0, code="0402", place_id="p1")


def back(days: float, text: str = "漏水的邻居又吵了，丽景苑5幢", **facts: str) -> CallFacts:
    return CallFacts("new", text, days * DAY, 120.0, 29.0001, **{"code": "0402", **facts})


def found(call: CallFacts, *earlier: CallFacts, linked_ids: tuple[str, ...] = ()) -> list[str]:
    return [score.second_id for score in repeat_candidates(call, earlier, linked_ids=linked_ids)]


def test_the_quarrel_of_last_week_at_the_same_door_is_a_repeat_and_no_duplicate() -> None:
    assert found(back(7), QUARREL) == ["old"]
    assert duplicate_pairs([QUARREL, back(7)]) == []


def test_after_thirty_days_it_is_no_longer_offered() -> None:
    assert found(back(30), QUARREL) == ["old"]
    assert found(back(30.1), QUARREL) == []


def test_within_the_hour_it_is_a_matter_for_the_duplicates() -> None:
    assert found(back(0.5 / 24), QUARREL) == []


def test_another_building_is_another_matter() -> None:
    assert found(back(7, "漏水到楼下，吵起来，丽景苑8幢"), QUARREL) == []


def test_a_matter_tied_by_hand_counts_wherever_it_is() -> None:
    far = CallFacts("new", "为漏水的事又吵了", 9 * DAY, 120.1, 29.1, code="0402")
    assert found(far, QUARREL) == []
    assert found(far, QUARREL, linked_ids=("old",)) == ["old"]


def test_the_same_premises_count_more_than_metres() -> None:
    call = CallFacts("new", "楼上漏水没人管", 9 * DAY, 120.0, 29.002, code="0402", place_id="p1")
    assert found(call, QUARREL) == ["old"]
    reasons = repeat_candidates(call, [QUARREL])[0].reasons
    assert "same_place" in {reason.kind for reason in reasons}


@pytest.mark.parametrize("code", ["0701", "0301", "0902", "9001"])
def test_kinds_that_do_not_come_back_are_never_offered(code: str) -> None:
    past = CallFacts("old", "丽景苑5幢着火", 0, 120.0, 29.0, code=code)
    assert found(back(3, code=code), past) == []


def test_without_a_code_the_words_decide_whether_it_can_come_back() -> None:
    past = CallFacts("old", "楼上装修太吵，丽景苑5幢", 0, 120.0, 29.0)
    call = CallFacts("new", "楼上又装修，吵得睡不着，丽景苑5幢", 2 * DAY, 120.0, 29.0)
    assert found(call, past) == ["old"]
    assert found(CallFacts("new", "咨询护照怎么办", 2 * DAY, 120.0, 29.0), past) == []
