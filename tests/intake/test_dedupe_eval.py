"""The duplicate suggestion is measured on what a centre knows, and the figures say how sure they are."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from anlan.config.commands.intake import group
from anlan.intake.dedupe_eval import LabelledCallsError, evaluate_duplicates, read_labelled_calls

DEV = Path(__file__).parents[3] / "shared" / "data" / "zh_calls_dev" / "calls.jsonl"


def call(id_: str, text: str, minute: float, event_id: str, **more: Any) -> str:
    row = {"id": id_, "text": text, "minute": minute, "event_id": event_id, "lon": 120.0, "lat": 29.0, **more}
    return json.dumps(row, ensure_ascii=False)


TINY = [
    call("1", "报新安路五金店着火", 0, "fire", code="0701"),
    call("2", "新安路好大的烟，楼上烧起来了", 2, "fire", code="0701"),
    call("3", "中心街有人昏倒了，叫不醒", 3, "ill", near_miss=["4"]),
    call("4", "中心街捡到一个钱包", 4, "wallet", near_miss=["3"]),
    call("5", "问一下护照怎么办", 5, "fire"),
]


def test_pairs_are_counted_as_on_paper() -> None:
    figures = evaluate_duplicates(read_labelled_calls(TINY))
    # Three calls carry the event "fire": three true pairs, of which one can be seen.
    assert (figures["pairs"], figures["right"], figures["wrong"], figures["missed"]) == (3, 1, 0, 2)
    assert figures["precision"] == 1.0
    assert figures["recall"] == pytest.approx(1 / 3, abs=1e-4)
    assert figures["f1"] == 0.5
    assert (figures["near_miss_pairs"], figures["near_miss_suggested"]) == (1, 0)
    assert figures["recall_interval"][0] < 1 / 3 < figures["recall_interval"][1]
    assert figures["f1_interval"][0] <= 0.5 <= figures["f1_interval"][1]


def test_figures_that_do_not_exist_are_null_not_zero_or_one() -> None:
    figures = evaluate_duplicates(read_labelled_calls([TINY[2], TINY[3]]))
    assert figures["pairs"] == 0
    assert figures["precision"] is figures["recall"] is figures["f1"] is figures["f1_interval"] is None


def test_the_labels_of_the_file_are_not_shown_to_the_engine() -> None:
    calls = read_labelled_calls(TINY)
    assert all(labelled.facts.code is None for labelled in calls)
    suggested = read_labelled_calls(TINY, code_of=lambda text: "0701" if "火" in text else None)
    assert [labelled.facts.code for labelled in suggested] == ["0701", None, None, None, None]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([TINY[0], "{"], "line 2: not JSON"),
        (['{"id": "1"}'], "line 1: field text is missing"),
        ([call("1", "x", 0, "e"), call("1", "x", 0, "e")], "line 2: id 1 is there already"),
        (['{"id": "1", "text": "x", "minute": "noon", "event_id": "e"}'], "line 1: could not convert"),
        (["[1]"], "line 1"),
        ([], "no calls"),
    ],
)
def test_a_file_it_cannot_use_is_refused_with_the_line(lines: list[str], complaint: str) -> None:
    with pytest.raises(LabelledCallsError, match=complaint):
        read_labelled_calls(lines)


def test_the_command_prints_one_json_object(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text("\n".join(TINY), encoding="utf-8")
    result = CliRunner().invoke(group, ["dedupe-eval", str(file)])
    assert result.exit_code == 0
    figures = json.loads(result.output)
    assert {"pairs", "precision", "recall", "f1"} <= figures.keys()


def test_the_command_names_the_bad_line(tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text("{}\n", encoding="utf-8")
    result = CliRunner().invoke(group, ["dedupe-eval", str(file)])
    assert result.exit_code == 1
    assert "line 1: field" in result.output


@pytest.mark.skipif(not DEV.exists(), reason="needs ../shared/data/zh_calls_dev")
def test_the_development_calls_reach_the_agreed_f1() -> None:
    with DEV.open(encoding="utf-8") as lines:
        figures = evaluate_duplicates(read_labelled_calls(lines))
    assert figures["pairs"] == 18
    assert figures["f1"] >= 0.85


def test_a_perfect_score_of_few_pairs_is_not_told_as_certain() -> None:
    figures = evaluate_duplicates(read_labelled_calls(TINY[:2]))
    assert (figures["f1"], figures["pairs"]) == (1.0, 1)
    low, high = figures["f1_interval"]
    # One of one right: Wilson at 97.5 % begins at 1 / (1 + 2.2414²) for precision and recall alike.
    assert low == pytest.approx(1 / (1 + 2.2414**2), abs=1e-3)
    assert high == 1.0


def test_the_interval_of_f1_holds_f1_and_what_both_its_shares_allow() -> None:
    figures = evaluate_duplicates(read_labelled_calls(TINY))
    low, high = figures["f1_interval"]
    shares = figures["precision_interval"], figures["recall_interval"]
    for end, limit in ((0, low), (1, high)):
        precision, recall = (share[end] for share in shares)
        harmonic = 2 * precision * recall / (precision + recall)
        assert limit <= harmonic if end == 0 else limit >= harmonic
    assert low <= figures["f1"] <= high


def test_where_nothing_was_suggested_the_interval_does_not_end_at_nought() -> None:
    figures = evaluate_duplicates(read_labelled_calls([TINY[0], TINY[4]]))
    assert (figures["suggested"], figures["f1"]) == (0, 0.0)
    assert figures["f1_interval"][0] == 0.0
    assert figures["f1_interval"][1] > 0.5
