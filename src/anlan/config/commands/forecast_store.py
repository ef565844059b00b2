"""``anlan forecast run|score|card|audit``: the forecasts of this store, opened when one is asked for."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import date
from typing import Any

import click


def _open() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.config.settings")
    import django

    django.setup()


def _day(text: str | None) -> date:
    from django.utils import timezone

    from anlan.core.clock import now

    if not text:
        return timezone.localtime(now()).date()
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise click.BadParameter(f"{text!r} 不是日期。 {text!r} is no date; write it as 2026-01-31.") from problem


@click.command("run")
@click.option("--day", default=None, help="Local day to forecast; today where left out.")
def run(day: str | None) -> None:
    """Issue the forecast of a day from what this store knew before it; print what was chosen."""
    _open()
    from anlan.core.actor import SYSTEM
    from anlan.core.clock import now
    from anlan.core.errors import DomainError
    from anlan.forecasting.services import forecast_issue

    try:
        found = forecast_issue(day=_day(day), by=SYSTEM, at=now())
    except DomainError as refusal:
        raise click.ClickException(refusal.detail("en")) from refusal
    told = {"day": str(found.day), "record": found.record_sha256, "chosen": found.chosen, "days": found.facts["days"]}
    click.echo(json.dumps(told, ensure_ascii=False))


@click.command("score")
def score() -> None:
    """Score every forecast whose day is over and wholly on record; print one line a family and day."""
    _open()
    from anlan.core.actor import SYSTEM
    from anlan.core.clock import now
    from anlan.forecasting.models import ForecastRun, ForecastScore
    from anlan.forecasting.services import alarms_look, run_score

    at = now()
    for each in ForecastRun.objects.filter(scored_at=None, day__lt=_day(None)).order_by("day"):
        run_score(run=each, by=SYSTEM, at=at)
        for row in ForecastScore.objects.filter(day=each.day):
            told = dict(zip(row.columns, row.sums, strict=True))
            line = {"day": str(row.day), "family": row.family, "places": row.places, "expected": told["predicted"]}
            click.echo(json.dumps({**line, "came": told["events"], "inside": row.inside, "of": row.intervals}))
    alarms_look(by=SYSTEM, at=at)


@click.command("card")
def card() -> None:
    """Print the card of the models in use, as the newest forecast's own numbers write it."""
    _open()
    from anlan.forecasting.selectors import run_latest
    from anlan.forecasting.selectors.model_card import facts_of, text_of

    latest = run_latest()
    if latest is None:
        raise click.ClickException("尚无预测。 No forecast was issued yet; try anlan forecast run.")
    for section in text_of(facts_of(latest)):
        click.echo(f"## {section.title}\n")
        click.echo("\n".join(f"- {line}" for line in section.lines) + "\n")


@click.command("audit")
@click.option("--days", default=28, show_default=True, help="Scored days to look at.")
@click.option("--seed", default=1, show_default=True)
@click.option("--loop/--no-loop", "with_loop", default=True, help="Simulate forecast, patrol, discovery as well.")
def audit(days: int, seed: int, with_loop: bool) -> None:
    """Print the gates before a release: the loop simulation, then fairness by area; ends with 1 where one fails."""
    _open()
    from anlan.engines.forecast.loop import LEARNS_FROM, loop_simulate
    from anlan.forecasting.selectors.audit import audit_of, flag_prices

    failed = False
    if with_loop:
        for source in LEARNS_FROM:
            found = loop_simulate(learns_from=source, seed=seed)
            told: dict[str, Any] = {name: value for name, value in asdict(found).items() if name != "ratio"}
            click.echo(json.dumps({"gate": "loop", **told}))
            failed |= source == "citizens" and not found.passes
    for family, result in audit_of(days=days, seed=seed).items():
        click.echo(json.dumps({"gate": "areas", "family": family, **asdict(result)}, ensure_ascii=False))
        failed |= not result.passes
    for price in flag_prices(days=days):
        click.echo(json.dumps({"price_of_bounds": price.family, **asdict(price)}, ensure_ascii=False))
    if failed:
        raise SystemExit(1)


COMMANDS = (run, score, card, audit)
