"""A paper composed once, as plain blocks, and written as PDF or DOCX."""

from anlan.core.papers.blocks import Block, Fields, Heading, Paper, Signatures, Table, Text
from anlan.core.papers.docx import docx_bytes
from anlan.core.papers.pdf import CHINESE_FONTS, chinese_font, fonts_folder, pdf_bytes

__all__ = [
    "CHINESE_FONTS",
    "Block",
    "Fields",
    "Heading",
    "Paper",
    "Signatures",
    "Table",
    "Text",
    "chinese_font",
    "docx_bytes",
    "fonts_folder",
    "pdf_bytes",
]
