"""Which beat a point lies in, and which cell."""

import h3
import numpy as np
import pytest

from anlan.engines.geo import AreaIndex, cell_centre, cell_neighbours, cell_of, cells_of


def square(west: float, south: float, east: float, north: float) -> dict:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


STATION, NORTH_BEAT, SOUTH_BEAT = square(0, 0, 2, 2), square(0, 1, 1, 2), square(0, 0, 1, 1)
INDEX = AreaIndex(["station", "north beat", "south beat"], [STATION, NORTH_BEAT, SOUTH_BEAT])


def test_the_smallest_area_holding_the_point_answers():
    assert INDEX.area_at(0.5, 1.5) == "north beat"
    assert INDEX.area_at(1.5, 0.5) == "station"


def test_a_point_outside_every_area_has_none():
    assert INDEX.area_at(3, 3) is None


def test_a_call_on_the_border_of_two_beats_belongs_to_one_of_them_always_the_same():
    assert {INDEX.area_at(0.5, 1.0) for _ in range(5)} == {"north beat"}
    assert INDEX.area_at(2.0, 1.0) == "station"


def test_many_points_are_answered_in_their_order_and_gaps_have_no_area():
    assert INDEX.areas_at([0.5, np.nan, 9, 1.5], [0.5, 0.5, 9, 1.5]) == ["south beat", None, None, "station"]
    assert INDEX.areas_at([], []) == []
    assert INDEX.positions_at([0.5, 9], [1.5, 9]).tolist() == [1, -1]


def test_one_point_is_answered_as_among_many():
    rng = np.random.default_rng(7)
    lon, lat = rng.choice(np.arange(-0.5, 3, 0.25), (2, 300))
    assert [INDEX.area_at(*point) for point in zip(lon, lat, strict=True)] == INDEX.areas_at(lon, lat)
    assert INDEX.area_at(float("nan"), 1.0) is INDEX.area_at(0.5, float("inf")) is None


def test_a_hole_in_an_area_is_not_in_it_and_features_are_read_too():
    holed = square(0, 0, 4, 4)
    holed["coordinates"].append(square(1, 1, 2, 2)["coordinates"][0])
    index = AreaIndex([7], [{"type": "Feature", "properties": {}, "geometry": holed}])
    assert (index.area_at(1.5, 1.5), index.area_at(3, 3)) == (None, 7)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, "'beat 3' is a LineString, not a polygon"),
        (
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
            "'beat 3' has a broken outline: Self-intersection",
        ),
        ({"type": "Polygon", "coordinates": []}, "'beat 3' is empty"),
        ({"type": "Polygon", "coordinates": [[["a", "b"]]]}, "'beat 3' is not a GeoJSON polygon"),
        ({"no": "geometry"}, "'beat 3' is not a GeoJSON polygon"),
        ({"type": "Feature", "geometry": None}, "'beat 3' is not a GeoJSON polygon"),
    ],
)
def test_a_broken_outline_is_refused_by_name(document, words):
    with pytest.raises(ValueError, match=words):
        AreaIndex(["beat 3"], [document])


def test_an_index_without_areas_answers_none():
    assert AreaIndex([], []).area_at(1, 1) is None


def test_cells_are_the_grid_s_own_and_fit_a_signed_column():
    cell = cell_of(120.15, 30.28)
    assert cell == h3.str_to_int(h3.latlng_to_cell(30.28, 120.15, 9))
    assert 0 < cell < 2**63
    assert cell_of(120.15, 30.28, resolution=7) != cell


def test_columns_get_their_cells_and_a_missing_place_gets_no_cell():
    cells = cells_of([120.15, np.nan], [30.28, 30.28])
    assert cells.tolist() == [cell_of(120.15, 30.28), 0]


def test_a_cell_has_six_neighbours_and_holds_its_own_centre():
    cell = cell_of(120.15, 30.28)
    around = cell_neighbours(cell)
    assert len(around) == 7
    assert cell in around
    assert len(cell_neighbours(cell, rings=2)) == 19
    assert cell_of(*cell_centre(cell)) == cell
