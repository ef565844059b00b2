"""CSV in any encoding usual in Chinese offices.

A quotation mark that is opened and never closed would make everything after it one row: such a row is
given back alone as broken, and reading goes on with the next line.
"""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from anlan.integrations.imports.rows import BrokenRow, FileRefused, SourceRow, columns_wrong, header_names

BLOCK_BYTES = 1 << 20
FIELD_MAX_CHARS = 8 << 20
"""Longer than any narrative; what is longer is no field but a quotation mark that was never closed."""

# The library's own limit (128 Ki characters for the whole process) would refuse a long narrative.
csv.field_size_limit(FIELD_MAX_CHARS)


def csv_rows(path: Path) -> Iterator[SourceRow | BrokenRow]:
    """The rows of a CSV file. Raises ``FileRefused`` at once when its header can't be read."""
    encoding = encoding_of(path)
    with _opened(path, encoding) as file:
        first = file.readline()
        delimiter = max(",\t;，", key=first.count)
        file.seek(0)
        try:
            header = header_names(next(csv.reader(file, delimiter=delimiter, strict=True), []))
        except csv.Error:
            header = []
    if len(header) < 2 or not any(header):
        raise FileRefused(
            f"{path.name} 没有表头或只有一列，请核对分隔符与编码后重试",
            f"{path.name} has no header, or one column only; check its separator and encoding and try again",
        )
    return _rows(path, encoding, delimiter, header)


def encoding_of(path: Path) -> str:
    """The encoding of a text file: UTF-8, GB18030 or UTF-16, the one that fits its bytes."""
    with path.open("rb") as file:
        head = file.read(4096)
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    if head.count(0) * 5 > len(head) > 1:  # many zeros: every second byte of Latin text in UTF-16
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    strange, beyond_ascii = _undecodable(path)
    # Of Chinese in GB18030 hardly a character happens to be UTF-8; of damaged UTF-8 most still are.
    return "gb18030" if strange * 4 > beyond_ascii else "utf-8-sig"


def _undecodable(path: Path) -> tuple[int, int]:
    """How many bytes of a file are no UTF-8, and how many are beyond ASCII at all."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    strange = beyond_ascii = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            if not block.isascii():
                beyond_ascii += sum(byte > 127 for byte in block)
                strange += _escaped(decoder.decode(block))
    return strange + _escaped(decoder.decode(b"", final=True)), beyond_ascii


def _escaped(text: str) -> int:
    return 0 if text.isascii() else sum("\udc80" <= char <= "\udcff" for char in text)


def _opened(path: Path, encoding: str) -> TextIO:
    errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"
    return path.open("r", encoding=encoding, errors=errors, newline="")


class _Lines:
    """The lines of a file, counted; those of the record being read may be put back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._back: deque[str] = deque()
        self.number = 0
        self.record: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._file)
        self.number += 1
        self.record.append(line)
        return line

    def record_begin(self) -> int:
        """Forget the record before; returns the line the next one starts on."""
        self.record = []
        return self.number + 1

    def put_back_all_but_first(self) -> None:
        self._back.extendleft(reversed(self.record[1:]))
        self.number -= len(self.record) - 1
        del self.record[1:]


def _rows(path: Path, encoding: str, delimiter: str, header: Sequence[str]) -> Iterator[SourceRow | BrokenRow]:
    with _opened(path, encoding) as file:
        lines = _Lines(file)
        # Strict: text after a closing mark, or none to close, is an error and not silently part of a field.
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        next(reader)
        while True:
            line = lines.record_begin()
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error:
                lines.put_back_all_but_first()
                zh, en = "引号没有闭合或位置不对", "a quotation mark is not closed or in the wrong place"
                yield BrokenRow(line, _raw(lines.record), "quote", zh, en)
                continue
            if any(value.strip() for value in values):
                yield _row(line, values, header, lines.record)


def _row(line: int, values: list[str], header: Sequence[str], record: Sequence[str]) -> SourceRow | BrokenRow:
    while len(values) > len(header) and not values[-1].strip():
        values.pop()
    if any(_escaped(text) or "\ufffd" in text for text in record):
        zh, en = "该行含无法解码的字节", "the line holds bytes that can't be decoded"
        return BrokenRow(line, _raw(record), "encoding", zh, en)
    if len(values) != len(header):
        return columns_wrong(line, _raw(record), wanted=len(header), found=len(values))
    return SourceRow(line, {name: value for name, value in zip(header, values, strict=True) if name})


def _raw(record: Sequence[str]) -> str:
    """The lines of a row as they came; bytes that mean nothing are shown as ``\\x..``."""
    text = "".join(record).rstrip("\r\n")
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
