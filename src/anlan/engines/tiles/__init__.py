"""Map tiles without anybody's server: features in, Mapbox Vector Tiles and one PMTiles archive out.

`tiles_cut` clips and thins features for every tile of a pyramid, `archive_build` packs the tiles into one
file's bytes, `archive_check` says whether such a file is whole. Positions are WGS 84 degrees.
"""

from anlan.engines.tiles.archive import ArchiveBroken, ArchiveFacts, archive_build, archive_check
from anlan.engines.tiles.features import MapFeature, lines_joined
from anlan.engines.tiles.mercator import LonLatBox, bounds_of_tile, tile_at
from anlan.engines.tiles.pyramid import Tile, features_bounds, first_zoom, tiles_cut

__all__ = [
    "ArchiveBroken",
    "ArchiveFacts",
    "LonLatBox",
    "MapFeature",
    "Tile",
    "archive_build",
    "archive_check",
    "bounds_of_tile",
    "features_bounds",
    "first_zoom",
    "lines_joined",
    "tile_at",
    "tiles_cut",
]
