"""What roads were learned to take, on a page: each factor with its count and interval, opening to the drives."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from anlan.core.clock import now
from anlan.dispatch.models import Assignment
from anlan.places.models import RoadPace
from anlan.places.road_paces import band_of, paces_forget

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def learned(town, take):
    """A drive of ten minutes an hour ago, and what was learned last night from thirty like it."""
    began = now() - timedelta(hours=1)
    Assignment.objects.create(
        incident=take("盗窃", code="0106", priority="P3"), unit=town.units["P-01"], state="closed", state_since=began,
        sent_at=began, departed_at=began, arrived_at=began + timedelta(minutes=10),
    )  # fmt: skip
    band, group = band_of(timezone.localtime(began)), ["car", "normal", "primary"]
    RoadPace.objects.create(
        learned_at=now(), drives=31, first_at=began - timedelta(days=1), last_at=now(),
        content=[[group[:1], 0.2, 0.3, 31], [group, 0.25, 0.3, 31], [[*group, band], 0.3, 0.3, 30]],
    )  # fmt: skip
    paces_forget()


def test_a_factor_stands_with_interval_and_count_and_opens_to_its_drives(desk, learned):
    url = reverse("console:paces")
    page = desk("gus").get(url).content.decode()
    assert "Learned from 31 own drives" in page
    assert "main road" in page
    assert "n=30" in page
    assert "1 of 1 drives" in page
    assert "0 of 0 drives" in desk("gus").get(url, {"group": "motorcycle.normal.night"}).content.decode()


def test_before_anything_was_learned_the_page_says_so(desk, town):
    paces_forget()
    assert "roads are driven as the map says" in desk("gus").get(reverse("console:paces")).content.decode()
