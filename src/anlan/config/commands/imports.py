"""``anlan import …``: taking in calls, the sheets of another system, roads, areas, units and rosters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from anlan.config.server import prepare
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.errors import DomainError
from anlan.integrations.imports.mapping import Mapping, MappingRefused, mapping_load
from anlan.integrations.imports.reading import FileRefused, row_count

FILE = click.Path(path_type=Path, dir_okay=False)


def bar(title: str, total: int | None) -> Progress:
    """A progress bar with count and time left, beside what is printed: the result may go to a file."""
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    shown = Progress(*columns, transient=True, console=Console(stderr=True))
    shown.add_task(title, total=total)
    return shown


def told(result: dict[str, Any]) -> None:
    click.echo(json.dumps(result, ensure_ascii=False))


def mapping_for(path: Path, mapping: str | None) -> Mapping:
    """The mapping asked for, or the built-in one named like the file's folder."""
    try:
        return mapping_load(mapping or _guess(path))
    except MappingRefused as problem:
        raise click.ClickException(str(problem)) from problem


def _guess(path: Path) -> str:
    folder = path.resolve().parent.name
    for known, prefix in (("nyc", "nyc_"), ("san_antonio", "san_antonio"), ("slo", "slo_")):
        if folder.startswith(prefix):
            return known
    raise MappingRefused(f"which mapping fits {path.name}? Give --mapping FILE.toml (docs/imports.md has the format)")


@click.group("import")
def group() -> None:
    """Take files in. Every row is accepted, known already, or parked with line and reason."""


@group.command()
@click.argument("file", type=FILE)
@click.option("--mapping", help="A .toml mapping, or the name of a built-in one.")
@click.option("--limit", type=click.IntRange(1), help="Only the first rows, to try a mapping.")
def calls(file: Path, mapping: str | None, limit: int | None) -> None:
    """Past calls from CSV, Excel or Parquet."""
    from anlan.integrations.imports.runner import calls_import
    from anlan.tagging.services import taxonomy_load

    prepare()
    taxonomy_load(by=SYSTEM, at=now())
    chosen = mapping_for(file, mapping)
    try:
        with bar(file.name, row_count(file) if file.exists() else None) as progress:
            batch, tally = calls_import(
                file,
                chosen,
                by=SYSTEM,
                clock=now,
                limit=limit,
                progress=lambda n: progress.update(progress.task_ids[0], completed=n),
            )
    except FileRefused as problem:
        raise click.ClickException(str(problem)) from problem
    told({"file": file.name, "batch": batch.pk, **tally.as_dict()})


@group.command()
@click.argument("calls", type=FILE)
@click.argument("dispatches", type=FILE)
@click.argument("feedback", type=FILE)
@click.option("--mapping", required=True, help="A .toml file with one mapping per sheet.")
def sheets(calls: Path, dispatches: Path, feedback: Path, mapping: str) -> None:
    """The three sheets of another 110 system (接警单 处警单 反馈单); again and again without doubles."""
    from anlan.integrations.imports.sheets import sheets_import
    from anlan.tagging.services import taxonomy_load

    prepare()
    taxonomy_load(by=SYSTEM, at=now())
    try:
        result = sheets_import(calls, dispatches, feedback, mapping=Path(mapping), by=SYSTEM, clock=now)
    except (FileRefused, MappingRefused) as problem:
        raise click.ClickException(str(problem)) from problem
    told(result)


@group.command()
@click.argument("file", type=FILE)
@click.option("--mapping", required=True, help="A .toml mapping; docs/imports.md has the format.")
def disputes(file: Path, mapping: str) -> None:
    """Old dispute files from CSV or Excel; again and again without doubles."""
    from anlan.integrations.imports.disputes import disputes_import
    from anlan.tagging.services import taxonomy_load

    prepare()
    taxonomy_load(by=SYSTEM, at=now())
    chosen = mapping_for(file, mapping)
    try:
        with bar(file.name, row_count(file) if file.exists() else None) as progress:
            batch, tally = disputes_import(
                file,
                chosen,
                by=SYSTEM,
                clock=now,
                progress=lambda n: progress.update(progress.task_ids[0], completed=n),
            )
    except FileRefused as problem:
        raise click.ClickException(str(problem)) from problem
    told({"file": file.name, "batch": batch.pk, **tally.as_dict()})


@group.command()
@click.argument("file", type=FILE)
@click.option("--name", help="A name for the network; the file's name by default.")
@click.option("--attribution", default="© OpenStreetMap contributors", show_default=True)
def roads(file: Path, name: str | None, attribution: str) -> None:
    """A road network from any .osm.pbf; it is put into use when it is whole."""
    from anlan.integrations.imports.roads import roads_import

    prepare()
    try:
        told(roads_import(file, name=name or file.stem, attribution=attribution, by=SYSTEM, at=now()))
    except DomainError as refusal:
        raise click.ClickException(f"{refusal.detail('zh-hans')} / {refusal.detail('en')}") from refusal


@group.command()
@click.argument("file", type=FILE)
@click.option("--kind", type=click.Choice(["county", "zone", "station", "town", "beat"]), required=True)
def areas(file: Path, kind: str) -> None:
    """Areas from GeoJSON; properties: code, name_zh, name_en, setting, organisation (a code)."""
    from anlan.integrations.imports.reference import areas_import

    prepare()
    _reference(lambda: areas_import(file, kind=kind, by=SYSTEM, at=now()))


@group.command()
@click.argument("file", type=FILE)
@click.option("--datum", type=click.Choice(["wgs84", "gcj02", "bd09"]), default="wgs84", show_default=True)
def points(file: Path, datum: str) -> None:
    """Booths, must-cover and standby points, GeoJSON or a table: kind, code, name_zh, organisation, lon, lat."""
    from anlan.integrations.imports.reference import points_import

    prepare()
    _reference(lambda: points_import(file, datum=datum, by=SYSTEM, clock=now))


@group.command()
@click.argument("file", type=FILE)
def units(file: Path) -> None:
    """Units from CSV or Excel: call_sign, track, vehicle, organisation, capabilities, base_lon, base_lat."""
    from anlan.integrations.imports.reference import units_import

    prepare()
    _reference(lambda: units_import(file, by=SYSTEM, clock=now))


@group.command()
@click.argument("file", type=FILE)
def things(file: Path) -> None:
    """Things of stores from CSV or Excel: number, kind, organisation; docs/imports.md has the other columns."""
    from anlan.integrations.imports.things import things_import

    prepare()
    _reference(lambda: things_import(file, by=SYSTEM, clock=now))


@group.command()
@click.argument("file", type=FILE)
def roster(file: Path) -> None:
    """Shifts from CSV or Excel: call_sign, starts_at, ends_at."""
    from anlan.integrations.imports.reference import roster_import

    prepare()
    _reference(lambda: roster_import(file, by=SYSTEM, clock=now))


@group.command()
@click.argument("file", type=FILE)
@click.option("--mapping", help="A .toml mapping, where their columns have other names.")
@click.option("--datum", type=click.Choice(["wgs84", "gcj02", "bd09"]), default="wgs84", show_default=True)
def population(file: Path, mapping: str | None, datum: str) -> None:
    """Residents from CSV or Excel, by area (area_kind, code) or by cell (lon, lat, cell_m); and residents."""
    from anlan.integrations.imports.population import population_import

    prepare()
    chosen = mapping_for(file, mapping) if mapping else None
    _reference(lambda: population_import(file, mapping=chosen, datum=datum, by=SYSTEM, clock=now))


def _reference(act: Any) -> None:
    try:
        told(act())
    except DomainError as refusal:
        raise click.ClickException(f"{refusal.detail('zh-hans')} / {refusal.detail('en')}") from refusal
    except FileRefused as problem:
        raise click.ClickException(str(problem)) from problem
