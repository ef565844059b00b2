"""Feedback is filed, reviewed or returned; the incident is closed, and some callers are asked afterwards."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from anlan.core.errors import BadInput, NotFound, NotPermitted
from anlan.core.models import Event
from anlan.dispatch.errors import (
    FeedbackAlreadyReviewed,
    FeedbackMissing,
    FeedbackNotDue,
    ReasonMissing,
    RevisitDone,
    UnitsStillThere,
)
from anlan.dispatch.models import Feedback, Revisit
from anlan.dispatch.services import (
    assignment_finish,
    feedback_file,
    feedback_return,
    feedback_review,
    incident_close,
    revisit_draw,
    revisit_record,
)
from anlan.dispatch.services.revisits import share_of
from anlan.dispatch.workdays import due_in_workdays
from dispatch.scene import go, incident_of, later, reported, send
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


def closed(world, incident, at=None):
    sheet = reported(world, incident)
    feedback_review(feedback=sheet, by=world.actor("ida"), at=later(hours=1))
    return incident_close(incident=incident, by=world.actor("ada"), at=at or later(hours=2))


def test_a_sheet_confirms_the_type_and_brings_the_incident_to_review(world):
    incident = incident_of(world, code="0203")
    eve = world.actor("eve")
    assignment = send(world, incident)
    done = go(assignment, "finished", by=eve)
    sheet = feedback_file(
        incident=incident,
        assignment=assignment,
        result="mediated_agreement",
        code="0402",
        priority="P3",
        injuries=1,
        loss_band="under_1k",
        narrative="说和了",
        by=eve,
        at=done,
    )
    incident.refresh_from_db()
    assignment.refresh_from_db()
    assert (incident.state, incident.code, incident.is_code_confirmed) == ("in_review", "0402", True)
    assert (assignment.state, assignment.sheet, assignment.feedback_at) == ("feedback_done", sheet, done)


def test_the_event_of_a_sheet_holds_codes_and_no_narrative(world):
    incident = incident_of(world)
    reported(world, incident)
    data = Event.objects.get(kind="dispatch.feedback_filed").data
    assert set(data) == {"incident", "result", "code", "priority", "assignments"}


def test_one_sheet_speaks_for_the_supporting_units_that_have_finished(world):
    incident, ada = incident_of(world), world.actor("ada")
    lead, support = send(world, incident, "P-01"), send(world, incident, "P-02")
    for assignment in (lead, support):
        done = go(assignment, "finished", by=ada)
    feedback_file(incident=incident, assignment=lead, result="helped", by=world.actor("eve"), at=done)
    support.refresh_from_db()
    incident.refresh_from_db()
    assert (support.state, incident.state) == ("feedback_done", "in_review")


def test_nothing_is_reported_before_somebody_has_finished(world):
    incident = incident_of(world)
    assignment = send(world, incident)
    go(assignment, "arrived", by=world.actor("eve"))
    with pytest.raises(FeedbackNotDue):
        feedback_file(incident=incident, result="helped", by=world.actor("eve"), at=later(hours=1))


@pytest.mark.parametrize("wrong", [{"result": "all_fine"}, {"priority": "P9"}, {"loss_band": "much"}])
def test_a_code_outside_its_list_is_refused(world, wrong):
    incident = incident_of(world)
    go(send(world, incident), "finished", by=world.actor("eve"))
    with pytest.raises(BadInput):
        feedback_file(**{"incident": incident, "result": "helped", "by": world.actor("eve"), "at": T0, **wrong})


def test_a_patrol_officer_reports_for_the_own_unit_only(world):
    incident, ada = incident_of(world), world.actor("ada")
    assignment = send(world, incident, "P-02")
    go(assignment, "finished", by=ada)
    with pytest.raises(NotFound):
        feedback_file(incident=incident, assignment=assignment, result="helped", by=world.actor("eve"), at=T0)


def test_a_returned_sheet_stays_and_the_corrected_one_is_new(world):
    incident = incident_of(world)
    first = reported(world, incident)
    feedback_return(feedback=first, reason="which shop?", by=world.actor("ida"), at=later(hours=1))
    incident.refresh_from_db()
    assert incident.state == "feedback_due"
    second = feedback_file(incident=incident, result="helped", by=world.actor("eve"), at=later(hours=2))
    feedback_review(feedback=second, by=world.actor("ida"), at=later(hours=3))
    assert list(Feedback.objects.order_by("id").values_list("review", "review_note")) == [
        ("returned", "which shop?"),
        ("agreed", ""),
    ]


def test_returning_needs_a_reason(world):
    with pytest.raises(ReasonMissing):
        feedback_return(feedback=reported(world, incident_of(world)), reason="", by=world.actor("ida"), at=T0)


def test_of_two_reviews_the_second_is_told_of_the_first(world):
    sheet = reported(world, incident_of(world))
    feedback_review(feedback=sheet, by=world.actor("ida"), at=later(hours=1))
    with pytest.raises(FeedbackAlreadyReviewed, match="10:00"):
        feedback_return(feedback=sheet, reason="no", by=world.actor("jia"), at=later(hours=2))


def test_who_was_there_does_not_review(world):
    with pytest.raises(NotPermitted):
        feedback_review(feedback=reported(world, incident_of(world)), by=world.actor("eve"), at=T0)


def test_closing_needs_agreed_feedback(world):
    incident = incident_of(world)
    reported(world, incident)
    with pytest.raises(FeedbackMissing):
        incident_close(incident=incident, by=world.actor("ada"), at=later(hours=1))


def test_closing_ends_the_assignments(world):
    incident = closed(world, incident_of(world))
    assert (incident.state, incident.closed_at) == ("closed", later(hours=2))
    assert [row.state for row in incident.assignments.all()] == ["closed"]


def test_nobody_closes_over_a_unit_that_is_still_there(world):
    incident = incident_of(world)
    go(send(world, incident), "arrived", by=world.actor("eve"))
    with pytest.raises(UnitsStillThere, match="P-01 is still on it"):
        incident_close(incident=incident, reason="enough", by=world.actor("ada"), at=later(hours=1))


def test_an_incident_nobody_was_sent_to_is_closed_with_a_reason_only(world):
    incident = incident_of(world)
    with pytest.raises(FeedbackMissing):
        incident_close(incident=incident, by=world.actor("ada"), at=T0)
    incident_close(incident=incident, reason="settled by telephone", by=world.actor("ada"), at=T0)
    assert incident.state == "closed"


def test_sending_to_a_closed_incident_opens_it_again(world):
    incident = closed(world, incident_of(world))
    send(world, incident, "P-02", later(hours=3))
    incident.refresh_from_db()
    assert (incident.state, incident.closed_at) == ("dispatched", None)


def test_about_one_in_ten_is_drawn_and_the_draw_can_be_repeated():
    numbers = [f"260302-{k:05d}" for k in range(4000)]
    drawn = [number for number in numbers if share_of(number) < 0.10]
    # 400 expected, standard deviation 19: six of them either way
    assert 286 <= len(drawn) <= 514
    assert drawn == [number for number in numbers if share_of(number) < 0.10]


def test_a_matter_whose_feedback_was_returned_is_always_revisited(world):
    incident = incident_of(world)
    feedback_return(feedback=reported(world, incident), reason="thin", by=world.actor("ida"), at=later(hours=1))
    sheet = feedback_file(incident=incident, result="helped", by=world.actor("eve"), at=later(hours=2))
    feedback_review(feedback=sheet, by=world.actor("ida"), at=later(hours=3))
    incident_close(incident=incident, by=world.actor("ada"), at=later(hours=4))
    revisit = Revisit.objects.get()
    assert (revisit.rule, revisit.probability) == ("returned", 1.0)
    # Monday 2 March 2026; Tuesday, Wednesday, Thursday; close of business 17:30 in Shanghai
    assert revisit.due_at == datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
    assert "2026-03-05" in revisit.due_sum["zh"]
    assert "2026-03-05" in revisit.due_sum["en"]


def test_working_days_jump_over_a_holiday_and_count_a_make_up_day():
    # Spring Festival 2026: 15 to 23 February off, Saturday 28 February worked
    due = due_in_workdays(datetime(2026, 2, 13, 1, 0, tzinfo=UTC), 3)
    assert due.due_at == datetime(2026, 2, 25, 9, 30, tzinfo=UTC)  # Sat 14 (make-up), Tue 24, Wed 25


def test_a_second_draw_while_one_is_open_changes_nothing(world):
    incident = incident_of(world)
    feedback_return(feedback=reported(world, incident), reason="thin", by=world.actor("ida"), at=later(hours=1))
    first = revisit_draw(incident=incident, by=world.actor("ada"), at=later(hours=2))
    assert revisit_draw(incident=incident, by=world.actor("ada"), at=later(hours=3)) == first


def test_an_unsatisfied_caller_opens_the_incident_again_and_is_revisited_for_sure(world):
    incident = closed(world, incident_of(world))
    Revisit.objects.all().delete()
    revisit = Revisit.objects.create(
        incident=incident, rule="sample", probability=0.1, created_at=later(hours=2), due_at=later(hours=50)
    )
    revisit_record(revisit=revisit, outcome="not_satisfied", rating=1, by=world.actor("ida"), at=later(hours=20))
    incident.refresh_from_db()
    assert (incident.state, incident.closed_at) == ("open", None)
    incident_close(incident=incident, reason="agreed by telephone", by=world.actor("ada"), at=later(hours=21))
    assert Revisit.objects.get(done_at=None).rule == "unsatisfied"


def test_a_revisit_is_recorded_once(world):
    incident = closed(world, incident_of(world))
    Revisit.objects.all().delete()
    revisit = Revisit.objects.create(
        incident=incident, rule="sample", probability=0.1, created_at=later(hours=2), due_at=later(hours=50)
    )
    revisit_record(revisit=revisit, outcome="satisfied", rating=5, by=world.actor("ida"), at=later(hours=20))
    with pytest.raises(RevisitDone):
        revisit_record(revisit=revisit, outcome="declined", by=world.actor("ida"), at=later(hours=21))


def test_finishing_keeps_the_unit_busy_when_it_says_so(world):
    assignment = send(world, incident_of(world))
    go(assignment, "arrived", by=world.actor("eve"))
    assignment_finish(assignment=assignment, by=world.actor("eve"), at=later(hours=1), unit_to="busy")
    assert (assignment.unit.state, assignment.unit.incident_id) == ("busy", None)
