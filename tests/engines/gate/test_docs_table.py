"""The figures of docs/gate-pipeline.md are those of the lines kept."""

from __future__ import annotations

import docs_gates


def test_the_table_is_made_from_what_is_kept():
    text = docs_gates.PAGE.read_text(encoding="utf-8")
    assert docs_gates.made(text) == text, "run tools/docs_gates.py"
    assert {path.stem for path in docs_gates.KEPT.glob("*.jsonl")} == set(docs_gates.LAYOUTS)


def test_a_figure_that_was_typed_by_hand_is_found():
    text = docs_gates.PAGE.read_text(encoding="utf-8")
    assert docs_gates.made(text.replace("0.9939", "0.9993")) == text
