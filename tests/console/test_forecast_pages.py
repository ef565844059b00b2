"""Pages of the forecast: what is missing is said, and what it may be used for stands on each of them."""

from __future__ import annotations

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db(databases="__all__")

PAGES = ("forecast", "forecast_station", "forecast_scores", "forecast_card", "forecast_register")


@pytest.mark.parametrize("name", PAGES)
def test_the_permitted_use_stands_on_every_page(desk, name):
    page = desk("gus").get(reverse(f"console:{name}")).content.decode()
    assert "never who will do something, and is no ground to stop, search or enter" in page


def test_a_short_record_is_told_with_what_is_missing(desk, take):
    take("偷东西")
    page = desk("gus").get(reverse("console:forecast")).content.decode()
    assert "No forecast yet: the record is too short." in page
    assert "0 of 56" in page


def test_there_is_no_file_without_a_forecast(desk):
    assert desk("gus").get(reverse("console:forecast_file")).status_code == 404


@pytest.mark.parametrize("name", ["finn", "eve", "ben"])
def test_it_is_shown_to_those_who_plan_only(desk, name):
    assert desk(name).get(reverse("console:forecast")).status_code == 403


def test_a_stations_page_offers_its_own_station_only(desk):
    assert desk("cleo").get(reverse("console:forecast_station") + "?station=west").status_code == 404


def test_the_map_layer_says_what_it_may_be_used_for_even_without_a_forecast(desk):
    told = desk("gus").get(reverse("console:forecast_layer")).json()
    assert "never who will do something" in told["permitted_use"]
    assert (told["expected"], told["places"]) == (None, [])


def test_a_strip_without_a_forecast_has_no_records_to_open(desk):
    assert desk("gus").get(reverse("console:forecast_records") + "?area=west&family=theft").status_code == 404


def test_the_wall_says_that_there_is_no_forecast_yet(desk):
    assert (
        "No forecast yet: its page says what is missing." in desk("gus").get(reverse("console:wall")).content.decode()
    )


def test_the_card_tells_sizes_by_ground_and_what_repeated_coordinates_lend(desk):
    page = desk("gus").get(reverse("console:forecast_card")).content.decode()
    assert page.count('<path class="f-line z') == 3 * 4 * 2  # three cities, four sizes, drawn and in the key
    assert "With reports moved" in page
    assert "never on this bureau&#x27;s" in page or "never on this bureau's" in page
