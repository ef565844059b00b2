"""Cover: how much of the expected demand the free units reach in time, cell by cell, and who should move up."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from anlan.console.screen import screen, wants_part
from anlan.console.selectors.incident import incident_for
from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.core.templatetags.anlan import named
from anlan.dispatch.selectors import (
    CoverNow,
    RankedUnit,
    Recommendation,
    Response,
    cover_now,
    moves_proposed,
    recommend,
    waiting_posts,
)
from anlan.dispatch.selectors.advising import advice_words, advised
from anlan.dispatch.selectors.cover import COVER_VERSION, Advised
from anlan.intake.models import Incident
from anlan.places.selectors import areas_in_force, locate_many

CELLS_SHOWN = 100
LEAST_SHOWN = 5
UNITS_SHOWN = 8
LEAST_TOLD = 0.0005
"""Less than this is written as the same share, to a tenth of a per cent."""


@screen("dispatch.recommend")
def cover(request: HttpRequest) -> HttpResponse:
    """The whole page, or the strip alone for another page."""
    actor, at = page_actor(request), now()
    found = cover_now(at=at)
    cells, rest = _cells(found)
    context: dict[str, Any] = {
        "found": found,
        "version": COVER_VERSION,
        "at": at,
        "losses": [row for row in found.losses(actor) if row[1] > 0.0][:UNITS_SHOWN],
        "moves": moves_proposed(found, by=actor, at=at),
        "waits": waiting_posts(found, by=actor, at=at),
        "cells": cells,
        "rest": rest,
        "default_theme": "light",
    }
    return render(request, "console/parts/cover.html" if wants_part(request) else "console/cover.html", context)


def _cells(found: CoverNow) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """The demand cells behind the figure, those nobody reaches first, then by demand; and all others as one row.

    A place with fewer than ``LEAST_SHOWN`` calls a year is told with the others only: it might be one home.
    """
    demand, times = found.ground.demand, found.reach.sum(axis=0)
    told = found.told_apart(LEAST_SHOWN)
    order = told[np.lexsort((-demand.a_day[told], times[told] > 0))][:CELLS_SHOWN]
    beats = {area.code: named(area) for area in areas_in_force("beat")}
    around = locate_many(demand.lon[order].tolist(), demand.lat[order].tolist())
    rows = [
        {
            "beat": beats.get(here.beat_code, here.beat_code) if here is not None else "",
            "lon": float(demand.lon[k]),
            "lat": float(demand.lat[k]),
            "a_day": float(demand.a_day[k]),
            "target_s": float(found.ground.target_s[k]),
            "units": int(times[k]) if len(times) else 0,
        }
        for k, here in zip(order.tolist(), around, strict=True)
    ]
    others = np.setdiff1d(np.arange(len(demand.a_day)), order)
    if not len(others):
        return rows, None
    reached_a_day = float(demand.a_day[others][times[others] > 0].sum())
    return rows, {"places": len(others), "a_day": float(demand.a_day[others].sum()), "reached_a_day": reached_a_day}


@screen("dispatch.recommend")
def cover_of_sending(request: HttpRequest, number: str) -> HttpResponse:
    """What sending each of the first units costs in cover, and whom that speaks for."""
    row = incident_for(page_actor(request), number)
    context = {"incident": row, **cover_told(row, recommend(row, at=now()))}
    return render(request, "console/parts/cover_of_sending.html", context)


def cover_told(row: Incident, found: Recommendation, response: Response | None = None) -> dict[str, Any]:
    """What the strip of cover shows beside a ranking that is at hand."""
    advice = advised(row, found, response)
    lower, same = _after_each(found, advice) if advice is not None else ([], 0)
    return {"advice": advice, "words": advice_words(advice) if advice else "", "units": lower, "same": same}


def _after_each(found: Recommendation, advice: Advised) -> tuple[list[tuple[RankedUnit, float]], int]:
    """The first ranked units whose going lowers cover, with what stays; and for how many it stays the same."""
    known = [(choice, advice.after.get(choice.unit.id)) for choice in found.ranked[:UNITS_SHOWN]]
    after = [(choice, share) for choice, share in known if share is not None]
    lower = [(choice, share) for choice, share in after if (advice.share or 0.0) - share >= LEAST_TOLD]
    return lower, len(after) - len(lower)
