"""``anlan forecast …``: backtests on files, outside any database."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from anlan.config.commands.forecast_store import COMMANDS

FILE = click.Path(path_type=Path)


class Day(click.ParamType):
    """A local date, as days since 1970-01-01."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        try:
            return (date.fromisoformat(str(value)) - date(1970, 1, 1)).days
        except ValueError:
            self.fail(
                f"{value!r} 不是日期，请写成 2025-01-31。 {value!r} is no date; write it as 2025-01-31.", param, ctx
            )


@click.group("forecast")
def group() -> None:
    """Where and when calls for help are expected."""


for _command in COMMANDS:
    group.add_command(_command)


@group.command("backtest")
@click.option("--events", "events", multiple=True, required=True, type=FILE, help="t, category, lat, lon, origin.")
@click.option("--coverage", "coverage", multiple=True, type=FILE, help="date, complete: the days that were recorded.")
@click.option("--weather", type=FILE, help="date, one column per quantity; issued where a row is a forecast.")
@click.option("--origin", default="citizen", show_default=True, help="Whose reports are learnt from.")
@click.option("--categories", default="", help="Names with commas between; all of the files where left out.")
@click.option("--cell-m", default=500.0, show_default=True, help="Side of a cell; under 250 m is research.")
@click.option("--shift-hours", default=8, show_default=True)
@click.option("--test-from", type=Day(), required=True)
@click.option("--test-until", type=Day(), required=True, help="The last day tested.")
@click.option("--timezone", "zone", default=None, help="Needed where times carry a zone, as Asia/Shanghai.")
@click.option("--calendar", type=click.Choice(["none", "china"]), default="none", show_default=True)
@click.option(
    "--models",
    default="",
    help="stack, blend, or parts of them: totals, decays, shrunk, trees; the first two where left out.",
)
@click.option(
    "--refit-days", type=click.IntRange(min=1), default=None, help="Fit anew after so many days; once where left out."
)
@click.option("--denominator", type=click.Choice(["active", "both"]), default="active", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--out", type=FILE, help="Every forecast of every model, as parquet.")
@click.option("--seed", default=0, type=click.IntRange(min=0), show_default=True)
@click.option("--jobs", type=int, default=None, help="Processes; as many as there are processors where left out.")
@click.option("--dask", default=None, help="Address of a Dask scheduler to run on instead.")
def backtest(as_json: bool, out: Path | None, denominator: str, **said: object) -> None:
    """Forecast each shift of a past span from the days before it, and score it.

    One line per category and model, then per model for all categories together; `yearly_mean` is the bar every
    model is held against, `chosen` is what the product would have shown. What was refused of the rows goes to
    the error stream.
    """
    # One thread each: the processes are the parallelism, and two layers of it fight for the same processors.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from anlan.config import forecast_run

    try:
        if out is not None:
            forecast_run.check_writable(out)
        done = forecast_run.backtest(keep_means=out is not None, **said)  # type: ignore[arg-type]
    except forecast_run.Refused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(json.dumps(forecast_run.account(done.told), ensure_ascii=False), err=True)
    told = forecast_run.card(done, beside_all_area=denominator == "both")
    if out is not None:
        forecast_run.write_forecasts(done.results, out)
    if as_json:
        for line in told:
            click.echo(json.dumps(line, ensure_ascii=False))
    else:
        forecast_run.print_table(told, sys.stdout)


@group.command("resolution")
@click.option("--events", "events", multiple=True, required=True, type=FILE, help="t, category, lat, lon, origin.")
@click.option("--coverage", "coverage", multiple=True, type=FILE, help="date, complete: the days that were recorded.")
@click.option("--origin", default="citizen", show_default=True, help="Whose reports are learnt from.")
@click.option("--categories", default="", help="Counted together; all of the files where left out.")
@click.option("--cells", default="250,300,400,500", show_default=True, help="Sides of cells in metres.")
@click.option(
    "--scatter-m",
    default=120.0,
    type=click.FloatRange(min=0.0),
    show_default=True,
    help="How far every event is thrown for the second run.",
)
@click.option("--test-from", type=Day(), required=True)
@click.option("--test-until", type=Day(), required=True, help="The last day tested.")
@click.option("--timezone", "zone", default=None, help="Needed where times carry a zone, as Asia/Shanghai.")
@click.option("--models", default="stack", show_default=True, help="Only these, beside the bar.")
@click.option("--seed", default=0, type=click.IntRange(min=0), show_default=True)
@click.option("--jobs", type=int, default=None, help="Processes; as many as there are processors where left out.")
def resolution(cells: str, scatter_m: float, models: str, seed: int, jobs: int | None, **said: object) -> None:
    """Compare sizes of cells by ground covered and by stops made; one JSON object a size, model and variant.

    Every size is run twice: as recorded, and with each event thrown about by half a block, which takes away what
    repeated coordinates lend to small cells. Last come the best sizes for 20, 60 and 200 stops a shift.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from anlan.config import forecast_resolution, forecast_run

    try:
        sizes = [float(text) for text in forecast_run.split(cells)]
    except ValueError as problem:
        raise click.BadParameter(f"--cells {cells}: 请写成 250,500。 Write it as 250,500.") from problem
    try:
        rows, asked = forecast_run.read_plain(**said)  # type: ignore[arg-type]
        with forecast_run.pool_of(jobs, None) as pool:
            for line in forecast_resolution.resolution(
                rows, asked, forecast_run.wanted(models), sizes=sizes, seed=seed, pool=pool, scatter_m=scatter_m
            ):
                click.echo(json.dumps(line, ensure_ascii=False))
    except forecast_run.REFUSALS as refused:
        raise click.ClickException(forecast_run.words_of(refused)) from refused


@group.command("bounds")
@click.option("--events", "events", multiple=True, type=FILE, help="t, category, lat, lon, origin.")
@click.option("--coverage", "coverage", multiple=True, type=FILE, help="date, complete: the days that were recorded.")
@click.option("--origin", default="citizen", show_default=True, help="Whose reports are learnt from.")
@click.option("--categories", default="", help="All of the files where left out.")
@click.option("--cell-m", default=500.0, show_default=True)
@click.option("--factors", default="1,1.05,1.1,1.15,1.2,1.25,1.35,1.5", show_default=True)
@click.option("--test-from", type=Day())
@click.option("--test-until", type=Day(), help="The last day tested.")
@click.option("--timezone", "zone", default=None, help="Needed where times carry a zone, as Asia/Shanghai.")
@click.option("--models", default="stack", show_default=True, help="Only these, beside the bar.")
@click.option("--seed", default=0, type=click.IntRange(min=0), show_default=True)
@click.option("--jobs", type=int, default=None, help="Processes; as many as there are processors where left out.")
@click.option(
    "--choose", multiple=True, type=FILE, help="Lines of this command, one file a city: the factor of these."
)
def bounds(
    cell_m: float, factors: str, models: str, seed: int, jobs: int | None, choose: tuple[Path, ...], **said: Any
) -> None:
    """Flag the same forecasts within bounds of several factors: reports caught, and areas outside the audit's limits.

    With --choose: the largest factor by which, over these cities, at most one area in a hundred more is outside than
    with the smallest.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from dataclasses import replace

    from anlan.config import forecast_bounds, forecast_run

    if choose:
        try:
            click.echo(json.dumps(forecast_bounds.factor_of(choose), ensure_ascii=False))
        except forecast_run.REFUSALS as refused:
            raise click.ClickException(forecast_run.words_of(refused)) from refused
        return
    if not said["events"] or said["test_from"] is None or said["test_until"] is None:
        raise click.UsageError(
            "请给出 --events、--test-from 和 --test-until。 Give --events, --test-from, --test-until."
        )
    try:
        held = [float(text) for text in forecast_run.split(factors)]
        if not held or not all(1.0 <= factor <= 100.0 for factor in held):
            raise ValueError(factors)
    except ValueError as problem:
        raise click.BadParameter(
            f"--factors {factors}: 请写成 1,1.15，每个不小于 1。 Write it as 1,1.15, none under 1."
        ) from problem
    try:
        rows, asked = forecast_run.read_plain(**said)
        with forecast_run.pool_of(jobs, None) as pool:
            for line in forecast_bounds.bounds(
                rows, replace(asked, cell_m=cell_m), forecast_run.wanted(models), factors=held, seed=seed, pool=pool
            ):
                click.echo(json.dumps(line, ensure_ascii=False))
    except forecast_run.REFUSALS as refused:
        raise click.ClickException(forecast_run.words_of(refused)) from refused


@group.command("portland")
@click.option("--events", type=FILE, required=True, help="date, category, x_ft, y_ft.")
@click.option("--models", default="", help="Only these, beside the plain maps; all where left out.")
@click.option("--origins", default=13, show_default=True, type=click.IntRange(1, 13), help="The newest so many.")
@click.option("--seed", default=0, type=click.IntRange(min=0), show_default=True)
@click.option("--jobs", type=int, default=None)
def portland(events: Path, models: str, origins: int, seed: int, jobs: int | None) -> None:
    """Judge maps for weeks and months ahead on the rows of the 2017 challenge; one JSON object per map and kind."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from anlan.config import forecast_portland, forecast_run

    try:
        with forecast_run.pool_of(jobs, None) as pool:
            told = forecast_portland.portland(
                events, forecast_run.wanted(models), seed=seed, pool=pool, origins=origins
            )
    except forecast_run.REFUSALS as refused:
        raise click.ClickException(forecast_run.words_of(refused)) from refused
    for line in told:
        click.echo(json.dumps(line, ensure_ascii=False))
