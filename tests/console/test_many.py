"""Many calls at once on one page: ticked, confirmed, told; and a diversion beside the units of a P1."""

from __future__ import annotations

import pytest
from django.urls import reverse

from anlan.core.clock import now
from anlan.dispatch.models import Assignment
from anlan.dispatch.services import unit_assign
from console.conftest import press

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_person_confirms_what_is_ticked_and_reads_who_could_not_be_sent(desk, town, take):
    first, second = take("theft", lon=120.072, code="0106"), take("theft", lon=120.10, code="0106")
    ada, url = desk("ada"), reverse("console:many")
    page = ada.get(url).content.decode()
    values = [part.split('"', 1)[0] for part in page.split('name="pair" value="')[1:]]
    assert {value.split("|")[0] for value in values} == {first.number, second.number}
    assert not Assignment.objects.exists()
    unit_assign(incident=first, unit=town.units["P-03"], by=town.actor("ada", now()), at=now())
    answer = press(ada, reverse("console:many_send"), pair=values).content.decode()
    assert Assignment.objects.get(incident=second).unit.call_sign == "P-02"
    assert "more than when this was proposed" in answer
    assert Assignment.objects.filter(incident=first).count() == 1
    assert press(ada, reverse("console:many_send"), pair=["x|y"]).status_code == 422
    assert "Nothing was ticked" in press(ada, reverse("console:many_send")).content.decode()


def test_a_p1_shows_the_unit_on_its_way_to_something_lesser_and_a_press_does_both(desk, town, take):
    calm = take("theft", lon=120.09, code="0106")
    ada, by = desk("ada"), town.actor("ada", now())
    unit_assign(incident=take("theft", lon=120.06, code="0106"), unit=town.units["P-01"], by=by, at=now())
    sent = unit_assign(incident=calm, unit=town.units["P-02"], by=by, at=now())
    urgent = take("knife", lon=120.081, code="0201", priority="P1")
    page = ada.get(reverse("console:incident_units", args=[urgent.number])).content.decode()
    assert f"P-02 to {urgent.number} and P-03 to {calm.number}" in page
    fields = {"assignment": sent.pk, "instead": town.units["P-03"].pk, "reason": ""}
    press(ada, reverse("console:incident_do", args=[urgent.number, "divert"]), **fields)
    now_on = dict(Assignment.objects.filter(state="sent").values_list("unit__call_sign", "incident__number"))
    assert (now_on["P-02"], now_on["P-03"]) == (urgent.number, calm.number)
