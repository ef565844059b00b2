"""Issue a day's forecast: made from days before it only, written once, never over."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from django.db import transaction
from django.utils import timezone

from anlan.core.actor import Actor
from anlan.core.services import event_record
from anlan.forecasting import events
from anlan.forecasting.computing import Judged, Told, forecast, judge, wet_effect
from anlan.forecasting.errors import DayAhead, RecordTooShort
from anlan.forecasting.models import ForecastRun, ForecastSheet
from anlan.forecasting.packing import cells_packed, packed
from anlan.forecasting.rules import LEAST_DAYS, MODELS_VERSION
from anlan.forecasting.selectors.record import Kept, kept_until, record_kept
from anlan.forecasting.selectors.strip import strip_stored

SEED = 20260101
REPLAYED_DAYS = 14


def forecast_issue(*, day: date, by: Actor, at: datetime, seed: int = SEED) -> ForecastRun:
    """The forecast for local ``day`` and the next, from everything before it; the one that stands where there is one.

    Computing happens before anything is written. Raises ``DayAhead`` for a day whose eve isn't over, and
    ``RecordTooShort`` where too few complete days are on record.
    """
    if (standing := ForecastRun.objects.filter(day=day).first()) is not None:
        return standing
    today = timezone.localtime(at).date()
    if day > today:
        raise DayAhead(field="day", problem=str(day), day=day, before=day - timedelta(days=1))
    kept = record_kept(end=day, heard_at=at)
    check_length(kept, day)
    judged = judge(kept, seed=seed)
    return _written(kept, judged, forecast(kept, judged), is_replayed=day < today, by=by, at=at, seed=seed)


def forecasts_replay(*, until: date, by: Actor, at: datetime, days: int = REPLAYED_DAYS, seed: int = SEED) -> int:
    """Forecasts for the last ``days`` days before ``until``, each from what was known on its morning; how many.

    For a store whose record is older than its first forecast: the page of scores then has something to show, and
    says that it was made afterwards. The models are fitted once, on what was known on the first morning. Days that
    have a forecast are passed over; too short a record gives none.
    """
    first = until - timedelta(days=days)
    whole = record_kept(end=until, heard_at=at, cells_until=first)
    if (known := kept_until(whole, first)).days < LEAST_DAYS or not known.stations or not known.reports:
        return 0
    judged, made = judge(known, seed=seed), 0
    for ahead in range(days):
        day = first + timedelta(days=ahead)
        if ForecastRun.objects.filter(day=day).exists():
            continue
        kept = kept_until(whole, day)
        _written(kept, judged, forecast(kept, judged), is_replayed=True, by=by, at=at, seed=seed)
        made += 1
    return made


def check_length(kept: Kept, day: date) -> None:
    """Refuse where the record is too short. Raises ``RecordTooShort``."""
    if kept.days < LEAST_DAYS or not kept.stations or not kept.reports:
        raise RecordTooShort(day=day, days=kept.days, needed=LEAST_DAYS)


@transaction.atomic
def _written(
    kept: Kept,
    judged: tuple[Judged, Judged],
    told: list[Told],
    *,
    is_replayed: bool,
    by: Actor,
    at: datetime,
    seed: int,
) -> ForecastRun:
    history = kept.record.history
    run, is_new = ForecastRun.objects.get_or_create(
        day=kept.end,
        defaults={
            "issued_at": at,
            "is_replayed": is_replayed,
            "model_version": models_version(),
            "record_sha256": kept.sha256,
            "seed": seed,
            "cell_m": history.grid.cell_m,
            "grid": asdict(history.grid),
            "cells": cells_packed(history.active),
            "stations": list(kept.stations),
            "chosen": {**judged[0].chosen, **judged[1].chosen},
            "card": {**judged[0].card, **judged[1].card},
            "facts": _facts(kept),
        },
    )
    if not is_new:
        return run
    ForecastSheet.objects.bulk_create(
        ForecastSheet(
            run=run,
            family=each.family,
            places=each.places,
            lead_days=each.lead_days,
            model=each.model,
            means=packed(each.means),
            bar=packed(each.bar),
            scatter=each.scatter,
        )
        for each in told
    )
    event_record(
        events.RUN_ISSUED,
        subject=run,
        by=by,
        at=at,
        day=kept.end.isoformat(),
        days=kept.days,
        record=kept.sha256,
        chosen=run.chosen,
        is_replayed=is_replayed,
    )
    return run


def _facts(kept: Kept) -> dict[str, object]:
    """What the pages say of the record behind a forecast."""
    history = kept.record.history
    last = [] if not len(history.days) else [int(history.days[0]), int(history.days[-1])]
    return {
        "reports": kept.reports,
        "asked": kept.asked,
        "unplaced": kept.unplaced,
        "days": kept.days,
        "span": last,
        "holes": [[start.isoformat(), end.isoformat(), n] for start, end, n in kept.holes[-20:]],
        "weather_days": kept.weather_days,
        "wet": wet_effect(history),
        "strip": strip_stored(kept),
        "rain_mm": _rain(kept),
        "day_kinds": {str(history.end + k): history.kind_of_day(history.end + k) for k in range(3)},
        "calendar_known": history.end in history.day_kinds,
    }


def _rain(kept: Kept) -> dict[str, float]:
    """Rain as forecast when this was issued, by day; a day without forecast isn't in it."""
    weather = kept.record.history.weather
    if weather is None or "prcp_mm" not in weather.expected:
        return {}
    pairs = zip(weather.for_day.tolist(), weather.expected["prcp_mm"].tolist(), strict=True)
    return {str(day): round(mm, 1) for day, mm in pairs if np.isfinite(mm)}


def models_version() -> str:
    """Which edition of the program and of its models made a forecast."""
    try:
        program = version("anlan")
    except PackageNotFoundError:  # run from a source tree that was never installed
        program = "0"
    return f"{program}/{MODELS_VERSION}"
