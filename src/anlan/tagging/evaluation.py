"""How well suggestions agree with labelled narratives. Pure: lines and a tagger in, figures out.

A code counts as right if it is the item's ``code`` or listed in ``also``; its level 1 is its first
two digits. Danger recall is over items with at least one flag that raise at least one; danger
precision over items that raise at least one and have at least one. False P1 is the share of items
without danger that are suggested P1 though their label is not P1. Invalid calls (9001 to 9003) are
left out of priority and track. Every rate carries a 95 % Wilson interval (Wilson 1927).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anlan.engines.intervals import wilson_interval
from anlan.engines.text_tags import Suggestion

NOT_TRIAGED = frozenset({"9001", "9002", "9003"})
TOP = 3
DIMENSIONS = ("place_type", "cause", "means", "scam_type")
PRIORITIES, TRACKS = frozenset({"P1", "P2", "P3", "P4"}), frozenset({"P", "J", "C", "T"})
SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """One labelled narrative; see the module's words for how the labels count."""

    item_id: str
    text: str
    code: str
    also: tuple[str, ...]
    danger: frozenset[str]
    priority: str
    track: str
    track_also: tuple[str, ...]
    is_hard: bool
    tags: Mapping[str, str | None]

    @property
    def codes(self) -> frozenset[str]:
        return frozenset((self.code, *self.also))


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that could not be read as a labelled narrative, and why (Chinese and English)."""

    line: int
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled narrative beside what was suggested for it."""

    item: LabelledCall
    said: Suggestion


def read_calls(lines: Iterable[str]) -> tuple[list[LabelledCall], list[BadLine]]:
    """Labelled narratives of a JSON-lines file and the lines that are none; empty lines are skipped."""
    calls: list[LabelledCall] = []
    bad: list[BadLine] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip("\ufeff \t\r\n"):
            continue
        try:
            calls.append(_call(json.loads(line.lstrip("\ufeff")), number))
        except RecursionError:
            bad.append(BadLine(number, "嵌套太深", "it is nested too deeply"))
        except json.JSONDecodeError as problem:
            bad.append(BadLine(number, "不是 JSON 对象", f"it is not JSON ({problem.msg})"))
        except (KeyError, TypeError, ValueError) as problem:
            bad.append(BadLine(number, f"缺少或错误的字段：{problem}", f"a field is missing or wrong: {problem}"))
    return calls, bad


def _call(row: Any, number: int) -> LabelledCall:
    if not isinstance(row, dict):
        raise TypeError("object")
    if not isinstance(row["text"], str) or not isinstance(row["code"], str) or len(row["code"]) != 4:
        raise ValueError("text, code")
    if row["priority"] not in PRIORITIES or row["track"] not in TRACKS:
        raise ValueError("priority, track")
    return LabelledCall(
        item_id=str(row.get("id") or number),
        text=row["text"],
        code=row["code"],
        also=_words(row, "also"),
        danger=frozenset(_words(row, "danger")),
        priority=row["priority"],
        track=row["track"],
        track_also=_words(row, "track_also"),
        is_hard=bool(row.get("hard")),
        tags={name: row.get(name) for name in DIMENSIONS if name in row},
    )


def _words(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = row.get(name) or []
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ValueError(name)
    return tuple(value)


def judge(calls: Sequence[LabelledCall], suggest: Callable[[str], Suggestion]) -> list[Judged]:
    """Ask for a suggestion on every narrative."""
    return [Judged(call, suggest(call.text)) for call in calls]


def report(judged: Sequence[Judged], bad: Sequence[BadLine] = ()) -> dict[str, Any]:
    """All figures as one plain object; a rate over nothing is None."""
    counts = _counts(judged)
    rates: dict[str, Any] = {"n": len(judged)}
    rates |= {name: _rate(*pair) for name, pair in counts.items()}
    rates["intervals"] = {name: _interval(*pair) for name, pair in counts.items()}
    rates["counts"] = {name: {"numerator": pair[0], "denominator": pair[1]} for name, pair in counts.items()}
    rates["flags"] = {flag: _flag_row(judged, flag) for flag in _flags(judged)}
    rates["tags"] = {name: _tag_row(judged, name) for name in DIMENSIONS}
    rates["model_version"] = judged[0].said.model_version if judged else None
    rates["bad_lines"] = len(bad)
    rates["bad_line_reasons"] = [
        {"line": line.line, "zh": line.reason_zh, "en": line.reason_en} for line in bad[:SHOWN_PROBLEMS]
    ]
    return rates


def _counts(judged: Sequence[Judged]) -> dict[str, tuple[int, int]]:
    hard = [each for each in judged if each.item.is_hard]
    triaged = [each for each in judged if each.item.code not in NOT_TRIAGED]
    in_danger = [each for each in judged if each.item.danger]
    safe = [each for each in judged if not each.item.danger]
    flagged = [each for each in judged if each.said.flags]
    counts = {
        "level1_top1": _share(judged, _is_level1),
        "level2_top1": _share(judged, _is_first),
        "level2_top3": _share(judged, _is_among),
        "danger_recall": _share(in_danger, lambda each: bool(each.said.flags)),
        "danger_precision": _share(flagged, lambda each: bool(each.item.danger)),
        "false_p1_rate": _share(safe, _is_false_p1),
        "priority_agreement": _share(triaged, lambda each: each.said.priority == each.item.priority),
        "track_agreement": _share(triaged, _is_on_track),
        "abstained": _share(judged, lambda each: each.said.is_abstained),
    }
    for name, holds in (("level1_top1", _is_level1), ("level2_top1", _is_first), ("level2_top3", _is_among)):
        counts[f"{name}_hard"] = _share(hard, holds)
    return counts


def _share(judged: Sequence[Judged], holds: Callable[[Judged], bool]) -> tuple[int, int]:
    return sum(1 for each in judged if holds(each)), len(judged)


def _is_first(each: Judged) -> bool:
    return each.said.codes[0].code in each.item.codes


def _is_level1(each: Judged) -> bool:
    return each.said.codes[0].code[:2] in {code[:2] for code in each.item.codes}


def _is_among(each: Judged) -> bool:
    return any(ranked.code in each.item.codes for ranked in each.said.codes[:TOP])


def _is_false_p1(each: Judged) -> bool:
    return each.said.priority == "P1" and each.item.priority != "P1"


def _is_on_track(each: Judged) -> bool:
    return each.said.track in {each.item.track, *each.item.track_also}


def _flags(judged: Sequence[Judged]) -> list[str]:
    told = {flag for each in judged for flag in each.item.danger}
    return sorted(told | {flag.flag for each in judged for flag in each.said.flags})


def _flag_row(judged: Sequence[Judged], flag: str) -> dict[str, Any]:
    true = [each for each in judged if flag in each.item.danger]
    said = [each for each in judged if any(raised.flag == flag for raised in each.said.flags)]
    both = sum(1 for each in true if any(raised.flag == flag for raised in each.said.flags))
    return {
        "n": len(true),
        "suggested": len(said),
        "recall": _rate(both, len(true)),
        "recall_interval": _interval(both, len(true)),
        "precision": _rate(both, len(said)),
        "precision_interval": _interval(both, len(said)),
    }


def _tag_row(judged: Sequence[Judged], name: str) -> dict[str, Any]:
    """Agreement of a tag dimension over the items whose label has a value."""
    told = [each for each in judged if each.item.tags.get(name) is not None]
    right = sum(1 for each in told if _value(each.said, name) == each.item.tags[name])
    return {"n": len(told), "agreement": _rate(right, len(told)), "interval": _interval(right, len(told))}


def _value(said: Suggestion, name: str) -> str | None:
    return next((tag.value for tag in said.tags if tag.dimension == name), None)


def _rate(numerator: int, denominator: int) -> float | None:
    return round(numerator / denominator, 4) if denominator else None


def _interval(numerator: int, denominator: int) -> list[float] | None:
    if not denominator:
        return None
    low, high = wilson_interval(numerator, denominator)
    return [round(low, 4), round(high, 4)]
