"""A paper as PDF, by the Typst compiler in its wheel: no network, no markup from data, the same bytes each time."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from anlan.core.papers.blocks import Paper, printable

CHINESE_FONTS = (
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Source Han Serif CN",
    "FangSong",
    "SimSun",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)
"""Looked for in this order: first those an official paper is set in."""
LATIN_FONT = "Libertinus Serif"
"""Comes with the compiler."""


def fonts_folder() -> Path:
    """Where an operator may put fonts, beside those of the system."""
    return Path(settings.HOME) / "fonts"


@lru_cache(maxsize=4)
def _fonts(folder: str, is_there: bool) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=True, font_paths=[folder] if is_there else [])


def _known() -> typst.Fonts:
    folder = fonts_folder()
    return _fonts(str(folder), folder.is_dir())


def chinese_font() -> str | None:
    """The Chinese font papers are set in; None where the machine has none."""
    families = {family.casefold() for family in _known().families()}
    return next((name for name in CHINESE_FONTS if name.casefold() in families), None)


def pdf_bytes(paper: Paper) -> bytes:
    """The paper as PDF. The caller has seen to it that there is a font (``chinese_font``)."""
    chinese = chinese_font()
    data: dict[str, Any] = {
        "title": paper.title,
        "number": paper.number,
        "issuer": paper.issuer,
        "foot": paper.foot,
        "page_of": paper.page_of,
        "lang": "zh" if paper.is_chinese else "en",
        "fonts": [name for name in (*(() if paper.is_chinese else (LATIN_FONT,)), chinese, LATIN_FONT) if name],
        "blocks": [_block(block.as_json()) for block in paper.blocks],
    }
    written = typst.compile(
        (files("anlan.core.papers") / "paper.typ").read_bytes(),
        font_paths=_known(),
        sys_inputs={"paper": printable(json.dumps(data, ensure_ascii=False))},
        # The compiler takes whole seconds only.
        timestamp=paper.made_at.replace(microsecond=0),
    )
    assert isinstance(written, bytes), "one document without a file name comes back as bytes"
    return written


def _block(block: dict[str, Any]) -> dict[str, Any]:
    """A table's columns as wide as what stands in them asks for, within bounds."""
    if block["kind"] == "table":
        columns = list(zip(block["head"], *block["rows"], strict=True))
        block["widths"] = [min(24, max(7, *(_wide(cell) for cell in column))) for column in columns]
    return block


def _wide(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)
