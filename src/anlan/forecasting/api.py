"""JSON doors of this room: the coming shifts, scores, card, strip and register. Shapes and permissions only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from anlan.accounts.selectors import organisations
from anlan.core.actor import Actor
from anlan.core.api import REFUSALS, actor_of, command
from anlan.core.clock import now
from anlan.core.errors import NotFound
from anlan.forecasting.models import ForecastRelease, ForecastRun, ForecastScore
from anlan.forecasting.rules import FAMILIES, GATES, PERMITTED_USE, REASONS
from anlan.forecasting.selectors.model_card import facts_of, text_of
from anlan.forecasting.selectors.register import RegisterRow, held_back, register_rows
from anlan.forecasting.selectors.scores import (
    CARD_VERSION,
    FamilyCard,
    alarms_open,
    cards,
    days_scored,
    run_latest,
    scores_of,
)
from anlan.forecasting.selectors.shown import PlaceTold, ShiftTold, run_for, shift_told, spans_ahead
from anlan.forecasting.selectors.strip import strip_shown
from anlan.forecasting.services import release_approve, release_withdraw
from anlan.forecasting.shapes import CardOut, RegisterOut, ScoresOut, ShiftsOut, StripOut, WithdrawIn

router = Router(tags=["forecasting"])


@router.get("/forecast/shifts", response={200: ShiftsOut, **REFUSALS})
def shifts(request: HttpRequest, family: str = "", shift: str = "", area: str = "") -> Any:
    """The coming shifts by family and place, with interval and reasons, in your reach.

    ``family``, ``shift`` (a key of an earlier answer) and ``area`` (a station's code) ask for less; without
    ``shift`` only the running and the next one are told.
    """
    actor, at = actor_of(request, "forecasting.view"), now()
    run, codes = run_for(timezone.localtime(at).date()), _codes(actor)
    if (family and family not in FAMILIES) or (area and area not in codes.values()):
        raise NotFound
    if run is None:
        return {"permitted_use": str(PERMITTED_USE), "run": None, "shifts": []}
    spans = spans_ahead(run, at=at)
    wanted = [span for span in spans if span.key == shift] if shift else spans[:2]
    found = (shift_told(actor, run, name, span) for span in wanted for name in ([family] if family else FAMILIES))
    told = [_shift(run, each, codes, area) for each in found if each is not None]
    return {"permitted_use": str(PERMITTED_USE), "run": _run(run), "shifts": told}


@router.get("/forecast/scores", response={200: ScoresOut, **REFUSALS})
def scores(request: HttpRequest, day: date | None = None) -> Any:
    """One day beside what was said of it (the last scored one), the card over four weeks, and what is off now."""
    actor_of(request, "forecasting.view")
    days = days_scored()
    asked = day if day is not None else (days[0] if days else None)
    return {
        "permitted_use": str(PERMITTED_USE),
        "definition": CARD_VERSION,
        "day": asked,
        "scores": [_score(row) for row in scores_of(asked)] if asked else [],
        "cards": [_card(card) for card in cards()],
        "alarms": alarms_open(),
    }


@router.get("/forecast/card", response={200: CardOut, **REFUSALS})
def card(request: HttpRequest) -> Any:
    """The card of the models in use, in the language asked for."""
    actor_of(request, "forecasting.view")
    run = run_latest()
    sections = text_of(facts_of(run)) if run else []
    told = [{"title": each.title, "lines": [str(line) for line in each.lines]} for each in sections]
    return {"permitted_use": str(PERMITTED_USE), "run": _run(run) if run else None, "sections": told}


@router.get("/forecast/strip", response={200: StripOut, **REFUSALS})
def strip(request: HttpRequest) -> Any:
    """Station areas in your reach above their own normal level."""
    actor = actor_of(request, "forecasting.view")
    run, codes = run_latest(), _codes(actor)
    items = [
        {
            "area": codes.get(each.station_id, ""),
            "family": each.family,
            "first": each.first,
            "last": each.last,
            "count": each.level.count,
            "usual": each.level.expected,
            "low": each.level.low,
            "high": each.level.high,
            "p": each.level.p,
            "verdict": each.level.verdict,
        }
        for each in (strip_shown(run, actor) if run else ())
    ]
    return {"permitted_use": str(PERMITTED_USE), "run": _run(run) if run else None, "items": items}


@router.get("/forecast/register", response={200: RegisterOut, **REFUSALS})
def register(request: HttpRequest) -> Any:
    """Every version of the models: record, audits, who signed it, and what is shown by the bar instead."""
    actor_of(request, "forecasting.view")
    return {
        "permitted_use": str(PERMITTED_USE),
        "gates": {key: str(words) for key, words in GATES.items()},
        "releases": [_release(row) for row in register_rows()],
    }


@router.post("/forecast/register/{version}/approve", response={200: dict[str, str], **REFUSALS})
@command("forecasting.approve")
def approve(request: HttpRequest, actor: Actor, at: datetime, version: str) -> Any:
    """Sign a version for its permitted use."""
    return _decided(release_approve(release=_known(version), by=actor, at=at))


@router.post("/forecast/register/{version}/withdraw", response={200: dict[str, str], **REFUSALS})
@command("forecasting.approve")
def withdraw(request: HttpRequest, actor: Actor, at: datetime, version: str, body: WithdrawIn) -> Any:
    """Take a version back: the bar is shown in its place from now on."""
    return _decided(release_withdraw(release=_known(version), reason=body.reason, by=actor, at=at))


def _known(version: str) -> ForecastRelease:
    found = ForecastRelease.objects.filter(version=version).first()
    if found is None:
        raise NotFound
    return found


def _decided(release: ForecastRelease) -> dict[str, str]:
    row = next(row for row in register_rows(limit=400) if row.release.pk == release.pk)
    return {"permitted_use": str(PERMITTED_USE), "version": release.version, "state": row.state}


def _codes(actor: Actor) -> dict[int, str]:
    """Codes of the stations in reach, by id."""
    return {row.pk: row.code for row in organisations("station") if actor.sees_all or row.pk in actor.org_ids}


def _run(run: ForecastRun) -> dict[str, Any]:
    return {
        "day": run.day,
        "issued_at": run.issued_at,
        "made_afterwards": run.is_replayed,
        "model_version": run.model_version,
        "release": run.release.version if run.release else None,
        "record_sha256": run.record_sha256,
        "complete_days": run.facts["days"],
    }


def _shift(run: ForecastRun, told: ShiftTold, codes: dict[int, str], area: str) -> dict[str, Any]:
    rows = [("place", place) for place in told.places] + [("rest", place) for place in told.rest]
    return {
        "key": told.span.key,
        "family": told.family,
        "starts_at": told.span.starts_at,
        "ends_at": told.span.ends_at,
        "model": told.model,
        "held_back": _words(held_back(run.release, told.family), GATES),
        "expected": told.expected,
        "low_80": told.low,
        "high_80": told.high,
        "places": [
            _place(kind, place, codes) for kind, place in rows if not area or codes.get(place.station_id) == area
        ],
    }


def _place(kind: str, place: PlaceTold, codes: dict[int, str]) -> dict[str, Any]:
    alone = kind == "place"
    return {
        "kind": kind,
        "area": codes.get(place.station_id, ""),
        "beat": place.beat if alone else "",
        "lon": round(place.lon, 5) if alone else None,
        "lat": round(place.lat, 5) if alone else None,
        "cells": place.cells,
        "residents": place.residents,
        "expected": place.expected,
        "low_80": place.low,
        "high_80": place.high,
        "chance": place.chance,
        "reports_in_a_year": place.year,
        "reasons": _words(place.reasons, REASONS),
        "rings": [[*ring, ring[0]] for ring in place.rings],
    }


def _words(keys: Iterable[str], words: Any) -> list[dict[str, str]]:
    return [{"key": key, "words": str(words[key])} for key in keys]


def _score(row: ForecastScore) -> dict[str, Any]:
    told, bar = (dict(zip(row.columns, sums, strict=True)) for sums in (row.sums, row.bar_sums))
    by_shift = row.hits.get("shifts", [])
    return {
        "day": row.day,
        "family": row.family,
        "model": row.sheet.model,
        "expected": told["predicted"],
        "came": round(told["events"]),
        "caught_5": round(told["hits_5"]) if by_shift else None,
        "bar_caught_5": round(bar["hits_5"]) if by_shift else None,
        "flagged": sum(each["flagged"] for each in by_shift),
        "flagged_hit": sum(each["hit"] for each in by_shift),
        "intervals": row.intervals,
        "intervals_held": row.inside,
    }


def _card(card: FamilyCard) -> dict[str, Any]:
    return {
        "family": card.family,
        "days": card.days,
        "first": card.first,
        "last": card.last,
        "models": card.models,
        "made_afterwards": card.replayed,
        "figures": [
            {
                "key": figure.key,
                "numerator": figure.numerator,
                "denominator": figure.denominator,
                "value": figure.value,
                "low": figure.low,
                "high": None if figure.high == float("inf") else figure.high,
                "bar": figure.bar,
                "difference": figure.difference,
                "chance": figure.chance,
                "verdict": figure.verdict,
            }
            for figure in card.figures
        ],
    }


def _release(row: RegisterRow) -> dict[str, Any]:
    release = row.release
    return {
        **{
            name: getattr(release, name)
            for name in (
                "version",
                "judged_on",
                "judged_at",
                "model_version",
                "record_sha256",
                "record_days",
                "seed",
                "approved_at",
                "withdrawn_at",
                "withdrawn_reason",
                "audited_at",
            )
        },
        "state": row.state,
        "until": row.until,
        "permitted_use": str(PERMITTED_USE),
        "approved_by": _name(release.approved_by),
        "withdrawn_by": _name(release.withdrawn_by),
        "loop": dict(row.loop),
        "lived_days": row.lived_days,
        "forecasts": row.runs,
        "families": [
            {
                "family": each.family,
                "chosen": each.chosen,
                "shown": each.shown,
                "reason": each.reason,
                "skill": each.skill,
                "held_back": each.held_back,
                "audit_tested": each.tested,
                "audit_lived": each.lived,
            }
            for each in row.families
        ],
    }


def _name(person: Any) -> str | None:
    return str(person) if person is not None else None
