"""Figures and bulletins as files for a spreadsheet, in which no cell can become a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext

from anlan.accounts.models import Organisation
from anlan.reports.selectors.bulletin import Bulletin, BulletinRow, BulletinTable
from anlan.reports.selectors.figures import Figure

# openpyxl is loaded where a workbook is made: every process would wait for it at its start.
if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell

Cell = str | int | float | None
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠", "−")
SHEET_NAME_CHARS = 31
NO_SHEET_HOLDS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a name: a head and rows of texts and numbers."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def cell_safe(value: Cell | Promise) -> Cell:
    """A text that a spreadsheet takes as text: one that could start a formula gets an apostrophe before it.

    Blanks in front don't hide it. Numbers stay numbers; characters no sheet can hold are dropped.
    """
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    text = NO_SHEET_HOLDS.sub("", str(value))
    return f"'{text}" if text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS) else text


def sheets_csv(sheets: Iterable[Sheet]) -> bytes:
    """All tables under one another, each with its name above; UTF-8 with the mark spreadsheets look for."""
    out = io.StringIO()
    writer = csv.writer(out)
    for k, sheet in enumerate(sheets):
        if k:
            writer.writerow([])
        writer.writerow([cell_safe(sheet.name)])
        writer.writerow([cell_safe(cell) for cell in sheet.head])
        writer.writerows([cell_safe(cell) for cell in row] for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")


def sheets_xlsx(sheets: Iterable[Sheet]) -> bytes:
    """One worksheet for each table; every text is typed as text."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(title=_sheet_name(sheet.name, book.sheetnames))
        page.freeze_panes = "A2"
        page.append([_cell(page, name, bold=True) for name in sheet.head])
        for row in sheet.rows:
            page.append([_cell(page, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(page: object, value: Cell, *, bold: bool = False) -> WriteOnlyCell:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    safe = cell_safe(value)
    cell = WriteOnlyCell(page, value=safe)
    if isinstance(safe, str):
        cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _sheet_name(name: str, taken: Sequence[str]) -> str:
    plain = "".join(" " if char in r"[]:*?/\'" else char for char in name)[: SHEET_NAME_CHARS - 3].strip() or "-"
    found, again = plain, 1
    while found in taken:
        again += 1
        found = f"{plain} {again}"
    return found


def figures_sheet(figures: Iterable[Figure]) -> Sheet:
    """The figures of a period as one table, with everything needed to judge them."""
    head = [
        gettext("Figure"),
        gettext("Name"),
        gettext("Value"),
        gettext("Measured in"),
        gettext("Counted"),
        gettext("Looked at"),
        "n",
        gettext("Interval from"),
        gettext("Interval to"),
        gettext("Method"),
        gettext("Formula"),
        gettext("Version"),
    ]
    rows: list[list[Cell]] = [
        [
            figure.key,
            str(figure.name),
            figure.value,
            figure.measure,
            figure.numerator,
            figure.denominator,
            figure.n,
            figure.low,
            figure.high,
            str(figure.method),
            str(figure.formula),
            figure.version,
        ]
        for figure in figures
    ]
    return Sheet(gettext("Figures"), head, rows)


def bulletin_sheets(report: Bulletin) -> list[Sheet]:
    """The bulletin as tables: one for each measure, the check of the button, and the unfinished sheets."""
    return [
        *(_measure_sheet(table, report) for table in (*report.tables, report.button)),
        Sheet(
            gettext("Sheets not finished"),
            [gettext("Incident"), gettext("Unit"), gettext("Organisation"), gettext("State"), gettext("Sent at")],
            [
                [row.number, row.unit, row.organisation, row.state_text, _local(row.sent_at)]
                for row in report.unfinished
            ],
        ),
    ]


def _measure_sheet(table: BulletinTable, report: Bulletin) -> Sheet:
    head = [gettext("Organisation"), "n"]
    for label in table.measure.buckets:
        head += [str(label), gettext("share"), gettext("from"), gettext("to")]
    head.append(gettext("First column against the others"))
    rows = [_measure_row(row) for row in (table.total, *table.rows)]
    rows.append([gettext("Period"), _local(report.start), _local(report.end), gettext("Version"), report.version])
    rows.append([str(table.measure.says)])
    return Sheet(str(table.measure.name), head, rows)


def _measure_row(row: BulletinRow) -> list[Cell]:
    cells: list[Cell] = [organisation_name(row.organisation), row.n]
    for bucket in row.buckets:
        cells += [bucket.count, bucket.share, bucket.low, bucket.high]
    return [*cells, str(row.compared_text)]


def organisation_name(org: Organisation | None) -> str:
    """The organisation's name in the reader's language; None is all of them."""
    if org is None:
        return gettext("All together")
    return org.name_zh if (get_language() or "").startswith("zh") else org.name_en


def _local(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
