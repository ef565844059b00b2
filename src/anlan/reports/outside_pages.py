"""Counts for outside the house as a page: chosen and taken out as a file. Never anything but released cells."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from anlan.core.clock import now
from anlan.core.errors import BadInput, DomainError
from anlan.core.pages import page_actor
from anlan.reports.models import ReleasedMonth
from anlan.reports.rules import AXES, OUTSIDE_CLOSED_AFTER, OUTSIDE_LEAST, OUTSIDE_STEP
from anlan.reports.selectors import sheets_csv
from anlan.reports.selectors.outside import months_between
from anlan.reports.services import export_outside

MONTH = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])")
MONTHS_MOST = 60
"""So many at once: each month not released yet is counted first."""
RIGHT = "reports.export_outside"


def outside_page(request: HttpRequest) -> HttpResponse:
    """What may be taken out, by which rule, and which months are released."""
    page_actor(request, RIGHT)
    return _page(request, {})


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
        return _page(request, told, status=refusal.status)
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


def _page(request: HttpRequest, told: dict[str, Any], *, status: int = 200) -> HttpResponse:
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
