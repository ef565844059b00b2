"""A file follows from sendings, reports, repeats, merges and danger - once, however often the record is read."""

from __future__ import annotations

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.models import Event, HandlerCursor
from anlan.dispatch.models import Assignment
from anlan.dispatch.services import (
    assignment_arrive,
    assignment_finish,
    assignment_refuse,
    assignment_sign,
    feedback_file,
    order_assign,
    order_escalate,
    order_move_on,
    order_route,
    order_settle,
    order_sign,
    unit_assign,
)
from anlan.disputes.handlers import disputes_follow
from anlan.disputes.models import DisputeFile, MatchSuggestion, Push
from anlan.disputes.selectors import file_of_incident, push_open_of, pushes_open_of
from anlan.disputes.services import file_close, incident_unlink, match_accept, match_undo
from anlan.intake.services import (
    incident_code_correct,
    incident_danger_set,
    incident_merge,
    incident_unmerge,
    repeat_link,
    repeat_unlink,
)
from anlan.tagging.services import taxonomy_load
from disputes.quarrel import later, people_come, quarrel
from world import T0, build_world

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("seen_at_once")]


@pytest.fixture
def west(world, taxonomy):
    return people_come(world)


def follow(at=T0):
    """The worker reads on."""
    return disputes_follow(at=at)


def follow_again(at=T0):
    """The worker lost its place and reads everything once more."""
    HandlerCursor.objects.all().delete()
    return disputes_follow(at=at)


def sent(west, incident, *, at=T0, unit="P-01") -> Assignment:
    return unit_assign(incident=incident, unit=west.units[unit], by=west.actor("ada"), at=at)


def reported(west, incident, result, *, at, **details):
    """P-01 goes there and says what came of it."""
    eve, row = west.actor("eve"), sent(west, incident, at=at)
    assignment_sign(assignment=row, by=eve, at=at)
    assignment_arrive(assignment=row, by=eve, at=at)
    assignment_finish(assignment=row, by=eve, at=at)
    feedback_file(incident=incident, assignment=row, result=result, by=eve, at=at, **details)
    follow(at)
    return file_of_incident(incident)


def standing(file) -> tuple:
    """What a second reading must not change."""
    file.refresh_from_db()
    pushes = Push.objects.filter(file=file).order_by("id").values_list("id", "seq", "state", "outcome", "due_at")
    return file.state, file.reports, file.returns, file.due_at, tuple(pushes)


def test_a_sending_opens_the_file_and_its_first_push_goes_with_the_unit_until_arrival(west):
    incident = quarrel(west)
    row = sent(west, incident)
    follow()
    push = push_open_of(file_of_incident(incident).pk, 1)
    assert (push.assignment, push.to_organisation, push.incident) == (row, west.orgs["west"], incident)
    # Neighbours in town: five minutes, as the list of types says.
    assert push.due_at == later(minutes=5)
    assignment_sign(assignment=row, by=west.actor("eve"), at=later(minutes=1))
    assignment_arrive(assignment=row, by=west.actor("eve"), at=later(minutes=9))
    follow()
    push.refresh_from_db()
    assert (push.state, push.received_at, push.acted_at) == ("acted", later(minutes=1), later(minutes=9))


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_what_was_committed_is_followed_in_its_own_time(transactional_db):
    west = build_world()
    taxonomy_load(by=SYSTEM, at=T0)
    incident = quarrel(people_come(west))
    sent(west, incident)
    # What somebody else still writes in the same PostgreSQL, another test say, holds the stream back a moment.
    assert any(follow(later(hours=5)) for _again in range(2_000))
    file = file_of_incident(incident)
    assert (file.opened_at, push_open_of(file.pk, 1).pushed_at) == (T0, T0)


def test_a_theft_makes_no_file(west):
    incident = quarrel(west, code="0104", track="P")
    sent(west, incident)
    follow()
    assert not DisputeFile.objects.exists()


def test_noise_makes_a_file_at_its_second_report_and_the_first_belongs_to_it(west):
    first = quarrel(west, code="0410", track="C")
    sent(west, first)
    follow()
    assert not DisputeFile.objects.exists()
    second = quarrel(west, code="0410", track="C", received_at=later(days=2))
    repeat_link(incident=second, earlier=first, by=west.actor("ben"), at=later(days=2))
    sent(west, second, at=later(days=2), unit="P-02")
    follow()
    file = DisputeFile.objects.get()
    assert {file_of_incident(first), file_of_incident(second)} == {file}
    assert (file.reports, file.level) == (2, "yellow")


def test_another_unit_in_place_of_one_that_refused_gets_the_push(west):
    incident = quarrel(west)
    row = sent(west, incident)
    follow()
    assignment_refuse(assignment=row, reason="抛锚", by=west.actor("eve"), at=later(minutes=1))
    other = sent(west, incident, at=later(minutes=2), unit="P-02")
    follow()
    first, second = Push.objects.order_by("id")
    assert (first.state, second.assignment) == ("superseded", other)


@pytest.mark.parametrize(
    ("result", "outcome", "state", "steps"),
    [
        ("settled_on_site", "settled_oral", "on_site_settled", [2]),
        ("mediated_agreement", "settled_written", "on_site_settled", [2]),
        ("mediated_none", "calm_open", "follow_up", [2]),
        ("to_department", "up", "pushed", [2, 3]),
        ("to_mediation_centre", "up", "pushed", [2, 3]),
        ("case_criminal", "case", "with_police", []),
        ("false_alarm", "calm_open", "closed", []),
    ],
)
def test_the_report_ends_the_first_push_and_says_who_goes_on(west, result, outcome, state, steps):
    file = reported(west, quarrel(west), result, at=later(minutes=30))
    assert (file.state, Push.objects.get(seq=1).outcome) == (state, outcome)
    assert [push.seq for push in pushes_open_of(file.pk)] == steps
    before, n = standing(file), Event.objects.count()
    follow_again()
    assert (standing(file), Event.objects.count()) == (before, n)


def test_an_injury_found_on_the_spot_makes_it_red_and_the_town_room_gets_it_at_once(west):
    file = reported(west, quarrel(west), "mediated_none", at=later(minutes=30), injuries=1)
    assert (file.level, file.state) == ("red", "pushed")
    assert {push.seq: push.reason for push in pushes_open_of(file.pk)} == {2: "calm_open", 3: "red"}
    assert push_open_of(file.pk, 2).due_at == later(hours=24, minutes=30)


def test_a_crime_that_looked_like_a_quarrel_goes_to_police_with_its_case(west):
    file = reported(west, quarrel(west), "case_criminal", at=later(minutes=30), code="0201", case_number="A-1")
    assert (file.state, file.exclusion, file.case_number) == ("with_police", "crime", "A-1")
    assert file.holder == west.orgs["west"]


def test_on_the_community_track_the_town_room_is_the_first_responder(west):
    incident, dan = quarrel(west, track="C"), west.actor("dan")
    order = order_route(incident=incident, by=west.actor("ada"), at=T0)
    order_sign(order=order, by=dan, at=later(minutes=1))
    order_assign(order=order, unit=west.units["C-01"], by=dan, at=later(minutes=2))
    follow()
    file = file_of_incident(incident)
    push = Push.objects.get()
    assert (push.to_organisation, push.state, push.due_at) == (west.orgs["town-west"], "received", later(minutes=30))
    order.refresh_from_db()
    assignment_arrive(assignment=Assignment.objects.get(), by=west.actor("finn"), at=later(minutes=9))
    order.refresh_from_db()
    order_settle(order=order, by=dan, at=later(minutes=40))
    follow()
    file.refresh_from_db()
    assert (file.state, file.track, push_open_of(file.pk, 2).to_person) == (
        "on_site_settled", "community", west.people["lin"],
    )  # fmt: skip


def test_what_the_team_moves_on_is_pushed_to_the_town_room(west):
    incident, dan = quarrel(west, track="C"), west.actor("dan")
    order = order_route(incident=incident, by=west.actor("ada"), at=T0)
    order_sign(order=order, by=dan, at=later(minutes=1))
    order_assign(order=order, unit=west.units["C-01"], by=dan, at=later(minutes=2))
    assignment_arrive(assignment=Assignment.objects.get(), by=west.actor("finn"), at=later(minutes=9))
    order.refresh_from_db()
    order_move_on(order=order, moved_on_to="住建局", by=dan, at=later(minutes=40))
    follow()
    file = file_of_incident(incident)
    assert (file.state, push_open_of(file.pk, 3).to_organisation) == ("pushed", west.orgs["town-west"])


def test_a_team_that_needs_police_hands_the_file_back_at_once(west):
    incident, dan = quarrel(west, track="C"), west.actor("dan")
    order = order_route(incident=incident, by=west.actor("ada"), at=T0)
    order_sign(order=order, by=dan, at=later(minutes=1))
    order_escalate(order=order, reason="动手了", by=dan, at=later(minutes=3))
    follow()
    file = file_of_incident(incident)
    assert (file.state, file.holder) == ("with_police", west.orgs["west"])


def test_danger_told_later_takes_the_file_from_the_beat_to_police_and_its_visit_ends(west):
    incident = quarrel(west)
    file = reported(west, incident, "mediated_none", at=later(minutes=30))
    incident_danger_set(incident=incident, danger=["weapon"], reason="", by=west.actor("ada"), at=later(hours=2))
    follow()
    file.refresh_from_db()
    assert (file.state, file.level) == ("with_police", "red")
    assert Push.objects.get(seq=2).outcome == "back_to_police"
    before = standing(file)
    follow_again()
    assert standing(file) == before


def test_the_same_quarrel_while_open_goes_into_the_same_file(west):
    first = quarrel(west)
    file = reported(west, first, "mediated_none", at=later(minutes=30))
    second = quarrel(west, received_at=later(days=1))
    repeat_link(incident=second, earlier=first, by=west.actor("ben"), at=later(days=1))
    sent(west, second, at=later(days=1, minutes=1), unit="P-02")
    follow()
    file.refresh_from_db()
    assert (file_of_incident(second), file.reports, file.returns) == (file, 2, 0)
    assert [push.seq for push in pushes_open_of(file.pk)] == [1, 2]


def closed_once(west, first, at):
    file = reported(west, first, "mediated_none", at=at)
    file_close(file=file, result="settled_follow_up", by=SYSTEM, at=at)
    return file


def test_a_return_within_thirty_days_opens_the_file_again_by_itself(west):
    first = quarrel(west)
    file = closed_once(west, first, later(hours=1))
    second = quarrel(west, received_at=later(days=20))
    repeat_link(incident=second, earlier=first, by=west.actor("ben"), at=later(days=20))
    follow()
    file.refresh_from_db()
    assert (file.state, file.returns, file.reports, file.level) == ("follow_up", 1, 2, "yellow")
    before = standing(file)
    follow_again()
    assert standing(file) == before


def test_a_return_after_forty_days_is_put_before_a_person_whose_yes_opens_it_and_whose_undo_parts_them(west):
    first = quarrel(west)
    old = closed_once(west, first, later(hours=1))
    second = quarrel(west, received_at=later(days=41))
    repeat_link(incident=second, earlier=first, by=west.actor("ben"), at=later(days=41))
    sent(west, second, at=later(days=41, minutes=1), unit="P-02")
    follow()
    own = file_of_incident(second)
    old.refresh_from_db()
    assert (old.state, own.state) == ("closed", "open")
    before = standing(own)
    suggestion = MatchSuggestion.objects.get()
    match_accept(suggestion=suggestion, by=west.actor("ada"), at=later(days=41, hours=1))
    old.refresh_from_db()
    assert (old.state, old.returns, file_of_incident(second)) == ("follow_up", 1, old)
    match_undo(suggestion=suggestion, by=west.actor("ada"), at=later(days=41, hours=2))
    assert (standing(own), file_of_incident(second)) == (before, own)
    old.refresh_from_db()
    assert (old.returns, old.reports) == (0, 1)


def test_a_note_of_a_repeat_taken_back_takes_the_link_back_and_a_persons_undo_is_not_made_anew(west):
    first = quarrel(west)
    file = reported(west, first, "mediated_none", at=later(minutes=30))
    second = quarrel(west, received_at=later(days=1))
    repeat_link(incident=second, earlier=first, by=west.actor("ben"), at=later(days=1))
    follow()
    repeat_unlink(incident=second, by=west.actor("ben"), at=later(days=1, hours=1))
    follow()
    file.refresh_from_db()
    assert (file_of_incident(second), file.reports) == (None, 1)
    repeat_link(incident=second, earlier=first, by=west.actor("ben"), at=later(days=1, hours=2))
    follow()
    assert file_of_incident(second) is None
    follow_again()
    assert file_of_incident(second) is None


def test_two_reports_of_one_event_bring_their_files_together_and_apart_again(west):
    first, second = quarrel(west), quarrel(west)
    sent(west, first)
    sent(west, second, unit="P-02")
    follow()
    one, two = file_of_incident(first), file_of_incident(second)
    before = standing(one), standing(two)
    incident_merge(incident=second, into=first, by=west.actor("ben"), at=later(minutes=5))
    follow()
    assert file_of_incident(second) == one
    incident_unmerge(incident=second, by=west.actor("ben"), at=later(minutes=9))
    follow()
    assert (standing(one), standing(two)) == before


def test_a_person_may_take_a_wrong_link_out_of_the_file(west):
    first = quarrel(west)
    file = reported(west, first, "mediated_none", at=later(minutes=30))
    second = quarrel(west, received_at=later(days=1))
    repeat_link(incident=second, earlier=first, by=west.actor("ben"), at=later(days=1))
    follow()
    incident_unlink(file=file, incident=second, by=west.actor("ada"), at=later(days=1, hours=1))
    file.refresh_from_db()
    assert (file.reports, file.last_report_at, file.level) == (1, T0, "blue")


def put_right(west, incident, code="0402", *, at):
    incident_code_correct(incident=incident, code=code, by=west.actor("ada"), at=at)
    follow(at)
    return file_of_incident(incident)


def test_noise_put_right_to_a_quarrel_while_a_unit_drives_there_gets_its_file_and_first_push(west):
    incident = quarrel(west, code="0410")
    row = sent(west, incident)
    follow()
    assert file_of_incident(incident) is None
    file = put_right(west, incident, at=later(minutes=5))
    assert (file.state, push_open_of(file, 1).assignment) == ("open", row)


def test_put_right_after_the_report_the_beat_follows_it_up_as_from_any_quarrel(west):
    incident = quarrel(west, code="0410")
    assert reported(west, incident, "settled_on_site", at=later(hours=1)) is None
    file = put_right(west, incident, at=later(hours=2))
    assert file.state == "on_site_settled"
    assert [push.seq for push in pushes_open_of(file)] == [2]
    before = standing(file)
    follow_again(later(hours=2))
    assert standing(file) == before


def test_put_right_more_than_thirty_days_later_opens_nothing_by_itself(west):
    incident = quarrel(west, code="0410")
    reported(west, incident, "settled_on_site", at=later(hours=1))
    assert put_right(west, incident, at=later(days=31)) is None


def test_a_quarrel_put_right_to_another_quarrel_keeps_its_file(west):
    incident = quarrel(west)
    sent(west, incident)
    follow()
    file = file_of_incident(incident)
    assert put_right(west, incident, "0401", at=later(minutes=9)) == file
