"""A road file becomes the network in use, and its named roads and junctions become places."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from anlan.core.actor import Actor
from anlan.engines.addresses import GazetteerRecord
from anlan.engines.roads import RoadWays, road_graph_build, road_junctions, road_stretches
from anlan.places.errors import RoadFileRefused
from anlan.places.osm_import import RoadFileBroken, RoadFileFault, road_file_read
from anlan.places.services import gazetteer_replace, network_activate

REASONS = {
    RoadFileFault.NOT_A_ROAD_FILE: ("不是 .osm.pbf 道路文件", "it is no .osm.pbf file"),
    RoadFileFault.CUT_OFF: ("文件不完整", "it ends in the middle"),
    RoadFileFault.DAMAGED: ("文件已损坏", "it is damaged"),
    RoadFileFault.NO_ROADS: ("文件中没有道路", "there are no roads in it"),
}


def roads_import(path: Path, *, name: str, attribution: str, by: Actor, at: datetime) -> dict[str, Any]:
    """Read, build and put into use. Raises ``RoadFileRefused`` and changes nothing when the file is no good."""
    try:
        read = road_file_read(path)
    except FileNotFoundError as problem:
        raise RoadFileRefused(file=path.name, reason="找不到文件 / there is no such file") from problem
    except RoadFileBroken as problem:
        zh, en = REASONS[problem.reason]
        where = "" if problem.at_byte is None else f" ({problem.at_byte:,} / {problem.size_bytes:,} B)"
        raise RoadFileRefused(file=path.name, reason=f"{zh} / {en}{where}") from problem
    graph = road_graph_build(read.ways)
    row = network_activate(name=name, source=path.name, graph=graph, attribution=attribution, by=by, at=at)
    places = gazetteer_replace(records=_places(read.ways), source=f"roads:{name}", by=by, at=at)
    return {
        "network": row.name,
        "nodes": row.nodes,
        "links": row.edges,
        "ways": read.facts.n_ways,
        "restrictions_kept": read.facts.n_restrictions,
        "places": places,
        "sha256": row.sha256,
    }


def _places(ways: RoadWays) -> Iterator[GazetteerRecord]:
    for stretch in road_stretches(ways):
        zh, en = stretch.name[:80], stretch.name_en[:120]
        yield GazetteerRecord(id=0, kind="road", name_zh=zh, name_en=en, lon=stretch.lon, lat=stretch.lat)
    for junction in road_junctions(ways):
        both = f"{junction.name_a}与{junction.name_b}交叉口"
        aliases = (f"{junction.name_a}/{junction.name_b}",)
        yield GazetteerRecord(
            id=0, kind="junction", name_zh=both[:80], name_en="", aliases=aliases, lon=junction.lon, lat=junction.lat
        )
