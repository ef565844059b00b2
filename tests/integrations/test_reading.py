"""Files as other offices save them: any usual encoding, Excel, Parquet; broken ones are told apart from odd rows."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anlan.integrations.imports.delimited import encoding_of
from anlan.integrations.imports.reading import BrokenRow, FileRefused, SourceRow, row_count, rows_of

TABLE = "编号,内容\r\n1,邻居吵架\r\n2,楼上漏水\r\n"
ROWS = [{"编号": "1", "内容": "邻居吵架"}, {"编号": "2", "内容": "楼上漏水"}]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def fields(path: Path) -> list[dict]:
    return [row.fields for row in rows_of(path) if isinstance(row, SourceRow)]


def faults(path: Path) -> list[tuple[int, str]]:
    return [(row.line, row.code) for row in rows_of(path) if isinstance(row, BrokenRow)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_sheet_is_read_in_every_usual_encoding(tmp_path, encoding):
    path = written(tmp_path / "a.csv", TABLE.encode(encoding))
    assert fields(path) == ROWS
    assert faults(path) == []


@pytest.mark.parametrize("separator", [",", "\t", ";", "，"])
def test_a_sheet_is_read_with_every_usual_separator(tmp_path, separator):
    assert fields(written(tmp_path / "a.txt", TABLE.replace(",", separator).encode())) == ROWS


def test_chinese_that_comes_late_in_a_long_file_still_decides_its_encoding(tmp_path):
    rows = "".join(f"{k},plain\r\n" for k in range(10_000))
    path = written(tmp_path / "a.csv", ("id,words\r\n" + rows + "x,邻居吵架\r\n").encode("gb18030"))
    assert path.stat().st_size > 100_000
    assert encoding_of(path) == "gb18030"
    assert fields(path)[-1] == {"id": "x", "words": "邻居吵架"}


def test_one_damaged_byte_parks_its_row_and_not_the_file(tmp_path):
    content = TABLE.encode() + b"3,\xe9\x82\xff\xe5\r\n" + "4,好\r\n".encode()
    path = written(tmp_path / "a.csv", content)
    assert [row["编号"] for row in fields(path)] == ["1", "2", "4"]
    assert faults(path) == [(4, "encoding")]
    broken = next(row for row in rows_of(path) if isinstance(row, BrokenRow))
    assert "\\xff" in broken.raw


def test_rows_with_other_column_counts_are_broken_and_keep_their_text(tmp_path):
    path = written(tmp_path / "a.csv", b"a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n\n , ,\n4,5,6\n")
    assert [row["a"] for row in fields(path)] == ["1", "1", "4"]
    assert faults(path) == [(3, "columns"), (4, "columns")]
    broken = [row for row in rows_of(path) if isinstance(row, BrokenRow)]
    assert [row.raw for row in broken] == ["1,2", "1,2,3,4"]
    assert broken[0].reason_zh == "应有 3 列，实有 2 列"
    assert broken[0].reason_en == "3 columns wanted, 2 found"


def test_a_quotation_mark_never_closed_costs_its_own_line_only(tmp_path):
    path = written(tmp_path / "a.csv", b'a,b\n1,x\n2,"never closed\n3,y\n4,"two\nlines"\n5,z\n6,"cut off')
    assert [(row["a"], row["b"]) for row in fields(path)] == [("1", "x"), ("3", "y"), ("4", "two\nlines"), ("5", "z")]
    assert faults(path) == [(3, "quote"), (8, "quote")]


def test_a_narrative_of_a_megabyte_is_one_field(tmp_path):
    long = "长" * 350_000 + '，他说""好""'
    path = written(tmp_path / "a.csv", f'a,b\n1,"{long}"\n2,x\n'.encode())
    assert [len(row["b"]) for row in fields(path)] == [len(long) - 2, 1]


def test_zero_bytes_and_control_characters_do_not_end_the_reading(tmp_path):
    path = written(tmp_path / "a.csv", "a,b\n1,x\x00y\n2,\x01\u202ez\x7f\n3,=1+1\n".encode())
    assert [row["b"] for row in fields(path)] == ["x\x00y", "\x01\u202ez\x7f", "=1+1"]


def test_two_columns_of_one_name_are_told_apart(tmp_path):
    assert fields(written(tmp_path / "a.csv", b"id,addr,addr\n1,x,y\n")) == [{"id": "1", "addr": "x", "addr#2": "y"}]


def workbook(path: Path, rows) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_an_excel_sheet_gives_its_cells_and_odd_rows_are_broken(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["编号", "内容"], [1, "甲"], [None, None], [2, None], [3, "丙", "多"]])
    assert fields(path) == [{"编号": 1, "内容": "甲"}, {"编号": 2, "内容": None}]
    assert faults(path) == [(5, "columns")]


def test_text_that_looks_like_a_formula_stays_text(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([1, "x"])
    book.active["B2"].value = "=HYPERLINK(1)"
    book.active["B2"].data_type = "s"
    book.save(tmp_path / "a.xlsx")
    assert fields(tmp_path / "a.xlsx") == [{"a": 1, "b": "=HYPERLINK(1)"}]


def parquet(path: Path, columns: dict) -> Path:
    pq.write_table(pa.table(columns), path, compression="none")
    return path


def test_a_parquet_file_gives_its_rows(tmp_path):
    path = parquet(tmp_path / "a.parquet", {"a": [1, 2], "b": ["x", None]})
    assert fields(path) == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    assert row_count(path) == 2


def half(path: Path) -> Path:
    return written(path.with_name(f"half-{path.name}"), path.read_bytes()[: path.stat().st_size // 2])


def inside_damaged(path: Path) -> Path:
    """A workbook whole as an archive whose sheet breaks off in the middle of its rows."""
    out = path.with_name(f"inner-{path.name}")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[: len(content) * 2 // 3] if name.endswith("sheet1.xml") else content)
    return out


def page_damaged(path: Path) -> Path:
    """A Parquet file with a whole footer and a text page that is no longer text."""
    content = path.read_bytes()
    at = content.index("邻居".encode())
    return written(path.with_name(f"page-{path.name}"), content[:at] + b"\xff\xfe\xff" + content[at + 3 :])


def test_a_damaged_file_is_refused_before_its_first_row_in_both_languages(tmp_path):
    sheet = workbook(tmp_path / "a.xlsx", [["a", "b"], *[[k, f"words {k}"] for k in range(500)]])
    table = parquet(tmp_path / "a.parquet", {"a": list(range(500)), "b": [f"邻居{k}" for k in range(500)]})
    text = written(tmp_path / "text.xlsx", TABLE.encode())
    for path in (half(sheet), inside_damaged(sheet), text, half(table), page_damaged(table)):
        with pytest.raises(FileRefused) as caught:
            rows_of(path)
        assert path.name in caught.value.reason_zh
        assert path.name in caught.value.reason_en
        assert "完整" in caught.value.reason_zh
        assert "whole" in caught.value.reason_en


def test_what_is_no_table_is_refused_with_what_to_do(tmp_path):
    shutil.copy(written(tmp_path / "a.csv", b""), tmp_path / "a.doc")
    only_header_less = written(tmp_path / "one.csv", b"just words\nmore words\n")
    for path in (tmp_path / "a.csv", tmp_path / "a.doc", tmp_path / "none.csv", only_header_less, tmp_path):
        with pytest.raises(FileRefused) as caught:
            rows_of(path)
        assert caught.value.reason_zh != caught.value.reason_en
