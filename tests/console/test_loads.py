"""The keeper's page of what units carry, and what a desk and a crew see of it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from anlan.core.clock import now
from anlan.dispatch.services import unit_assign
from anlan.units.loads import loads_of_kinds
from console.conftest import press

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_keeper_types_a_load_and_the_desk_and_the_crew_read_it(desk, town, take):
    ida, url = desk("ida"), reverse("console:loads")
    assert 'id="one"' in ida.get(url, {"unit": "P-01"}).content.decode()
    press(ida, reverse("console:load_do", args=[town.units["P-01"].pk]), stab_vest="2", shield="", long_fork=" 1 ")
    assert loads_of_kinds(["stab_vest", "long_fork"]) == {"stab_vest": {"P-01": 2}, "long_fork": {"P-01": 1}}
    incident = take("饭店门口有人拿菜刀追人")
    part = desk("ada").get(reverse("console:incident_units", args=[incident.number])).content.decode()
    assert "4 of 6 missing: stab vests." in part
    assert '<span class="chip">stab vests × 2</span>' in part
    unit_assign(incident=incident, unit=town.units["P-01"], by=town.actor("ada", now()), at=now())
    phone = desk("eve").get(reverse("console:phone")).content.decode()
    assert "stab vests <span" in phone.split("On board")[1]
    assert '<span class="num">6</span> stab vests' in phone.split("On board")[0]


def test_a_list_with_a_line_that_cannot_be_meant_comes_back_as_it_was_sent(desk, town):
    ida, url = desk("ida"), reverse("console:loads_read")
    answer = press(ida, url, list="P-01,shields,1\nP-01,cannons,1")
    assert answer.status_code == 422
    assert "Line 2" in answer.content.decode()
    assert "P-01,cannons,1</textarea>" in answer.content.decode()
    assert not loads_of_kinds(["shield"])
    press(ida, url, list="P-01,shields,1")
    assert loads_of_kinds(["shield"]) == {"shield": {"P-01": 1}}


def test_who_keeps_no_units_reads_the_page_and_changes_nothing(desk, town):
    page = desk("eve").get(reverse("console:loads"), {"unit": "P-01"}).content.decode()
    assert 'name="shield"' not in page
    assert press(desk("eve"), reverse("console:load_do", args=[town.units["P-01"].pk]), shield="1").status_code == 403
    assert (
        press(desk("cleo"), reverse("console:load_do", args=[town.units["P-01"].pk]), shield="1").status_code == 404
    )
