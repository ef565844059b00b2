"""The queue says what is open, in whose hands, and costs the same however much there is."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime

from anlan.console.selectors import pulse
from anlan.console.selectors.calls import IS_WAITING
from anlan.console.selectors.open_work import SHEET_IS_OPEN
from anlan.console.selectors.pulse import change_mark
from anlan.console.selectors.queue import IS_OPEN, open_incidents, queue_for
from anlan.console.selectors.town import ORDER_IS_OPEN
from anlan.console.words import rule_words
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.services import event_record
from anlan.dispatch import services as dispatch
from anlan.intake.models import Incident
from anlan.intake.selectors import RULE_LABELS
from anlan.intake.services import CallSheet, call_receive
from anlan.tagging.selectors import incident_type

pytestmark = pytest.mark.django_db(databases="__all__")


def headings(actor):
    return {filled.group.key: [row.incident.number for row in filled.rows] for filled in queue_for(actor, at=now())}


def test_the_urgent_stand_first_and_then_the_longest_waiting(town, take):
    old = take("两家邻居吵架", minutes=30, code="0402")
    new = take("邻居噪声", minutes=2, code="0402")
    urgent = take("有人落水", minutes=1, code="0402", danger=("drowning",))
    assert headings(town.actor("ada", now()))["unsent"] == [urgent.number, old.number, new.number]


def test_what_was_sent_moves_under_the_next_heading_with_each_step(town, take):
    ada, incident = town.actor("ada", now()), take("两车追尾", code="0302")
    assert headings(ada)["unsent"] == [incident.number]
    sent = dispatch.unit_assign(incident=incident, unit=town.units["P-01"], by=ada, at=now())
    assert headings(ada)["unsigned"] == [incident.number]
    dispatch.assignment_sign(assignment=sent, by=ada, at=now())
    assert headings(ada)["moving"] == [incident.number]
    dispatch.assignment_arrive(assignment=sent, by=ada, at=now())
    assert headings(ada)["on_scene"] == [incident.number]


def test_a_matter_with_a_town_room_does_not_wait_to_be_sent(town, take):
    ada, incident = town.actor("ada", now()), take("邻居噪声", code="0402")
    dispatch.order_route(incident=incident, by=ada, at=now())
    assert (headings(ada)["unsent"], headings(ada)["town"]) == ([], [incident.number])


@pytest.mark.parametrize(("language", "words"), [("en", "silent call"), ("zh-hans", "无声来电")])
def test_a_call_to_be_returned_says_why_in_the_readers_own_words(town, desk, language, words):
    call_receive(line=CallSheet(call_type="silent"), at=now(), by=town.actor("ben", now()))
    client = desk("ben")
    client.cookies["anlan_language"] = language
    assert f"<bdi>{words}</bdi>" in client.get(reverse("console:queue")).content.decode()


def test_each_row_says_why_it_stands_there_and_what_it_names_is_what_it_is_ordered_by(town, take, desk):
    old = take("两家邻居吵架", minutes=30, code="0402")
    new = take("邻居噪声", minutes=2, code="0402")
    urgent = take("有人落水", minutes=1, code="0402", danger=("drowning",))
    rows = next(group.rows for group in queue_for(town.actor("ada", now()), at=now()) if group.group.key == "unsent")
    with translation.override("en"):
        assert [row.why.partition(" ·")[0] for row in rows] == ["drowning", "by its type", "by its type"]
        assert [row.why_whole.partition("stands behind ")[2].split(",")[0] for row in rows[1:]] == [
            urgent.number, old.number,
        ]  # fmt: skip
        # Before midnight it stands with its day.
        assert f"{localtime(old.received_at):%H:%M}" in rows[2].why_whole.partition("waited since ")[2]
    assert [row.standing.key for row in rows] == sorted(row.standing.key for row in rows)
    part = desk("ada").get(reverse("console:queue_part")).content.decode()
    assert part.count('class="why-row') == 3
    assert (
        "lower priorities stand behind"
        in desk("ada").get(reverse("console:incident", args=[new.number])).content.decode()
    )


def test_every_rule_that_sets_a_priority_or_a_track_is_told_as_a_sentence(town):
    kind = incident_type("0402")
    for rule in ("danger:weapon", *(set(RULE_LABELS) - {"danger"})):
        for language in ("en", "zh-hans"):
            with translation.override(language):
                said = rule_words(rule, kind)
                assert said != rule
                assert not any(mark in said for mark in ("{", "}", ": .", "：。"))
    with translation.override("en"):
        assert rule_words("danger:covert", kind).startswith("A covert call")


def test_another_station_sees_nothing_of_it(town, take):
    take("两车追尾", code="0302")
    assert not any(headings(town.actor("cleo", now())).values())


def test_the_queue_asks_as_often_for_forty_incidents_as_for_four(desk, take, settings, django_assert_max_num_queries):
    settings.SNAPSHOT_MAX_AGE_S = 60.0  # the vocabulary is held in memory, as it is outside of tests
    client = desk("ada")
    for _ in range(4):
        take("两车追尾", code="0302")
    client.get(reverse("console:queue_part"))
    with django_assert_max_num_queries(20) as few:
        client.get(reverse("console:queue_part"))
    for _ in range(36):
        take("两车追尾", code="0302")
    with django_assert_max_num_queries(20) as many:
        client.get(reverse("console:queue_part"))
    assert len(many) == len(few)


@pytest.mark.sqlite  # plans are read in SQLite's words
@pytest.mark.parametrize(
    ("table", "condition", "index"),
    [
        ("intake_incident", IS_OPEN, "intake_incident_queue"),
        ("intake_call", IS_WAITING, "intake_call_waiting"),
        ("dispatch_assignment", SHEET_IS_OPEN, "dispatch_assign_open"),
        ("dispatch_workorder", ORDER_IS_OPEN, "dispatch_order_board"),
    ],
)
def test_open_rows_are_read_through_their_index(town, table, condition, index):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN SELECT id FROM {table} INDEXED BY {index} WHERE {condition}")
        assert index in str(cursor.fetchall())


def test_the_open_condition_means_what_the_queue_means_by_open(town, take):
    incident = take("两车追尾", code="0302")
    Incident.objects.filter(pk=incident.pk).update(state="closed", closed_at=now())
    assert not open_incidents(SYSTEM).exists()


def test_a_call_nobody_has_answered_stands_above_the_queue(town, desk):
    from anlan.intake.services import call_ring

    call = call_ring(line="110-3", phone="13800000000", by=SYSTEM, at=now())
    page = desk("ben").get(reverse("console:queue")).content.decode()
    assert reverse("console:call_edit", args=[call.number]) in page


def marked(town, name):
    return change_mark(town.actor(name, now()))


@pytest.mark.usefixtures("seen_at_once")
def test_the_pulse_beats_for_ones_own_area_and_tells_nothing_of_others(town, take, desk):
    west, east = marked(town, "ida"), marked(town, "cleo")
    assert marked(town, "ida") == west
    take("两车追尾", code="0302")  # in the west
    assert marked(town, "ida") != west
    assert marked(town, "cleo") == east
    told = desk("cleo").get(reverse("console:pulse")).json()
    assert sorted(told) == ["mark", "now_ms"]
    assert told["mark"] == east


@pytest.mark.usefixtures("seen_at_once")
def test_no_beat_is_missed_and_none_is_made_however_much_happens_elsewhere_meanwhile(town, take, monkeypatch):
    monkeypatch.setattr(pulse, "BATCH", 3)

    def elsewhere():
        for _ in range(8):
            event_record(
                "test.elsewhere", subject=town.units["P-01"], by=SYSTEM, at=now(), org_ids=[town.orgs["west"].pk]
            )

    for before in ("has seen none for long", "has seen one of its own"):
        east = marked(town, "cleo")
        elsewhere()
        assert marked(town, "cleo") == east, before
        take("东边有人打架", lon=120.14, code="0404")
        elsewhere()
        assert marked(town, "cleo") != east, before
