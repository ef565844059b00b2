"""Tiles read back by an independent decoder, against a world small enough for paper."""

import gzip

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pmtiles.reader import MemorySource, Reader, all_tiles
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box, shape

from anlan.engines.tiles import (
    ArchiveBroken,
    MapFeature,
    archive_build,
    archive_check,
    features_bounds,
    lines_joined,
    tiles_cut,
)
from anlan.engines.tiles.mercator import lonlat_of
from anlan.engines.tiles.mvt import EXTENT
from anlan.engines.tiles.pyramid import LEAST_AREA, LEAST_LENGTH, MARGIN, THINNING_LAST

ZOOM = 10
TILE = (856, 425)
"""A tile in Zhejiang; its units are the paper."""


def ground(points):
    """Paper coordinates (units of TILE at ZOOM, y down) in degrees."""
    units = np.array(points, dtype=np.float64) + np.array(TILE) * EXTENT
    return lonlat_of(units / float(EXTENT << ZOOM))


def drawn(feature_list, *, zoom=ZOOM):
    """All tiles of one zoom, decoded, by place."""
    cut = tiles_cut(feature_list, min_zoom=zoom, max_zoom=zoom)
    return {(t.x, t.y): mapbox_vector_tile.decode(t.data, default_options={"y_coord_down": True}) for t in cut}


def road(points, **told):
    return MapFeature("roads", LineString(ground(points)), {"class": "street", **told})


def land(points, *holes):
    return MapFeature("land", Polygon(ground(points), [ground(hole) for hole in holes]), {"kind": "park"})


def test_a_road_comes_back_where_it_was_laid_with_what_was_said_of_it():
    told = {
        "class": "primary",
        "name": "澜江路",
        "name_en": "Lanjiang Road",
        "oneway": True,
        "lanes": 2,
        "share": 0.5,
    }
    tiles = drawn([MapFeature("roads", LineString(ground([(100, 200), (900, 200), (900, 1000)])), told)])
    assert list(tiles) == [TILE]
    (feature,) = tiles[TILE]["roads"]["features"]
    assert feature["geometry"] == {"type": "LineString", "coordinates": [[100, 200], [900, 200], [900, 1000]]}
    assert feature["properties"] == told
    assert tiles[TILE]["roads"]["extent"] == EXTENT


def test_a_negative_number_and_a_false_come_back_as_they_are():
    (feature,) = drawn([MapFeature("labels", Point(*ground([(5, 6)])[0]), {"rank": -3, "wet": False})])[TILE][
        "labels"
    ]["features"]
    assert feature["properties"] == {"rank": -3, "wet": False}
    assert feature["geometry"] == {"type": "Point", "coordinates": [5, 6]}


def test_a_line_over_the_rim_is_in_both_tiles_and_meets_itself():
    tiles = drawn([road([(4000, 2000), (4400, 2000)])])
    east = (TILE[0] + 1, TILE[1])
    assert set(tiles) == {TILE, east}
    here, there = (tiles[t]["roads"]["features"][0]["geometry"]["coordinates"] for t in (TILE, east))
    assert here == [[4000, 2000], [EXTENT + MARGIN, 2000]]
    assert there == [[-MARGIN, 2000], [4400 - EXTENT, 2000]]


def test_a_lake_with_an_island_keeps_both_and_is_wound_as_the_format_asks():
    lake = land([(0, 0), (0, 1000), (1000, 1000), (1000, 0)], [(400, 400), (600, 400), (600, 600), (400, 600)])
    (feature,) = drawn([lake])[TILE]["land"]["features"]
    assert shape(feature["geometry"]).area == 1000 * 1000 - 200 * 200
    outer, inner = feature["geometry"]["coordinates"]
    # In coordinates that grow downwards a ring clockwise on the screen has a positive area.
    assert shapely.LinearRing(outer).is_ccw
    assert not shapely.LinearRing(inner).is_ccw


def test_streets_that_differ_by_name_only_are_one_drawing_until_names_can_be_read():
    streets = [road([(0, y), (900, y)], name=name) for y, name in ((100, "甲路"), (500, "乙路"))]
    near = [MapFeature(s.layer, s.geometry, s.properties, named_from=ZOOM) for s in streets]
    far = [MapFeature(s.layer, s.geometry, s.properties, named_from=ZOOM + 1) for s in streets]
    assert len(drawn(near)[TILE]["roads"]["features"]) == 2
    (one,) = drawn(far)[TILE]["roads"]["features"]
    assert one["properties"] == {"class": "street"}
    assert one["geometry"]["type"] == "MultiLineString"


def test_what_comes_later_is_not_drawn_yet_and_what_nobody_could_see_is_left_out():
    later = MapFeature("roads", road([(0, 0), (900, 900)]).geometry, {"class": "path"}, min_zoom=ZOOM + 1)
    speck = land([(0, 0), (0, 5), (5, 5), (5, 0)])
    assert drawn([later, speck]) == {}


def test_a_collection_of_shapes_is_drawn_part_by_part():
    two = MultiPolygon(
        [Polygon(ground(corner)) for corner in ([(0, 0), (0, 90), (90, 90)], [(900, 0), (900, 90), (990, 90)])]
    )
    (feature,) = drawn([MapFeature("land", two, {"kind": "wood"})])[TILE]["land"]["features"]
    assert shape(feature["geometry"]).area == 90 * 90


def test_stretches_of_one_street_are_joined_and_a_oneway_only_in_its_direction():
    def lengths(joined):
        return sorted(len(feature.geometry.coords) for feature in joined)

    a, b, c = (10, 10), (50, 10), (90, 10)
    assert lengths(lines_joined([road([a, b], name="甲路"), road([c, b], name="甲路")])) == [3]
    assert lengths(lines_joined([road([a, b], name="甲路"), road([b, c], name="乙路")])) == [2, 2]
    assert lengths(lines_joined([road([a, b], oneway=True), road([b, c], oneway=True)])) == [3]
    assert lengths(lines_joined([road([a, b], oneway=True), road([c, b], oneway=True)])) == [2, 2]


COORDINATE = st.integers(-6000, 10000)
PATH = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=12, unique=True)


@given(PATH)
@settings(max_examples=40, deadline=None)
def test_no_piece_of_a_line_is_lost_or_invented_by_cutting(points):
    line = LineString(points)
    assume(line.length > 2 * LEAST_LENGTH)
    tiles = drawn([road(points)])
    for (x, y), layers in tiles.items():
        off = (np.array([x, y]) - np.array(TILE)) * EXTENT
        frame = box(*(off - MARGIN), *(off + EXTENT + MARGIN))
        found = shapely.union_all(
            [shapely.transform(shape(f["geometry"]), lambda p, o=off: p + o) for f in layers["roads"]["features"]]
        )
        assert found.within(frame.buffer(1e-6))
        # Thinning may move the line by its tolerance, rounding by half a unit's diagonal.
        slack = THINNING_LAST + 0.8
        assert shapely.covers(line.buffer(slack), found)
        inner = line.intersection(frame.buffer(-2))
        assert inner.is_empty or shapely.covers(found.buffer(slack + 0.2), inner)
    touched = {
        (TILE[0] + i, TILE[1] + j)
        for i in range(-3, 4)
        for j in range(-3, 4)
        if line.intersects(box(i * EXTENT + 2, j * EXTENT + 2, (i + 1) * EXTENT - 2, (j + 1) * EXTENT - 2))
    }
    assert touched <= set(tiles)


@given(st.integers(-3000, 3000), st.integers(-3000, 3000), st.integers(30, 6000), st.integers(30, 6000))
@settings(max_examples=40, deadline=None)
def test_the_pieces_of_a_rectangle_make_up_its_whole_area(west, north, width, height):
    corners = [(west, north), (west + width, north), (west + width, north + height), (west, north + height)]
    tiles = drawn([land(corners)])
    total = 0.0
    for (x, y), layers in tiles.items():
        off = (np.array([x, y]) - np.array(TILE)) * EXTENT
        for feature in layers["land"]["features"]:
            piece = shapely.transform(shape(feature["geometry"]), lambda p, o=off: p + o)
            total += piece.intersection(box(*off, *(off + EXTENT))).area
    assert total == pytest.approx(width * height, abs=2 * (width + height) + LEAST_AREA)


# The archive


def world(n=3):
    return [road([(100 * k, 0), (100 * k, 4000)], name=f"{k}路") for k in range(1, n)]


def archive(features=None, *, min_zoom=8, max_zoom=12):
    features = features or world()
    bounds = features_bounds(features)
    tiles = list(tiles_cut(features, min_zoom=min_zoom, max_zoom=max_zoom))
    return tiles, archive_build(tiles, bounds=bounds, metadata={"name": "纸上县"})


def checked(data):
    return archive_check(lambda offset, length: data[offset : offset + length], len(data))


def test_every_tile_comes_out_of_the_archive_as_it_went_in():
    tiles, data = archive()
    found = {place: gzip.decompress(packed) for place, packed in all_tiles(MemorySource(data))}
    assert found == {(t.zoom, t.x, t.y): t.data for t in tiles}
    assert Reader(MemorySource(data)).metadata() == {"name": "纸上县"}
    facts = checked(data)
    assert (facts.kind, facts.min_zoom, facts.max_zoom, facts.n_tiles) == ("mvt", 8, 12, len(tiles))
    assert facts.bounds == pytest.approx(features_bounds(world()), abs=1e-7)
    assert facts.metadata == {"name": "纸上县"}


def test_equal_tiles_are_kept_once_and_equal_features_make_equal_bytes():
    sea = MapFeature("water", box(100, 20, 110, 30), {"kind": "water"})
    tiles, data = archive([sea], max_zoom=9)
    assert len(tiles) > 300
    assert len(data) < 40 * len(tiles)
    assert checked(data).n_tiles == len(tiles)
    assert archive([sea], max_zoom=9)[1] == data


def test_an_archive_with_many_tiles_has_leaves_and_all_are_found():
    dots = [MapFeature("labels", Point(100 + k * 0.03, 25 + (k * 37 % 400) * 0.02), {"n": k}) for k in range(3000)]
    tiles, data = archive(dots, min_zoom=12, max_zoom=14)
    assert len(tiles) > 8000
    assert checked(data).n_tiles == len(tiles)
    assert len(list(all_tiles(MemorySource(data)))) == len(tiles)


def test_an_archive_cut_anywhere_is_refused():
    _, data = archive()
    for kept in (0, 6, 100, 127, 200, len(data) // 2, len(data) - 1):
        with pytest.raises(ArchiveBroken):
            checked(data[:kept])


def test_an_archive_is_refused_that_is_none_or_whose_directory_is_spoilt():
    _, data = archive()
    with pytest.raises(ArchiveBroken, match="begin like"):
        checked(b"SQLite format 3" + data[15:])
    with pytest.raises(ArchiveBroken, match="directory"):
        checked(data[:130] + bytes(8) + data[138:])
    with pytest.raises(ArchiveBroken, match="begin like"):
        checked(data[:7] + b"\x02" + data[8:])


def test_a_map_of_nothing_is_no_map():
    with pytest.raises(ValueError, match="no feature"):
        features_bounds([])
    with pytest.raises(ValueError, match="needs a tile"):
        archive_build([], bounds=(0, 0, 1, 1), metadata={})
