"""The phone is read in sunlight: every word on its ground at 7 to 1 (WCAG 2.2 AAA), in both themes."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from console.test_theme import contrast

CSS = (files("anlan.console") / "static" / "console" / "phone.css").read_text(encoding="utf-8")
WORDS = ("ink", "ink-2", "ink-3", "river-text", "p1-text", "p2-text", "ok", "blue", "violet", "slate", "grey")
PAIRS = [
    *((word, ground) for word in WORDS for ground in ("ground", "surface", "raised")),
    ("river-ink", "river"),
    ("p1-ink", "p1"),
    ("ink", "p1-wash"),
    ("p2-text", "p2-wash"),
    ("river-text", "river-wash"),
    ("ink", "ok-wash"),
]


def theme(name: str) -> dict[str, str]:
    """The phone's own colours of one theme."""
    block = CSS[CSS.index(f'[data-theme="{name}"] .phone-body {{') :]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", block[: block.index("}")]))


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("word", "ground"), PAIRS)
def test_words_can_be_read_in_sunlight(name, word, ground):
    colours = theme(name)
    assert contrast(colours[word], colours[ground]) >= 7


def test_both_themes_of_the_phone_name_the_same_colours():
    assert set(theme("light")) == set(theme("dark"))
