"""Where things are: distance, direction, areas, cells, datums and doubtful coordinates.

Everywhere in the platform a place is `lon, lat` in WGS 84 degrees, in that order.
"""

from anlan.engines.geo.areas import AreaIndex, point_at
from anlan.engines.geo.cells import CELL_RESOLUTION, cell_centre, cell_neighbours, cell_of, cells_of
from anlan.engines.geo.checks import Bounds, CoordinateFinding, coordinates_check
from anlan.engines.geo.datums import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from anlan.engines.geo.distance import EARTH_RADIUS_M, LocalProjection, bearing_deg, distance_m
from anlan.engines.geo.gathering import cell_ring, gather_few, is_gathered

__all__ = [
    "CELL_RESOLUTION",
    "EARTH_RADIUS_M",
    "AreaIndex",
    "Bounds",
    "CoordinateFinding",
    "LocalProjection",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "bearing_deg",
    "cell_centre",
    "cell_neighbours",
    "cell_of",
    "cell_ring",
    "cells_of",
    "coordinates_check",
    "distance_m",
    "gather_few",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "is_gathered",
    "point_at",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]
