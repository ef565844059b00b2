"""The weekly bulletin and counts for outside, as pages and as files. The page of figures is the console's."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from anlan.core.clock import now
from anlan.core.errors import BadInput, DomainError
from anlan.core.pages import page_actor
from anlan.reports.models import ReleasedMonth
from anlan.reports.rules import AXES, OUTSIDE_CLOSED_AFTER, OUTSIDE_LEAST, OUTSIDE_STEP
from anlan.reports.selectors import Bulletin, bulletin, bulletin_sheets, organisation_asked, sheets_csv, sheets_xlsx
from anlan.reports.selectors.outside import months_between
from anlan.reports.services import export_outside

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


MONTH = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])")
MONTHS_MOST = 60
"""So many at once: each month not released yet is counted first."""
RIGHT = "reports.export_outside"


def outside_page(request: HttpRequest) -> HttpResponse:
    """What may be taken out, by which rule, and which months are released."""
    page_actor(request, RIGHT)
    return _outside(request, {})


@require_POST
def outside_file(request: HttpRequest) -> HttpResponse:
    """The table as CSV; that it was taken out, by whom and which, is on the record."""
    actor, at = page_actor(request, RIGHT), now()
    first, last = (request.POST.get(name, "").strip() for name in ("first", "last"))
    axes = request.POST.getlist("by")
    try:
        _check(first, last)
        sheet = export_outside(first=first, last=last, axes=axes, by=actor, at=at)
    except DomainError as refusal:
        if "application/json" in request.headers.get("Accept", ""):
            raise
        told = {"first": first, "last": last, "axes": axes, "refusal": refusal}
        return _outside(request, told, status=refusal.status)
    response = HttpResponse(sheets_csv([sheet]), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="outside-{first}-{last}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _check(first: str, last: str) -> None:
    for name, month in (("first", first), ("last", last)):
        if not MONTH.fullmatch(month):
            raise BadInput(field=name, problem=month[:20] or "–")
    if not 0 < len(months_between(first, last)) <= MONTHS_MOST:
        raise BadInput(field="last", problem=f"{first} – {last} ({MONTHS_MOST})")


def _outside(request: HttpRequest, told: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context = {
        "months": list(ReleasedMonth.objects.order_by("-month")[:MONTHS_MOST]),
        "axes": list(AXES),
        "least": OUTSIDE_LEAST,
        "step": OUTSIDE_STEP,
        "closed_after": OUTSIDE_CLOSED_AFTER,
        "default_theme": "light",
        **told,
    }
    response = render(request, "reports/outside.html", context, status=status)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


app_name = "reports"
urlpatterns = [
    path("reports/bulletin", bulletin_page, name="bulletin"),
    path("reports/bulletin.csv", bulletin_file, {"kind": "csv"}, name="bulletin_csv"),
    path("reports/bulletin.xlsx", bulletin_file, {"kind": "xlsx"}, name="bulletin_xlsx"),
    path("reports/outside", outside_page, name="outside"),
    path("reports/outside.csv", outside_file, name="outside_csv"),
]
