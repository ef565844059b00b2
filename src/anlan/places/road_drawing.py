"""Closed and slow roads as lines to draw, with the roads around them, and which way is meant in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from anlan.engines.roads import RoadGraph, links_within
from anlan.places.live_roads import Roads, links_meant, way_meant
from anlan.places.models import RoadCondition

AROUND_M = 400.0
_WAYS = (
    _("northbound"),
    _("north-eastbound"),
    _("eastbound"),
    _("south-eastbound"),
    _("southbound"),
    _("south-westbound"),
    _("westbound"),
    _("north-westbound"),
)
MOST_LINKS = 400

Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Lines (lon, lat) of the roads a condition speaks of, of those around it, and the names of the former.

    Where only one direction is meant the line runs that way.
    ``links`` counts the roads meant between junctions; where there are many only the nearest are drawn.
    """

    meant: tuple[Line, ...]
    around: tuple[Line, ...]
    names: tuple[str, ...]
    links: int


def condition_drawn(roads: Roads, row: RoadCondition) -> Drawn:
    """The roads a closure or slow-down speaks of, and those within 400 m of its edge."""
    graph = roads.graph
    meant = links_meant(graph, roads.snapper, row.lon, row.lat, row.radius_m)
    is_back = row.heading_deg is not None and way_meant(graph, roads.snapper, row) == slice(1, 2)
    near = np.setdiff1d(links_within(graph, row.lon, row.lat, row.radius_m + AROUND_M), meant)
    names = dict.fromkeys(name for link in meant.tolist() if (name := graph.names[graph.link_name[link]]))
    return Drawn(
        tuple(line[::-1] if is_back else line for line in _lines(graph, meant[:MOST_LINKS])),
        tuple(_lines(graph, near[:MOST_LINKS])),
        tuple(names),
        len(meant),
    )


def heading_words(heading_deg: float | None) -> str:
    """Which way is driven, by the eighth of the compass; nothing where both ways are meant."""
    return "" if heading_deg is None else str(_WAYS[round(heading_deg / 45.0) % len(_WAYS)])


def _lines(graph: RoadGraph, links: NDArray[np.int64]) -> Iterable[Line]:
    for link in links.tolist():
        first, end = int(graph.link_point_indptr[link]), int(graph.link_point_indptr[link + 1])
        yield tuple(zip(graph.point_lon[first:end].tolist(), graph.point_lat[first:end].tolist(), strict=True))
