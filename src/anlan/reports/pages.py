"""The weekly bulletin as a page and as files. The page of figures is the console's."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_date

from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.reports.outside_pages import outside_file, outside_page
from anlan.reports.selectors import Bulletin, bulletin, bulletin_sheets, organisation_asked, sheets_csv, sheets_xlsx

FILES = {
    "csv": (sheets_csv, "text/csv; charset=utf-8"),
    "xlsx": (sheets_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
LAST_YEAR = 9000


def _asked(request: HttpRequest, action: str) -> Bulletin:
    """The bulletin of the week asked for; by default of the last full week."""
    actor = page_actor(request, action)
    last_week = timezone.localtime(now()).date() - timedelta(days=7)
    org = organisation_asked(actor, request.GET.get("organisation", ""))
    return bulletin(actor, week_start=_week(request) or last_week, organisation=org)


def _week(request: HttpRequest) -> date | None:
    try:
        asked = parse_date(request.GET.get("week", ""))
    except ValueError:
        return None
    return asked if asked is not None and 1970 <= asked.year <= LAST_YEAR else None


def bulletin_page(request: HttpRequest) -> HttpResponse:
    """How fast sheets were signed, set off, arrived and reported in a week."""
    report = _asked(request, "reports.view")
    monday = timezone.localtime(report.start).date()
    context = {
        "report": report,
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "before": monday - timedelta(days=7),
        "next": monday + timedelta(days=7),
        "organisation": request.GET.get("organisation", ""),
        "default_theme": "light",
    }
    response = render(request, "reports/bulletin.html", context)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def bulletin_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The same as CSV or XLSX; texts that a spreadsheet would run as a formula stay texts."""
    report = _asked(request, "reports.export")
    write, content_type = FILES[kind]
    response = HttpResponse(write(bulletin_sheets(report)), content_type=content_type)
    name = f"bulletin-{timezone.localtime(report.start):%Y-%m-%d}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


app_name = "reports"
urlpatterns = [
    path("reports/bulletin", bulletin_page, name="bulletin"),
    path("reports/bulletin.csv", bulletin_file, {"kind": "csv"}, name="bulletin_csv"),
    path("reports/bulletin.xlsx", bulletin_file, {"kind": "xlsx"}, name="bulletin_xlsx"),
    path("reports/outside", outside_page, name="outside"),
    path("reports/outside.csv", outside_file, name="outside_csv"),
]
