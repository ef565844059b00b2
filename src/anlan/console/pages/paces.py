"""How long roads take here, as learned from own drives: by class and part of the week, each opening to its drives."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.console.screen import screen
from anlan.core.pages import page_actor
from anlan.dispatch.selectors.road_drives import drives_there
from anlan.places.rules import PACE_DRIVES_LEAST
from anlan.places.selectors import pace_row_in_use, paces_shown
from anlan.units.models import Unit

ROWS_SHOWN = 200
BANDS = {
    "workday_morning": _("workdays 7–9"),
    "workday_day": _("workdays 9–16"),
    "workday_evening": _("workdays 16–19"),
    "workday_late": _("workdays 19–22"),
    "free_day": _("days off 7–22"),
    "night": _("nights 22–7"),
}
MODES = {"emergency": _("with blue light"), "normal": _("without blue light")}
CLASSES = {
    "motorway": _("motorway"),
    "trunk": _("trunk road"),
    "primary": _("main road"),
    "secondary": _("secondary road"),
    "tertiary": _("local distributor"),
    "unclassified": _("minor road"),
    "residential": _("residential street"),
    "living_street": _("street in an estate"),
    "service": _("access road"),
    "track": _("farm track"),
    "pedestrian": _("pedestrian street"),
}
SLIP = pgettext_lazy("road", "{road}, slip road")


@screen("reports.view")
def paces(request: HttpRequest) -> HttpResponse:
    """The factors in use with interval and count, and the drives of the group that was opened."""
    actor, row = page_actor(request), pace_row_in_use()
    group = request.GET.get("group", "")
    drives = drives_there(actor, start=row.first_at, end=row.last_at) if row is not None else []
    opened = [each for each in drives if group in ("", f"{each.vehicle}.{each.mode}.{each.band}")]
    context = {
        "row": row,
        "tables": _tables(),
        "bands": BANDS,
        "group": group,
        "opened": opened[:ROWS_SHOWN],
        "opened_total": len(opened),
        "group_words": _words(group),
        "least": PACE_DRIVES_LEAST,
        "default_theme": "light",
    }
    return render(request, "console/paces.html", context)


def _tables() -> list[dict[str, Any]]:
    """One table for each vehicle and manner of driving: rows by class of road, cells by part of the week."""
    shown = paces_shown()
    tables = []
    for (vehicle, mode), rows in groupby(shown, key=lambda pace: (pace.vehicle, pace.mode)):
        by_class = [
            (class_words(road_class), {pace.band: pace for pace in each})
            for road_class, each in groupby(rows, key=lambda pace: pace.road_class)
        ]
        tables.append(
            {
                "vehicle": vehicle,
                "mode": mode,
                "words": _words(f"{vehicle}.{mode}"),
                "rows": [(words, [(band, cells[band]) for band in BANDS]) for words, cells in by_class],
            }
        )
    return tables


def class_words(tag: str) -> str:
    """A class of road in words; the map's own word where it has one nobody listed."""
    plain = tag.removesuffix("_link")
    words = str(CLASSES.get(plain, plain))
    return str(SLIP).format(road=words) if plain != tag else words


def _words(group: str) -> str:
    """A group in words: vehicle, manner of driving, part of the week."""
    words: dict[str, Any] = {**dict(Unit.Vehicle.choices), **MODES, **BANDS}
    return " · ".join(str(words.get(part, part)) for part in group.split(".") if part)
