"""Issue a day's forecast: made from days before it only, written once, never over."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import asdict
from datetime import date, datetime, timedelta

import numpy as np
from django.db import transaction
from django.utils import timezone

from anlan.core.actor import Actor
from anlan.core.services import event_record
from anlan.forecasting import events
from anlan.forecasting.computing import FittedBoth, Told, forecast, seasons_of, station_rows_of, wet_effect
from anlan.forecasting.errors import DayAhead, RecordTooShort
from anlan.forecasting.flagging import need_of, need_stored
from anlan.forecasting.models import ForecastRelease, ForecastRun, ForecastSheet
from anlan.forecasting.packing import cells_packed, packed
from anlan.forecasting.rules import BAR, LEAST_DAYS
from anlan.forecasting.selectors.record import Kept, kept_until, record_kept
from anlan.forecasting.selectors.register import computed_by, held_back, shown_by
from anlan.forecasting.selectors.strip import strip_stored
from anlan.forecasting.services.releasing import SEED, models_version, release_ready

REPLAYED_DAYS = 14


def forecast_issue(
    *, day: date, by: Actor, at: datetime, seed: int = SEED, pool: Executor | None = None
) -> ForecastRun:
    """The forecast for local ``day`` and the next, from everything before it; the one that stands where there is one.

    Which model is computed is the register's version in force, judged now where there is none (``pool`` shares that
    out); one that nobody has signed is computed and scored, and the bar is shown.
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
    release, fitted = release_ready(kept=kept, by=by, at=at, seed=seed, pool=pool)
    return _issued(kept, release, fitted, is_replayed=day < today, by=by, at=at)


def forecasts_replay(
    *,
    until: date,
    by: Actor,
    at: datetime,
    days: int = REPLAYED_DAYS,
    seed: int = SEED,
    pool: Executor | None = None,
) -> int:
    """Forecasts for the last ``days`` days before ``until``, each from what was known on its morning; how many.

    For a store whose record is older than its first forecast: the page of scores then has something to show, and
    says that it was made afterwards. The models are fitted once, on what was known on the first morning. Days that
    have a forecast are passed over; too short a record gives none.
    """
    first = until - timedelta(days=days)
    whole = record_kept(end=until, heard_at=at, cells_until=first)
    if (known := kept_until(whole, first)).days < LEAST_DAYS or not known.stations or not known.reports:
        return 0
    release, fitted = release_ready(kept=known, by=by, at=at, seed=seed, pool=pool)
    made = 0
    for ahead in range(days):
        day = first + timedelta(days=ahead)
        if ForecastRun.objects.filter(day=day).exists():
            continue
        kept = kept_until(whole, day)
        _issued(kept, release, fitted, is_replayed=True, by=by, at=at)
        made += 1
    return made


def _issued(
    kept: Kept, release: ForecastRelease, fitted: FittedBoth, *, is_replayed: bool, by: Actor, at: datetime
) -> ForecastRun:
    told = forecast(kept, fitted, computed_by(release), release.scatter)
    return _written(kept, release, told, is_replayed=is_replayed, by=by, at=at)


def check_length(kept: Kept, day: date) -> None:
    """Refuse where the record is too short. Raises ``RecordTooShort``."""
    if kept.days < LEAST_DAYS or not kept.stations or not kept.reports:
        raise RecordTooShort(day=day, days=kept.days, needed=LEAST_DAYS)


@transaction.atomic
def _written(
    kept: Kept, release: ForecastRelease, told: list[Told], *, is_replayed: bool, by: Actor, at: datetime
) -> ForecastRun:
    history, shown = kept.record.history, shown_by(release)
    run, is_new = ForecastRun.objects.get_or_create(
        day=kept.end,
        defaults={
            "issued_at": at,
            "is_replayed": is_replayed,
            "model_version": models_version(),
            "record_sha256": kept.sha256,
            "seed": release.seed,
            "cell_m": history.grid.cell_m,
            "grid": asdict(history.grid),
            "cells": cells_packed(history.active),
            "stations": list(kept.stations),
            "chosen": shown,
            "card": _card(release, shown),
            "facts": _facts(kept),
            "release": release,
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


def _card(release: ForecastRelease, shown: dict[str, str]) -> dict[str, object]:
    """The version's card as this forecast shows it: the bar where a family is held back, and why."""
    told: dict[str, object] = {}
    for family, found in release.card.items():
        gates = held_back(release, family)
        is_held = bool(gates) and found["shown"] != BAR
        held = gates if is_held else []
        told[family] = {**found, "shown": shown[family], "best": found["shown"], "held_back": held}
    return told


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
        "seasons": seasons_of(history),
        "signs": [dict(each) for each in kept.signs],
        "strip": strip_stored(kept),
        "rain_mm": _rain(kept),
        "day_kinds": {str(history.end + k): history.kind_of_day(history.end + k) for k in range(3)},
        "calendar_known": history.end in history.day_kinds,
        "need": need_stored(need_of(history, station_rows_of(kept), len(kept.stations))),
    }


def _rain(kept: Kept) -> dict[str, float]:
    """Rain as forecast when this was issued, by day; a day without forecast isn't in it."""
    weather = kept.record.history.weather
    if weather is None or "prcp_mm" not in weather.expected:
        return {}
    pairs = zip(weather.for_day.tolist(), weather.expected["prcp_mm"].tolist(), strict=True)
    return {str(day): round(mm, 1) for day, mm in pairs if np.isfinite(mm)}
