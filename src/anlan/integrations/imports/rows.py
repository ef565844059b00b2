"""What reading a file gives: rows, rows that can't be read, or a refusal of the whole file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row as it came: its line (1 is the header of a sheet) and its fields by column name."""

    line: int
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that could not be taken: its text as it came, and why, in both languages."""

    line: int
    raw: str
    code: str
    reason_zh: str
    reason_en: str


class FileRefused(Exception):
    """The file as a whole can't be read; ``reason_zh`` and ``reason_en`` say why and what to do."""

    def __init__(self, reason_zh: str, reason_en: str) -> None:
        super().__init__(f"{reason_zh} / {reason_en}")
        self.reason_zh, self.reason_en = reason_zh, reason_en


def header_names(cells: Sequence[Any]) -> list[str]:
    """Column names without blanks around them; a name that comes again gets ``#2``, ``#3`` …"""
    names: list[str] = []
    for cell in cells:
        name = "" if cell is None else str(cell).replace("\ufeff", "").strip()
        again = sum(known == name or known.startswith(f"{name}#") for known in names) if name else 0
        names.append(f"{name}#{again + 1}" if again else name)
    return names


def columns_wrong(line: int, raw: str, *, wanted: int, found: int) -> BrokenRow:
    """A row with more or fewer cells than the header."""
    zh = f"应有 {wanted} 列，实有 {found} 列"
    return BrokenRow(line, raw, "columns", zh, f"{wanted} columns wanted, {found} found")
