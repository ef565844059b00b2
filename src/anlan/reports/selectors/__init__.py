"""Questions to this room."""

from anlan.reports.definitions import GROUPS
from anlan.reports.selectors.bulletin import Bulletin, BulletinRow, BulletinTable, Measure, bulletin, week_of
from anlan.reports.selectors.exports import (
    Sheet,
    bulletin_sheets,
    cell_safe,
    figures_sheet,
    organisation_name,
    sheets_csv,
    sheets_xlsx,
)
from anlan.reports.selectors.figures import Figure, duration_text
from anlan.reports.selectors.kpi import Step, kpi_all, kpi_find, kpi_one, kpi_series, organisation_asked
from anlan.reports.selectors.records import Record, RecordPage, kpi_records

__all__ = [
    "GROUPS",
    "Bulletin",
    "BulletinRow",
    "BulletinTable",
    "Figure",
    "Measure",
    "Record",
    "RecordPage",
    "Sheet",
    "Step",
    "bulletin",
    "bulletin_sheets",
    "cell_safe",
    "duration_text",
    "figures_sheet",
    "kpi_all",
    "kpi_find",
    "kpi_one",
    "kpi_records",
    "kpi_series",
    "organisation_asked",
    "organisation_name",
    "sheets_csv",
    "sheets_xlsx",
    "week_of",
]
