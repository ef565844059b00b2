"""A paper as DOCX, to be changed by hand; the fonts are those of whoever opens it."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from anlan.core.papers.blocks import Block, Fields, Heading, Paper, Signatures, Table, Text, printable

BODY_FONT = "FangSong"
HEAD_FONT = "SimSun"
LATIN_FONT = "Times New Roman"
COUNTED = {"{page}": "PAGE", "{pages}": "NUMPAGES"}
"""The fields of a word processor behind the blanks of ``Paper.page_of``."""


def docx_bytes(paper: Paper) -> bytes:
    """The paper as DOCX; the same paper gives the same bytes."""
    document = Document()
    _page_set(document)
    _style_set(document)
    if paper.issuer:
        document.add_paragraph(printable(paper.issuer)).alignment = WD_ALIGN_PARAGRAPH.CENTER
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run(printable(paper.title))
    run.bold, run.font.size = True, Pt(18)
    _east_asian(run, HEAD_FONT)
    document.add_paragraph(printable(paper.number)).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for block in paper.blocks:
        _block_add(document, block, is_chinese=paper.is_chinese)
    _foot_add(document, paper)
    properties = document.core_properties
    made = paper.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    properties.title, properties.author = printable(paper.title), "Anlan"
    properties.created = properties.modified = made
    out = io.BytesIO()
    document.save(out)
    return _same_bytes(out.getvalue())


def _page_set(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(26)
    section.top_margin, section.bottom_margin = Mm(24), Mm(22)


def _foot_add(document: Any, paper: Paper) -> None:
    """What stands below each page, and at its right which page of how many it is, counted by whoever opens it."""
    section, foot = document.sections[0], document.sections[0].footer.paragraphs[0]
    stops = foot.paragraph_format.tab_stops
    stops.clear_all()
    stops.add_tab_stop(section.page_width - section.left_margin - section.right_margin, WD_TAB_ALIGNMENT.RIGHT)
    foot.add_run(f"{printable(paper.foot)}\t")
    for part in re.split(r"(\{pages?\})", paper.page_of):
        if part in COUNTED:
            _field_add(foot, COUNTED[part])
        else:
            foot.add_run(printable(part))


def _field_add(paragraph: Any, code: str) -> None:
    """A field that the program counts anew; until it does, a 1 stands there."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _style_set(document: Any) -> None:
    style = document.styles["Normal"]
    style.font.name, style.font.size = LATIN_FONT, Pt(12)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY_FONT)


def _east_asian(run: Any, font: str) -> None:
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _block_add(document: Any, block: Block, *, is_chinese: bool) -> None:
    match block:
        case Heading():
            document.add_paragraph().add_run(printable(block.text)).bold = True
        case Text():
            for line in block.lines:
                paragraph = document.add_paragraph(printable(line))
                if is_chinese:
                    paragraph.paragraph_format.first_line_indent = Pt(24)
        case Fields():
            for name, value in block.rows:
                paragraph = document.add_paragraph()
                paragraph.add_run(f"{printable(name)}{'：' if is_chinese else ': '}").bold = True
                paragraph.add_run(printable(value))
        case Table():
            _table_add(document, block)
        case Signatures():
            for name in block.names:
                _kept_together(document, f"{printable(name)}  ____________________    {block.date}  ______________")
            if block.seal:
                _kept_together(document, f"{printable(block.seal)}\n\n\n{block.date}  ______________")


def _kept_together(document: Any, text: str) -> None:
    """Where one signs and where one dates it stay on one page."""
    document.add_paragraph(text).paragraph_format.keep_together = True


def _table_add(document: Any, block: Table) -> None:
    table = document.add_table(rows=1, cols=len(block.head), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, block.head, strict=True):
        cell.paragraphs[0].add_run(printable(text)).bold = True
    for row in block.rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = printable(text)
    document.add_paragraph()


def _same_bytes(written: bytes) -> bytes:
    """The archive without the clock of this machine in it."""
    out = io.BytesIO()
    moment = datetime(1980, 1, 1, tzinfo=UTC).timetuple()[:6]
    with zipfile.ZipFile(io.BytesIO(written)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(zipfile.ZipInfo(entry.filename, moment), old.read(entry), zipfile.ZIP_DEFLATED)
    return out.getvalue()
