"""The response plan on the incident page, its alarm level as a button, and the page of plans in both languages."""

from __future__ import annotations

import pytest
from django.urls import reverse

from anlan.dispatch.models import Assignment
from console.conftest import press

pytestmark = pytest.mark.django_db(databases="__all__")


def test_the_incident_shows_who_goes_by_which_plan_and_another_level_asks_for_more(desk, take):
    incident = take("饭店门口有人拿菜刀追人，已经有人流血了")
    ada = desk("ada")
    part = ada.get(reverse("console:incident_units", args=[incident.number])).content.decode()
    assert "Weapon" in part
    assert "+ Somebody hurt" in part
    assert "P-01" in part
    press(ada, reverse("console:incident_do", args=[incident.number, "level"]), level="2")
    part = ada.get(reverse("console:incident_units", args=[incident.number])).content.decode()
    assert "negotiator" in part.split('id="inc-response"')[1].split("</section>")[0]


def test_what_was_shown_is_kept_with_the_sending(desk, take, town):
    incident = take("饭店门口有人打架")
    ada = desk("ada")
    url = reverse("console:incident_do", args=[incident.number, "send"])
    press(
        ada, url, unit=town.units["P-01"].pk, rank=1, eta_s="66.5", eta_p90_s="90.5", travel_s="36.5", fix_age_s="4"
    )
    row = Assignment.objects.get()
    assert (row.eta_s, row.eta_p90_s, row.travel_s, row.fix_age_s) == (66.5, 90.5, 36.5, 4.0)


def test_the_page_of_plans_speaks_both_languages(desk, town):
    ida = desk("ida")
    assert "Response plans" in ida.get(reverse("console:plans")).content.decode()
    ida.cookies["anlan_language"] = "zh-hans"
    page = ida.get(reverse("console:plans")).content.decode()
    assert all(word in page for word in ("处警预案", "持械", "防刺背心"))
