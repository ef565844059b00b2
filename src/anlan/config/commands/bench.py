"""``anlan bench …``: one JSON line per figure. Each bench makes a store of its own and leaves none behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import click


@click.group("bench")
def group() -> None:
    """Measure; compare ratios, not values: a shared machine is noisy."""


@group.command()
@click.option("--seconds", default=20, show_default=True, type=click.IntRange(1, 600), help="Of the open loop.")
@click.option("--sizes", default="500,20000,1000000", show_default=True, help="Past incidents.")
@click.option("--requests", default=600, show_default=True, type=click.IntRange(20, 20_000), help="A list and case.")
@click.option("--clients", default="1,20", show_default=True)
def intake(seconds: int, sizes: str, requests: int, clients: str) -> None:
    """Taking calls and looking at lists over HTTP, beside thirty readers of the live stream."""
    job = {
        "seconds": seconds,
        "sizes": [int(size) for size in sizes.split(",")],
        "requests": requests,
        "clients": [int(number) for number in clients.split(",")],
    }
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as home:
        env = {**os.environ, "ANLAN_HOME": home}
        done = subprocess.run(
            [sys.executable, "-m", "anlan.config.bench_intake", json.dumps(job)], env=env, check=False
        )
    sys.exit(done.returncode)


@group.command()
@click.argument("roads", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--units", default=500, show_default=True, type=click.IntRange(1, 20_000))
@click.option("--queries", default=400, show_default=True, type=click.IntRange(10, 100_000))
@click.option("--seed", default=1, show_default=True)
def recommend(roads: tuple[Path, ...], units: int, queries: int, seed: int) -> None:
    """Travel times of all units to one call, from coordinates, on the given .osm.pbf networks."""
    import time

    from anlan.drills.bench.figures import Line, latencies
    from anlan.engines.roads import benchmark_recommend, road_graph_build
    from anlan.places.osm_import import road_file_read

    if not roads:
        raise click.ClickException("name one or more .osm.pbf files")
    for path in roads:
        graph = road_graph_build(road_file_read(path).ways)
        took = benchmark_recommend(graph, units, queries, seed, timer=time.perf_counter)
        name = path.name.removesuffix(".osm.pbf")
        for part in ("cold_s", "cached_s", "search_s"):
            for line in latencies("recommend", f"{name}/{part[:-2]}", list(getattr(took, part)), (50, 95, 99)):
                click.echo(line.json())
        click.echo(Line("recommend", name, "reached_share", round(took.reached_share, 4), "1", queries).json())
