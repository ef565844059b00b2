"""Questions to this room."""

from anlan.reports.definitions import GROUPS
from anlan.reports.rules import AIMS, HEAT_BANDS, HEAT_BY_STATION, HEAT_LEAST, HEAT_NEVER, heat_place, is_delicate
from anlan.reports.selectors.bulletin import Bulletin, BulletinRow, BulletinTable, Measure, bulletin, week_of
from anlan.reports.selectors.clock_hours import ClockHours, ClockRow, clock_hours, clock_hours_sheet, peak_hours
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
from anlan.reports.selectors.heat import HEAT_KEY, Heat, HeatDay, heat_day
from anlan.reports.selectors.kpi import (
    Step,
    Sums,
    figure_counted,
    kpi_all,
    kpi_find,
    kpi_one,
    kpi_series,
    kpi_some,
    organisation_asked,
)
from anlan.reports.selectors.records import Record, RecordPage, kpi_records
from anlan.reports.selectors.weekday import (
    WEEKDAY_VERSION,
    Against,
    WeekdayPast,
    against_hours,
    against_weekday,
    weekday_past,
)

__all__ = [
    "AIMS",
    "GROUPS",
    "HEAT_BANDS",
    "HEAT_BY_STATION",
    "HEAT_KEY",
    "HEAT_LEAST",
    "HEAT_NEVER",
    "WEEKDAY_VERSION",
    "Against",
    "Bulletin",
    "BulletinRow",
    "BulletinTable",
    "ClockHours",
    "ClockRow",
    "Figure",
    "Heat",
    "HeatDay",
    "Measure",
    "Record",
    "RecordPage",
    "Sheet",
    "Step",
    "Sums",
    "WeekdayPast",
    "against_hours",
    "against_weekday",
    "bulletin",
    "bulletin_sheets",
    "cell_safe",
    "clock_hours",
    "clock_hours_sheet",
    "duration_text",
    "figure_counted",
    "figures_sheet",
    "heat_day",
    "heat_place",
    "is_delicate",
    "kpi_all",
    "kpi_find",
    "kpi_one",
    "kpi_records",
    "kpi_series",
    "kpi_some",
    "organisation_asked",
    "organisation_name",
    "peak_hours",
    "sheets_csv",
    "sheets_xlsx",
    "week_of",
    "weekday_past",
]
