"""The table of the written example is what the kept run says."""

from __future__ import annotations

import docs_simulation


def test_the_page_says_what_the_kept_run_says(tmp_path, monkeypatch):
    page = docs_simulation.PAGE.read_text(encoding="utf-8")
    assert docs_simulation.written() == page, "run tools/docs_simulation.py"
    typed = tmp_path / "page.md"
    row = next(line for line in page.splitlines() if line.startswith("| late at P1 |"))
    typed.write_text(page.replace(row, row.replace("(", "(9", 1)), encoding="utf-8")
    monkeypatch.setattr(docs_simulation, "PAGE", typed)
    assert docs_simulation.written() == page
    assert typed.read_text(encoding="utf-8") != page
