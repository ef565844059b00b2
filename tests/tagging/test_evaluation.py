"""How agreement with labels is counted, on worlds checkable on paper."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from anlan.config.commands.tag import group
from anlan.engines.intervals import wilson_interval
from anlan.engines.text_tags import CodeSuggestion, FlagSuggestion, Suggestion
from anlan.tagging import evaluation

DEV = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "zh_calls_dev" / "calls.jsonl"


def said(*codes, flags=(), priority="P3", track="P", abstained=False):
    return Suggestion(
        codes=tuple(CodeSuggestion(code, 0.9 / (at + 1), ()) for at, code in enumerate(codes)),
        flags=tuple(FlagSuggestion(flag, 1.0, "test", ()) for flag in flags),
        priority=priority,
        priority_rule_id="test",
        track=track,
        track_rule_id="test",
        transfer_to=None,
        tags=(),
        is_abstained=abstained,
        note="",
        model_version="test",
    )


def row(text, code="0201", **labels):
    base = {"text": text, "code": code, "also": [], "danger": [], "priority": "P3", "track": "P", "track_also": []}
    return json.dumps(base | labels, ensure_ascii=False)


def figures(rows, answers):
    calls, bad = evaluation.read_calls(rows)
    return evaluation.report(evaluation.judge(calls, answers.__getitem__), bad)


def test_another_acceptable_code_counts_as_right_on_both_levels():
    told = figures([row("a", also=["0402"]), row("b")], {"a": said("0402"), "b": said("0402", "0501", "0201")})
    assert told["level2_top1"] == 0.5
    assert told["level1_top1"] == 0.5
    assert told["level2_top3"] == 1.0


def test_danger_recall_asks_for_any_flag_where_there_is_one():
    rows = [row("a", danger=["fire"]), row("b", danger=["gas"]), row("c"), row("d")]
    answers = {
        "a": said("0701", flags=["gas"]),
        "b": said("0702"),
        "c": said("0402", flags=["fire"]),
        "d": said("0402"),
    }
    told = figures(rows, answers)
    assert told["danger_recall"] == 0.5
    assert told["danger_precision"] == 0.5
    assert told["flags"]["fire"]["recall"] == 0.0
    assert told["flags"]["gas"]["n"] == 1


def test_false_p1_is_counted_over_items_without_danger_only():
    rows = [row("a", priority="P3"), row("b", priority="P1"), row("c"), row("d"), row("e", danger=["fire"])]
    answers = {name: said("0201", priority="P1") for name in "abe"} | {name: said("0201") for name in "cd"}
    assert figures(rows, answers)["false_p1_rate"] == 0.25


def test_invalid_calls_stay_out_of_priority_and_track():
    rows = [row("a", code="9001", priority="P4"), row("b", priority="P2", track="J", track_also=["C"])]
    told = figures(rows, {"a": said("9001"), "b": said("0201", priority="P2", track="C")})
    assert told["priority_agreement"] == 1.0
    assert told["track_agreement"] == 1.0
    assert told["counts"]["track_agreement"]["denominator"] == 1


def test_every_rate_has_its_wilson_interval_and_hard_items_count_apart():
    rows = [row("a", hard=True), row("b"), row("c", hard=False)]
    told = figures(rows, {"a": said("0402"), "b": said("0201"), "c": said("0201")})
    assert told["level2_top1_hard"] == 0.0
    assert told["intervals"]["level2_top1"] == [round(bound, 4) for bound in wilson_interval(2, 3)]
    assert told["n"] == 3


def test_bad_lines_are_named_and_do_not_stop_the_rest():
    rows = [row("a"), "{", "[]", json.dumps({"text": "x"}), row("a", priority="P9"), ""]
    told = figures(rows, {"a": said("0201")})
    assert told["n"] == 1
    assert told["bad_lines"] == 4
    assert [line["line"] for line in told["bad_line_reasons"]] == [2, 3, 4, 5]


@pytest.mark.parametrize("content", [b"", b"hello\n", bytes(range(128, 256)) * 3, b"PK\x03\x04\xff\xfe"])
def test_the_command_refuses_garbage_in_both_languages(tmp_path, content):
    file = tmp_path / "calls.jsonl"
    file.write_bytes(content)
    result = CliRunner().invoke(group, ["eval", str(file)])
    assert result.exit_code == 1
    assert "请" in result.output
    assert "Give a" in result.output


def test_the_command_says_when_a_file_is_not_there(tmp_path):
    result = CliRunner().invoke(group, ["eval", str(tmp_path / "none.jsonl")])
    assert result.exit_code == 1
    assert "cannot be opened" in result.output


@pytest.mark.skipif(not DEV.exists(), reason="the labelled development set (../shared/data) is not here")
def test_the_development_set_meets_the_agreed_figures():
    result = CliRunner().invoke(group, ["eval", str(DEV)])
    told = json.loads(result.output)
    assert told["level1_top1"] >= 0.88
    assert told["level2_top1"] >= 0.75
    assert told["level2_top3"] >= 0.90
    assert told["danger_recall"] >= 0.98
    assert told["false_p1_rate"] <= 0.05
