"""Whose a badge is, is known to this room alone."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "anlan"


def test_badges_and_passages_feed_no_attendance_performance_or_place():
    """No other room reads the tables of badges and passages, nor may it come by them from here."""
    readers = set()
    for path in SOURCE.rglob("*.py"):
        room = path.relative_to(SOURCE).parts[0]
        if room in ("equipment", "engines"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("anlan.equipment"):
                continue
            if {alias.name for alias in node.names} & {"StaffBadge", "Passage", "GateBatch"}:
                readers.add(str(path))
    assert readers == set()
