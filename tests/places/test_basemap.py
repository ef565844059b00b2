"""The map under everything: drawn from the road file, kept whole, replaced by a bureau's own."""

from __future__ import annotations

import gzip
import io
import re
import sqlite3
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import osmium
import pytest
from PIL import Image
from pmtiles.reader import MemorySource, Reader, all_tiles

from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.engines.county import county_generate, county_map_features
from anlan.engines.geo import wgs84_to_gcj02
from anlan.engines.tiles import bounds_of_tile, tile_at
from anlan.engines.tiles.schema import AREAS, LABELS, LINES, ROADS, VECTOR_LAYERS
from anlan.integrations.imports.roads import roads_import
from anlan.places.basemap_draw import graph_features
from anlan.places.basemap_osm import osm_map_features
from anlan.places.basemap_store import basemaps_dir
from anlan.places.errors import TilesRefused
from anlan.places.models import Basemap
from anlan.places.selectors import road_graph
from anlan.places.services import basemap_draw_osm, basemap_take, basemap_use
from world import T0

pytestmark = pytest.mark.django_db
OSM = "© OpenStreetMap contributors"
NODES = {
    1: (120.0, 30.0),
    2: (120.01, 30.0),
    3: (120.01, 30.01),
    4: (120.0, 30.01),
    5: (120.004, 30.004),
    6: (120.006, 30.004),
    7: (120.006, 30.006),
    8: (120.004, 30.006),
}
POINTS = {
    20: ((120.002, 30.002), {"place": "village", "name": "上坞村", "name:en": "Shangwu"}),
    21: ((120.008, 30.008), {"amenity": "hospital", "name": "县医院"}),
    22: ((120.009, 30.008), {"amenity": "bench"}),
}
SQUARE = [1, 2, 3, 4, 1]
YARD = [5, 6, 7, 8, 5]
WAYS = [
    ([1, 2], {"highway": "primary", "name": "东路", "name:en": "East Road", "bridge": "yes", "ref": "G104"}),
    ([2, 3], {"highway": "residential", "name": "北路", "oneway": "-1"}),
    ([3, 4], {"highway": "residential", "name": "北路"}),
    ([4, 1], {"highway": "footway"}),
    ([1, 3], {"railway": "rail", "tunnel": "yes"}),
    ([2, 4], {"waterway": "river", "name": "澜江"}),
    (SQUARE, {"landuse": "residential"}),
    (YARD, {"building": "yes", "name": "一号楼"}),
    ([1, 99], {"highway": "primary"}),
    ([1, 2], {"boundary": "administrative", "admin_level": "2", "name": "某国"}),
]


def town(path: Path, *, ways=WAYS) -> Path:
    """A square town with one of everything; node 99 lies outside the extract."""
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for ref, place in NODES.items():
            writer.add_node(osmium.osm.mutable.Node(id=ref, location=place))
        for ref, (place, tags) in POINTS.items():
            writer.add_node(osmium.osm.mutable.Node(id=ref, location=place, tags=tags))
        for number, (refs, tags) in enumerate(ways):
            writer.add_way(osmium.osm.mutable.Way(id=100 + number, nodes=refs, tags=tags))
        # A lake with an island, as a relation of two ways.
        writer.add_way(osmium.osm.mutable.Way(id=200, nodes=SQUARE, tags={}))
        writer.add_way(osmium.osm.mutable.Way(id=201, nodes=YARD, tags={}))
        members = [("w", 200, "outer"), ("w", 201, "inner")]
        lake = {"type": "multipolygon", "natural": "water", "name": "镜湖"}
        writer.add_relation(osmium.osm.mutable.Relation(id=300, members=members, tags=lake))
    return path


@pytest.fixture
def osm(tmp_path):
    return town(tmp_path / "town.osm.pbf")


def drawn(path, **told):
    return basemap_draw_osm(path=path, name="town", attribution=OSM, by=SYSTEM, at=T0, **told)


def archive_of(row: Basemap) -> bytes:
    return (basemaps_dir() / row.file).read_bytes()


def tile(row: Basemap, zoom: int, lon=120.005, lat=30.005):
    data = Reader(MemorySource(archive_of(row))).get(zoom, *tile_at(lon, lat, zoom))
    return mapbox_vector_tile.decode(gzip.decompress(data), default_options={"y_coord_down": True})


def told(layer, **wanted):
    return [f["properties"] for f in layer["features"] if wanted.items() <= f["properties"].items()]


# Drawing


def test_everything_of_the_file_is_on_the_map_with_both_names(osm):
    layers = tile(drawn(osm), 14)
    assert set(layers) == set(VECTOR_LAYERS)
    assert told(layers["roads"], **{"class": "primary"}) == [
        {"class": "primary", "bridge": True, "name": "东路", "name_en": "East Road", "ref": "G104"}
    ]
    assert told(layers["roads"], oneway=True) == [{"class": "street", "oneway": True, "name": "北路"}]
    assert told(layers["roads"], **{"class": "path"})
    assert told(layers["rail"]) == [{"kind": "railway", "tunnel": True}]
    assert told(layers["waterway"]) == [{"kind": "river", "name": "澜江"}]
    assert told(layers["land"]) == [{"kind": "built_up"}]
    assert told(layers["water"]) == [{"kind": "water"}]
    assert told(layers["buildings"]) == [{"kind": "building"}]
    assert {p["name"]: p["kind"] for p in told(layers["labels"])} == {
        "上坞村": "village",
        "县医院": "hospital",
        "一号楼": "building",
        "镜湖": "water",
    }


def test_a_oneway_against_its_points_is_turned_around(osm):
    (street,) = [f for f in osm_map_features(osm) if f.properties.get("oneway")]
    assert [tuple(point) for point in street.geometry.coords] == [NODES[3], NODES[2]]


def test_no_border_is_drawn(osm):
    assert "某国" not in {f.properties.get("name") for f in osm_map_features(osm)}


def test_further_out_only_the_great_roads_and_water_remain(osm):
    layers = tile(drawn(osm), 10)
    assert [f["class"] for f in told(layers["roads"])] == ["primary"]
    assert "name" not in told(layers["roads"])[0]
    assert "buildings" not in layers


def test_an_unsorted_file_still_gives_its_roads(tmp_path):
    path = tmp_path / "unsorted.osm.pbf"
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for ref in (2, 1):
            writer.add_node(osmium.osm.mutable.Node(id=ref, location=NODES[ref]))
        for number in (9, 8):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=[1, 2], tags={"highway": "primary"}))
    assert {f.layer for f in osm_map_features(path)} == {"roads"}


def test_the_map_comes_with_the_roads_and_is_on_the_record(osm):
    result = roads_import(osm, name="county", attribution=OSM, by=SYSTEM, at=T0)
    row = Basemap.objects.get(is_active=True)
    assert (row.name, row.origin, row.kind, row.attribution) == ("county", "drawn", "mvt", OSM)
    assert result["map_bytes"] == row.size_bytes == len(archive_of(row))
    assert (row.west, row.south, row.east, row.north) == pytest.approx((120.0, 30.0, 120.01, 30.01), abs=1e-6)
    assert Event.objects.filter(kind="places.basemap_activated").count() == 1


def test_roads_serve_dispatch_even_when_the_map_fails(osm, monkeypatch):
    def damaged(_path):
        raise RuntimeError("blob of 3 bytes")

    monkeypatch.setattr("anlan.places.services.osm_map_features", damaged)
    result = roads_import(osm, name="county", attribution=OSM, by=SYSTEM, at=T0)
    assert "blob of 3 bytes" in result["map_refused"]
    assert road_graph() is not None
    assert not Basemap.objects.exists()


def test_roads_without_their_file_can_be_drawn_from_the_network_in_use(osm):
    roads_import(osm, name="county", attribution=OSM, by=SYSTEM, at=T0)
    features = graph_features(road_graph().graph)
    assert {(f.properties["class"], f.properties.get("name")) for f in features} >= {("primary", "东路")}


def test_drawing_twice_gives_the_same_file_and_the_newest_is_shown(osm):
    first, second = drawn(osm), drawn(osm)
    assert first.sha256 == second.sha256
    assert [row.pk for row in Basemap.objects.filter(is_active=True)] == [second.pk]
    basemap_use(basemap=first, by=SYSTEM, at=T0)
    assert [row.pk for row in Basemap.objects.filter(is_active=True)] == [first.pk]


def test_a_map_whose_file_was_cut_is_not_shown_again(osm):
    old, new = drawn(osm), drawn(town(osm.with_name("b.osm.pbf"), ways=WAYS[:3]))
    path = basemaps_dir() / old.file
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(TilesRefused, match="missing or damaged"):
        basemap_use(basemap=old, by=SYSTEM, at=T0)
    assert Basemap.objects.get(is_active=True) == new


def test_a_disk_that_fills_up_leaves_the_map_as_it_was(osm, monkeypatch):
    row = drawn(osm)

    def full(_fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("anlan.places.basemap_store.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        drawn(town(osm.with_name("b.osm.pbf"), ways=WAYS[:3]))
    assert [path.name for path in basemaps_dir().iterdir()] == [row.file]
    assert Basemap.objects.get(is_active=True) == row


def test_the_demo_county_has_land_water_roads_and_names():
    features = county_map_features(county_generate(1))
    assert {f.layer for f in features} == set(VECTOR_LAYERS) - {"buildings"}
    kinds = {f.properties.get("kind") for f in features} - {None}
    assert kinds <= set(AREAS) | set(LINES) | set(LABELS)
    assert {f.properties["class"] for f in features if f.layer == "roads"} <= {row[0] for row in ROADS.values()}
    assert all(re.search(r"[\u4e00-\u9fff]", f.properties["name"]) for f in features if f.layer == "labels")


# A bureau's own tiles


def image(colour, kind="PNG", size=256):
    out = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(out, kind)
    return out.getvalue()


def folder(path: Path, tiles: dict[tuple[int, int, int], bytes], suffix="png") -> Path:
    for (zoom, x, y), data in tiles.items():
        file = path / str(zoom) / str(x) / f"{y}.{suffix}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return path


def mbtiles(path: Path, tiles: dict[tuple[int, int, int], bytes]) -> Path:
    store = sqlite3.connect(path)
    store.execute("CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)")
    rows = [(zoom, x, (1 << zoom) - 1 - y, data) for (zoom, x, y), data in tiles.items()]
    store.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    store.commit()
    store.close()
    return path


def taken(path, *, datum="cgcs2000", tms=False, approval=""):
    return basemap_take(
        name="pgis", path=path, datum=datum, attribution="县局", approval_number=approval, tms=tms, by=SYSTEM, at=T0
    )


def contents(row):
    return dict(all_tiles(MemorySource(archive_of(row))))


FOUR = {(12, 3412, 1690 + k): image((10 * k, 0, 0)) for k in range(4)}


def test_a_folder_an_mbtiles_and_a_pmtiles_file_hold_the_same_map(tmp_path):
    of_folder = taken(folder(tmp_path / "tiles", FOUR), approval="GS（2024）0001号")
    assert contents(of_folder) == FOUR
    assert (of_folder.kind, of_folder.origin, of_folder.approval_number) == ("png", "imported", "GS（2024）0001号")
    assert (of_folder.min_zoom, of_folder.max_zoom) == (12, 12)
    assert of_folder.west == pytest.approx(bounds_of_tile(12, 3412, 1690)[0])
    assert contents(taken(mbtiles(tmp_path / "a.mbtiles", FOUR))) == FOUR
    copy = tmp_path / "a.pmtiles"
    copy.write_bytes(archive_of(of_folder))
    assert taken(copy).sha256 == of_folder.sha256


def test_rows_counted_from_the_south_are_turned(tmp_path):
    south = {(z, x, (1 << z) - 1 - y): data for (z, x, y), data in FOUR.items()}
    assert contents(taken(folder(tmp_path / "tms", south), tms=True)) == FOUR


@pytest.mark.parametrize(
    ("tiles", "why"),
    [
        ({}, "no tile in it"),
        ({(3, 9, 0): image("red")}, "not on the web Mercator grid"),
        ({(3, 1, 1): image("red"), (3, 1, 2): image("red", "JPEG")}, "all be PNG"),
        ({(3, 1, 1): b"<html>no access</html>"}, "all be PNG"),
    ],
)
def test_it_refuses_tiles_that_are_no_map(tmp_path, tiles, why):
    path = tmp_path / "tiles"
    path.mkdir()
    with pytest.raises(TilesRefused, match=why):
        taken(folder(path, tiles))
    assert not Basemap.objects.exists()
    assert not list(basemaps_dir().iterdir())


def test_it_refuses_a_truncated_archive_and_a_file_of_another_kind(tmp_path, osm):
    whole = archive_of(drawn(osm))
    cut = tmp_path / "cut.pmtiles"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TilesRefused, match="not whole"):
        taken(cut)
    with pytest.raises(TilesRefused, match="no folder of tiles"):
        taken(osm)
    with pytest.raises(TilesRefused, match="no such file"):
        taken(tmp_path / "nowhere.mbtiles")


def test_it_refuses_vector_tiles_no_style_here_can_draw_and_takes_its_own(tmp_path, osm):
    from anlan.engines.tiles import archive_build, features_bounds, tiles_cut

    features = osm_map_features(osm)
    tiles = list(tiles_cut(features, min_zoom=10, max_zoom=11))
    foreign = tmp_path / "foreign.pmtiles"
    foreign.write_bytes(archive_build(tiles, bounds=features_bounds(features), metadata={"name": "其他"}))
    with pytest.raises(TilesRefused, match="no style here"):
        taken(foreign)
    own = tmp_path / "own.pmtiles"
    own.write_bytes(archive_of(drawn(osm)))
    assert taken(own).kind == "mvt"


def test_a_gcj02_map_is_cut_anew_so_that_a_place_lies_where_it_is(tmp_path):
    """One red dot at a place as a GCJ-02 map shows it: after the import it is at the place's WGS 84 pixel."""
    zoom, lon, lat = 16, 120.25, 28.925
    there_lon, there_lat = (float(v) for v in wgs84_to_gcj02(lon, lat))
    column, row = tile_at(lon, lat, zoom)
    images = {
        (zoom, x, y): Image.new("RGB", (256, 256), "white")
        for x in range(column - 2, column + 3)
        for y in range(row - 2, row + 3)
    }
    place, px, py = pixel(there_lon, there_lat, zoom)
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            images[place].putpixel((min(max(px + dx, 0), 255), min(max(py + dy, 0), 255)), (255, 0, 0))
    path = folder(tmp_path / "gcj", {key: png(picture) for key, picture in images.items()})
    found = contents(taken(path, datum="gcj02"))
    true_place, true_x, true_y = pixel(lon, lat, zoom)
    colours = np.asarray(Image.open(io.BytesIO(found[true_place])).convert("RGB"), dtype=int)
    red = np.argwhere((colours[:, :, 0] > 200) & (colours[:, :, 1] < 60))
    assert len(red)
    assert np.abs(red.mean(axis=0) - (true_y, true_x)).max() <= 2.0


def pixel(lon, lat, zoom):
    from anlan.engines.tiles.mercator import world_of

    x, y = (world_of(np.array([[lon, lat]]))[0] * float(256 << zoom)).astype(int).tolist()
    return (zoom, x // 256, y // 256), x % 256, y % 256


def png(picture):
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_a_gcj02_archive_that_cannot_be_cut_anew_is_refused(tmp_path):
    with pytest.raises(TilesRefused, match="GCJ-02"):
        taken(tmp_path / "a.pmtiles", datum="gcj02")
