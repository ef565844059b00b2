"""Random histories of sessions, agreements and promises: whatever is pressed, what stands stays true."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.disputes.mediation_rules import (
    AGREEMENT,
    BODY_METHODS,
    CONFIRMATION,
    GRACE_DAYS,
    MEDIATION,
    OBLIGATION,
    SESSION,
    SLOT,
    TICKET,
    agreement_state,
    bar_of,
    grid_of,
    is_open,
    legal_path,
    must_sit_apart,
    obligation_wanted,
    open_spans,
    slot_starts,
)
from anlan.disputes.mediation_terms import (
    confirmation_by,
    first_session_by,
    mediation_limit,
    penalty_by,
    second_session_by,
    term_again,
)
from anlan.disputes.rules import EXCLUSIONS, METHODS

INSTANTS = st.integers(0, 660 * 24 * 3600).map(
    lambda passed: datetime(2025, 2, 1, tzinfo=UTC) + timedelta(seconds=passed)
)
DAYS = st.dates(date(2025, 3, 1), date(2026, 12, 31))
OVER = [
    (MEDIATION, {"agreed", "failed", "withdrawn"}),
    (SESSION, {"held", "cancelled", "no_show"}),
    (TICKET, {"done", "left", "cancelled"}),
    (OBLIGATION, {"performed", "waived"}),
    (AGREEMENT, {"performed", "dropped"}),
    (CONFIRMATION, {"confirmed", "refused", "lapsed"}),
]


@pytest.mark.parametrize(("machine", "over"), OVER, ids=[machine.name for machine, _over in OVER])
def test_every_way_through_a_machine_ends_where_nothing_follows(machine, over):
    assert set(machine.final) == over
    reached, front = {machine.initial}, [machine.initial]
    if machine is TICKET:
        front.append("waiting")  # who comes without an appointment begins here
    while front:
        for state in machine.moves.get(front.pop(), ()):
            if state not in reached:
                reached.add(state)
                front.append(state)
    assert reached == set(machine.states)


@settings(max_examples=300, deadline=None)
@given(
    due=DAYS, steps=st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["time", "perform", "waive", "default"])))
)
def test_a_promise_moves_only_as_the_table_says_and_time_never_takes_a_deed_back(due, steps):
    state, today = "open", due - timedelta(days=5)
    for passed, press in steps:
        today += timedelta(days=passed)
        to = {"perform": "performed", "waive": "waived", "default": "defaulted"}.get(press)
        to = to or obligation_wanted(state, due, today)
        if to == state or not OBLIGATION.can(state, to):
            assert press != "time" or to == state
            continue
        state = to
        if state == "late":
            assert due < today <= due + timedelta(days=GRACE_DAYS)
        assert obligation_wanted("performed", due, today) == "performed"
        assert obligation_wanted("waived", due, today) == "waived"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(OBLIGATION.states), max_size=12))
def test_an_agreement_is_what_its_promises_make_of_it(states):
    made = agreement_state(states)
    assert (made == "defaulted") == ("defaulted" in states)
    assert (made == "performed") == (set(states) <= {"performed", "waived"})


@settings(max_examples=150, deadline=None)
@given(
    start=INSTANTS,
    pauses=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=4),
    more=st.integers(0, 30),
)
def test_every_limit_is_counted_again_from_its_sum_alone(start, pauses, more):
    edges = sorted({hour for pair in pauses for hour in pair})
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    stood = [(start + timedelta(hours=a), start + timedelta(hours=b), "talks") for a, b in spans]
    found = mediation_limit(start, pauses=stood, extensions=[(more, "consent")] if more else [])
    assert term_again(found.total) == found
    assert found.due_at >= mediation_limit(start).due_at
    assert mediation_limit(start, pauses=[*stood, (start + timedelta(hours=500), None, "x")]).due_at is None


@settings(max_examples=100, deadline=None)
@given(start=INSTANTS)
def test_the_terms_of_the_law_are_counted_again_and_stand_in_their_order(start):
    for term in (first_session_by, second_session_by, confirmation_by, penalty_by, mediation_limit):
        found = term(start)
        assert term_again(found.total) == found
        assert found.due_at > start
        assert found.total["zh"] != found.total["en"]
    assert first_session_by(start).due_at < second_session_by(start).due_at


@settings(max_examples=100, deadline=None)
@given(day=DAYS, slot=st.integers(0, 20), count=st.integers(1, 8))
def test_a_booking_inside_the_hours_lies_in_one_open_stretch(day, slot, count):
    hours = "08:30-12:00 14:00-17:30"
    grid = grid_of(hours, day)
    assert len(grid) in (0, 14)
    if slot < len(grid):
        begins = grid[slot]
        ends = begins + SLOT * count
        inside = [span for span in open_spans(hours, day) if span[0] <= begins and ends <= span[1]]
        assert is_open(hours, begins, ends) == bool(inside)
        assert len(set(slot_starts(begins, count))) == count


@pytest.mark.parametrize("exclusion", [key for key in EXCLUSIONS if key])
@pytest.mark.parametrize("body", BODY_METHODS)
def test_police_mediate_behind_no_bar_and_nobody_mediates_against_a_refusal(exclusion, body):
    assert bar_of("police", exclusion, body) == exclusion
    for method in [key for key in METHODS if key]:
        assert bar_of(method, "refused", body) == "refused"
        assert bar_of(method, "", body) == ""
    assert must_sit_apart(exclusion) == (exclusion in ("domestic_violence", "protection_order"))


def test_damages_of_a_crime_are_settled_at_the_detention_house_only():
    assert bar_of("people", "crime", "detention_house") == ""
    assert {body for body in BODY_METHODS if not bar_of("people", "crime", body)} == {"detention_house"}


@pytest.mark.parametrize(
    ("method", "confirmation", "path"),
    [
        ("police", "", "penalty"),
        ("people", "", "court"),
        ("people", "confirmed", "enforce"),
        ("judicial", "", "enforce"),
    ],
)
def test_what_stands_open_when_it_is_not_performed(method, confirmation, path):
    assert legal_path(method, confirmation) == path
