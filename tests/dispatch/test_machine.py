"""Whatever people press in whatever order, units, assignments and incidents tell one story."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from anlan.core.actor import SYSTEM
from anlan.core.errors import DomainError
from anlan.core.models import Event
from anlan.core.state_machine import REGISTRY
from anlan.dispatch.models import Assignment, Feedback, WorkOrder
from anlan.dispatch.rules import ACTIVE, ORDER_DONE, TRAVELLING, incident_state_wanted, steps_between
from anlan.dispatch.services import (
    assignment_arrive,
    assignment_cancel,
    assignment_depart,
    assignment_finish,
    assignment_refuse,
    assignment_sign,
    feedback_file,
    feedback_return,
    feedback_review,
    incident_close,
    order_assign,
    order_bounce,
    order_close,
    order_contact,
    order_escalate,
    order_route,
    order_settle,
    order_sign,
    unit_assign,
    unit_free,
    unit_reassign,
)
from anlan.intake.models import Incident
from anlan.units.models import Unit
from anlan.units.services import unit_state_set
from dispatch.scene import incident_of
from world import T0, build_world

STEPS = [assignment_sign, assignment_depart, assignment_arrive, assignment_finish]
ORDER_STEPS = [order_sign, order_contact, order_settle, order_close]
UNIT_STATE = {"sent": "assigned", "signed": "assigned", "en_route": "en_route", "arrived": "on_scene"}
pick = st.integers(0, 7)


class Centre(RuleBasedStateMachine):
    """Two police units, two teams, three matters, and everything anybody can press."""

    @initialize()
    def open_the_centre(self):
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()
        self.at = T0
        world = build_world(roads=False)
        self.units = [world.units[sign] for sign in ("P-01", "P-02", "C-01", "C-02")]
        self.incidents = [
            incident_of(world),
            incident_of(world, track="J", priority="P2", code="0401"),
            incident_of(world, track="C", priority="P3", code="0402"),
        ]

    def teardown(self):
        if hasattr(self, "sandbox"):
            transaction.set_rollback(True)
            self.sandbox.__exit__(None, None, None)

    def press(self, act, **what):
        """One press: it works and leaves events, or it is refused and leaves nothing."""
        self.at += timedelta(seconds=7)
        before = Event.objects.count()
        refusal = None
        try:
            act(by=SYSTEM, at=self.at, **what)
        except DomainError as met:
            refusal = met
        if refusal is not None:
            assert refusal.detail("en")
            assert Event.objects.count() == before
        else:
            fresh = list(Event.objects.order_by("id")[before:])
            assert all(event.at == self.at for event in fresh)
            assert [event.pk for event in fresh] == sorted(event.pk for event in fresh)

    def assignment(self, k):
        rows = list(Assignment.objects.select_related("unit", "incident").order_by("-id")[:8])
        return rows[k % len(rows)]

    def order(self, k):
        rows = list(WorkOrder.objects.select_related("incident", "town_room").order_by("-id")[:4])
        return rows[k % len(rows)]

    def has_assignments(self):
        return hasattr(self, "at") and Assignment.objects.exists()

    def has_orders(self):
        return hasattr(self, "at") and WorkOrder.objects.exists()

    @rule(i=pick, u=pick)
    def send(self, i, u):
        self.press(unit_assign, incident=self.incidents[i % 3], unit=self.units[u % 4])

    @precondition(has_assignments)
    @rule(k=pick, step=st.sampled_from(STEPS))
    def step(self, k, step):
        self.press(step, assignment=self.assignment(k))

    @precondition(has_assignments)
    @rule(k=pick, end=st.sampled_from([assignment_refuse, assignment_cancel]), why=st.sampled_from(["undo", "tyre"]))
    def end(self, k, end, why):
        self.press(end, assignment=self.assignment(k), reason=why)

    @precondition(has_assignments)
    @rule(k=pick, u=pick)
    def replace(self, k, u):
        self.press(unit_reassign, assignment=self.assignment(k), unit=self.units[u % 4], reason="late")

    @rule(u=pick)
    def free(self, u):
        self.press(unit_free, unit=self.units[u % 4], reason="rung up")

    @rule(u=pick, to=st.sampled_from(["off", "available", "busy"]))
    def status(self, u, to):
        self.press(unit_state_set, unit=self.units[u % 4], to=to)

    @rule(i=pick)
    def report(self, i):
        self.press(feedback_file, incident=self.incidents[i % 3], result="helped")

    @rule(agree=st.booleans())
    def review(self, agree):
        sheet = Feedback.objects.select_related("incident").filter(review="waiting").last()
        if sheet is not None:
            more = {} if agree else {"reason": "thin"}
            self.press(feedback_review if agree else feedback_return, feedback=sheet, **more)

    @rule(i=pick, reason=st.sampled_from(["", "settled by telephone"]))
    def close(self, i, reason):
        self.press(incident_close, incident=self.incidents[i % 3], reason=reason)

    @rule(i=pick)
    def route(self, i):
        self.press(order_route, incident=Incident.objects.get(pk=self.incidents[i % 3].pk))

    @precondition(has_orders)
    @rule(k=pick, step=st.sampled_from(ORDER_STEPS))
    def order_step(self, k, step):
        self.press(step, order=self.order(k))

    @precondition(has_orders)
    @rule(k=pick, u=pick)
    def team(self, k, u):
        self.press(order_assign, order=self.order(k), unit=self.units[u % 4])

    @precondition(has_orders)
    @rule(k=pick, turn=st.sampled_from([order_bounce, order_escalate]))
    def turn(self, k, turn):
        self.press(turn, order=self.order(k), reason="not ours")

    @invariant()
    def a_unit_is_in_one_place(self):
        if not hasattr(self, "at"):
            return
        active = {row.unit_id: row for row in Assignment.objects.filter(state__in=ACTIVE)}
        assert len(active) == Assignment.objects.filter(state__in=ACTIVE).count()
        for unit in Unit.objects.filter(pk__in=[unit.pk for unit in self.units]):
            row = active.get(unit.pk)
            if row is None:
                assert unit.state not in ("assigned", "en_route", "on_scene")
                assert unit.incident_id is None
            else:
                assert (unit.state, unit.incident_id) == (UNIT_STATE[row.state], row.incident_id)

    @invariant()
    def an_incident_is_where_its_assignments_say(self):
        if not hasattr(self, "at"):
            return
        for incident in Incident.objects.all():
            states = set(Assignment.objects.filter(incident=incident).values_list("state", flat=True))
            assert incident.state == incident_state_wanted(incident.state, states)
            assert (incident.state == "closed") == (incident.closed_at is not None)
            if states & set(ACTIVE):
                assert incident.state in ("dispatched", "on_scene")
                assert incident.first_sent_at is not None
            if "arrived" in states:
                assert incident.first_arrived_at is not None

    @invariant()
    def times_never_run_backwards(self):
        for row in Assignment.objects.all():
            stamps = [row.sent_at, row.signed_at, row.departed_at, row.arrived_at, row.finished_at, row.reviewed_at]
            known = [stamp for stamp in stamps if stamp is not None]
            assert known == sorted(known)

    @invariant()
    def an_order_with_a_team_on_the_way_is_not_left_waiting(self):
        for order in WorkOrder.objects.filter(state__in=("assigned", "on_site")):
            teams = Assignment.objects.filter(incident_id=order.incident_id, unit__track="C")
            if order.state == "assigned":
                assert teams.filter(state__in=(*TRAVELLING, "arrived")).exists()
        for incident in Incident.objects.filter(bounces__gt=1):
            raise AssertionError(f"{incident.number} was sent back twice")
        open_orders = WorkOrder.objects.exclude(state__in=ORDER_DONE)
        assert open_orders.count() == open_orders.values("incident").distinct().count()


@pytest.mark.slow
@pytest.mark.django_db(databases="__all__")
def test_units_assignments_orders_and_incidents_tell_one_story():
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Centre, settings=settings(max_examples=12, stateful_step_count=30, deadline=None))


@pytest.mark.parametrize("name", ["intake.incident", "dispatch.assignment", "dispatch.work_order", "units.status"])
def test_every_state_can_be_reached(name):
    machine = REGISTRY[name]
    reached, front = {machine.initial}, [machine.initial]
    while front:
        front = [to for state in front for to in machine.moves.get(state, ()) if to not in reached]
        reached |= set(front)
    assert reached == set(machine.states)


def test_the_way_between_two_states_never_leads_over_an_end():
    machine = REGISTRY["intake.incident"]
    assert steps_between(machine, "dispatched", "in_review") == ("feedback_due", "in_review")
    assert steps_between(machine, "open", "open") == ()
    with pytest.raises(ValueError, match="no way"):
        steps_between(machine, "invalid", "transferred_to_nowhere")
