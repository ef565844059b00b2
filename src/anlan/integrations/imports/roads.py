"""A road file becomes the network in use, and its named roads and junctions become places."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from anlan.core.actor import Actor
from anlan.engines.addresses import GazetteerRecord
from anlan.engines.roads import RoadWays, road_graph_build, road_junctions, road_stretches
from anlan.places.errors import RoadFileRefused, TilesRefused
from anlan.places.osm_import import RoadFile, RoadFileBroken, RoadFileFault, road_file_read
from anlan.places.services import basemap_draw_osm, gazetteer_replace, network_activate

REASONS = {
    RoadFileFault.NOT_A_ROAD_FILE: _("it is no .osm.pbf file"),
    RoadFileFault.CUT_OFF: _("it ends in the middle"),
    RoadFileFault.DAMAGED: _("it is damaged"),
    RoadFileFault.NO_ROADS: _("there are no roads in it"),
}


def roads_import(path: Path, *, name: str, attribution: str, by: Actor, at: datetime) -> dict[str, Any]:
    """Read, build and put into use. Raises ``RoadFileRefused`` and changes nothing when the file is no good."""
    read = _read(path)
    try:
        graph = road_graph_build(read.ways)
    except ValueError as problem:
        reason = _("none of its roads leads there and back again")
        raise RoadFileRefused(file=path.name, reason=reason) from problem
    name = name[:50]
    with transaction.atomic():
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
        **_map(path, name=name, attribution=attribution, by=by, at=at),
    }


def _map(path: Path, *, name: str, attribution: str, by: Actor, at: datetime) -> dict[str, Any]:
    """Draw the map of the same file. The roads serve dispatch already, so a map that fails is only told of."""
    try:
        drawn = basemap_draw_osm(path=path, name=name, attribution=attribution, by=by, at=at)
    except TilesRefused as refusal:
        return {"map_bytes": 0, "map_refused": refusal.detail()}
    return {"map_bytes": drawn.size_bytes}


def _read(path: Path) -> RoadFile:
    try:
        return road_file_read(path)
    except OSError as problem:
        raise RoadFileRefused(file=path.name, reason=_("there is no such file, or it can't be opened")) from problem
    except RoadFileBroken as problem:
        reason: Promise = REASONS[problem.reason]
        if problem.at_byte is not None:
            where = _("{reason} (at byte {at_byte} of {size})")
            reason = format_lazy(where, reason=reason, at_byte=problem.at_byte, size=problem.size_bytes)
        raise RoadFileRefused(file=path.name, reason=reason) from problem


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
