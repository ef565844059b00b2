"""Rows out of other people's files: CSV in any usual Chinese encoding, Excel, Parquet.

A row that can't be read is given as ``BrokenRow`` with its line and its text; reading goes on. A file
that is damaged as a whole is refused before its first row is given, so that nothing of it is taken.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from anlan.integrations.imports.delimited import csv_rows
from anlan.integrations.imports.rows import BrokenRow, FileRefused, SourceRow, columns_wrong, header_names

__all__ = ["BrokenRow", "FileRefused", "SourceRow", "row_count", "rows_of"]

PARQUET_BATCH = 20_000
EXCEL_MAX_BYTES = 2 << 30
"""Unpacked. A sheet has a million rows at most; what unpacks to more is no sheet."""
EXCEL_LARGE_BYTES, EXCEL_MOST_TIMES = 64 << 20, 150
"""Unpacked beyond the first, a workbook is at most so many times its size: rows of words shrink to a tenth."""


def rows_of(path: Path) -> Iterator[SourceRow | BrokenRow]:
    """All rows of a ``.csv``, ``.xlsx`` or ``.parquet`` file, in order.

    Raises ``FileRefused`` at the call itself, never between two rows.
    """
    if not path.is_file():
        raise FileRefused(f"找不到文件 {path.name}，请核对路径", f"there is no file {path.name}; check the path")
    readers = {".csv": csv_rows, ".txt": csv_rows, ".xlsx": _excel_rows, ".parquet": _parquet_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        known = "、".join(readers)
        raise FileRefused(
            f"不认识扩展名 {path.suffix or '（无）'}，可读：{known}",
            f"the ending {path.suffix or '(none)'} is not known; these can be read: {', '.join(readers)}",
        )
    return reader(path)


def row_count(path: Path) -> int | None:
    """How many rows there are, where that is cheap to know."""
    if path.suffix.lower() != ".parquet":
        return None
    try:
        return int(pq.ParquetFile(path).metadata.num_rows)
    except (pa.ArrowException, OSError):
        return None


def _excel_rows(path: Path) -> Iterator[SourceRow | BrokenRow]:
    try:
        table = _excel_table(path)
    except Exception as problem:  # a damaged workbook fails anywhere between zip, XML and the library
        raise FileRefused(
            f"{path.name} 不是完整的 Excel 文件，请重新导出", f"{path.name} is no whole Excel file; export it again"
        ) from problem
    header = header_names(table[0]) if table else []
    while header and not header[-1]:
        header.pop()
    if len([name for name in header if name]) < 2:
        raise FileRefused(f"{path.name} 没有表头或只有一列", f"{path.name} has no header, or one column only")
    return _excel_body(table, header)


def _excel_table(path: Path) -> list[tuple[Any, ...]]:
    """Every cell of the first sheet. All of it is read before a row is given: a sheet may end in the middle."""
    content = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(content) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
        may_be = max(EXCEL_LARGE_BYTES, EXCEL_MOST_TIMES * path.stat().st_size)
        if unpacked > min(EXCEL_MAX_BYTES, may_be):
            raise zipfile.BadZipFile(f"unpacks to {unpacked:,} bytes")
    book = openpyxl.load_workbook(content, read_only=True, data_only=True)
    return list(book.worksheets[0].iter_rows(values_only=True))


def _excel_body(table: list[tuple[Any, ...]], header: list[str]) -> Iterator[SourceRow | BrokenRow]:
    for line, values in enumerate(table[1:], start=2):
        if all(value in (None, "") for value in values):
            continue
        if any(value not in (None, "") for value in values[len(header) :]):
            raw = json.dumps(values, ensure_ascii=False, default=str)
            yield columns_wrong(line, raw, wanted=len(header), found=len(values))
            continue
        cells = (*values, *[None] * (len(header) - len(values)))
        yield SourceRow(line, {name: value for name, value in zip(header, cells, strict=False) if name})


def _parquet_rows(path: Path) -> Iterator[SourceRow | BrokenRow]:
    try:
        table = pq.ParquetFile(path)
        # Damage inside a page shows only when the page is read: all of them are, before the first row.
        for batch in table.iter_batches(PARQUET_BATCH):
            batch.validate(full=True)
    except (pa.ArrowException, OSError) as problem:
        raise FileRefused(
            f"{path.name} 不是完整的 Parquet 文件，请重新取得", f"{path.name} is no whole Parquet file; get it again"
        ) from problem
    return _parquet_body(table)


def _parquet_body(table: pq.ParquetFile) -> Iterator[SourceRow | BrokenRow]:
    line = 0
    for batch in table.iter_batches(PARQUET_BATCH):
        for fields in batch.to_pylist():
            line += 1
            yield SourceRow(line, fields)
