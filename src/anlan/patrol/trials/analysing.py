"""What came of a trial, by its protocol alone: the same numbers give the same answer whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engines.effects import (
    Counts,
    Effect,
    EffectsRefused,
    Look,
    effect_of,
    flips_draw,
    harm_looks,
    tally,
)
from anlan.patrol.models import PatrolTrial, PatrolTrialDay
from anlan.patrol.trials.counting import calls_of_trial, counted
from anlan.patrol.trials.protocol import Layout
from anlan.patrol.trials.rules import EDITION, THINNED


def looks_of(trial: PatrolTrial, layout: Layout, counts: Counts, known: NDArray[np.bool_]) -> list[Look]:
    """The harm rule's looks over the days so far, from calls by block and day."""
    rule = trial.protocol["harm"]
    return harm_looks(
        layout.design, layout.coins, counts, known=known, seed=trial.seed, alpha=rule["alpha"],
        first_look=rule["first_look"], draws=rule["draws"],
    )  # fmt: skip


def result_of(trial: PatrolTrial, layout: Layout, days: Sequence[PatrolTrialDay], *, at: datetime) -> dict[str, Any]:
    """Effect in the blocks and in their rings with intervals, days left out, visits by arm, and the verdict.

    Calls are counted anew. A day that was not lived, or has a hole in the record, counts in neither arm, nor does the
    day that stands against it.
    """
    calls, place = calls_of_trial(layout, trial.family, days=layout.design.days)
    counts = counted(calls, place, places=2 * layout.blocks, days=layout.design.days)
    known = known_days(layout, days)
    told: dict[str, Any] = {
        "edition": EDITION,
        "analysed_at": at.isoformat(),
        "left_out": _left_out(layout, days),
        "visits": visits_by_arm(days),
    }
    flips = flips_draw(layout.design.coins, seed=trial.seed, draws=trial.protocol["analysis"]["draws"])
    try:
        blocks, ring = (
            effect_of(
                tally(layout.design, layout.coins, part, known=known),
                blocks=layout.design.blocks,
                flips=flips,
                alpha=trial.protocol["analysis"]["alpha"],
                seed=trial.seed if trial.protocol["analysis"].get("interval") == THINNED else None,
            )
            for part in (counts[: layout.blocks], counts[layout.blocks :])
        )
    except EffectsRefused as refused:
        return {**told, "verdict": "not_evaluable", "why": refused.code}
    return {**told, "verdict": verdict_of(blocks), "blocks": _stored(blocks), "ring": _stored(ring)}


def known_days(layout: Layout, days: Sequence[PatrolTrialDay]) -> NDArray[np.bool_]:
    """Days of the trial that were lived and are wholly on record."""
    known = np.zeros(layout.design.days, dtype=np.bool_)
    for row in days:
        known[(row.day - layout.first_day).days] = bool(row.is_known)
    return known


def _left_out(layout: Layout, days: Sequence[PatrolTrialDay]) -> list[str]:
    known = known_days(layout, days)
    return [
        layout.day(k).isoformat() for k in range(layout.design.days) if not (known & known[layout.design.partner])[k]
    ]


def verdict_of(found: Effect) -> str:
    """``none`` where no difference is seen, ``fewer`` or ``more`` calls on extra visits, or ``not_evaluable``."""
    if not found.extra + found.usual:
        return "not_evaluable"
    if not found.is_seen:
        return "none"
    return "fewer" if found.extra < found.usual else "more"


def _stored(found: Effect) -> dict[str, Any]:
    return {
        "extra": found.extra,
        "usual": found.usual,
        "block_days": found.block_days,
        "coins": found.coins,
        "ratio": None if found.ratio is None else round(found.ratio, 4),
        "low": round(found.low, 4),
        "high": round(found.high, 4) if isfinite(found.high) else None,
        "p": round(found.p, 5),
    }


def visits_by_arm(days: Sequence[PatrolTrialDay]) -> dict[str, Any]:
    """Visits planned and paid in blocks on extra visits and in usual practice, with the block-days of each."""
    sums = {arm: {"planned": 0, "paid": 0, "block_days": 0} for arm in ("extra", "usual")}
    undriven = 0
    for row in days:
        if not row.visits:
            continue
        undriven += row.visits["plans"] == 0
        for k, (planned, paid) in enumerate(zip(row.visits["planned"], row.visits["paid"], strict=True)):
            arm = sums["extra" if k + 1 in row.extra else "usual"]
            arm["planned"] += planned
            arm["paid"] += paid
            arm["block_days"] += 1
    return {**sums, "undriven": undriven}
