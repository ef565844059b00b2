"""The station board holds what is not right yet: every line by the rule of its clock, every number counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from anlan.console.selectors import boards
from anlan.console.selectors.boards import revisits_due, station_lists
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.dispatch import services as dispatch
from anlan.dispatch.models import Revisit
from anlan.dispatch.selectors import clocks_of
from console.conftest import press

pytestmark = pytest.mark.django_db(databases="__all__")

QUARREL = "0402"
THEFT = "0106"  # half an hour in town
CROWD = "0802"  # no target of its own: that of its priority


@pytest.fixture
def send(town, take):
    """``send("P-01", minutes=7, code="0302")``: a unit sent to a new matter that long ago."""

    def to(unit, *, minutes, incident=None, words="两车追尾", **fields):
        incident = incident or take(words, minutes=minutes + 1, **fields)
        at = now() - timedelta(minutes=minutes)
        return dispatch.unit_assign(incident=incident, unit=town.units[unit], by=SYSTEM, at=at)

    return to


@pytest.fixture
def report(send):
    """``report("P-01", minutes=40)``: a unit that finished that long ago and owes a report."""

    def finished(unit, *, minutes, **fields):
        sent = send(unit, minutes=minutes + 2, code="0302", **fields)
        dispatch.assignment_arrive(assignment=sent, by=SYSTEM, at=now() - timedelta(minutes=minutes + 1))
        return dispatch.assignment_finish(assignment=sent, by=SYSTEM, at=now() - timedelta(minutes=minutes))

    return finished


def filed(sent, *, minutes):
    at = now() - timedelta(minutes=minutes)
    return dispatch.feedback_file(
        incident=sent.incident, assignment=sent, result="accident_fast_settled", by=SYSTEM, at=at
    )


def on_board(town, key, *, who="ida"):
    """Numbers of the matters a list of the board shows."""
    lists = {each.key: each for each in station_lists(town.actor(who, now()), at=now())}
    return [incident.number for _row, incident, _clock in lists[key].shown]


def red_arrivals(incident):
    return [clock for clock in clocks_of(incident, at=now()) if clock.kind == "arrive" and clock.state == "red"]


@pytest.mark.parametrize(
    ("minutes", "fields"),
    [
        (4, {"code": "0101"}),
        (6, {"code": "0101"}),
        (6, {"code": QUARREL}),
        (6, {"code": THEFT, "danger": ("knife",)}),
        (25, {"code": THEFT, "danger": ("knife",)}),
        (25, {"code": THEFT}),
        (65, {"code": QUARREL}),
        (25, {"code": CROWD}),
        (1500, {"code": "1102"}),
    ],
)
def test_what_is_red_on_its_arrival_clock_is_late_on_the_board_and_nothing_else(town, send, minutes, fields):
    sent = send("P-01", minutes=minutes, **fields)
    dispatch.assignment_sign(assignment=sent, by=SYSTEM, at=now() - timedelta(minutes=minutes - 0.5))
    assert (on_board(town, "late") == [sent.incident.number]) == bool(red_arrivals(sent.incident))


def test_danger_on_a_slow_type_makes_its_unit_late_after_the_minutes_of_a_p1(town, send):
    slow = send("P-01", minutes=25, code=THEFT, words="电瓶车昨晚停在楼下被偷了")
    urgent = send("P-02", minutes=25, code=THEFT, danger=("knife",), lon=120.08)
    assert (slow.incident.priority, urgent.incident.priority) == ("P3", "P1")
    assert not red_arrivals(slow.incident)
    assert on_board(town, "late") == [urgent.incident.number]


def test_a_unit_that_has_arrived_is_not_late_any_more(town, send):
    sent = send("P-01", minutes=20, code="0101")
    assert on_board(town, "late") == [sent.incident.number]
    dispatch.assignment_arrive(assignment=sent, by=SYSTEM, at=now())
    assert on_board(town, "late") == []


def test_two_units_of_one_matter_each_have_their_own_clock(town, send):
    first = send("P-01", minutes=20, code="0101")
    send("P-02", minutes=9, incident=first.incident)
    late = next(each for each in station_lists(town.actor("ida", now()), at=now()) if each.key == "late")
    assert [(row.pk, clock.subject_id) for row, _i, clock in late.shown] == [(row.pk, row.pk) for row in late.rows]
    assert len(late.rows) == 2


def test_what_was_sent_stands_as_unsigned_until_somebody_signs(town, send):
    sent = send("P-01", minutes=1, code="0302")
    assert (on_board(town, "unsent"), on_board(town, "unsigned")) == ([], [sent.incident.number])
    dispatch.assignment_sign(assignment=sent, by=SYSTEM, at=now())
    assert on_board(town, "unsigned") == []


def test_a_matter_nobody_was_sent_to_is_not_sent_unless_a_town_room_has_it(town, take):
    mine, theirs = take("两车追尾", code="0302"), take("邻居噪声", code=QUARREL, lon=120.08)
    dispatch.order_route(incident=theirs, by=SYSTEM, at=now())
    assert on_board(town, "unsent") == [mine.number]


@pytest.mark.parametrize(("minutes", "is_overdue"), [(29, False), (31, True)])
def test_feedback_is_overdue_after_the_half_hour_of_its_clock(town, report, minutes, is_overdue):
    sent = report("P-01", minutes=minutes)
    assert on_board(town, "due") == ([sent.incident.number] if is_overdue else [])


def test_feedback_is_overdue_too_while_another_unit_is_still_there(town, report, send):
    sent = report("P-01", minutes=40)
    dispatch.assignment_arrive(assignment=send("P-02", minutes=5, incident=sent.incident), by=SYSTEM, at=now())
    assert on_board(town, "due") == [sent.incident.number]


def test_feedback_waits_for_review_until_it_is_agreed(town, report):
    sheet = filed(report("P-01", minutes=40), minutes=5)
    assert (on_board(town, "due"), on_board(town, "review")) == ([], [sheet.incident.number])
    dispatch.feedback_review(feedback=sheet, by=SYSTEM, at=now())
    assert on_board(town, "review") == []


def test_a_returned_sheet_is_to_be_corrected_until_a_better_one_is_filed(town, report):
    sent = report("P-01", minutes=90)
    sheet = filed(sent, minutes=80)
    dispatch.feedback_return(feedback=sheet, reason="结果不明", by=SYSTEM, at=now() - timedelta(minutes=60))
    number = sent.incident.number
    assert (on_board(town, "correct"), on_board(town, "review"), on_board(town, "due")) == ([number], [], [])
    filed(sent, minutes=1)
    assert (on_board(town, "correct"), on_board(town, "review")) == ([], [number])


def test_a_returned_sheet_made_good_is_gone_though_another_of_the_matter_is_owed(town, report, send):
    first = report("P-01", minutes=90)
    sheet = filed(first, minutes=80)
    dispatch.feedback_return(feedback=sheet, reason="结果不明", by=SYSTEM, at=now() - timedelta(minutes=60))
    filed(first, minutes=50)
    second = send("P-02", minutes=20, incident=first.incident)
    dispatch.assignment_arrive(assignment=second, by=SYSTEM, at=now() - timedelta(minutes=10))
    dispatch.assignment_finish(assignment=second, by=SYSTEM, at=now() - timedelta(minutes=5))
    assert on_board(town, "correct") == []


def test_a_caller_is_to_be_revisited_until_somebody_has_asked(town, desk, take):
    incident = take("两车追尾", code="0302")
    revisit = Revisit.objects.create(
        incident=incident, rule="sample", probability=0.1, created_at=now(), due_at=now() + timedelta(days=3)
    )
    page = desk("ida").get(reverse("console:station")).content.decode()
    assert 'id="list-revisit"' in page
    press(desk("ida"), reverse("console:revisit", args=[revisit.pk]), outcome="satisfied", rating="5")
    assert revisits_due(town.actor("ida", now())) == ([], 0)


def test_another_stations_board_holds_none_of_it(town, send, report):
    send("P-01", minutes=20, code="0101")
    report("P-02", minutes=40, lon=120.08)
    assert not any(each.total for each in station_lists(town.actor("cleo", now()), at=now()))


def test_a_list_cut_short_says_how_many_there_are_in_all(desk, take, monkeypatch):
    monkeypatch.setattr(boards, "ROWS_SHOWN", 2)
    for step in range(3):
        take("两车追尾", code="0302", lon=120.06 + step / 100)
    page = desk("ida").get(reverse("console:station")).content.decode()
    assert "2 of 3" in page
    assert '<b class="num">3</b><span>Not sent' in page
    assert page.count("/console/incidents/") == 2


def test_the_board_asks_as_often_for_many_matters_as_for_few(town, take, settings, django_assert_max_num_queries):
    settings.SNAPSHOT_MAX_AGE_S = 60.0
    ida = town.actor("ida", now())
    for step in range(6):
        take("两车追尾", code="0302", lon=120.05 + step / 100)
    station_lists(ida, at=now())
    with django_assert_max_num_queries(10):
        station_lists(ida, at=now())


def test_a_type_without_a_target_of_its_own_is_late_by_its_priority(town, send):
    sent = send("P-01", minutes=25, code=CROWD)
    assert red_arrivals(sent.incident)
    assert on_board(town, "late") == [sent.incident.number]
