"""``anlan simulate``: policies side by side over one's own calls, from files or from the store."""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import click

from anlan.config.forecast_run import pool_of
from anlan.config.simulate_files import FileWrong, Made, Stated, made_from_files
from anlan.core.errors import DomainError
from anlan.engines.forecast import ForecastRefused
from anlan.engines.simulation import (
    LESS_IS_BETTER,
    Compared,
    Policy,
    PolicyUnknown,
    Told,
    WorldWrong,
    compare,
    policy_read,
)
from anlan.whatif.rules import FEW_DAYS

POLICY_HELP = (
    "closest, home:180, zones:180/60, plans, cover; then +moveup, +post, +units:N, +divert:off, +patrol. "
    "The first is what others are compared with."
)
FILE = click.Path(path_type=Path, dir_okay=False)
SHOWN = {
    "late": ("超时占比", "share late", 100.0, "%"),
    "late_p1": ("一级警情超时占比", "P1 share late", 100.0, "%"),
    "mean_s": ("平均到场", "mean response", 1.0, "s"),
    "p90_s": ("九成到场不超过", "P90 response", 1.0, "s"),
    "p90_p1_s": ("一级警情九成到场不超过", "P1 P90 response", 1.0, "s"),
    "never": ("无人到场占比", "never reached", 100.0, "%"),
    "cover": ("覆盖率", "cover", 100.0, "%"),
    "km": ("日行驶公里", "km a day", 1.0, "km"),
    "spread": ("忙闲不均（标准差/均值）", "workload spread (sd/mean)", 100.0, "%"),
    "town_late": ("社区轨超时占比", "community share late", 100.0, "%"),
    "town_p90_s": ("社区轨九成到场不超过", "community P90", 1.0, "s"),
}


class Policies(click.ParamType):
    """A policy in words."""

    name = "policy"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Policy:
        if isinstance(value, Policy):
            return value
        try:
            return policy_read(str(value))
        except PolicyUnknown as wrong:
            self.fail(f"看不懂策略 {wrong.text!r} 里的 {wrong.part!r}。 {wrong}", param, ctx)


class Only(click.ParamType):
    """A column and the values kept."""

    name = "column=low..high"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float, float]:
        if isinstance(value, tuple):
            return value
        try:
            column, span = str(value).split("=")
            low, high = span.split("..")
            return column, float(low), float(high)
        except ValueError:
            self.fail(f"请写成 列=下限..上限。 {value!r}: write column=low..high.", param, ctx)


@click.command("simulate")
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="First day of the history.")
@click.option("--to", "end", type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
@click.option("--policy", "policies", multiple=True, type=Policies(), required=True, help=POLICY_HELP)
@click.option("--runs", default=20, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0))
@click.option(
    "--fitted", is_flag=True, help="Calls drawn anew by a process fitted to the history; runs of --days days."
)
@click.option("--organisation", help="Code of the bureau, zone or station whose past it is; else the bureau.")
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 366), help="Of a fitted run.")
@click.option(
    "--calls", type=FILE, help="From files: t, lon, lat, and priority, scene_s, target_s where known (CSV, Parquet)."
)
@click.option("--units", type=FILE, help="From files: lon, lat (or x, y), name.")
@click.option("--roads", type=FILE, help="From files: .osm.pbf; straight lines without one.")
@click.option("--onward", type=FILE, help="From files: where units go after the spot (hospitals): lon, lat.")
@click.option("--only", type=Only(), help="From files: rows whose column lies in a span, as precinct=1..34.")
@click.option("--n-units", type=click.IntRange(1, 500), help="From files: so many, at the places in turn.")
@click.option(
    "--calls-a-day",
    type=click.FloatRange(0.1, 1e6),
    help="From files: fitted, an even flow of so many; places from the file.",
)
@click.option("--urgent-share", default=0.4, show_default=True, type=click.FloatRange(0, 1))
@click.option("--scene-s", default=720.0, show_default=True, type=click.FloatRange(0))
@click.option("--onward-share", default=0.0, show_default=True, type=click.FloatRange(0, 1))
@click.option("--onward-s", default=600.0, show_default=True, type=click.FloatRange(0))
@click.option(
    "--target-s", default=(480.0, 720.0), show_default=True, nargs=2, type=click.FloatRange(1), help="P1, others."
)
@click.option("--delay-s", default=50.0, show_default=True, type=click.FloatRange(0))
@click.option("--turnout-s", default=30.0, show_default=True, type=click.FloatRange(0))
@click.option(
    "--bound",
    "bound_runs",
    default=0,
    show_default=True,
    type=click.IntRange(0, 10_000),
    help="Runs in which it is also reckoned how much anybody who knew all calls could have gained over the first.",
)
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes; as many as cores where left out.")
@click.option("--dask", help="Address of a Dask scheduler, instead of processes here.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: the world, then each policy.")
def simulate(
    start: datetime | None, end: datetime | None, policies: tuple[Policy, ...], runs: int, seed: int, fitted: bool,
    days: int, bound_runs: int, jobs: int | None, dask: str | None, organisation: str | None, as_json: bool,
    **files: Any,
) -> None:  # fmt: skip
    """Ask what another policy would have done with the same calls.

    With --calls and --units from files, else from this centre's own store. Differences are paired: every policy
    meets the same calls, turn-outs and roads.
    """
    span = _span(start, end)
    began, chosen = time.perf_counter(), list(policies)
    try:
        if files["calls"] or files["units"]:
            made = _from_files(span, seed, **files)
            fitted = fitted or bool(files["calls_a_day"])
        else:
            made, chosen = _from_store(span, organisation, policies)
        prepared_s = time.perf_counter() - began
        with pool_of(jobs if runs > 1 else 1, dask) as pool:
            told = compare(
                made.world, chosen, runs=runs, seed=seed, process=made.process if fitted else None, days=days,
                executor=pool, told=None if as_json else _progress(runs), bound_runs=bound_runs,
            )  # fmt: skip
    except (FileWrong, WorldWrong, ForecastRefused, DomainError, ValueError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    seconds = {"prepared_s": round(prepared_s, 1), "ran_s": round(time.perf_counter() - began - prepared_s, 1)}
    (_say_json if as_json else _say)(told, {**made.told, **seconds, "seed": seed, "fitted": fitted})
    if told.failed:
        sys.exit(1)


def _span(start: datetime | None, end: datetime | None) -> tuple[datetime, datetime] | None:
    from django.utils import timezone

    if start is None and end is None:
        return None
    if start is None or end is None or end < start:
        raise click.UsageError(
            "请同时给出 --from 与 --to，且先后顺序正确。 Give both --from and --to, in this order."
        )
    return tuple(  # type: ignore[return-value]
        timezone.make_aware(datetime.combine(day, clock_time())) for day in (start.date(), _next(end.date()))
    )


def _next(day: date) -> date:
    return day + timedelta(days=1)


def _from_files(span: tuple[datetime, datetime] | None, seed: int, **files: Any) -> Made:
    if not files["calls"] or not files["units"]:
        raise click.UsageError("从文件运行要同时给出 --calls 与 --units。 Files: give both --calls and --units.")
    paths = {name: files.pop(name) for name in ("calls", "units", "roads", "onward")}
    for path in paths.values():
        if path is not None and not path.is_file():
            raise FileWrong(f"没有文件 {path}。", f"There is no file {path}.")
    only, n_units = files.pop("only"), files.pop("n_units")
    with ThreadPoolExecutor() as threads:
        return made_from_files(
            **paths, n_units=n_units, span=span, stated=Stated(**files), seed=seed, only=only, spread=threads.map
        )


def _from_store(
    span: tuple[datetime, datetime] | None, organisation: str | None, policies: tuple[Policy, ...]
) -> tuple[Made, list[Policy]]:
    """This centre's own past with a process fitted to it, and the policies with the live rooms' numbers."""
    from anlan.accounts.selectors import organisations
    from anlan.whatif.history import past_read, process_of, with_starts
    from anlan.whatif.services import policy_of

    if span is None:
        raise click.UsageError("请给出 --from 与 --to，或从文件运行。 Give --from and --to, or files.")
    known = organisations()
    found = next(
        (row for row in known if row.code == organisation or (not organisation and row.kind == "bureau")), None
    )
    if found is None:
        codes = ", ".join(row.code for row in known) or "–"
        raise click.ClickException(f"没有组织 {organisation}。有：{codes}。 No such organisation; known are {codes}.")
    past = past_read(found, first_day=span[0].date(), last_day=(span[1] - timedelta(hours=1)).date())
    made = Made(past.world, process_of(past), {"organisation": found.code, **past.facts})
    return made, with_starts(past, [policy_of(policy.name) for policy in policies])


def _progress(runs: int) -> Any:
    def told(done: int) -> None:
        click.echo(f"\r{done}/{runs}", nl=done == runs, err=True)

    return told


def _figure(told: Told) -> dict[str, float | None]:
    return {
        name: None if (value := getattr(told, name)) is None else round(value, 5) for name in ("value", "low", "high")
    }


def _say_json(told: Compared, world: dict[str, Any]) -> None:
    line = {"world": world, "runs": told.runs, "blocks": told.blocks, "calls_a_run": round(told.calls, 1)}
    click.echo(json.dumps(line, ensure_ascii=False))
    for name, figures in told.figures.items():
        row: dict[str, Any] = {"policy": name, "figures": {key: _figure(each) for key, each in figures.items()}}
        if name in told.differences:
            row["against"] = next(iter(told.figures))
            row["differences"] = {key: _figure(each) for key, each in told.differences[name].items()}
        click.echo(json.dumps(row, ensure_ascii=False))
    if told.best:
        parts = {"figures": told.best, "left_to_gain": told.left, "found": told.found, "surely_gained": told.sure}
        sides = {name: {key: _figure(each) for key, each in part.items()} for name, part in parts.items()}
        row = {"policy": "hindsight", "runs": told.bound_runs, **sides}
        click.echo(json.dumps(row, ensure_ascii=False))
    for name, why in told.failed.items():
        click.echo(json.dumps({"policy": name, "failed": why}, ensure_ascii=False))


def _say(told: Compared, world: dict[str, Any]) -> None:
    click.echo(" · ".join(f"{name} {value}" for name, value in world.items()))
    click.echo(f"{told.runs} 次运行 runs · {told.blocks} 个区组 blocks · 每次 {told.calls:.0f} 起警情 calls a run")
    if told.blocks < FEW_DAYS:
        click.echo(
            f"只有 {told.blocks} 个区组：区间可能偏窄很多，请至少取 {FEW_DAYS} 个 "
            f"only {told.blocks} blocks: intervals may be far too narrow, take {FEW_DAYS} at least"
        )
    for name, figures in told.figures.items():
        click.echo(f"\n{name}")
        for key, (zh, en, scale, unit) in SHOWN.items():
            if figures[key].value is None:
                continue
            line = f"  {zh} {en}: {_words(figures[key], scale, unit)}"
            if name in told.differences:
                other = told.differences[name][key]
                line += f"   Δ {_words(other, scale, unit)} {_verdict(other, key)}"
            click.echo(line)
    if told.best:
        first = next(iter(told.figures))
        click.echo(f"\n事先全知的下限 bound by hindsight ({told.bound_runs} 次运行 runs; 对照 against {first})")
        for key in told.best:
            zh, en, scale, unit = SHOWN[key]
            click.echo(
                f"  {zh} {en}: ≥ {_words(told.best[key], scale, unit)}   "
                f"至多还能改进 left to gain ≤ {_words(told.left[key], scale, unit)}   "
                f"找到的派法确能改进 surely gained ≥ {_words(told.sure[key], scale, unit)}"
            )
    for name, why in told.failed.items():
        click.echo(f"\n{name}: 策略出错，其余照常 the policy failed, the others went on: {why}", err=True)


def _words(told: Told, scale: float, unit: str) -> str:
    if told.value is None:
        return "–"
    value = f"{_digits(told.value * scale)} {unit}"
    if told.low is None or told.high is None:
        return value
    return f"{value} [{_digits(told.low * scale)}, {_digits(told.high * scale)}]"


def _digits(value: float) -> str:
    """With one decimal; what is something and would read as nothing says so."""
    text = f"{value:.1f}"
    return text if float(text) or not value else ("-<0.1" if value < 0 else "<0.1")


def _verdict(told: Told, key: str) -> str:
    if not told.is_sure or told.value is None:
        return "分不出 can't be told apart"
    return "更好 better" if (told.value < 0) == LESS_IS_BETTER[key] else "更差 worse"
