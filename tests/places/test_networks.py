"""Putting a road network into use: whole or not at all, and the one before stays until then."""

from __future__ import annotations

from pathlib import Path

import osmium
import pytest

from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.engines.roads import RoadLine, graph_from_lines
from anlan.integrations.imports.roads import roads_import
from anlan.places import services
from anlan.places.errors import RoadFileRefused
from anlan.places.models import Place, RoadNetwork
from anlan.places.selectors import address_search, road_graph
from anlan.places.services import network_activate
from world import T0

pytestmark = pytest.mark.django_db


def graph(*points):
    return graph_from_lines([RoadLine(name="甲路", road_class="primary", points=list(points), speed_kmh=36.0)])


SHORT = ((120.0, 30.0), (120.01, 30.0))
LONG = ((120.0, 30.0), (120.01, 30.0), (120.02, 30.01))


def activate(name, points):
    return network_activate(name=name, source="tests", graph=graph(*points), attribution="©", by=SYSTEM, at=T0)


def osm_file(path: Path, *, ways=None) -> Path:
    """Three roads around a triangle, written by the library itself."""
    places = {1: (120.0, 30.0), 2: (120.001, 30.0), 3: (120.001, 30.001)}
    ways = ways or {10: ([1, 2], "东路"), 11: ([2, 3], "北路"), 12: ([3, 1], "斜街")}
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for ref, where in places.items():
            writer.add_node(osmium.osm.mutable.Node(id=ref, location=where))
        for number, (refs, name) in ways.items():
            # A motorway runs one way, and nobody walks back on it.
            tags = {"highway": "motorway" if name == "高速" else "primary", "name": name}
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags))
    return path


def take(path: Path):
    return roads_import(path, name="county", attribution="© OpenStreetMap contributors", by=SYSTEM, at=T0)


def test_one_network_is_in_use_and_the_newest_is_it():
    activate("old", SHORT)
    activate("new", LONG)
    assert [row.name for row in RoadNetwork.objects.filter(is_active=True)] == ["new"]
    assert road_graph().graph.node_lon.max() == pytest.approx(120.02)
    assert Event.objects.filter(kind="places.network_activated").count() == 2


def test_a_file_half_written_is_never_in_use(monkeypatch, settings):
    activate("old", SHORT)
    before = sorted(Path(settings.ROADS_DIR).iterdir())
    written = []

    def power_fails(archive, name, array):
        written.append(name)
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        return real(archive, name, array)

    from anlan.places import road_store

    real = road_store._member_write
    monkeypatch.setattr(road_store, "_member_write", power_fails)
    with pytest.raises(OSError, match="No space left"):
        activate("new", LONG)
    assert len(written) == 3
    assert sorted(Path(settings.ROADS_DIR).iterdir()) == before
    assert RoadNetwork.objects.get().name == "old"
    assert road_graph().graph.node_lon.max() == pytest.approx(120.01)


def test_when_the_row_can_not_be_written_the_network_before_stays(monkeypatch):
    activate("old", SHORT)

    def refuse(*args, **more):
        raise RuntimeError("the store is gone")

    monkeypatch.setattr(services, "event_record", refuse)
    with pytest.raises(RuntimeError):
        activate("new", LONG)
    assert RoadNetwork.objects.get(is_active=True).name == "old"


def test_a_damaged_stored_network_stops_nobody_from_being_sent(settings):
    row = activate("old", SHORT)
    path = Path(settings.ROADS_DIR) / row.file
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert road_graph() is None
    path.unlink()
    assert road_graph() is None


def test_a_road_file_gives_a_network_and_its_roads_and_junctions_as_places(tmp_path):
    told = take(osm_file(tmp_path / "county.osm.pbf"))
    assert (told["network"], told["nodes"], told["ways"]) == ("county", 3, 3)
    assert road_graph().attribution == "© OpenStreetMap contributors"
    names = set(Place.objects.values_list("kind", "name_zh"))
    assert {("road", "东路"), ("road", "北路"), ("road", "斜街")} <= names
    assert sum(kind == "junction" for kind, _ in names) == 3
    assert address_search("东路")[0].record.name_zh == "东路"


def test_the_same_road_file_taken_twice_makes_no_second_places(tmp_path):
    path = osm_file(tmp_path / "county.osm.pbf")
    first = take(path)
    second = take(path)
    assert (first["places"], second["places"]) == (6, 0)
    assert first["sha256"] == second["sha256"]
    assert Place.objects.count() == 6


def cut(path: Path, share: float) -> Path:
    whole = path.read_bytes()
    short = path.with_name("cut.osm.pbf")
    short.write_bytes(whole[: int(len(whole) * share)])
    return short


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.5, 0.9, 0.99])
def test_a_road_file_cut_off_is_refused_and_the_network_in_use_stays(tmp_path, share):
    take(osm_file(tmp_path / "county.osm.pbf"))
    with pytest.raises(RoadFileRefused) as caught:
        take(cut(tmp_path / "county.osm.pbf", share))
    assert "正在使用的路网保持不变" in caught.value.detail("zh-hans")
    assert "The network in use stays" in caught.value.detail("en")
    assert RoadNetwork.objects.get(is_active=True).name == "county"
    assert RoadNetwork.objects.count() == 1
    assert Place.objects.count() == 6


def test_a_real_road_file_cut_in_half_is_refused_and_says_where(shared_data, tmp_path):
    source = shared_data / "roads-helsinki" / "helsinki.osm.pbf"
    if not source.exists():
        pytest.skip("real data are not here: ../shared/data/roads-helsinki is absent")
    activate("old", SHORT)
    half = tmp_path / "helsinki.osm.pbf"
    half.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    with pytest.raises(RoadFileRefused) as caught:
        take(half)
    assert f"of {half.stat().st_size}" in caught.value.detail("en")
    assert "中途截断" in caught.value.detail("zh-hans")
    assert "it ends" not in caught.value.detail("zh-hans")
    assert RoadNetwork.objects.get().name == "old"
    assert not Place.objects.exists()


def test_other_files_and_maps_without_a_way_back_are_refused(tmp_path):
    picture = tmp_path / "map.osm.pbf"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(1000))
    one_way = osm_file(tmp_path / "oneway.osm.pbf", ways={10: ([1, 2], "高速")})
    for path in (picture, one_way, tmp_path / "nowhere.osm.pbf", tmp_path):
        with pytest.raises(RoadFileRefused):
            take(path)
    assert not RoadNetwork.objects.exists()


def test_when_the_places_can_not_be_kept_the_network_is_not_changed_either(tmp_path, monkeypatch):
    activate("old", SHORT)
    from anlan.integrations.imports import roads

    def fail(**more):
        raise RuntimeError("no")

    monkeypatch.setattr(roads, "gazetteer_replace", fail)
    with pytest.raises(RuntimeError):
        take(osm_file(tmp_path / "county.osm.pbf"))
    assert RoadNetwork.objects.get(is_active=True).name == "old"
