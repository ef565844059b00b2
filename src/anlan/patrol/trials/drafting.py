"""What is to be fixed of a trial, from a patrol plan, a forecast's places and the past. Nothing is written."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from anlan.accounts.selectors import organisation_ids_beneath
from anlan.engines.effects import (
    ALPHA,
    CROSSOVER,
    DRAWS,
    FIRST_LOOK,
    HARM_ALPHA,
    HARM_DRAWS,
    POWER,
    Block,
    Counts,
    Design,
    EffectsRefused,
    blocks_apart,
    design_make,
    least_fall,
    placebo_runs,
    rings_of,
    scatter_of,
    windows_of,
)
from anlan.forecasting.selectors import LEAST_ADDRESSES, LEAST_RESIDENTS, LEAST_SHOWN, run_latest
from anlan.forecasting.selectors.ground import World, world_of
from anlan.patrol.models import PatrolPlan
from anlan.patrol.trials.counting import Calls, calls_between, centres_of, counted, days_known
from anlan.patrol.trials.errors import HistoryTooShort, NoBlocks, NoForecast, TooFewCoins, WashoutTooLong
from anlan.patrol.trials.rules import EDITION, HISTORY_DAYS, RUNS, THINNED, lot_hash


@dataclass(frozen=True)
class Wish:
    """What a person asks for: the design, from which day for how long, and how many blocks and extra visits."""

    design: str
    family: str
    first_day: date
    days: int
    blocks: int
    visits: int
    period_days: int = 1
    washout_days: int = 0


@dataclass(frozen=True, eq=False)
class Past:
    """The past a trial is drafted on: calls within its hours, by the forecast's places, on days wholly on record."""

    world: World
    calls: Calls
    days: int
    known: NDArray[np.bool_]


def protocol_draft(plan: PatrolPlan, wish: Wish, *, seed: int, nonce: str, at: datetime) -> dict[str, Any]:
    """All that is fixed before the start, as numbers and codes: blocks, design, analysis, harm rule, power.

    Raises ``NoForecast``, ``NoBlocks``, ``TooFewCoins``, ``HistoryTooShort`` and ``WashoutTooLong``.
    """
    local = timezone.localtime(plan.starts_at)
    hours = (local.hour * 60 + local.minute, round((plan.ends_at - plan.starts_at).total_seconds() / 60))
    past = _past(wish, hours, at)
    blocks = _eligible(plan, past)
    try:
        chosen = _chosen(past, blocks, wish)
        design = design_make(
            wish.design,
            expected=[block.expected for block in chosen],
            days=wish.days,
            period_days=wish.period_days,
            washout_days=wish.washout_days,
        )
        power = _power(past, chosen, design, seed)
    except EffectsRefused as refused:
        raise _refusal(refused, plan, wish) from refused
    return {
        "edition": EDITION,
        "design": wish.design,
        "family": wish.family,
        "first_day": wish.first_day.isoformat(),
        "days": design.days,
        "periods": design.periods,
        "period_days": design.period_days,
        "washout_days": design.washout_days,
        "pairs": [list(pair) for pair in design.pairs],
        "seed": seed,
        "lot": {"nonce": nonce, "sha256": lot_hash(seed, nonce)},
        "start_minute": hours[0],
        "minutes": hours[1],
        "visits": wish.visits,
        "grid": asdict(past.world.grid),
        "blocks": _told(past, chosen),
        "analysis": {
            "outcome": "citizens' calls, valid and not merged, by block and day",
            "test": "coins thrown anew, two-sided, exact",
            "interval": THINNED,
            "alpha": ALPHA,
            "draws": DRAWS,
            "second": "the same in the rings",
        },
        "harm": {
            "alpha": HARM_ALPHA,
            "first_look": FIRST_LOOK,
            "draws": HARM_DRAWS,
            "spent": "linear",
            "side": "more",
        },
        "power": power,
    }


def _past(wish: Wish, hours: tuple[int, int], at: datetime) -> Past:
    run = run_latest()
    if run is None:
        raise NoForecast
    today = timezone.localdate(at)
    first = today - timedelta(days=HISTORY_DAYS)
    calls = calls_between(first, HISTORY_DAYS, start_minute=hours[0], minutes=hours[1], family=wish.family)
    known = days_known(first, HISTORY_DAYS, wraps=sum(hours) > 24 * 60, at=at)
    return Past(world_of(run), calls, HISTORY_DAYS, known)


def _eligible(plan: PatrolPlan, past: Past) -> list[Block]:
    """The forecast's own places in the plan's area: large enough, and with enough calls in a year to be shown."""
    world, known = past.world, max(int(past.known.sum()), 1)
    cell = world.grid.to_cell(past.calls.lon, past.calls.lat)
    mine = past.known[past.calls.day] if len(past.calls.day) else np.zeros(0, dtype=np.bool_)
    year = np.bincount(cell[mine & (cell >= 0)], minlength=world.grid.nx * world.grid.ny)
    reach = np.isin(world.station, sorted(organisation_ids_beneath(plan.organisation)))
    found = []
    for group in range(world.groups):
        held = world.group == group
        calls = int(year[world.cells[held]].sum())
        if not reach[held].all() or calls < LEAST_SHOWN:
            continue
        people = world.residents[held]
        block = Block(
            tuple(int(c) for c in world.cells[held]),
            calls / known,
            float(people.sum()) if np.isfinite(people).all() else None,
            int(world.addresses[held].sum()),
        )
        if block.is_large_enough(least_residents=LEAST_RESIDENTS, least_addresses=LEAST_ADDRESSES):
            found.append(block)
    return found


def _chosen(past: Past, blocks: list[Block], wish: Wish) -> list[Block]:
    """The blocks that take part, most calls first, an even number."""
    grid = past.world.grid
    numbers = blocks_apart(blocks, nx=grid.nx, ny=grid.ny, most=wish.blocks)
    if len(numbers) < 2:
        raise EffectsRefused("one_block" if numbers else "no_blocks")
    return [blocks[k] for k in numbers[: len(numbers) // 2 * 2]]


def _power(past: Past, chosen: list[Block], design: Design, seed: int) -> dict[str, Any]:
    """What the trial can find: in closed form, and laid on the past with and without that fall."""
    counts = _counts(past, chosen)
    whole = windows_of(past.known, design.days)
    laid = [counts[:, whole[k : k + design.days]] for k in range(0, len(whole) - design.days + 1, design.days)]
    every = np.ones(design.days, dtype=np.bool_)
    scatter = float(np.mean([scatter_of(design, each, every) for each in laid]))
    expected = float(counts[:, whole].sum() / len(whole) * design.counted.sum())
    fall = least_fall(expected, coins=design.coins, scatter=scatter)
    alarms = placebo_runs(design, counts, past.known, runs=RUNS, seed=seed)
    finds = placebo_runs(design, counts, past.known, effect=fall, runs=RUNS, seed=seed)
    return {
        "expected": round(expected, 1),
        "scatter": round(scatter, 3),
        "coins": design.coins,
        "counted_days": int(design.counted.sum()),
        "fall": round(fall, 4),
        "share": POWER,
        "past_days": len(whole),
        "alarms": _run_told(alarms),
        "finds": _run_told(finds),
    }


def _run_told(found: Any) -> dict[str, Any]:
    return {"found": found.found, "runs": found.runs, "low": round(found.low, 4), "high": round(found.high, 4)}


def _counts(past: Past, chosen: list[Block]) -> Counts:
    grid = past.world.grid
    owner = np.full(grid.nx * grid.ny, -1, dtype=np.int64)
    for k, block in enumerate(chosen):
        owner[list(block.cells)] = k
    cell = grid.to_cell(past.calls.lon, past.calls.lat)
    return counted(past.calls, np.where(cell >= 0, owner[cell], -1), places=len(chosen), days=past.days)


def _told(past: Past, chosen: list[Block]) -> list[dict[str, Any]]:
    grid = past.world.grid
    rings = rings_of(chosen, nx=grid.nx, ny=grid.ny)
    middles = centres_of(grid, [block.cells for block in chosen], past.calls)
    return [
        {
            "number": k + 1,
            "cells": list(block.cells),
            "ring": list(ring),
            "lon": round(lon, 6),
            "lat": round(lat, 6),
            "expected": round(block.expected, 4),
            "residents": None if block.residents is None else round(block.residents),
            "addresses": block.addresses,
        }
        for k, (block, ring, (lon, lat)) in enumerate(zip(chosen, rings, middles, strict=True))
    ]


def _refusal(refused: EffectsRefused, plan: PatrolPlan, wish: Wish) -> Exception:
    if refused.code == "too_few_coins":
        return TooFewCoins(**refused.facts)
    if refused.code == "history_too_short":
        return HistoryTooShort(**refused.facts)
    if refused.code == "no_counted_days":
        long = wish.days // 2 if wish.design == CROSSOVER else wish.period_days
        return WashoutTooLong(field="washout_days", value=wish.washout_days, washout=wish.washout_days, period=long)
    return NoBlocks(organisation=plan.organisation.name_zh, count=1 if refused.code == "one_block" else 0)
