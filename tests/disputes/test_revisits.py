"""The blind revisit: who is drawn, who may ask, what both sides say, and what follows from it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from anlan.accounts.services import person_add, role_grant
from anlan.core.actor import SYSTEM
from anlan.core.errors import NotFound, NotPermitted
from anlan.core.models import Event, ViewLog
from anlan.disputes import events
from anlan.disputes.closing_handlers import file_closings_follow
from anlan.disputes.due import due_again
from anlan.disputes.models import FileClosing, FileRevisit, LevelChange, RevisitCall
from anlan.disputes.revisit_errors import (
    AnswerMissing,
    RatedBeforeRevisit,
    RevisitNotYours,
    RevisitorHandledIt,
    RevisitorMayNot,
    RevisitorOfUnit,
    RevisitOver,
    RevisitUnassigned,
    SideThrough,
)
from anlan.disputes.revisit_rules import SAMPLE_SHARE, SCRIPT_NOW, SCRIPTS, answers_problem, finding_of
from anlan.disputes.selectors import push_open_of
from anlan.disputes.selectors.revisits import revisit_for, revisitors_for, revisits_waiting
from anlan.disputes.services import (
    file_close,
    file_follow_up,
    incident_link,
    incident_unlink,
    party_add,
    push_receive,
)
from anlan.disputes.services.revisits import (
    file_rate,
    revisit_assign,
    revisit_call_record,
    revisit_draw,
    revisit_party_reveal,
    share_of,
)
from disputes.quarrel import later, opened, people_come, quarrel
from world import PASSWORD, T0

database = pytest.mark.django_db(databases="__all__")
pytestmark = pytest.mark.usefixtures("seen_at_once")
FINE = {"settled": "yes", "performed": "yes", "again": "no", "heard": "yes", "rating": "5"}


@pytest.fixture
def west(world, taxonomy):
    """Noa analyses at the bureau and asks; Gus, its chief, gives revisits out; Uma runs the west station's room."""
    people_come(world)
    for name, org, role in (("noa", "bureau", "analyst"), ("uma", "west", "station_room")):
        world.people[name] = person_add(
            username=name, name=name.title(), organisation=world.orgs[org], password=PASSWORD, by=SYSTEM, at=T0
        )
        role_grant(person=world.people[name], role=role, by=SYSTEM, at=T0)
    return world


def closed(world, *, red=True, at=None, **columns):
    """Lin took it in hand, visited and closed it as settled."""
    file, lin = opened(world, **columns), world.actor("lin")
    party_add(file=file, role="a", name="张三", phone="13800000001", by=SYSTEM, at=T0)
    party_add(file=file, role="b", name="李四", phone="13800000002", by=SYSTEM, at=T0)
    if red:
        LevelChange.objects.create(file=file, at=T0, level="red", version="test")
    file_follow_up(file=file, by=SYSTEM, at=T0)
    push_receive(push=push_open_of(file.pk, 2), by=lin, at=later(hours=1))
    file_close(file=file, result="settled_follow_up", by=lin, at=at or later(hours=2))
    return file


def asked(world, **how):
    """A drawn revisit that Noa has."""
    file = closed(world, **how)
    revisit = revisit_draw(file=file, by=SYSTEM, at=later(hours=2))
    return revisit_assign(revisit=revisit, person=world.people["noa"], by=world.actor("gus"), at=later(hours=3))


def say(world, revisit, side, outcome="answered", at=None, **changes):
    answers = {**FINE, **changes} if outcome == "answered" else None
    return revisit_call_record(
        revisit=revisit, side=side, outcome=outcome, answers=answers, by=world.actor("noa"), at=at or later(hours=4)
    )


@database
def test_a_file_that_was_ever_red_is_drawn_and_due_on_the_third_working_day_with_its_sum(west):
    revisit = revisit_draw(file=closed(west), by=SYSTEM, at=later(hours=2))
    assert (revisit.rule, revisit.probability, revisit.unit_result) == ("red", 1.0, "settled_follow_up")
    assert revisit.due_at == due_again(revisit.due_sum)
    assert revisit.due_at.date() == (T0 + timedelta(days=3)).date()  # closed on Monday, due on Thursday
    assert revisit_draw(file=revisit.file, by=SYSTEM, at=later(hours=9)) == revisit


@database
def test_of_the_others_one_in_twenty_is_drawn_by_a_keyed_hash_anybody_can_repeat(west):
    number = "D-260302-00001"
    hours = [later(hours=2, minutes=k) for k in range(200)]
    lucky = next(at for at in hours if share_of(number, at) < SAMPLE_SHARE)
    drawn = revisit_draw(file=closed(west, red=False, at=lucky), by=SYSTEM, at=lucky)
    assert (drawn.file.number, drawn.rule, drawn.probability) == (number, "sample", SAMPLE_SHARE)
    missed = next(at for at in hours if share_of("D-260302-00002", at) >= SAMPLE_SHARE)
    assert revisit_draw(file=closed(west, red=False, at=missed), by=SYSTEM, at=missed) is None
    shares = [share_of(f"D-260302-{k:05d}", T0) for k in range(20_000)]
    assert 0.045 < sum(share < SAMPLE_SHARE for share in shares) / len(shares) < 0.055


@database
def test_a_call_that_could_endanger_a_party_is_dropped_at_once_and_on_the_record(west):
    file = closed(west)
    type(file).objects.filter(pk=file.pk).update(exclusion="domestic_violence")
    revisit = revisit_draw(file=file, by=SYSTEM, at=later(hours=2))
    assert (revisit.state, revisit.dropped_why) == ("dropped", "not_safe")


@database
def test_whoever_had_a_part_in_it_is_refused_and_told_which_part(west):
    file = closed(west)
    revisit = revisit_draw(file=file, by=SYSTEM, at=later(hours=2))
    gus = west.actor("gus")
    with pytest.raises(RevisitorHandledIt) as refusal:
        revisit_assign(revisit=revisit, person=west.people["lin"], by=gus, at=later(hours=3))
    assert "林 had a part in file" in str(refusal.value)
    assert "West station" in str(refusal.value)
    with pytest.raises(RevisitorOfUnit) as refusal:
        revisit_assign(revisit=revisit, person=west.people["uma"], by=gus, at=later(hours=3))
    assert "Uma works for West station, which handled file" in str(refusal.value)
    with pytest.raises(RevisitorMayNot):
        revisit_assign(revisit=revisit, person=west.people["hua"], by=gus, at=later(hours=3))
    may = {person.username for person in revisitors_for(file, at=later(hours=3))}
    assert {"noa", "cleo", "ben"} <= may
    assert not {"lin", "uma", "ida", "eve"} & may


@database
def test_only_who_was_chosen_asks_and_the_chief_alone_chooses(west):
    revisit = revisit_draw(file=closed(west), by=SYSTEM, at=later(hours=2))
    with pytest.raises(RevisitUnassigned):
        say(west, revisit, "a")
    with pytest.raises(NotPermitted):
        revisit_assign(revisit=revisit, person=west.people["noa"], by=west.actor("noa"), at=later(hours=3))
    revisit_assign(revisit=revisit, person=west.people["noa"], by=west.actor("gus"), at=later(hours=3))
    with pytest.raises(RevisitNotYours):
        revisit_call_record(revisit=revisit, side="a", outcome="no_answer", by=west.actor("ben"), at=later(hours=4))
    revisit_assign(revisit=revisit, person=west.people["ben"], by=west.actor("gus"), at=later(hours=5))
    kinds = Event.objects.filter(subject_type="disputes.filerevisit", subject_id=revisit.pk).order_by("id")
    assert [event.kind for event in kinds] == [
        events.REVISIT_DRAWN,
        events.REVISIT_ASSIGNED,
        events.REVISIT_GIVEN_BACK,
        events.REVISIT_ASSIGNED,
    ]


@database
def test_both_sides_say_it_is_settled_and_the_file_is_revisited_and_rated(west):
    revisit = asked(west)
    say(west, revisit, "a")
    revisit.file.refresh_from_db()
    assert (revisit.state, revisit.file.state) == ("assigned", "closed")
    say(west, revisit, "b", rating="4")
    revisit.file.refresh_from_db()
    assert (revisit.state, revisit.finding, revisit.file.state) == ("done", "settled", "rated")
    rated = Event.objects.get(kind=events.FILE_RATED)
    assert (rated.data["rating_a"], rated.data["rating_b"]) == (5, 4)
    with pytest.raises(RevisitOver):
        say(west, revisit, "b")


@database
@pytest.mark.parametrize("changes", [{"settled": "no"}, {"rating": "2"}])
def test_one_side_that_is_not_satisfied_opens_the_file_again(west, changes):
    revisit = asked(west)
    say(west, revisit, "a")
    say(west, revisit, "b", **changes)
    revisit.file.refresh_from_db()
    assert revisit.file.state == "follow_up"
    assert Event.objects.get(kind=events.FILE_REOPENED).data["why"] == "not_satisfied"
    file_close(file=revisit.file, result="settled_follow_up", by=west.actor("lin"), at=later(days=2))
    file_closings_follow(at=later(days=2), limit=5000)
    again = FileRevisit.objects.exclude(pk=revisit.pk).get(file=revisit.file)
    assert (again.rule, again.probability) == ("not_satisfied", 1.0)
    with pytest.raises(RevisitorHandledIt):  # who asked once knows the story now
        revisit_assign(revisit=again, person=west.people["noa"], by=west.actor("gus"), at=later(days=2, hours=1))


@database
def test_somebody_else_at_the_telephone_is_a_try_and_no_answer_and_three_tries_are_enough(west):
    revisit = asked(west)
    for hours in (4, 5, 6):
        say(west, revisit, "a", "someone_else", at=later(hours=hours))
    with pytest.raises(SideThrough):
        say(west, revisit, "a", at=later(hours=7))
    say(west, revisit, "b", "no_answer")
    say(west, revisit, "b", settled="partly", at=later(hours=8))
    revisit.file.refresh_from_db()
    assert (revisit.state, revisit.finding, revisit.file.state) == ("done", "partly", "rated")
    assert not RevisitCall.objects.filter(side="a").exclude(answers={}).exists()


@database
def test_nobody_reached_leaves_the_file_closed(west):
    revisit = asked(west)
    say(west, revisit, "a", "declined")
    say(west, revisit, "b", "gone")
    revisit.file.refresh_from_db()
    assert (revisit.state, revisit.finding, revisit.file.state) == ("unreached", "", "closed")


@database
def test_an_answer_the_script_does_not_know_is_refused_and_nothing_is_kept(west):
    revisit = asked(west)
    with pytest.raises(AnswerMissing) as refusal:
        say(west, revisit, "a", heard="🤷")
    assert "Could you say everything" in str(refusal.value)
    assert not RevisitCall.objects.exists()


@database
def test_satisfaction_entered_before_the_revisit_is_refused(west):
    file = closed(west)
    with pytest.raises(RatedBeforeRevisit) as refusal:
        file_rate(file=file, ratings={"a": 5, "b": 5}, by=west.actor("gus"), at=later(hours=3))
    assert "was not revisited" in str(refusal.value)


@database
def test_only_who_asks_sees_whom_to_call_and_the_look_is_logged(west):
    revisit = asked(west)
    shown = revisit_party_reveal(revisit=revisit, side="b", by=west.actor("noa"), at=later(hours=4))
    assert (shown.name, shown.phone) == ("李四", "13800000002")
    assert ViewLog.objects.get().purpose == "revisit"
    with pytest.raises(RevisitNotYours):
        revisit_party_reveal(revisit=revisit, side="b", by=west.actor("ben"), at=later(hours=4))


@database
def test_the_handling_unit_does_not_see_that_its_file_was_drawn(west):
    revisit = asked(west)
    assert revisits_waiting(west.actor("uma")) == []
    with pytest.raises(NotFound):
        revisit_for(west.actor("uma"), revisit.pk)
    assert revisits_waiting(west.actor("noa")) == [revisit] == revisits_waiting(west.actor("gus"))


@database
def test_the_store_itself_refuses_an_answer_without_a_script_and_a_second_open_revisit(west):
    revisit = asked(west)
    usual = {"revisit": revisit, "side": "a", "seq": 1, "at": T0}
    for columns in (
        {"outcome": "answered"},
        {"outcome": "no_answer", "rating": 5},
        {"outcome": "answered", "settled": "yes", "script": SCRIPT_NOW, "rating": 6},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            RevisitCall.objects.create(**usual, **columns)
    with pytest.raises(IntegrityError), transaction.atomic():
        FileRevisit.objects.create(
            file=revisit.file, closing=later(days=9), rule="red", probability=1, state_since=T0, drawn_at=T0,
            due_at=T0, unit_result="court",
        )  # fmt: skip


@database
def test_a_return_ends_the_closing_and_the_revisit_and_taking_the_link_back_is_told_apart(west):
    file = closed(west)
    file_closings_follow(at=later(hours=2), limit=5000)
    closing = FileClosing.objects.get(file=file)
    assert (closing.result, closing.push_level, closing.end_kind) == ("settled_follow_up", 2, "")
    back = quarrel(west, received_at=later(days=1))
    incident_link(file=file, incident=back, by=SYSTEM, at=later(days=1))
    file_closings_follow(at=later(days=1), limit=5000)
    closing.refresh_from_db()
    assert (closing.end_kind, closing.end_incident_id) == ("came_back", back.pk)
    assert (closing.ended_day - closing.closed_day).days == 1
    assert FileRevisit.objects.get(file=file).dropped_why == "reopened"
    incident_unlink(file=file, incident=back, by=SYSTEM, at=later(days=2))
    file_closings_follow(at=later(days=2), limit=5000)
    closing.refresh_from_db()
    assert closing.end_kind == "reopened"


@database
def test_a_late_return_that_was_none_leaves_the_closing_as_quiet_as_before(west):
    file = closed(west)
    back = quarrel(west, received_at=later(days=40))
    incident_link(file=file, incident=back, by=SYSTEM, at=later(days=40))
    incident_unlink(file=file, incident=back, by=SYSTEM, at=later(days=41))
    file_closings_follow(at=later(days=41), limit=5000)
    closing = FileClosing.objects.get(file=file)
    assert (closing.end_kind, closing.ended_at) == ("", None)
    assert not FileRevisit.objects.exists()  # told too late to be asked about


@database
def test_following_twice_makes_nothing_twice(west):
    from anlan.core.models import HandlerCursor

    closed(west)
    file_closings_follow(at=later(hours=2), limit=5000)
    HandlerCursor.objects.filter(handler="disputes.closings").delete()
    file_closings_follow(at=later(hours=2), limit=5000)
    assert FileClosing.objects.count() == FileRevisit.objects.count() == 1


@given(st.lists(st.sampled_from(["yes", "partly", "no"]), max_size=3))
def test_it_is_settled_only_where_every_side_that_answered_says_so(words):
    found = finding_of(words)
    assert (found == "settled") == (bool(words) and set(words) == {"yes"})
    assert (found == "not_settled") == ("no" in words)


@given(st.dictionaries(st.sampled_from([*FINE, "name"]), st.sampled_from(["yes", "no", "5", "partly", ""])))
def test_a_script_takes_exactly_the_answers_it_offers(answers):
    script = {question.key: set(question.answers) for question in SCRIPTS[SCRIPT_NOW]}
    whole = set(answers) == set(script) and all(answers[key] in script[key] for key in script)
    assert (answers_problem(SCRIPT_NOW, answers) == "") == whole
