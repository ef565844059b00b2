"""Residents from a file: by area or by cell, put right or put aside, and places shown only where enough live."""

from __future__ import annotations

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.models import QuarantinedRow
from anlan.forecasting.models import Population
from anlan.forecasting.selectors import Span, shift_told
from anlan.forecasting.services import forecast_issue
from anlan.integrations.imports.population import population_import
from forecasting.conftest import EAST, MORNING, WEST

pytestmark = pytest.mark.django_db

TODAY = MORNING.date()


@pytest.fixture
def take(tmp_path, county, at):
    def put(*lines: str) -> dict:
        path = tmp_path / "residents.csv"
        path.write_text("\n".join(lines), "utf-8")
        return population_import(path, mapping=None, datum="wgs84", by=SYSTEM, clock=lambda: at)

    return put


HEAD = "area_kind,code,lon,lat,cell_m,residents"


def test_a_row_is_taken_known_or_put_aside_with_its_reason(take):
    lines = (HEAD, ",,120.06,28.9,500,620", ",,120.06,28.9,,620", "station,nowhere,,,,900", ",,120.07,28.9,500,many")
    told = take(*lines)
    assert (told["received"], told["accepted"], told["quarantined"]) == (4, 1, 3)
    assert set(QuarantinedRow.objects.values_list("code", flat=True)) == {"cell_m", "area", "residents"}
    assert take(*lines)["repeated"] == 1


def test_a_newer_figure_of_the_same_cell_takes_the_olders_place(take):
    take(HEAD, ",,120.06,28.9,500,620")
    take(HEAD, ",,120.06,28.9,500,640")
    assert list(Population.objects.values_list("residents", flat=True)) == [640]


def test_a_place_where_too_few_live_is_told_with_its_station_only(take, past, county, at):
    past(70)
    run = forecast_issue(day=TODAY, by=SYSTEM, at=at)
    shown = shift_told(county.actor("gus", at), run, "theft", Span(TODAY, 1))
    assert len(shown.places) == 2
    take(HEAD, f",,{WEST[0]},{WEST[1]},200,900", f",,{EAST[0]},{EAST[1]},200,120")
    shown = shift_told(county.actor("gus", at), run, "theft", Span(TODAY, 1))
    assert [place.residents for place in shown.places] == [900]
    assert len(shown.rest) == 1
    assert shown.expected == pytest.approx(sum(place.expected for place in (*shown.places, *shown.rest)))
