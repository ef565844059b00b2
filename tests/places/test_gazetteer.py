"""Addresses: candidates with their confidence; deciding stays with the person who hears the caller."""

from __future__ import annotations

import pytest

from anlan.core.actor import SYSTEM
from anlan.engines.addresses import GazetteerRecord
from anlan.places.models import Place
from anlan.places.rules import PLACE_CONFIDENT
from anlan.places.selectors import address_search
from anlan.places.services import gazetteer_replace
from world import T0

pytestmark = pytest.mark.django_db


def place(kind, name, lon, lat, **more) -> GazetteerRecord:
    return GazetteerRecord(id=0, kind=kind, name_zh=name, name_en="", lon=lon, lat=lat, **more)


RECORDS = [
    place("road", "人民路", 120.05, 28.90, area_code="west"),
    place("road", "人民路", 120.15, 28.90, area_code="east"),
    place("house_number", "人民路18号", 120.051, 28.90, road="人民路", number="18", area_code="west"),
    place("estate", "安澜花园", 120.06, 28.91),
    place("landmark", "县人民医院", 120.07, 28.92, aliases=("人民医院",)),
]


@pytest.fixture
def county():
    gazetteer_replace(records=RECORDS, source="tests", by=SYSTEM, at=T0)


def test_a_road_with_its_number_is_found_with_confidence(county):
    best = address_search("人民路18号")[0]
    assert best.record.name_zh == "人民路18号"
    assert best.confidence >= PLACE_CONFIDENT


def test_a_name_that_two_places_bear_is_never_silently_one_of_them(county):
    found = [c for c in address_search("人民路") if c.kind == "road"]
    assert {round(c.lon, 2) for c in found[:2]} == {120.05, 120.15}
    assert all(c.confidence < PLACE_CONFIDENT and "one_of_several" in c.how for c in found[:2])


def test_where_the_caller_is_tells_the_two_apart(county):
    east = [c for c in address_search("人民路", near=(120.15, 28.90)) if c.kind == "road"]
    assert round(east[0].lon, 2) == 120.15
    assert len(east) == 2


def test_a_number_that_is_not_known_is_no_confident_answer(county):
    for candidate in address_search("人民路999号"):
        assert candidate.confidence < PLACE_CONFIDENT


@pytest.mark.parametrize("text", ["", "   ", "不存在的地方在哪里", "???", "\x00\u202e", "1" * 5000])
def test_words_that_mean_no_place_give_no_confident_place(county, text):
    assert all(candidate.confidence < PLACE_CONFIDENT for candidate in address_search(text))


def test_places_of_one_source_taken_again_stay_as_they_are(county):
    before = list(Place.objects.order_by("pk").values_list("pk", "name_zh", "cell"))
    assert gazetteer_replace(records=RECORDS, source="tests", by=SYSTEM, at=T0) == 0
    assert list(Place.objects.order_by("pk").values_list("pk", "name_zh", "cell")) == before
    assert all(cell for _, _, cell in before)


def test_a_place_that_comes_new_is_found_at_the_next_question(county):
    assert not any(c.record.name_zh == "新桥村" for c in address_search("新桥村"))
    gazetteer_replace(records=[place("village", "新桥村", 120.01, 28.85)], source="tests", by=SYSTEM, at=T0)
    assert address_search("新桥村")[0].record.name_zh == "新桥村"
