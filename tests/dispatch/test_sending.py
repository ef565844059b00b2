"""A unit is sent, signs, sets off, arrives, is done; or refuses, is called off, is replaced."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.errors import NotFound, NotPermitted, WrongState
from anlan.core.models import Event
from anlan.dispatch.errors import IncidentNotOpen, ReasonMissing, SignedAlready, TooLateToUndo
from anlan.dispatch.models import Assignment
from anlan.dispatch.selectors import assignment_for
from anlan.dispatch.services import (
    assignment_arrive,
    assignment_cancel,
    assignment_depart,
    assignment_finish,
    assignment_refuse,
    assignment_sign,
    support_request,
    unit_assign,
    unit_free,
    unit_reassign,
)
from anlan.units.errors import UnitNotAvailable, UnitStillSent
from anlan.units.services import unit_state_set
from dispatch.scene import go, incident_of, later, send
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_sent_unit_its_assignment_and_the_incident_move_together(world):
    incident = incident_of(world)
    assignment = send(world, incident)
    seen = [(assignment.state, assignment.unit.state, incident.state)]
    for step in (assignment_sign, assignment_depart, assignment_arrive, assignment_finish):
        step(assignment=assignment, by=world.actor("eve"), at=later(seconds=30))
        incident.refresh_from_db()
        seen.append((assignment.state, assignment.unit.state, incident.state))
    assert seen == [
        ("sent", "assigned", "dispatched"),
        ("signed", "assigned", "dispatched"),
        ("en_route", "en_route", "dispatched"),
        ("arrived", "on_scene", "on_scene"),
        ("finished", "available", "feedback_due"),
    ]


@pytest.mark.parametrize(("told", "kept"), [("cover", ("cover", 7)), ("他有刀", ("", None))])
def test_what_was_advised_is_kept_and_no_word_of_anybodys_in_its_stead(world, told, kept):
    sent = send(world, incident_of(world), advice=told, advised_unit=7)
    assert (sent.advice, sent.advised_unit) == kept
    assert Event.objects.get(kind="dispatch.unit_assigned").data.get("advice", "") == kept[0]


def test_the_first_unit_leads_and_the_next_supports(world):
    incident = incident_of(world)
    assert [send(world, incident, sign).part for sign in ("P-01", "P-02")] == ["lead", "support"]


def test_first_sent_and_first_arrived_are_set_once(world):
    incident = incident_of(world)
    first = send(world, incident, "P-01", later(seconds=10))
    second = send(world, incident, "P-02", later(seconds=50))
    system = world.actor("ada")
    assignment_arrive(assignment=second, by=system, at=later(minutes=4))
    assignment_arrive(assignment=first, by=system, at=later(minutes=6))
    incident.refresh_from_db()
    assert incident.first_sent_at == later(seconds=10)
    assert incident.first_arrived_at == later(minutes=4)


def test_it_refuses_a_unit_that_someone_else_just_sent_and_says_whom_to_take_instead(world):
    fire, fight = incident_of(world), incident_of(world)
    send(world, fire, "P-01")
    with pytest.raises(UnitNotAvailable) as refusal:
        unit_assign(incident=fight, unit=world.units["P-01"], by=world.actor("jia"), at=later(seconds=5))
    assert refusal.value.detail("en") == (
        f"P-01 can't be sent: 艾达 sent it to incident {fire.number}, and it has been assigned since 09:00. "
        "Send P-02 instead (2:20 away), or release P-01 first."
    )
    assert refusal.value.facts["alternative"] == "P-02"
    assert Assignment.objects.count() == 1
    fight.refresh_from_db()
    assert fight.state == "open"


def test_a_unit_off_duty_is_refused_with_what_it_is_doing(world):
    unit_state_set(unit=world.units["P-01"], to="off", by=world.actor("ada"), at=T0)
    with pytest.raises(UnitNotAvailable, match="it has been off duty since 09:00"):
        send(world, incident_of(world), "P-01")


def test_nobody_is_sent_to_a_merged_incident(world):
    earlier = incident_of(world)
    merged = incident_of(world, state="merged", merged_into=earlier)
    with pytest.raises(IncidentNotOpen):
        send(world, merged)


def test_setting_off_signs_as_well(world):
    assignment = send(world, incident_of(world))
    assignment_depart(assignment=assignment, by=world.actor("eve"), at=later(seconds=40))
    assert assignment.signed_at == assignment.departed_at == later(seconds=40)


def test_a_second_press_of_the_same_button_is_told_so(world):
    assignment = send(world, incident_of(world))
    assignment_sign(assignment=assignment, by=world.actor("eve"), at=later(seconds=20))
    with pytest.raises(WrongState, match="signed since 09:00"):
        assignment_sign(assignment=assignment, by=world.actor("eve"), at=later(seconds=21))


def test_every_step_is_one_transaction_with_its_event(world):
    incident = incident_of(world)
    before = Event.objects.count()
    send(world, incident)
    kinds = list(Event.objects.order_by("id").values_list("kind", flat=True)[before:])
    assert kinds == ["units.unit_claimed", "dispatch.unit_assigned", "intake.incident_state_changed"]


def test_a_refusal_frees_the_unit_and_the_incident_waits_again(world):
    incident = incident_of(world)
    assignment = send(world, incident)
    assignment_refuse(assignment=assignment, reason="flat tyre", by=world.actor("eve"), at=later(seconds=30))
    incident.refresh_from_db()
    assert (assignment.state, assignment.end_reason, incident.state) == ("refused", "flat tyre", "open")
    assert assignment.unit.state == "available"


def test_a_refusal_needs_a_reason(world):
    assignment = send(world, incident_of(world))
    with pytest.raises(ReasonMissing):
        assignment_refuse(assignment=assignment, reason="  ", by=world.actor("eve"), at=T0)


def test_undo_within_ten_seconds_leaves_the_incident_as_never_sent(world):
    incident = incident_of(world)
    assignment = send(world, incident, at=later(seconds=20))
    assignment_cancel(assignment=assignment, reason="undo", by=world.actor("ada"), at=later(seconds=30))
    incident.refresh_from_db()
    assert (incident.state, incident.first_sent_at) == ("open", None)
    assert Event.objects.filter(kind="dispatch.assignment_undone").count() == 1


def test_undo_after_ten_seconds_is_too_late(world):
    assignment = send(world, incident_of(world))
    with pytest.raises(TooLateToUndo, match="P-01 was sent at 09:00:00"):
        assignment_cancel(assignment=assignment, reason="undo", by=world.actor("ada"), at=later(seconds=11))


def test_undo_after_signing_is_too_late(world):
    assignment = send(world, incident_of(world))
    assignment_sign(assignment=assignment, by=world.actor("eve"), at=later(seconds=3))
    with pytest.raises(SignedAlready) as refused:
        assignment_cancel(assignment=assignment, reason="undo", by=world.actor("ada"), at=later(seconds=5))
    # Who, since when, what to do now: in the words of whoever pressed.
    assert refused.value.detail("en").startswith("P-01 signed at 09:00:03 and acts on it")
    assert "Cancel it with a reason instead" in refused.value.detail("en")
    assert refused.value.detail("zh-hans").startswith("P-01 已于 09:00:03 签收并开始处置")
    assignment.refresh_from_db()
    assert assignment.state == "signed"


def test_a_unit_is_replaced_in_one_step(world):
    incident = incident_of(world)
    old = send(world, incident, "P-01")
    new = unit_reassign(
        assignment=old, unit=world.units["P-02"], reason="not signed", by=world.actor("ada"), at=later(seconds=125)
    )
    assert (old.state, new.state, new.part, new.unit.call_sign) == ("reassigned", "sent", "lead", "P-02")
    world.units["P-01"].refresh_from_db()
    incident.refresh_from_db()
    assert (world.units["P-01"].state, incident.state) == ("available", "dispatched")


def test_a_replacement_that_can_not_be_had_changes_nothing(world):
    first, second = incident_of(world), incident_of(world)
    old = send(world, first, "P-01")
    send(world, second, "P-02")
    with pytest.raises(UnitNotAvailable):
        unit_reassign(assignment=old, unit=world.units["P-02"], reason="late", by=world.actor("ada"), at=T0)
    old.refresh_from_db()
    assert (old.state, old.unit.state) == ("sent", "assigned")


def test_support_asked_for_is_on_the_record(world):
    assignment = send(world, incident_of(world))
    support_request(assignment=assignment, by=world.actor("eve"), at=T0, units=2, capabilities=("negotiator",))
    told = Event.objects.get(kind="dispatch.support_requested")
    assert (told.data["unit"], told.data["units"], told.data["capabilities"]) == ("P-01", 2, ["negotiator"])


def test_releasing_a_unit_on_its_way_calls_it_off_and_one_on_scene_is_done(world):
    ada = world.actor("ada")
    on_way, there = send(world, incident_of(world), "P-01"), send(world, incident_of(world), "P-02")
    assignment_arrive(assignment=there, by=ada, at=later(minutes=3))
    for sign in ("P-01", "P-02"):
        assert unit_free(unit=world.units[sign], reason="rung up", by=ada, at=later(minutes=9))
    on_way.refresh_from_db()
    there.refresh_from_db()
    assert (on_way.state, there.state) == ("cancelled", "finished")
    assert not unit_free(unit=world.units["P-01"], reason="again", by=ada, at=later(minutes=9))


def test_a_status_button_can_not_tear_a_unit_off_its_incident(world):
    incident = incident_of(world)
    send(world, incident)
    with pytest.raises(UnitStillSent, match=f"assigned on incident {incident.number}"):
        unit_state_set(unit=world.units["P-01"], to="available", by=world.actor("eve"), at=T0)


def test_an_incident_stays_on_scene_until_the_last_unit_is_done(world):
    incident = incident_of(world)
    ada = world.actor("ada")
    first, second = send(world, incident, "P-01"), send(world, incident, "P-02")
    go(first, "finished", by=ada)
    incident.refresh_from_db()
    assert incident.state == "on_scene"
    assignment_cancel(assignment=second, reason="not needed", by=ada, at=later(minutes=9))
    incident.refresh_from_db()
    assert incident.state == "feedback_due"


def test_a_patrol_officer_presses_the_buttons_of_the_own_unit_only(world):
    other = send(world, incident_of(world), "P-02")
    with pytest.raises(NotFound):
        assignment_sign(assignment=other, by=world.actor("eve"), at=T0)


def test_a_terminal_presses_for_its_own_unit(world):
    from anlan.core.actor import Actor

    assignment = send(world, incident_of(world), "P-02")
    terminal = Actor(kind="unit", id=world.units["P-02"].pk, name="P-02")
    assert assignment_sign(assignment=assignment, by=terminal, at=T0).state == "signed"
    stranger = Actor(kind="unit", id=world.units["P-01"].pk, name="P-01")
    with pytest.raises(NotFound):
        assignment_depart(assignment=assignment, by=stranger, at=T0)


def test_another_stations_assignment_answers_like_one_that_does_not_exist(world):
    assignment = send(world, incident_of(world))
    for actor in (world.actor("cleo"), world.actor("kai")):
        with pytest.raises(NotFound):
            assignment_for(actor, assignment.pk)
    with pytest.raises(NotFound):
        assignment_sign(assignment=assignment, by=world.actor("cleo"), at=T0)
    assert assignment_for(world.actor("ida"), assignment.pk) == assignment


def test_a_unit_from_next_door_sees_the_assignment_it_is_on(world):
    assignment = send(world, incident_of(world, station=world.orgs["east"], town_room=None), "P-01")
    assert assignment_for(world.actor("eve"), assignment.pk) == assignment


@pytest.mark.parametrize("name", ["ben", "eve", "dan", "finn", "gus", "hua", "kai"])
def test_only_a_desk_sends(world, name):
    with pytest.raises(NotPermitted):
        unit_assign(incident=incident_of(world), unit=world.units["P-01"], by=world.actor(name), at=T0)


def test_timestamps_never_run_backwards(world):
    assignment = send(world, incident_of(world))
    go(assignment, "finished", by=world.actor("eve"))
    stamps = [
        assignment.sent_at,
        assignment.signed_at,
        assignment.departed_at,
        assignment.arrived_at,
        assignment.finished_at,
    ]
    assert stamps == sorted(stamps)
    assert stamps[-1] - stamps[0] == timedelta(minutes=2)
