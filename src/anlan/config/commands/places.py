"""``anlan places …``: the map under units and incidents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from anlan.config.commands.imports import told
from anlan.config.server import prepare
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.errors import DomainError, NotFound
from anlan.places.models import Basemap

OSM = "© OpenStreetMap contributors"


@click.group("places")
def group() -> None:
    """Draw the map, take in a bureau's own tiles, choose which one is shown."""


@group.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--name", help="A name for the map; the file's name by default.")
@click.option("--attribution", default=OSM, show_default=True, help="Whose data FILE holds; shown on every map.")
@click.option("--county", type=int, metavar="SEED", help="Draw the demo county of this seed (all invented).")
def tiles(file: Path | None, name: str | None, attribution: str, county: int | None) -> None:
    """Draw our own map anew from FILE (.osm.pbf); without one from the road network in use, roads only."""
    prepare()
    with _refusals():
        if county is not None:
            drawn = _county(county)
        elif file is not None:
            from anlan.places.services import basemap_draw_osm

            drawn = basemap_draw_osm(path=file, name=name or file.stem, attribution=attribution, by=SYSTEM, at=now())
        else:
            drawn = _roads_in_use(name)
    told(_facts(drawn))


@group.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--name", help="A name for the map; the file's name by default.")
@click.option(
    "--datum",
    type=click.Choice(["wgs84", "cgcs2000", "gcj02"]),
    required=True,
    help="gcj02 images are cut anew in WGS 84; a wrong answer here puts every unit half a kilometre off.",
)
@click.option("--attribution", required=True, help="Whose map it is; shown on every map.")
@click.option("--approval", default="", help="Map approval number (审图号); shown on every map.")
@click.option("--tms", is_flag=True, help="Rows of a folder count from the south.")
def take(path: Path, name: str | None, datum: str, attribution: str, approval: str, tms: bool) -> None:
    """Take in the bureau's own tiles: a folder z/x/y, an MBTiles or a PMTiles file, and show them."""
    from anlan.places.services import basemap_take

    prepare()
    with _refusals():
        row = basemap_take(
            name=name or path.stem,
            path=path,
            datum=datum,
            attribution=attribution,
            approval_number=approval,
            tms=tms,
            by=SYSTEM,
            at=now(),
        )
    told(_facts(row))


@group.command("maps")
def listed() -> None:
    """All maps drawn or taken in; the one shown is marked."""
    prepare()
    for row in Basemap.objects.order_by("pk"):
        told(_facts(row))


@group.command()
@click.argument("number", type=int)
def show(number: int) -> None:
    """Show the map of this number (``anlan places maps`` lists them)."""
    from anlan.places.services import basemap_use

    prepare()
    with _refusals():
        row = Basemap.objects.filter(pk=number).first()
        if row is None:
            raise NotFound
        row = basemap_use(basemap=row, by=SYSTEM, at=now())
    told(_facts(row))


def _county(seed: int) -> Basemap:
    from anlan.engines.county import county_generate, county_map_features
    from anlan.places.services import basemap_draw

    made = county_generate(seed)
    return basemap_draw(
        name=made.name_zh,
        source=made.label,
        features=county_map_features(made),
        attribution=made.label,
        is_synthetic=True,
        by=SYSTEM,
        at=now(),
    )


def _roads_in_use(name: str | None) -> Basemap:
    from anlan.places.basemap_draw import graph_features
    from anlan.places.selectors import road_graph
    from anlan.places.services import basemap_draw

    roads = road_graph()
    if roads is None:
        raise click.ClickException(
            "没有道路数据，请给出 .osm.pbf 文件 / there are no roads yet; give an .osm.pbf file"
        )
    return basemap_draw(
        name=name or "roads",
        source=f"network {roads.sha256[:12]}",
        features=graph_features(roads.graph),
        attribution=roads.attribution,
        is_synthetic=roads.attribution == "synthetic",
        by=SYSTEM,
        at=now(),
    )


def _facts(row: Basemap) -> dict[str, object]:
    return {
        "map": row.pk,
        "name": row.name,
        "shown": row.is_active,
        "kind": row.kind,
        "zooms": [row.min_zoom, row.max_zoom],
        "bytes": row.size_bytes,
        "attribution": row.attribution,
        "approval_number": row.approval_number,
    }


@contextmanager
def _refusals() -> Iterator[None]:
    """A refusal as the two sentences a terminal shows."""
    try:
        yield
    except DomainError as refusal:
        raise click.ClickException(f"{refusal.detail('zh-hans')} / {refusal.detail('en')}") from refusal
