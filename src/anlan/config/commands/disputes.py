"""``anlan disputes …``: measurements of the matcher, which need no database, and the sums of figures by day."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Any

import click

from anlan.engines.intervals import wilson_interval
from anlan.engines.match_set import OTHERS, match_set
from anlan.engines.match_set.measure import Measured, Tally, fit, measure
from anlan.engines.recurrence import THRESHOLD, VERSION

FITTED_ON = {seed: 1500 if seed < 108 else 6000 for seed in range(100, 116)}
"""Seeds the weights in use were fitted on, with book 0 of the wordings, and how many files each had."""
_CALLS_FITTED_ON = 20


@click.group("disputes")
def group() -> None:
    """Dispute files."""


@group.command("match-eval")
@click.option("--first-seed", default=2000, show_default=True, help="Seeds from here on; 100 to 115 were fitted on.")
@click.option("--seeds", default=4, show_default=True, help="How many sets.")
@click.option("--book", type=click.IntRange(0, 1), default=1, show_default=True, help="Wordings; 0 was fitted on.")
@click.option("--files", default=1500, show_default=True, help="Dispute files of a set.")
@click.option("--calls", default=40, show_default=True, help="Calls of each kind of noise in a set.")
@click.option("--threshold", default=THRESHOLD, show_default=True)
def match_eval(first_seed: int, seeds: int, book: int, files: int, calls: int, threshold: float) -> None:
    """Match calls with dispute files on labelled sets made from seeds; print one JSON object.

    Every offered file counts: precision is the share of offers that are right, recall the share
    of returning calls whose own file is offered. Intervals are Wilson's at 95 %.
    """
    chosen = range(first_seed, first_seed + seeds)
    if book == 0 and FITTED_ON.keys() & set(chosen):
        raise click.ClickException(f"seeds {min(FITTED_ON)} to {max(FITTED_ON)} of book 0 were fitted on")
    sets = (match_set(seed, book=book, files=files, calls_per_kind=calls) for seed in chosen)
    started = time.process_time()
    measured = measure(sets, threshold=threshold)
    spent_s = time.process_time() - started
    click.echo(json.dumps(_report(measured, list(chosen), book, threshold, spent_s), ensure_ascii=False, indent=1))


def _report(measured: Measured, seeds: list[int], book: int, threshold: float, spent_s: float) -> dict[str, Any]:
    n = len(measured.candidates)
    return {
        "version": VERSION,
        "seeds": seeds,
        "book": book,
        "threshold": threshold,
        "calls": n,
        "precision": _rounded(measured.precision()),
        "recall": _rounded(measured.recall()),
        "file_among_candidates": round(measured.in_reach / measured.returns, 4) if measured.returns else None,
        "candidates_mean": round(sum(measured.candidates) / n, 1) if n else None,
        "candidates_most": max(measured.candidates, default=0),
        "processor_ms_a_call_with_making_the_set": round(1000 * spent_s / n, 2) if n else None,
        "kinds": {kind: _kind(kind, tally) for kind, tally in measured.tallies.items()},
    }


def _kind(kind: str, tally: Tally) -> dict[str, Any]:
    """For a return its recall, for a look-alike the share of calls with a wrong offer."""
    name, part = ("wrongly_offered", min(tally.wrong, tally.n)) if kind in OTHERS else ("found", tally.right)
    share = (part / tally.n if tally.n else 0.0, *wilson_interval(part, tally.n))
    return asdict(tally) | {name: _rounded(share)}


def _rounded(share: tuple[float, ...]) -> list[float]:
    return [round(value, 4) for value in share]


@group.command("match-fit")
def match_fit() -> None:
    """Fit the matcher's weights anew on the sets they were fitted on, and print them."""
    sets = (match_set(seed, book=0, files=n, calls_per_kind=_CALLS_FITTED_ON) for seed, n in FITTED_ON.items())
    weights = fit(sets, version=VERSION)
    found = {"constant": weights.constant, "weights": weights.by_finding, "by_standing": weights.by_standing}
    click.echo(json.dumps(found, indent=1))


@group.command("sums")
@click.option("--rebuild", is_flag=True, help="Count every day anew, from the records.")
@click.option("--check", is_flag=True, help="Count again and compare; exits with 1 where a sum is wrong.")
@click.option("--days", default=400, show_default=True, help="So many of the last days are checked.")
def sums(rebuild: bool, check: bool, days: int) -> None:
    """The sums by local day from which figures of dispute files are added up; the worker keeps them."""
    import django

    django.setup()
    from anlan.core.clock import now
    from anlan.disputes.sheet_handlers import day_sheets_begin
    from anlan.disputes.sheet_jobs import day_sheets_count, day_sheets_differ, day_sheets_told

    if rebuild:
        day_sheets_begin(at=now())
        while day_sheets_count(at=now(), limit=50):
            pass
    click.echo(json.dumps(day_sheets_told(), default=str))
    if check:
        found = day_sheets_differ(days=days, at=now())
        for kind, day in found:
            click.echo(json.dumps({"kind": kind, "day": str(day), "differs": True}))
        if found:
            raise click.ClickException(f"{len(found)} sums are not what their records add up to: --rebuild")
