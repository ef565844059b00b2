"""Every pair of colours that carries words can be read: WCAG 2.2, 4.5 to 1 (3 to 1 for edges)."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

TOKENS = (files("anlan.core") / "static" / "core" / "tokens.css").read_text(encoding="utf-8")
GROUNDS = ("ground", "surface", "raised")
WORDS = ("ink", "ink-2", "ink-3", "river-text", "p1-text", "p2-text", "p3-text", "p4-text")
STATES = ("ok", "blue", "violet", "slate", "grey")
PAIRS = [
    *((word, ground) for word in (*WORDS, *STATES) for ground in GROUNDS),
    ("river-ink", "river"),
    ("river-ink", "river-hover"),
    ("p1-ink", "p1"),
    ("head-ink", "head"),
    ("head-ink-2", "head"),
    *((word, "river-wash") for word in ("ink", "ink-2", "ink-3", "river-text")),
    *((word, "p1-wash") for word in ("ink", "ink-2", "ink-3", "p1-text")),
    *((word, "p2-wash") for word in ("ink", "p2-text")),
    ("ink", "ok-wash"),
]
EDGES = [("edge", "surface"), ("focus", "surface"), ("focus", "ground"), ("p1", "surface"), ("p2", "surface")]


def theme(name: str) -> dict[str, str]:
    """The colours of one theme by name."""
    block = TOKENS[TOKENS.index(f'[data-theme="{name}"] {{') :]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", block[: block.index("}")]))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("word", "ground"), PAIRS)
def test_words_can_be_read(name, word, ground):
    colours = theme(name)
    assert contrast(colours[word], colours[ground]) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_of_controls_can_be_seen(name, edge, ground):
    colours = theme(name)
    assert contrast(colours[edge], colours[ground]) >= 3


def test_both_themes_name_the_same_colours():
    assert set(theme("light")) == set(theme("dark"))


def test_black_on_white_is_twenty_one_to_one():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
