"""The queue, one incident's page, its timeline, and who may see what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from anlan.core.errors import BadInput, NotFound
from anlan.core.sentences import sentences_registered
from anlan.intake import events
from anlan.intake.models import Incident
from anlan.intake.selectors import (
    QueuePlace,
    call_backs_due,
    call_for,
    duplicates_look,
    incident_detail,
    incident_for,
    incidents_recent,
    queue,
    repeat_suggest,
    timeline,
)
from anlan.intake.services import call_link, incident_state_set, incident_track_override, transfer_offer
from world import T0

MINUTE = timedelta(minutes=1)


def numbers(page):
    return [row["number"][-1] for row in page.rows]


@pytest.fixture
def night(take):
    """1 noise P4, 2 weapon P1, 3 quarrel P3, 4 fire P1, all in the west; 5 quarrel P3 in the east."""
    sheets = [{"code": "0410"}, {"danger": ("weapon",)}, {"code": "0402"}, {"danger": ("fire",)}]
    got = [take(narrative="有事", at=T0 + n * MINUTE, **sheet) for n, sheet in enumerate(sheets)]
    return [*got, take(narrative="有事", code="0402", lon=120.15, at=T0 + 4 * MINUTE)]


def test_the_most_urgent_first_then_the_longest_wait(night, ben):
    assert numbers(queue(ben)) == ["2", "4", "3", "5", "1"]


def test_pages_follow_one_another_without_gap_or_double(night, ben):
    seen, place = [], None
    while True:
        page = queue(ben, after=place, limit=2)
        seen += numbers(page)
        if page.next is None:
            break
        place = QueuePlace.parse(str(page.next))
    assert seen == ["2", "4", "3", "5", "1"]


def test_a_row_that_comes_in_above_does_not_shift_the_next_page(night, take, ben):
    first = queue(ben, limit=2)
    take(narrative="又一起", danger=("fire",), at=T0 + 9 * MINUTE)
    assert numbers(queue(ben, after=first.next, limit=2)) == ["6", "3"]


def test_same_minute_and_priority_are_kept_apart_by_id(take, ben):
    for _ in range(5):
        take(narrative="有事", code="0402")
    first = queue(ben, limit=3)
    assert numbers(first) + numbers(queue(ben, after=first.next)) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("after", ["P1", "P1_yesterday_3", "P1_2026-03-02T01:00:00_3", "P1_2026-13-99T99:00:00Z_3"])
def test_an_unreadable_place_is_refused(after):
    with pytest.raises(BadInput):
        QueuePlace.parse(after)


def test_what_is_over_has_left_the_queue(night, ben):
    incident_state_set(incident=night[1].incident, to="closed", by=ben, at=T0)
    assert "2" not in numbers(queue(ben))
    assert "2" in numbers(incidents_recent(ben))


def test_it_narrows_by_state_priority_and_track(night, ben):
    incident_state_set(incident=night[1].incident, to="dispatched", by=ben, at=T0)
    assert numbers(queue(ben, states=["dispatched"])) == ["2"]
    assert numbers(queue(ben, priorities=["P1"])) == ["2", "4"]
    assert numbers(queue(ben, track="C")) == ["3", "5", "1"]


def test_each_station_sees_its_own(night, county):
    assert numbers(queue(county.actor("ida"))) == ["2", "4", "3", "1"]
    assert numbers(queue(county.actor("cleo"))) == ["5"]
    assert numbers(queue(county.actor("dan"))) == ["2", "4", "3", "1"]


def test_newest_first_pages_by_time_and_id(night, ben):
    last = Incident.objects.get(number__endswith="4")
    assert numbers(incidents_recent(ben, before=(last.received_at, last.pk))) == ["3", "2", "1"]


def test_a_long_narrative_is_shown_by_its_beginning(take, ben):
    take(narrative="长" * 5000)
    assert len(queue(ben).rows[0]["headline"]) == 120


@pytest.mark.sqlite  # the plan is worded for SQLite; PostgreSQL has a planner of its own
def test_the_queue_is_read_through_the_index_of_open_incidents(night, ben, county):
    for actor in (ben, county.actor("cleo")):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            queue(actor, after=QueuePlace("P2", T0, 1))
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked.captured_queries[-1]['sql']}")
            plan = " ".join(row[-1] for row in cursor.fetchall())
        assert "intake_incident_queue" in plan
        assert "TEMP B-TREE" not in plan


# Another station's record answers like one that does not exist


def test_cleo_finds_nothing_of_the_west(night, county):
    cleo, west = county.actor("cleo"), night[0]
    for look in (
        lambda: incident_for(cleo, west.incident.pk),
        lambda: incident_detail(cleo, west.incident.pk),
        lambda: timeline(cleo, west.incident.pk),
        lambda: call_for(cleo, west.call.pk),
    ):
        with pytest.raises(NotFound) as refusal:
            look()
        assert refusal.value.as_json() == NotFound().as_json()


def test_a_number_that_was_never_given_answers_the_same(county):
    with pytest.raises(NotFound):
        incident_for(county.actor("cleo"), 10**30)


def test_cleo_sees_a_call_that_was_linked_to_her_incident(night, take, county, ben):
    told = take(narrative="在西边打的电话")
    call_link(call=told.call, incident=night[4].incident, by=ben, at=T0)
    assert call_for(county.actor("cleo"), told.call.pk) == told.call


def test_call_backs_of_the_west_are_not_cleos(take, county, ben):
    take(narrative="", call_type="covert")
    assert len(call_backs_due(ben)) == 1
    assert call_backs_due(county.actor("cleo")) == []


# The page of one incident


def test_the_page_shows_all_that_belongs_to_it(night, take, ben):
    first, second = night[0].incident, night[2]
    call_link(call=second.call, incident=first, by=ben, at=T0)
    transfer_offer(incident=first, partner="12345", by=ben, at=T0)
    detail = incident_detail(ben, first.pk)
    assert [call.number[-1] for call in detail.calls] == ["1", "3"]
    assert [link.incident for link in detail.linked_here] == [second.incident]
    assert [transfer.partner.code for transfer in detail.transfers] == ["12345"]


def test_the_page_costs_the_same_however_much_hangs_on_it(night, take, ben, django_assert_max_num_queries):
    for _ in range(5):
        take(narrative="同一件事", link_to=night[0].incident.pk)
    with django_assert_max_num_queries(7):
        detail = incident_detail(ben, night[0].incident.pk)
    assert len(detail.calls) == 6


# The timeline


def test_the_timeline_tells_in_whole_sentences_who_did_what_and_why(night, ben):
    incident = night[0].incident
    incident_track_override(incident=incident, track="P", reason="来电人与对方有旧怨", by=ben, at=T0)
    with translation.override("en"):
        lines = timeline(ben, incident.pk)
    assert [line.sentence for line in lines] == [
        "Incident 260302-00001 was opened from call J260302-00001 (phone): 0410 Noise, P4, community "
        "(rule as the list of types says).",
        "The track of 260302-00001 was changed from community to police.",
    ]
    assert lines[1].actor_name == "本"
    assert lines[1].reason == "来电人与对方有旧怨"


def test_the_timeline_speaks_chinese_first(night, ben):
    from anlan.core.i18n import translations_compile

    translations_compile()
    with translation.override("zh-hans"):
        said = timeline(ben, night[0].incident.pk)[0].sentence
    assert said.startswith("来电 J260302-00001（电话）立警情 260302-00001：0410 噪声")


def test_every_kind_of_event_has_its_sentence():
    kinds = {value for name, value in vars(events).items() if name.isupper()}
    assert kinds <= sentences_registered().keys()


# Asked while typing


def test_while_typing_the_likely_event_is_shown_with_its_reasons(take, ben):
    first = take(narrative="环城东路口货车和电动车相撞，有人倒地").incident
    asked = {"lon": 120.0502, "lat": 28.90, "code": "", "actor": ben}
    found = duplicates_look(text="环城东路口车撞了", at=T0 + MINUTE, **asked).found
    assert [each.incident_id for each in found] == [first.pk]
    assert found[0].distance_m == pytest.approx(20, abs=2)
    assert found[0].reasons


def test_without_a_word_or_place_nothing_is_asked(night, ben, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert duplicates_look(text=" ", lon=None, lat=None, code="", at=T0, actor=ben).found == []


def test_what_is_over_is_a_repeat_and_no_duplicate(take, ben):
    first = take(narrative="楼上吵架砸东西", code="0402").incident
    asked = {"lon": 120.0501, "lat": 28.90, "code": "0402", "actor": ben}
    assert repeat_suggest(at=T0 + MINUTE, **asked) == []
    incident_state_set(incident=first, to="closed", by=ben, at=T0 + MINUTE)
    later = T0 + timedelta(days=3)
    assert [each.incident_id for each in repeat_suggest(at=later, **asked)] == [first.pk]
    assert duplicates_look(text="楼上吵架砸东西", at=T0 + 2 * MINUTE, **asked).found == []


@pytest.mark.parametrize(
    "other", [{"code": "0107"}, {"lon": 120.06}, {"at": T0 + timedelta(days=31)}, {"lon": None, "lat": None}]
)
def test_another_kind_place_or_month_is_no_repeat(take, ben, other):
    first = take(narrative="楼上吵架砸东西", code="0402").incident
    incident_state_set(incident=first, to="closed", by=ben, at=T0)
    asked = {"lon": 120.05, "lat": 28.90, "code": "0402", "at": T0 + timedelta(days=3), "actor": ben} | other
    assert repeat_suggest(**asked) == []
