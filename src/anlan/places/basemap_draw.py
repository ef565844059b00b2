"""From features or a road graph to the bytes of our own basemap."""

from collections.abc import Iterator, Sequence

import numpy as np
import shapely

from anlan.engines.roads import Access, RoadClass, RoadGraph
from anlan.engines.tiles import MapFeature, archive_build, features_bounds, first_zoom, lines_joined, tiles_cut
from anlan.engines.tiles.schema import LAST_ZOOM, VECTOR_LAYERS, road_feature

SCHEMA = 1
"""Which drawing convention a file follows; styles are written for one."""
SCHEMA_KEY = "anlan:schema"


def basemap_bytes(features: Sequence[MapFeature], *, name: str, attribution: str) -> bytes:
    """Cut the features into tiles and pack them. ValueError when there is nothing to draw."""
    bounds = features_bounds(features)
    min_zoom = first_zoom(bounds)
    layers = [
        {"id": layer, "fields": dict(told), "minzoom": min_zoom, "maxzoom": LAST_ZOOM}
        for layer, told in VECTOR_LAYERS.items()
        if any(feature.layer == layer for feature in features)
    ]
    metadata = {"name": name, "attribution": attribution, "vector_layers": layers, SCHEMA_KEY: SCHEMA}
    tiles = tiles_cut(features, min_zoom=min_zoom, max_zoom=LAST_ZOOM)
    return archive_build(tiles, bounds=bounds, metadata=metadata)


def graph_features(graph: RoadGraph) -> list[MapFeature]:
    """The roads of a network in use, for a map drawn without the file it came from."""
    return list(lines_joined(_links(graph)))


def _links(graph: RoadGraph) -> Iterator[MapFeature]:
    back = graph.link_access_backward & int(Access.CAR | Access.CAR_EMERGENCY)
    for link in range(graph.n_links):
        lon, lat, _ = graph.link_points(link)
        road = road_feature(
            shapely.LineString(np.column_stack([lon, lat])),
            RoadClass(int(graph.link_class[link])).tag,
            name=graph.names[graph.link_name[link]],
            name_en=graph.names_en[graph.link_name[link]],
            oneway=not back[link],
        )
        if road is not None:
            yield road
