"""Cover as a page and as a strip beside the recommendation."""

from __future__ import annotations

import pytest
from django.urls import reverse

from anlan.engines.geo import cell_of
from anlan.intake.models import Incident

pytestmark = pytest.mark.django_db(databases="__all__")


def test_the_page_shows_its_sum_and_the_places_behind_it(desk, take):
    take("路边有人吵架", lon=120.07)
    Incident.objects.update(cell=cell_of(120.07, 28.9))
    ada = desk("ada")
    page = ada.get(reverse("console:cover")).content.decode()
    assert "100.0" in page
    assert "by the mean of a year, n=1" in page
    # One call a year might point at one home: its place is told with the others only.
    assert page.count("<tr data-row") == 0
    assert "1 other place with few calls" in page
    ada.cookies["anlan_language"] = "zh-hans"
    assert "警力覆盖" in ada.get(reverse("console:cover")).content.decode()


def test_the_incident_says_what_sending_costs(desk, take):
    incident = take("饭店门口有人打架", lon=120.062)
    part = desk("ada").get(reverse("console:incident_cover", args=[incident.number])).content.decode()
    assert "P-01" in part
    assert "P-01: the quickest always goes to a P1" in part
    # The send buttons take it along, so that what was advised stands beside what was chosen.
    assert '<input type="hidden" name="advice" value="quickest">' in part
    units = desk("ada").get(reverse("console:incident_units", args=[incident.number])).content.decode()
    assert 'hx-include="#inc-cover"' in units


def test_without_calls_or_roads_it_says_what_is_missing(desk):
    assert "be told yet." in desk("ada").get(reverse("console:cover")).content.decode()
