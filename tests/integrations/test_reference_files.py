"""Areas, units and rosters from files: all areas or none; tables row by row."""

from __future__ import annotations

import json

import pytest

from anlan.core.actor import SYSTEM
from anlan.integrations.imports.reading import FileRefused
from anlan.integrations.imports.reference import areas_import, points_import, roster_import, units_import
from anlan.places.errors import AreaFileRefused
from anlan.places.models import Area, Point
from anlan.places.selectors import locate
from anlan.units.models import Shift, Unit
from integrations.files import AT, csv_file, parked
from world import EAST, WEST, box, build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    return build_world(units=False, roads=False)


def feature(code="b1", polygon=None, **about) -> dict:
    about = {"code": code, "name_zh": "一责任区", "organisation": "west", **about}
    return {"type": "Feature", "properties": about, "geometry": polygon or box(*WEST)}


def areas(folder, *features, kind="beat"):
    path = folder / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return areas_import(path, kind=kind, by=SYSTEM, at=AT)


def test_areas_come_into_force_with_their_owner_and_setting(world, tmp_path):
    told = areas(tmp_path, feature("beat-west", setting="rural"), feature("b2", box(*EAST), organisation="east"))
    assert told["areas"] == 2
    found = locate(120.05, 28.9)
    assert (found.beat_code, found.setting) == ("beat-west", "rural")


@pytest.mark.parametrize(
    "bad",
    [
        feature("b2", {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}),
        feature("b2", box(28.8, 120.0, 29.0, 120.1)),
        feature("b2", organisation="nowhere"),
        feature(""),
        feature("b1"),
        feature("x" * 33),
        {"type": "Feature", "properties": {"code": "b2"}, "geometry": None},
        {"type": "Feature", "properties": {"code": "b2"}},
        "no feature",
    ],
    ids=["broken", "swapped", "no such organisation", "no code", "a code twice", "long code", "null", "none", "text"],
)
def test_one_bad_area_and_none_comes_into_force(world, tmp_path, bad):
    before = Area.objects.count()
    with pytest.raises(AreaFileRefused) as caught:
        areas(tmp_path, feature("b1"), bad)
    assert "未作任何改动" in caught.value.detail("zh-hans")
    assert "Nothing was changed" in caught.value.detail("en")
    assert Area.objects.count() == before


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"features": 7}', b"\xff\xfe", b'{"features": []}', b"[" * 9999]
)
def test_what_is_no_geojson_is_refused(world, tmp_path, content):
    path = tmp_path / "areas.geojson"
    path.write_bytes(content)
    with pytest.raises(AreaFileRefused):
        areas_import(path, kind="beat", by=SYSTEM, at=AT)


UNITS = "call_sign,track,vehicle,organisation,capabilities,base_lon,base_lat"


def units(folder, *rows):
    return units_import(csv_file(folder, *rows, header=UNITS, name="units.csv"), by=SYSTEM, clock=lambda: AT)


def test_units_are_added_once_and_bad_rows_are_parked(world, tmp_path):
    rows = [
        "P-11,P,car,west,,120.06,28.90",
        "C-11,C,foot,town-west,,,",
        ",P,car,west,,,",
        "P-12,X,car,west,,,",
        "P-13,P,car,nowhere,,,",
        "P-14,P,car,west,,28.9,120.06",
        "P-15,P,car,west,teleport,,",
    ]
    told = units(tmp_path, *rows)
    assert (told["accepted"], told["quarantined"]) == (2, 5)
    assert parked() == [(4, "call_sign"), (5, "kind"), (6, "organisation"), (7, "place"), (8, "bad_input")]
    assert Unit.objects.get(call_sign="P-11").base_lon == 120.06
    assert units(tmp_path, *rows)["repeated"] == 2


def test_a_roster_is_taken_once_and_shifts_that_run_backwards_are_parked(world, tmp_path):
    units(tmp_path, "P-11,P,car,west,,,")
    header = "call_sign,starts_at,ends_at"
    rows = [
        "P-11,2026-03-02 08:00,2026-03-02 20:00",
        "P-11,2026-03-03 20:00,2026-03-03 08:00",
        "P-99,2026-03-02 08:00,2026-03-02 20:00",
    ]
    path = csv_file(tmp_path, *rows, header=header, name="roster.csv")
    for accepted, repeated in ((1, 0), (0, 1)):
        told = roster_import(path, by=SYSTEM, clock=lambda: AT)
        assert (told["accepted"], told["repeated"], told["quarantined"]) == (accepted, repeated, 2)
    assert Shift.objects.count() == 1


def test_a_table_that_is_not_there_is_refused(world, tmp_path):
    with pytest.raises(FileRefused):
        units_import(tmp_path / "none.csv", by=SYSTEM, clock=lambda: AT)


def test_points_are_taken_row_by_row_from_a_table_or_geojson_and_known_the_second_time(world, tmp_path):
    rows = [
        "booth,G-1,城西岗亭,west,120.05,28.9",
        "must_cover,M-1,桥头,,28.9,120.05",
        "camera,C-1,路口,,120.05,28.9",
        "booth,G-2,岗亭,nowhere,120.05,28.9",
    ]
    table = csv_file(tmp_path, *rows, header="kind,code,name_zh,organisation,lon,lat", name="points.csv")
    told = points_import(table, by=SYSTEM, clock=lambda: AT)
    assert (told["accepted"], told["quarantined"]) == (1, 3)
    spot = {"type": "Point", "coordinates": [120.06, 28.91]}
    area = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 0]]]}
    about = {"kind": "must_cover", "code": "M-2", "name_zh": "汽车站"}
    file = tmp_path / "points.geojson"
    features = [{"type": "Feature", "properties": about, "geometry": each} for each in (spot, area)]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    told = [points_import(file, by=SYSTEM, clock=lambda: AT) for _ in range(2)]
    assert [(each["accepted"], each["repeated"], each["quarantined"]) for each in told] == [(1, 0, 1), (0, 1, 1)]
    assert set(Point.objects.values_list("code", "organisation__code")) == {("G-1", "west"), ("M-2", None)}
