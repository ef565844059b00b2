"""Many calls at once on the road one can check on paper; and a unit taken from a lesser matter for a P1."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.utils import translation

from anlan.core.models import Event
from anlan.dispatch.errors import DivertNotLesser, UnitOfOthers
from anlan.dispatch.models import Assignment
from anlan.dispatch.selectors import batch_propose, diversions_for, recommend
from anlan.dispatch.selectors.arrivals import trips_over
from anlan.dispatch.services import Pair, many_send, unit_divert
from anlan.engines.arrival import arrival_fit
from anlan.engines.arrival.rates import rate_of
from anlan.units.errors import UnitNotAvailable
from anlan.units.models import Unit
from dispatch.scene import incident_of, later, send
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")
CALM = {"priority": "P3", "code": "0106"}


def proposed(found):
    """Who goes where, and who would one by one."""
    return {
        row.incident.number: [
            (going.choice and going.choice.unit.call_sign, going.alone and going.alone.unit.call_sign)
            for going in row.going
        ]
        for row in found.rows
    }


@pytest.fixture
def two(world):
    """One 0.8 km from P-02 and 1.2 km from P-01; the other 2 km from P-02 and 3.9 km from both others."""
    return incident_of(world, lon=120.072, **CALM), incident_of(
        world, lon=120.10, received_at=later(seconds=1), **CALM
    )


def test_the_first_gets_the_second_nearest_where_the_next_one_is_helped_more(world, two):
    first, second = two
    found = batch_propose(by=world.actor("ada"), at=later(seconds=30))
    told = proposed(found)
    assert told[first.number] == [("P-01", "P-02")]
    assert told[second.number][0][0] == "P-02"
    assert found.weighted < found.weighted_apart
    with translation.override("en"):
        why = found.rows[0].going[0].why
    assert why.endswith(f"later than P-02, which does more good at {second.number}.")


def test_a_p1_takes_the_quickest_before_all_others(world, two):
    urgent = incident_of(world, lon=120.079, received_at=later(seconds=2))
    found = batch_propose(by=world.actor("ada"), at=later(seconds=30))
    assert found.rows[0].incident.number == urgent.number
    assert proposed(found)[urgent.number][0] == ("P-02", "P-02")


def test_a_station_reckons_with_its_own_units_and_matters_alone(world, two):
    east = incident_of(world, lon=120.13, station=world.orgs["east"], holder=world.orgs["east"], **CALM)
    found = batch_propose(by=world.actor("cleo"), at=T0)
    assert proposed(found) == {east.number: [("P-03", "P-03")]}


def test_who_was_sent_meanwhile_is_told_and_holds_up_nobody(world, two):
    first, second = two
    ada = world.actor("ada")
    found = batch_propose(by=ada, at=T0)
    pairs = [
        Pair(row.incident, Unit.objects.get(pk=row.going[0].choice.unit.id), shown={"eta_s": 100.0})
        for row in found.rows
    ]
    send(world, first, "P-03")
    done = many_send(pairs=pairs, by=ada, at=later(seconds=20))
    assert [(row.incident_id, row.unit.call_sign, row.advice) for row in done.sent] == [(second.pk, "P-02", "batch")]
    assert [(pair.incident.pk, refusal.code) for pair, refusal in done.refused] == [(first.pk, "served_meanwhile")]


def test_a_unit_sent_elsewhere_in_between_leaves_its_matter_in_the_queue(world, two):
    first, second = two
    pairs = [Pair(first, world.units["P-01"]), Pair(second, world.units["P-02"])]
    send(world, incident_of(world), "P-01")
    done = many_send(pairs=pairs, by=world.actor("ada"), at=later(seconds=20))
    assert [row.unit.call_sign for row in done.sent] == ["P-02"]
    assert isinstance(done.refused[0][1], UnitNotAvailable)
    first.refresh_from_db()
    assert first.state == "open"


@pytest.fixture
def lesser(world):
    """P-03 is far east; P-02 is on its way to a quarrel of no hurry, P-01 off to somewhere else."""
    matter = incident_of(world, lon=120.09, **CALM)
    send(world, incident_of(world, lon=120.06), "P-01")
    return matter, send(world, matter, "P-02")


def test_a_p1_is_offered_the_unit_on_its_way_to_something_lesser(world, lesser):
    matter, sent = lesser
    urgent = incident_of(world, lon=120.081)
    ada = world.actor("ada")
    (told,) = diversions_for(urgent, recommend(urgent, at=T0), by=ada)
    assert (told.assignment.pk, told.choice.unit.call_sign) == (sent.pk, "P-02")
    assert (told.quickest.unit.call_sign, told.instead.unit.call_sign) == ("P-03", "P-03")
    assert told.saved_s > 60
    with translation.override("en"):
        assert f"{matter.number} then gets P-03" in told.words
    assert Assignment.objects.get(pk=sent.pk).state == "sent"  # nobody is moved by a proposal
    calm = incident_of(world, lon=120.081, **CALM)
    assert diversions_for(calm, recommend(calm, at=T0), by=ada) == []


def test_who_is_on_the_way_already_turns_out_sooner_once_that_was_learned(world):
    old = incident_of(world, lon=120.09)
    for k in range(120):
        on_way, sent = k % 3 == 0, later(days=-1 - k % 20)
        left = sent + timedelta(seconds=8 if on_way else 80)
        Assignment.objects.create(
            incident=old, unit=world.units["P-01"], state="closed", state_since=left, sent_at=sent, departed_at=left,
            arrived_at=left + timedelta(seconds=200 + k), travel_s=200.0, eta_source="road", fix_age_s=5.0,
            advice="divert" if on_way else "",
        )  # fmt: skip
    trips, _first, _last = trips_over(at=T0)
    fit = arrival_fit(trips)
    band = trips.turn[0][1]
    assert {group[0] for group in trips.turn} == {"available", "en_route"}
    turn_s = {
        status: float(np.exp(rate_of(dict(fit.turnout), (status, band)).mu)) for status in ("available", "en_route")
    }
    assert 8 < turn_s["en_route"] < 40 < turn_s["available"] < 80


def test_both_matters_change_by_one_deed(world, lesser):
    matter, sent = lesser
    urgent = incident_of(world, lon=120.081)
    ada, at = world.actor("ada"), later(minutes=1)
    made = unit_divert(assignment=sent, incident=urgent, instead=world.units["P-03"], reason="", by=ada, at=at)
    assert (made.incident_id, made.advice, made.part) == (urgent.pk, "divert", "lead")
    sent.refresh_from_db()
    assert sent.state == "reassigned"
    now_on = Assignment.objects.get(incident=matter, state="sent")
    assert now_on.unit.call_sign == "P-03"
    urgent.refresh_from_db()
    matter.refresh_from_db()
    assert (urgent.state, matter.state) == ("dispatched", "dispatched")
    event = Event.objects.get(kind="dispatch.unit_diverted")
    assert (event.data["from_incident"], event.data["instead"]) == (matter.number, "P-03")


def test_with_nobody_instead_the_lesser_matter_waits_again(world, lesser):
    matter, sent = lesser
    unit_divert(
        assignment=sent, incident=incident_of(world, lon=120.081), instead=None, reason="knife",
        by=world.actor("ada"), at=later(minutes=1),
    )  # fmt: skip
    matter.refresh_from_db()
    assert matter.state == "open"


def test_when_the_one_instead_is_gone_the_unit_keeps_its_way(world, lesser):
    matter, sent = lesser
    send(world, incident_of(world, lon=120.14), "P-03")
    facts = {"assignment": sent, "incident": incident_of(world, lon=120.081), "reason": ""}
    with pytest.raises(UnitNotAvailable):
        unit_divert(**facts, instead=world.units["P-03"], by=world.actor("ada"), at=later(minutes=1))
    sent.refresh_from_db()
    matter.refresh_from_db()
    assert (sent.state, matter.state) == ("sent", "dispatched")


def test_it_is_for_a_p1_alone_and_by_who_commands_the_unit(world, lesser):
    _matter, sent = lesser
    facts = {"assignment": sent, "instead": None, "reason": "", "at": later(minutes=1)}
    with pytest.raises(DivertNotLesser):
        unit_divert(**facts, incident=incident_of(world, **CALM), by=world.actor("ada"))
    with pytest.raises(UnitOfOthers):
        unit_divert(**facts, incident=incident_of(world, lon=120.081), by=world.actor("cleo"))
