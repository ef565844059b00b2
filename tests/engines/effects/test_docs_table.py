"""The figures of docs/trials-method.md are those of the lines kept."""

from __future__ import annotations

import docs_trials


def test_the_table_is_made_from_what_is_kept():
    text = docs_trials.PAGE.read_text(encoding="utf-8")
    assert docs_trials.made(text) == text, "run tools/docs_trials.py"
    assert len(list(docs_trials.KEPT.glob("*.json"))) >= 2
