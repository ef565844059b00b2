"""``anlan bench …``: one JSON line per figure. Each bench makes a store of its own and leaves none behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from anlan.config.lanes import WEB_THREADS
from anlan.config.server import web_workers
from anlan.drills.bench.figures import Line, answers, growth
from anlan.drills.bench.past import EDITION
from anlan.drills.bench.turns import LOOKS, READY, Side, turns_taken

DATA = Path(__file__).resolve().parents[5] / "shared" / "data"
NETWORKS = (DATA / "roads-manhattan" / "manhattan.osm.pbf", DATA / "roads-auckland" / "auckland.osm.pbf")


@click.group("bench")
def group() -> None:
    """Measure; compare ratios, not values: a shared machine is noisy."""


@group.command()
@click.option(
    "--seconds", default=20, show_default=True, type=click.IntRange(0, 600), help="Of the open loop; 0: none."
)
@click.option(
    "--sizes", default="500,20000,1000000", show_default=True, help="Past incidents; each has its own store."
)
@click.option("--requests", default=600, show_default=True, type=click.IntRange(20, 20_000), help="A list and case.")
@click.option("--clients", default="1,20", show_default=True)
@click.option("--workers", default=web_workers, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--threads", default=WEB_THREADS, show_default=True, type=click.IntRange(1, 64), help="Of each.")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the built pasts in this folder.")
def intake(
    seconds: int, sizes: str, requests: int, clients: str, workers: int, threads: int, keep: Path | None
) -> None:
    """Taking calls and looking at lists over HTTP; then an open loop beside thirty readers of the live stream.

    All sizes stand side by side and are asked in turns, so that a slow minute of the machine slows all of them.
    The last lines say how each case grows from the smallest past to the largest: its median time and
    its processor time, as ratios. With --keep the pasts are built once and copied at each run.
    """
    wanted = sorted({int(size) for size in sizes.split(",")})
    job = {"workers": workers, "threads": threads}
    lines: list[dict[str, Any]] = []
    with contextlib.ExitStack() as standing:
        sides, ends = [], []
        for size in wanted:
            own = {**job, "size": size, "seconds": seconds if size == wanted[0] else 0}
            side, end = standing.enter_context(_side(own, _kept(own, keep)))
            sides.append(side)
            ends.append(end)
        for number in clients.split(","):
            for look in LOOKS:
                for name, seen in turns_taken(sides, look, clients=int(number), count=requests).items():
                    case = f"{look}, {name}/clients={number}"
                    told = answers("intake", case, seen.outcome, seen.cpu_s)
                    lines += [asdict(line) for line in told]
                    _say(told)
        # The last to end is the smallest: its open loop is alone then.
        for end in reversed(ends):
            end()
    _say(growth(lines, low=wanted[0], high=wanted[-1]))


def _say(lines: Iterable[Line]) -> None:
    for line in lines:
        click.echo(line.json())


@contextlib.contextmanager
def _side(job: dict[str, Any], kept: Path | None) -> Iterator[tuple[Side, Callable[[], None]]]:
    """A size in a process and a store of its own, ready to take turns; and what ends it, passing its lines on."""
    with (
        _own_home(kept) as env,
        subprocess.Popen(
            [sys.executable, "-m", "anlan.config.bench_intake", json.dumps({**job, "keep": str(kept or "")})],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as running,
    ):
        assert running.stdin is not None
        assert running.stdout is not None
        talk_in, talk_out = running.stdin, running.stdout
        for text in iter(talk_out.readline, f"{READY}\n"):
            if not text:
                raise click.ClickException(f"the side of {job['size']} ended before it was ready")
            click.echo(text.rstrip("\n"))

        def end() -> None:
            talk_in.close()
            for text in talk_out:
                click.echo(text.rstrip("\n"))
            if running.wait():
                raise click.ClickException(f"the side of {job['size']} ended with {running.returncode}")

        try:
            yield Side(f"past={job['size']}", talk_in, talk_out), end
        finally:
            if running.poll() is None:
                running.terminate()


def _kept(job: dict[str, Any], keep: Path | None, name: str = "past") -> Path | None:
    """Where the built store of this size is kept."""
    return keep.resolve() / f"{name}-{EDITION}-{job['size']}" if keep else None


@group.command()
@click.option("--sizes", default="500,900000", show_default=True, help="Dispute files; each size has its own store.")
@click.option("--requests", default=300, show_default=True, type=click.IntRange(20, 20_000), help="A list and case.")
@click.option("--workers", default=web_workers, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--threads", default=WEB_THREADS, show_default=True, type=click.IntRange(1, 64), help="Of each.")
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the built stores in this folder."
)
@click.option(
    "--home",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Only look at the store built in this folder, as it is: nothing is built, copied or followed.",
)
def disputes(sizes: str, requests: int, workers: int, threads: int, keep: Path | None, home: Path | None) -> None:
    """Lists and pages over a year of dispute files, and finding those a new report may bring back."""
    lines: list[dict[str, Any]] = []
    if home is not None:
        if not (home / "token").exists():
            raise click.UsageError(f"there is no store of this bench in {home}")
        job = {"requests": requests, "workers": workers, "threads": threads, "size": int(sizes.split(",")[-1])}
        _apart("anlan.config.bench_disputes", {**job, "as_it_is": True}, home=home)
        return
    wanted = [int(size) for size in sizes.split(",")]
    for size in wanted:
        job = {"requests": requests, "workers": workers, "threads": threads, "size": size}
        kept = _kept(job, keep, "disputes")
        lines += _apart("anlan.config.bench_disputes", {**job, "keep": str(kept or "")}, kept)
    for line in growth(lines, low=min(wanted), high=max(wanted)):
        click.echo(line.json())


@contextlib.contextmanager
def _own_home(kept: Path | None, own: Path | None = None) -> Iterator[dict[str, str]]:
    """The surroundings of a process with a fresh SQLite store of its own, a copy of ``kept`` where there is one.

    With ``own`` the very store that lies there.
    """
    if own is not None:
        yield {**_alone(), "ANLAN_HOME": str(own.resolve())}
        return
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as home:
        if kept is not None and kept.exists():
            shutil.copytree(kept, home, dirs_exist_ok=True)
            # Gigabytes just copied would be written out beside the commits that are timed.
            os.sync()
        yield {**_alone(), "ANLAN_HOME": home}


def _alone() -> dict[str, str]:
    """What a measured process is told besides where its store lies: SQLite, and no forecasts in between."""
    env = {**os.environ, "ANLAN_FORECASTS": "off"}
    env.pop("ANLAN_DATABASE_URL", None)
    return env


def _apart(
    module: str, job: dict[str, Any], kept: Path | None = None, *, home: Path | None = None
) -> list[dict[str, Any]]:
    """Run ``module`` with ``job`` in its own process and a fresh SQLite store, or ``home``; pass on its lines."""
    lines = []
    with (
        _own_home(kept, home) as env,
        subprocess.Popen(
            [sys.executable, "-m", module, json.dumps(job)], env=env, stdout=subprocess.PIPE, text=True
        ) as running,
    ):
        assert running.stdout is not None
        for text in running.stdout:
            click.echo(text.rstrip("\n"))
            lines.append(json.loads(text))
    if running.returncode:
        raise click.ClickException(f"{module} ended with {running.returncode}; the job was {json.dumps(job)}")
    return lines


@group.command()
@click.option("--consoles", default=200, show_default=True, type=click.IntRange(1, 5000))
@click.option("--units", default=1000, show_default=True, type=click.IntRange(1, 20_000))
@click.option("--seconds", default=60, show_default=True, type=click.IntRange(5, 600))
@click.option("--back", default=2300, show_default=True, type=click.IntRange(1, 10_000), help="Clients coming back.")
@click.option("--workers", default=web_workers, type=click.IntRange(1, 64), help="Web processes.")
def live(consoles: int, units: int, seconds: int, back: int, workers: int) -> None:
    """Consoles at the live stream while units move and calls come; then all lines break and come back at once."""
    job = {"consoles": consoles, "units": units, "seconds": seconds, "back": back, "workers": workers}
    _apart("anlan.config.bench_live", job)


@group.command()
@click.argument("roads", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--units", default=500, show_default=True, type=click.IntRange(1, 20_000))
@click.option("--queries", default=400, show_default=True, type=click.IntRange(10, 100_000))
@click.option("--seed", default=1, show_default=True)
def recommend(roads: tuple[Path, ...], units: int, queries: int, seed: int) -> None:
    """A recommendation among all units, from coordinates, on the given .osm.pbf networks.

    The road part alone (cold: all places snapped anew; cached: a tenth; search: no snapping), then the
    whole of it from a store: rows, eligibility, capabilities, times, order, reasons. Without a file:
    Manhattan and Auckland, where ../shared/data has them.
    """
    import time

    from anlan.drills.bench.figures import latencies
    from anlan.engines.roads import benchmark_recommend, road_graph_build
    from anlan.places.osm_import import road_file_read

    for path in roads or _networks():
        graph = road_graph_build(road_file_read(path).ways)
        took = benchmark_recommend(graph, units, queries, seed, timer=time.perf_counter)
        name = path.name.removesuffix(".osm.pbf")
        for part in ("cold_s", "cached_s", "search_s"):
            for line in latencies("recommend", f"{name}/{part[:-2]}", list(getattr(took, part)), (50, 95, 99)):
                click.echo(line.json())
        click.echo(Line("recommend", name, "reached_share", round(took.reached_share, 4), "1", queries).json())
        job = {"roads": str(path.resolve()), "name": name, "units": units, "queries": queries, "seed": seed}
        _apart("anlan.config.bench_recommend", job)


@group.command()
@click.option(
    "--doors", default=116, show_default=True, type=click.IntRange(1, 900), help="Each some 43 sightings/s."
)
@click.option("--seconds", default=60, show_default=True, type=click.IntRange(5, 3600))
@click.option(
    "--again", default=0, show_default=True, type=click.IntRange(0, 10_000_000), help="Messages told again."
)
@click.option("--mosquitto", "broker", default="mosquitto", show_default=True, help="The broker's program.")
def doors(doors: int, seconds: int, again: int, broker: str) -> None:
    """Doors in use without rest tell over a real broker: what is kept, how soon a door speaks, in what memory.

    With --again what was told is told so often once more, word for word or cut anew, doubled and turned round; then
    what the books hold more than before is counted. Needs mosquitto.
    """
    _apart("anlan.config.bench_doors", {"doors": doors, "seconds": seconds, "again": again, "broker": broker})


GROWING = (130, 224, 316, 447)
"""Sides of the made-up cities: 17,000, 50,000, 100,000 and 200,000 junctions."""


@group.command(name="roads")
@click.argument("roads", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--units", default=500, show_default=True, type=click.IntRange(1, 20_000))
@click.option("--queries", default=200, show_default=True, type=click.IntRange(10, 100_000))
@click.option("--grid", "sides", multiple=True, type=click.IntRange(10, 1000), help="Also a made-up city, N x N.")
@click.option("--seed", default=1, show_default=True)
@click.option("--with-valhalla", "valhalla", metavar="PYTHON", help="A Python that has the wheel pyvalhalla (3.12).")
def roads_bench(
    roads: tuple[Path, ...], units: int, queries: int, sides: tuple[int, ...], seed: int, valhalla: str | None
) -> None:
    """The road engine beside a plain search and the straight line, on .osm.pbf networks.

    How long ranking all units takes in each way, drawing the best way and closing a road; how often the
    unit nearest in a straight line isn't the quickest; import and memory; how soon a closure counts in another
    process. Without a file: every network that ../shared/data has, then made-up cities from 17,000 to 200,000
    junctions, and how times grow with them. Straight-line errors are against this engine's own free-flow times.
    """
    from anlan.drills.bench.roads import growth_drawn, growth_lines

    found = roads or tuple(sorted(DATA.glob("roads-*/*.osm.pbf")))
    common, grown = {"units": units, "queries": queries, "seed": seed}, []
    for path in found:
        name = path.name.removesuffix(".osm.pbf")
        job = {"roads": str(path.resolve()), "name": name, "valhalla": valhalla, **common}
        _apart("anlan.config.bench_roads", job)
    for side in sides or (() if roads else GROWING):
        grown += _apart("anlan.config.bench_roads", {"side": side, "name": f"grid {side * side}", **common})
    for line in growth_lines(grown):
        click.echo(line.json())
    for text in growth_drawn(grown):
        click.echo(text, err=True)
    _apart("anlan.config.bench_closure", {"closures": 20})
    if valhalla is None:
        click.echo("Not compared with Valhalla: name a Python 3.12 with its wheel by --with-valhalla.", err=True)


@group.command()
@click.option(
    "--instances",
    default=DATA / "top-instances" / "top",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)
@click.option(
    "--reference",
    default=DATA / "top-instances" / "top-reference-values.csv",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="instance, reference_score a line.",
)
@click.option(
    "--seconds", default=10.0, show_default=True, type=click.FloatRange(0.5, 3600), help="For each instance."
)
@click.option("--cores", default=2, show_default=True, type=click.IntRange(1, 64), help="Searches side by side.")
@click.option("--seed", default=1, show_default=True)
@click.option("--every", default=1, show_default=True, type=click.IntRange(1, 1000), help="Only each n-th instance.")
@click.option("--only", multiple=True, help="Only instances whose name begins so.")
@click.option("--plain", is_flag=True, help="Also PyVRP as it comes, one core, the same seconds.")
@click.option("--bound", is_flag=True, help="Below a reference: the score no plan exceeds, where it can be found.")
@click.option("--processor", is_flag=True, help="Seconds of the processor, for a machine that others share.")
@click.option("--json", "_json", is_flag=True, help="Lines are JSON anyway.")
def top(instances: Path, reference: Path, _json: bool, **job: Any) -> None:
    """Team orienteering by the patrol planner: gap to the best known score, driveable or not, mean and worst."""
    from anlan.config.bench_top import run

    if not run({**job, "instances": str(instances), "reference": str(reference)}, click.echo):
        raise click.ClickException("no instance was found, or an answer can't be driven")


@group.command()
@click.option("--units", default=20, show_default=True, type=click.IntRange(1, 200))
@click.option("--stops", default=150, show_default=True, type=click.IntRange(1, 2000))
@click.option("--seconds", default=15.0, show_default=True, type=click.FloatRange(2, 600), help="For the final plan.")
@click.option("--cores", default=2, show_default=True, type=click.IntRange(1, 64), help="Searches side by side.")
@click.option("--seed", default=1, show_default=True)
def patrol(**job: Any) -> None:
    """A shift's patrol with windows, musts and breaks: how soon the first answer, how good the final one."""
    from anlan.config.bench_top_shift import run

    if not run(job, click.echo):
        raise click.ClickException("an answer can't be driven")


@group.command("simulate")
@click.option("--calls", default=50_000, show_default=True, type=click.IntRange(100), help="In Manhattan, by policy.")
@click.option("--runs", default=20, show_default=True, type=click.IntRange(0, 1000), help="A year each; 0: none.")
@click.option(
    "--jobs", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes for the paired runs."
)
@click.option("--seed", default=1, show_default=True)
@click.option(
    "--data", default=DATA, type=click.Path(path_type=Path, file_okay=False), help="Roads and reported events."
)
def simulate_(calls: int, runs: int, jobs: int, seed: int, data: Path) -> None:
    """What-if runs: calls a second of a core with sixty units, a county's year, paired runs of two policies."""
    from anlan.config.bench_simulate import county, manhattan

    if (data / "roads-manhattan").is_dir():
        for line in manhattan(data, calls=calls, seed=seed):
            click.echo(json.dumps(line))
    else:
        click.echo(f"{data} holds no roads-manhattan: left out", err=True)
    for line in county(runs=runs, jobs=jobs, seed=seed):
        click.echo(json.dumps(line))


def _networks() -> list[Path]:
    """The networks measured where none is named."""
    found = [path for path in NETWORKS if path.exists()]
    if not found:
        raise click.ClickException(
            "no road file is named, and there is none in ../shared/data. Name one or more .osm.pbf extracts: "
            "anlan bench recommend manhattan.osm.pbf"
        )
    return found


@group.command("gate")
@click.option("--doors", default=10, show_default=True, type=click.IntRange(1, 1000), help="None that was learnt on.")
@click.option("--passages", "count", default=60, show_default=True, type=click.IntRange(1, 100_000), help="A door.")
@click.option("--layout", default="pair,barrier,planes", show_default=True)
@click.option("--first", default=5_000, show_default=True, type=click.IntRange(2_000), help="Seed of the first door.")
def gate(doors: int, count: int, layout: str, first: int) -> None:
    """What simulated doors are judged to have seen, against the truth: shares with intervals, by scenario."""
    from anlan.config.gate_learning import day_of
    from anlan.config.gate_score import score, told
    from anlan.equipment.learnt import trees_of

    for name in layout.split(","):
        days = (day_of(seed, count, name) for seed in range(first, first + doors))
        for row in told(score(days, name, trees_of(name)), name):
            click.echo(json.dumps({"bench": "gate", **row}, ensure_ascii=False))
