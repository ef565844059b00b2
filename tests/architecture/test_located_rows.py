"""Whatever lies somewhere says in which cell, so that places are found and counted without geometry."""

from __future__ import annotations

from django.apps import apps

WITHOUT = {
    "units.PositionFix": "a track is read by unit and time, never by place; where a unit is now has its cell",
    "units.Unit.base_lon": "a plan, read with its unit; where the unit is has its cell",
    "dispatch.Assignment.sent_lon": "where a drive began, read with its assignment; the incident has its cell",
    "places.WeatherReading": "an instrument stands for an area, which its reading names",
    "places.RoadCondition": "is laid on the stretches of road in its circle, of which there are few in force",
    "forecasting.Population": "is a cell itself: lon and lat are its middle",
}


def located():
    """``name -> whether a cell stands beside it`` of every longitude in a table."""
    found = {}
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        for name in names:
            if name == "lon" or name.endswith("_lon"):
                label = f"{model._meta.label}" if name == "lon" else f"{model._meta.label}.{name}"
                found[label] = name.removesuffix("lon") + "cell" in names
    return found


def test_every_located_row_has_its_cell_or_a_reason_to_have_none():
    assert {name for name, has_cell in located().items() if not has_cell} <= set(WITHOUT)


def test_the_rows_people_look_for_by_place_have_one():
    seen = located()
    for name in ("intake.Call", "intake.Incident", "disputes.DisputeFile", "units.UnitPosition", "places.Place"):
        assert seen[name], name
