"""Files made to do harm: refused by what they hold, before a row is taken and without reading what they point at."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from anlan.integrations.imports import reading
from anlan.integrations.imports.reading import FileRefused, rows_of

SHEET = "xl/worksheets/sheet1.xml"
CANARY = "words of another file"


def workbook(path: Path, *rows: tuple[object, ...]) -> Path:
    book = openpyxl.Workbook()
    for row in rows or [("a", "b"), (1, 2)]:
        book.active.append(row)
    book.save(path)
    return path


def altered(path: Path, change) -> Path:
    """The same workbook with its sheet put through ``change``."""
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    parts[SHEET] = change(parts[SHEET])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return path


def with_entities(doctype: str, used: str):
    def change(sheet: bytes) -> bytes:
        cell = f'<row r="3"><c r="A3" t="inlineStr"><is><t>{used}</t></is></c></row></sheetData>'
        return doctype.encode() + sheet.replace(b"</sheetData>", cell.encode())

    return change


def told(path: Path) -> str:
    """Everything read from it; empty where it is refused."""
    try:
        return repr(list(rows_of(path)))
    except FileRefused:
        return ""


def test_a_workbook_that_points_at_another_file_does_not_bring_its_words(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY)
    doctype = f'<!DOCTYPE sheet [<!ENTITY other SYSTEM "{secret.as_uri()}">]>'
    assert CANARY not in told(altered(workbook(tmp_path / "a.xlsx"), with_entities(doctype, "&other;")))


def test_a_workbook_whose_words_multiply_a_billionfold_is_refused(tmp_path):
    entities = '<!ENTITY e0 "haha">' + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f"<!DOCTYPE sheet [{entities}]>"
    assert "haha" * 100 not in told(altered(workbook(tmp_path / "a.xlsx"), with_entities(doctype, "&e9;")))


def test_a_small_workbook_that_unpacks_to_very_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    path = altered(workbook(tmp_path / "a.xlsx"), lambda sheet: sheet + b" " * (reading.EXCEL_LARGE_BYTES + 1))
    assert path.stat().st_size < 1 << 20
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *_words, **_more: pytest.fail("it was unpacked"))
    with pytest.raises(FileRefused):
        rows_of(path)


def test_a_large_workbook_of_real_rows_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "EXCEL_LARGE_BYTES", 10_000)
    path = workbook(tmp_path / "a.xlsx", ("a", "b"), *((number, f"words {number * 7919}") for number in range(400)))
    assert len(list(rows_of(path))) == 400


def test_zeros_in_a_table_are_characters_and_no_end(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,x\x00y\n\x00\x00,z\n2,w\n")
    assert [row.fields["b"] for row in rows_of(path)] == ["x\x00y", "z", "w"]
