"""Rows out of other people's files: CSV in any usual Chinese encoding, Excel, Parquet.

A row that can't be read is given as ``BrokenRow`` with its line and its text; reading goes on.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

ENCODINGS = ("utf-8-sig", "gb18030", "utf-16")
SNIFF_BYTES = 64 * 1024
PARQUET_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row as it came: its line (1 is the header of a sheet) and its fields by column name."""

    line: int
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that could not even be read."""

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


def rows_of(path: Path) -> Iterator[SourceRow | BrokenRow]:
    """All rows of a ``.csv``, ``.xlsx`` or ``.parquet`` file, in order. Raises ``FileRefused``."""
    if not path.is_file():
        raise FileRefused(f"找不到文件 {path.name}，请核对路径", f"there is no file {path.name}; check the path")
    readers = {".csv": _csv_rows, ".txt": _csv_rows, ".xlsx": _excel_rows, ".parquet": _parquet_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        known = "、".join(readers)
        raise FileRefused(
            f"不认识扩展名 {path.suffix or '（无）'}，可读：{known}",
            f"the ending {path.suffix or '(none)'} is not known; these can be read: {', '.join(readers)}",
        )
    yield from reader(path)


def row_count(path: Path) -> int | None:
    """How many rows there are, where that is cheap to know."""
    return pq.ParquetFile(path).metadata.num_rows if path.suffix.lower() == ".parquet" else None


def _encoding_of(path: Path) -> str:
    head = path.open("rb").read(SNIFF_BYTES)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    for encoding in ENCODINGS[:2]:
        # A sample may end in the middle of a character: drop up to three bytes and try again.
        for cut in range(4):
            try:
                head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return encoding
    raise FileRefused(
        f"{path.name} 既不是 UTF-8 也不是 GB18030 编码，请另存为 UTF-8 后重试",
        f"{path.name} is neither UTF-8 nor GB18030; save it as UTF-8 and try again",
    )


def _csv_rows(path: Path) -> Iterator[SourceRow | BrokenRow]:
    encoding = _encoding_of(path)
    with path.open("r", encoding=encoding, errors="surrogateescape", newline="") as file:
        sample = file.read(4096)
        file.seek(0)
        delimiter = max(",\t;，", key=sample.split("\n", 1)[0].count)
        reader = csv.reader(file, delimiter=delimiter)
        header = [name.strip().lstrip("\ufeff") for name in next(reader, [])]
        if len(header) < 2:
            raise FileRefused(f"{path.name} 没有表头或只有一列", f"{path.name} has no header, or one column only")
        yield from _csv_body(reader, header, delimiter)


def _csv_body(reader: Any, header: list[str], delimiter: str) -> Iterator[SourceRow | BrokenRow]:
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            yield BrokenRow(reader.line_num, "", "csv", f"CSV 无法解析：{problem}", f"CSV can't be parsed: {problem}")
            continue
        if not any(value.strip() for value in values):
            continue
        raw = delimiter.join(values)
        if any("\udc80" <= char <= "\udcff" for char in raw):
            shown = raw.encode("utf-8", "replace").decode()
            yield BrokenRow(reader.line_num, shown, "encoding", "该行含无法解码的字节", "bytes that can't be decoded")
        elif len(values) != len(header):
            zh = f"应有 {len(header)} 列，实有 {len(values)} 列"
            yield BrokenRow(reader.line_num, raw, "columns", zh, f"{len(header)} columns wanted, {len(values)} found")
        else:
            yield SourceRow(reader.line_num, dict(zip(header, values, strict=True)))


def _excel_rows(path: Path) -> Iterator[SourceRow | BrokenRow]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as problem:
        raise FileRefused(
            f"{path.name} 不是完整的 Excel 文件，请重新导出", f"{path.name} is no whole Excel file; export it again"
        ) from problem
    sheet = book.worksheets[0]
    rows = sheet.iter_rows(values_only=True)
    header = [str(name or "").strip() for name in next(rows, ())]
    for line, values in enumerate(rows, start=2):
        if any(value not in (None, "") for value in values):
            yield SourceRow(line, {n: v for n, v in zip(header, values, strict=False) if n})


def _parquet_rows(path: Path) -> Iterator[SourceRow | BrokenRow]:
    try:
        table = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as problem:
        raise FileRefused(
            f"{path.name} 不是完整的 Parquet 文件，请重新取得", f"{path.name} is no whole Parquet file; get it again"
        ) from problem
    line = 0
    for batch in table.iter_batches(PARQUET_BATCH):
        for fields in batch.to_pylist():
            line += 1
            yield SourceRow(line, fields)
