"""Hold every invariant against a store, and tell what came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import DatabaseError

from anlan.assurance.findings import EXAMPLES_SHOWN, Finding, Look, Verdict
from anlan.assurance.invariants import ALL

_SIGNS = {"held": "✓", "broken": "✗", "not_applicable": "–"}


def store_verify(look: Look, *, only: Collection[str] = ()) -> list[Finding]:
    """Every invariant against the store that the settings name, or those named by ``only``.

    A store that can't be read breaks what asks it.
    """
    found = []
    for invariant in (one for one in ALL if not only or one.id in only):
        try:
            verdict = invariant.check(look)
        except DatabaseError as problem:
            verdict = Verdict(broken=(f"the store can't be read: {problem}",))
        found.append(Finding(invariant, verdict))
    return found


def broken(found: Sequence[Finding]) -> list[Finding]:
    """Those that do not hold."""
    return [finding for finding in found if finding.state == "broken"]


def report_json(found: Sequence[Finding], *, at: datetime) -> dict[str, Any]:
    """For machines."""
    return {
        "at": at.isoformat(),
        "is_sound": not broken(found),
        "invariants": [finding.as_json() for finding in found],
    }


def report_text(found: Sequence[Finding]) -> str:
    """For people: a line an invariant, what broke beneath it, and the sum."""
    lines = []
    for finding in found:
        verdict = finding.verdict
        lines.append(
            f"{_SIGNS[finding.state]} {finding.invariant.id:<4}{finding.invariant.zh} / {finding.invariant.en}"
        )
        if verdict.absent is not None:
            lines.append(f"       不适用：{verdict.absent[0]} / not applicable: {verdict.absent[1]}")
            continue
        seen, wrong = verdict.looked_at, len(verdict.broken)
        lines.append(f"       核对 {seen}，不符 {wrong} / looked at {seen}, broken {wrong}")
        lines += [f"       · {line}" for line in verdict.broken[:EXAMPLES_SHOWN]]
        if len(verdict.broken) > EXAMPLES_SHOWN:
            lines.append(f"       · … {len(verdict.broken) - EXAMPLES_SHOWN} more")
        if verdict.note is not None:
            lines.append(f"       注：{verdict.note[0]} / note: {verdict.note[1]}")
    count = {state: sum(f.state == state for f in found) for state in _SIGNS}
    held, failed, absent = (count[state] for state in _SIGNS)
    lines.append(
        f"成立 {held}，不成立 {failed}，不适用 {absent} / held {held}, broken {failed}, not applicable {absent}"
    )
    return "\n".join(lines)
