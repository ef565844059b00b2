"""The page of arrival times: its shares open to their trips, and it says what is unproven."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from anlan.core.clock import now
from anlan.dispatch.models import Assignment

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_share_opens_to_its_trips(desk, take, town):
    incident = take("有人打架", lon=120.06)
    sent = now() - timedelta(hours=1)
    for seconds in (60, 70, 500):
        there = sent + timedelta(seconds=seconds)
        Assignment.objects.create(
            incident=incident, unit=town.units["P-01"], state="closed", state_since=there, sent_at=sent,
            arrived_at=there, eta_s=60, eta_p90_s=90, travel_s=30, eta_source="road",
        )  # fmt: skip
    gus = desk("gus")
    page = gus.get(reverse("console:arrivals")).content.decode()
    assert "2/3" in page
    assert page.count("<tr data-row") == 3
    assert "unproven" in page
    late = gus.get(reverse("console:arrivals") + "?late=1").content.decode()
    assert late.count("<tr data-row") == 1
    gus.cookies["anlan_language"] = "zh-hans"
    assert "到达时间兑现" in gus.get(reverse("console:arrivals") + "?days=x").content.decode()
