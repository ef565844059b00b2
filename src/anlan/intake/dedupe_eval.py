"""Measure the duplicate suggestion against calls whose events are known.

Needs no database: it reads a file of labelled calls and shows the engine only what a centre
knows while the call is being taken (text, minute, place, the suggested code).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from anlan.engines.duplicates import THRESHOLD, CallFacts, duplicate_pairs
from anlan.engines.intervals import percentile, wilson_interval

CodeOf = Callable[[str], str | None]
_REPLICATES = 2000
_SEED = 20260601


class LabelledCallsError(ValueError):
    """A line of the file that cannot be used; says which line and why."""


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """One call of the file: what the centre knows, and the event it truly belongs to."""

    facts: CallFacts
    event_id: str
    near_miss: frozenset[str]


def read_labelled_calls(lines: Iterable[str], *, code_of: CodeOf | None = None) -> list[LabelledCall]:
    """Calls from JSON lines with id, text, minute, event_id and, where known, lon, lat, near_miss.

    `code_of` gives the code suggested for a text; the labelled code in the file is never read.
    Raises LabelledCallsError naming the line for anything that is not such a call.
    """
    calls: list[LabelledCall] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        call = _call(number, line, code_of)
        if call.facts.id in seen:
            raise LabelledCallsError(f"line {number}: id {call.facts.id} is there already")
        seen.add(call.facts.id)
        calls.append(call)
    if not calls:
        raise LabelledCallsError("the file holds no calls")
    return calls


def _call(number: int, line: str, code_of: CodeOf | None) -> LabelledCall:
    try:
        row: Mapping[str, Any] = json.loads(line)
        text = str(row["text"])
        lon, lat = row.get("lon"), row.get("lat")
        facts = CallFacts(
            id=str(row["id"]),
            text=text,
            minute=float(row["minute"]),
            lon=None if lon is None else float(lon),
            lat=None if lat is None else float(lat),
            code=code_of(text) if code_of else None,
        )
        return LabelledCall(facts, str(row["event_id"]), frozenset(map(str, row.get("near_miss") or ())))
    except json.JSONDecodeError as error:
        raise LabelledCallsError(f"line {number}: not JSON ({error.msg})") from error
    except KeyError as error:
        raise LabelledCallsError(f"line {number}: field {error.args[0]} is missing") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise LabelledCallsError(f"line {number}: {error}") from error


def evaluate_duplicates(calls: Sequence[LabelledCall], *, threshold: float = THRESHOLD) -> dict[str, Any]:
    """Precision, recall and F1 over pairs of calls of one event, with intervals and counts.

    A figure that is undefined (no pair suggested, no true pair) is None. Intervals at 95 %:
    Wilson for precision and recall. For F1 the wider at each end of two: a seeded bootstrap over
    events, since pairs of one event are not independent; and what the two Wilson limits allow, since
    drawing again from a sample without a mistake never finds one (see ``_f1_interval``).
    """
    events = {call.facts.id: call.event_id for call in calls}
    true = _true_pairs(calls)
    found = duplicate_pairs((call.facts for call in calls), threshold=threshold)
    suggested = {frozenset((pair.first_id, pair.second_id)) for pair in found}
    traps = {frozenset((call.facts.id, other)) for call in calls for other in call.near_miss if other in events}
    right = len(true & suggested)
    return {
        "pairs": len(true),
        "precision": _share(right, len(suggested)),
        "recall": _share(right, len(true)),
        "f1": _f1(right, len(suggested) - right, len(true) - right),
        "precision_interval": _interval(right, len(suggested)),
        "recall_interval": _interval(right, len(true)),
        "f1_interval": _f1_interval(_bootstrap(events, true, suggested), right, len(suggested), len(true)),
        "calls": len(calls),
        "events": len(set(events.values())),
        "suggested": len(suggested),
        "right": right,
        "wrong": len(suggested) - right,
        "missed": len(true) - right,
        "near_miss_pairs": len(traps),
        "near_miss_suggested": len(traps & suggested),
        "threshold": threshold,
        "with_suggested_code": any(call.facts.code for call in calls),
    }


def _true_pairs(calls: Sequence[LabelledCall]) -> set[frozenset[str]]:
    by_event: dict[str, list[str]] = {}
    for call in calls:
        by_event.setdefault(call.event_id, []).append(call.facts.id)
    return {frozenset(pair) for ids in by_event.values() for pair in combinations(ids, 2)}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _interval(part: int, whole: int) -> list[float] | None:
    return [round(limit, 4) for limit in wilson_interval(part, whole)] if whole else None


def _f1(right: float, wrong: float, missed: float) -> float | None:
    whole = 2.0 * right + wrong + missed
    return round(2.0 * right / whole, 4) if whole else None


def _f1_interval(drawn: list[float] | None, right: int, suggested: int, true: int) -> list[float] | None:
    """An interval for F1 that stays honest where the bootstrap collapses to a point.

    F1 is the harmonic mean of precision and recall and rises with either, so it lies between the harmonic
    means of their lower and of their upper limits whenever both shares lie within theirs. Each limit is
    Wilson at 97.5 %, so that both hold together in at least 95 % of samples (Bonferroni, no independence
    assumed). Of this and the bootstrap the wider end counts. None where F1 itself is undefined; where one
    share is (nothing suggested, or no true pair), F1 is nought and its share may be anything.
    """
    if drawn is None or not (suggested or true):
        return None
    shares = [wilson_interval(right, whole, confidence=0.975) if whole else (0.0, 1.0) for whole in (suggested, true)]
    low, high = (_harmonic(shares[0][end], shares[1][end]) for end in (0, 1))
    return [round(min(low, drawn[0]), 4), round(max(high, drawn[1]), 4)]


def _harmonic(precision: float, recall: float) -> float:
    both = precision + recall
    return 2.0 * precision * recall / both if both else 0.0


def _bootstrap(
    events: Mapping[str, str], true: set[frozenset[str]], suggested: set[frozenset[str]]
) -> list[float] | None:
    """2.5th and 97.5th percentile of F1 when events are drawn again; a wrong pair counts half to each event."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for pair in true:
        event = events[next(iter(pair))]
        (right if pair in suggested else missed)[event] += 1
    for pair in suggested - true:
        for call_id in pair:
            wrong[events[call_id]] += 1
    names = sorted(set(events.values()))
    table = np.array([[right[name], wrong[name] / 2.0, missed[name]] for name in names], dtype=np.float64)
    drawn = np.random.default_rng(_SEED).multinomial(len(names), np.full(len(names), 1 / len(names)), _REPLICATES)
    figures = [_f1(*row) for row in (drawn @ table).tolist()]
    known = [figure for figure in figures if figure is not None]
    return [round(percentile(known, q), 4) for q in (2.5, 97.5)] if known else None
