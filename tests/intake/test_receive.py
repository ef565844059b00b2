"""Taking a report."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.models import Event, QuarantinedRow
from anlan.core.purpose import machine_use
from anlan.engines.geo import wgs84_to_bd09, wgs84_to_gcj02
from anlan.intake import events
from anlan.intake.drafts import report_prepare
from anlan.intake.errors import NothingOnSheet
from anlan.intake.models import Call, CallBack, Incident, IncidentLink, IncidentTag, Reporter, StepReason
from anlan.intake.selectors import duplicates_look
from anlan.intake.services import call_receive, sheet_read
from world import T0

QUIET = "邻居家的狗天天叫，想反映一下"


def test_a_report_becomes_one_call_and_one_incident(take, county):
    got = take(narrative=QUIET)
    assert got.incident.number == "260302-00001"
    assert got.call.number == "J260302-00001"
    assert got.call.incident == got.call.filed_under == got.incident
    assert (got.incident.station, got.incident.town_room) == (county.orgs["west"], county.orgs["town-west"])
    assert got.incident.received_at == T0
    assert got.incident.state == "open"
    assert got.incident.holder == county.orgs["bureau"]


def test_it_leaves_one_event_without_a_word_of_what_was_said(take):
    take(narrative=QUIET, reporter_name="王某", reporter_phone="13800001234", address_text="安澜大道8号")
    event = Event.objects.get(kind__startswith="intake.")
    assert event.kind == events.INCIDENT_OPENED
    told = str(event.data)
    assert not any(word in told for word in ("狗", "王某", "13800001234", "安澜大道"))
    assert len(event.data["reporter"]) == 32


def test_numbers_run_by_the_local_day(take):
    evening = T0.replace(hour=15, minute=59)  # 23:59 in Shanghai
    assert take(narrative=QUIET, at=evening).incident.number == "260302-00001"
    assert take(narrative=QUIET, at=evening + timedelta(minutes=1)).incident.number == "260303-00001"
    assert take(narrative=QUIET, at=evening + timedelta(minutes=2)).incident.number == "260303-00002"


def test_the_takers_type_decides_over_the_suggestion(take):
    got = take(narrative=QUIET, code="0402")
    assert (got.incident.code, got.incident.priority, got.incident.track) == ("0402", "P3", "C")
    assert got.incident.rules_version.startswith("t1.l1.m")


@pytest.mark.parametrize("said", [{"priority": "P4", "track": "C"}, {"code": "0402"}, {"code": "1101", "track": "T"}])
def test_danger_makes_it_p1_for_the_police_whatever_else_is_set(take, said):
    got = take(narrative=QUIET, danger=("weapon",), **said)
    assert (got.incident.priority, got.incident.track) == ("P1", "P")
    assert got.incident.track_rule == "danger:weapon"


def test_with_a_reason_the_taker_decides_even_then(take):
    got = take(narrative=QUIET, danger=("weapon",), track="J", reason="刀已被民警收走")
    assert (got.incident.track, got.incident.track_rule) == ("J", "person")
    assert StepReason.objects.get(incident=got.incident).text == "刀已被民警收走"


def test_a_place_alone_is_enough(take):
    assert take(narrative="", lon=120.05, lat=28.90).incident.address_text == ""


def test_a_text_alone_is_enough(take):
    got = take(narrative=QUIET, lon=None, lat=None)
    assert (got.incident.lon, got.incident.station, got.incident.location_source) == (None, None, "")


def test_nothing_at_all_is_refused_because_there_is_nothing_to_keep(take):
    with pytest.raises(NothingOnSheet, match="nothing on this sheet"):
        take(narrative="", lon=None, lat=None)
    assert not Call.objects.exists()


@pytest.mark.parametrize("urgent", [{"danger": ("fire",)}, {"priority": "P1"}, {"channel": "device"}])
def test_an_urgent_report_needs_neither_place_nor_text(take, urgent):
    assert take(narrative="", lon=None, lat=None, **urgent).incident.state == "open"


def test_a_telephone_number_alone_is_called_back(take):
    got = take(narrative="", lon=None, lat=None, reporter_phone="13800001234")
    assert got.incident is None
    assert got.call.state == "recorded"
    assert got.call_back.due_at == T0 + timedelta(seconds=60)


def test_a_silent_call_is_called_back_within_a_minute(take):
    got = take(narrative="", lon=None, lat=None, call_type="silent")
    assert got.incident is None
    assert (got.call_back.reason, got.call_back.due_at) == ("silent", T0 + timedelta(seconds=60))


def test_who_cannot_speak_is_taken_to_be_in_danger(take):
    got = take(narrative="嗯，好的", call_type="covert")
    assert (got.incident.priority, got.incident.track, got.incident.track_rule) == ("P1", "P", "danger:covert")
    assert CallBack.objects.get(call=got.call).reason == "covert"


@pytest.mark.parametrize("call_type", ["prank", "wrong_number", "test"])
def test_what_tells_of_nothing_is_noted_as_invalid(take, call_type):
    got = take(narrative="打错了", call_type=call_type, lon=None, lat=None)
    assert (got.incident, got.call.state, got.call.invalid_reason) == (None, "invalid", call_type)
    assert not Incident.objects.exists()


def test_a_prank_with_danger_ticked_is_an_incident(take):
    assert take(narrative="", call_type="prank", danger=("fire",)).incident.priority == "P1"


def test_unreadable_parts_are_put_beside_and_the_report_is_taken(ben, county):
    sheet, aside = sheet_read(
        {"narrative": "有人\x00喊", "lon": "x", "lat": "28.9", "code": "4242", "priority": "P9"}
    )
    got = call_receive(line=sheet, at=T0, by=ben, unreadable=aside)
    assert got.incident.narrative == "有人\ufffd喊"
    assert got.incident.code != "4242"
    assert {row.code for row in got.quarantined} == {
        "unreadable",
        "half_a_point",
        "unstorable_characters",
        "not_in_list",
    }
    assert all(row.source.startswith("call J260302-00001") for row in QuarantinedRow.objects.all())


def test_when_nothing_could_be_read_the_call_remains_to_be_called_back(ben, county):
    sheet, aside = sheet_read({"lon": "x"})
    got = call_receive(line=sheet, at=T0, by=ben, unreadable=aside)
    assert got.call.state == "recorded"
    assert got.call_back is not None
    assert [row.code for row in got.quarantined] == ["unreadable"]


def test_an_incident_out_of_reach_is_not_linked_and_told_as_missing(county, take):
    east = take(narrative=QUIET, lon=120.15).incident
    got = take(narrative=QUIET, link_to=east.pk, by=county.actor("ida"))
    assert got.incident != east
    assert [(row.code, row.source.split()[-1]) for row in got.quarantined] == [("not_found", "link_to")]


def test_a_caller_who_speaks_of_a_known_incident_makes_no_second_one(take):
    first = take(narrative=QUIET).incident
    got = take(narrative="同一件事", link_to=first.pk)
    assert got.incident == first
    assert (got.call.state, got.call.is_opening) == ("linked_duplicate", False)
    assert first.calls.count() == 2


def test_a_second_caller_who_tells_of_danger_raises_the_first_ones_incident(take):
    first = take(narrative=QUIET, code="0402").incident
    got = take(narrative="同一件事", link_to=first.pk, danger=("weapon",))
    assert (got.incident.priority, got.incident.track, got.incident.danger) == ("P1", "P", ["weapon"])


def test_a_matter_that_comes_back_is_linked_and_counted(take):
    first = take(narrative=QUIET, code="0402").incident
    second = take(narrative=QUIET, code="0402", repeat_of=first.pk, at=T0 + timedelta(days=1)).incident
    third = take(narrative=QUIET, code="0402", repeat_of=second.pk, at=T0 + timedelta(days=2)).incident
    assert (second.track, third.track) == ("C", "J")
    assert third.track_rule == "dispute.escalated:repeat_3"
    assert IncidentLink.objects.get(incident=third, kind="repeat").earlier == second
    assert [t.value for t in IncidentTag.objects.filter(dimension="repeat").order_by("id")] == [
        "second",
        "third_plus",
    ]


def test_a_matter_of_last_year_does_not_count_as_the_third_time(take):
    first = take(narrative=QUIET, code="0402").incident
    second = take(narrative=QUIET, code="0402", repeat_of=first.pk, at=T0 + timedelta(days=40)).incident
    third = take(narrative=QUIET, code="0402", repeat_of=second.pk, at=T0 + timedelta(days=41)).incident
    assert third.track == "C"


def test_the_takers_tags_stand_as_confirmed_and_unknown_ones_are_put_aside(take):
    got = take(narrative=QUIET, tags={"cause": ("pet",), "conditions": ("alcohol", "moonlight")})
    mine = IncidentTag.objects.filter(incident=got.incident, source="taker")
    assert {(t.dimension, t.value, t.state) for t in mine} == {
        ("cause", "pet", "confirmed"),
        ("conditions", "alcohol", "confirmed"),
    }
    assert [row.code for row in got.quarantined] == ["not_in_list"]


def test_alcohol_ticked_by_the_taker_brings_a_dispute_to_both(take):
    got = take(narrative=QUIET, code="0402", tags={"conditions": ("alcohol",)})
    assert (got.incident.track, got.incident.track_rule) == ("J", "dispute.escalated:alcohol")


def test_the_caller_is_kept_apart_with_a_salt_and_an_end(take):
    got = take(narrative=QUIET, reporter_name="王某", reporter_phone="13800001234", is_confidential=True)
    with machine_use("compare"):
        row = Reporter.objects.get(call=got.call)
    assert (row.name, row.phone, row.is_confidential) == ("王某", "13800001234", True)
    assert len(row.salt) == 32
    assert row.expires_at == T0 + timedelta(days=180)


def test_the_same_telephone_gives_another_hash_each_time(take):
    for _ in range(2):
        take(narrative=QUIET, reporter_phone="13800001234")
    hashes = [event.data["reporter"] for event in Event.objects.filter(kind=events.INCIDENT_OPENED)]
    assert len(set(hashes)) == 2


def test_a_report_of_another_system_is_taken_once(take):
    first = take(narrative=QUIET, source="old110", external_id="A-1")
    again = take(narrative="另一段文字", source="old110", external_id="A-1", at=T0 + timedelta(hours=1))
    assert (again.incident, again.call, again.is_repeated) == (first.incident, first.call, True)
    assert not first.is_repeated
    assert Incident.objects.count() == 1
    assert take(narrative=QUIET, source="other", external_id="A-1").incident != first.incident


def test_a_megabyte_is_kept_whole_and_only_its_beginning_is_analysed(take):
    text = "水管漏水了。" * 180_000
    got = take(narrative=text)
    got.incident.refresh_from_db()
    assert got.incident.narrative == text


def test_right_to_left_and_control_characters_are_stored_as_they_came(take):
    text = "地址\u202eABC\u202c\x07\x1b[31m\r\n\u200f完"
    incident = take(narrative=text).incident
    incident.refresh_from_db()
    assert incident.narrative == text


# Waiting for its turn

CRASH = "环城东路口两辆车相撞，占了车道"


def prepared(by, at=T0, **raw):
    """A sheet with all that is worked out before its turn to be written."""
    sheet, aside = sheet_read({"narrative": CRASH, "lon": 120.05, "lat": 28.90} | raw)
    return sheet, report_prepare(sheet, aside, by=by, at=at, suggestion=None)


def test_what_was_worked_out_before_its_turn_becomes_the_same_record(take, ben):
    said = {"reporter_phone": "13800001234", "tags": {"conditions": ["alcohol"]}, "colour": "blue", "code": "0402"}
    sheet, ready = prepared(ben, **said)
    one = call_receive(line=sheet, at=T0, by=ben, prepared=ready)
    other = take(narrative=CRASH, reporter_phone="13800001234", tags={"conditions": ("alcohol",)}, code="0402")
    assert [row.code for row in one.quarantined] == ["unknown_field"]
    assert {t.value for t in one.incident.tags.all()} == {t.value for t in other.incident.tags.all()} != set()
    own = dict.fromkeys(("id", "number", "incident_id", "filed_under_id"))
    for left, right in [(one.incident, other.incident), (one.call, other.call)]:
        kept, meant = (type(row).objects.filter(pk=row.pk).values().get() for row in (left, right))
        assert {**kept, **own} == {**meant, **own}


def test_a_call_taken_while_this_one_waited_for_its_turn_is_told_of(take, ben):
    sheet, ready = prepared(ben, at=T0 + timedelta(minutes=1))
    other = take(narrative=CRASH).incident
    got = call_receive(line=sheet, at=T0 + timedelta(minutes=1), by=ben, prepared=ready)
    assert [found.incident_id for found in got.duplicates] == [other.pk]


def test_what_is_told_is_what_would_be_found_in_its_turn(take, ben):
    at = T0 + timedelta(minutes=5)
    for k in range(4):
        take(narrative=CRASH, lon=120.05 + k * 0.0004, at=T0 + timedelta(minutes=k))
    sheet, ready = prepared(ben, at=at)
    take(narrative="楼上漏水，天花板泡坏了", at=at)
    take(narrative=CRASH, lon=120.12, at=at)
    take(narrative=CRASH, lon=120.0502, at=at)
    take(narrative=CRASH, at=at + timedelta(seconds=1))
    got = call_receive(line=sheet, at=at, by=ben, prepared=ready)
    afresh = duplicates_look(
        text=CRASH, lon=120.05, lat=28.90, code=got.incident.code, at=at, actor=ben, not_incident_id=got.incident.pk
    ).found
    assert list(got.duplicates) == afresh
    assert len(afresh) == 5


@pytest.mark.parametrize("named", ["call_id", "link_to", "repeat_of"])
def test_what_names_a_matter_on_the_record_is_worked_out_in_its_turn(ben, named):
    assert prepared(ben, **{named: 1})[1] is None


# Places


@pytest.mark.parametrize(("datum", "shift"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_other_datums_are_converted_at_the_door(take, datum, shift):
    lon, lat = shift(120.05, 28.90)
    got = take(narrative=QUIET, lon=float(lon), lat=float(lat), datum=datum)
    assert (got.incident.lon, got.incident.lat) == pytest.approx((120.05, 28.90), abs=1e-6)


def test_without_a_declared_datum_nothing_is_shifted(take):
    lon, lat = (float(value) for value in wgs84_to_gcj02(120.05, 28.90))
    got = take(narrative=QUIET, lon=lon, lat=lat)
    assert (got.incident.lon, got.incident.lat, got.quarantined) == (lon, lat, ())


def test_swapped_coordinates_are_told_and_not_used(take):
    got = take(narrative=QUIET, lon=28.90, lat=120.05)
    assert [row.code for row in got.quarantined] == ["swapped"]
    assert (got.incident.lon, got.incident.station) == (None, None)


def test_a_point_outside_the_area_is_kept_and_told(take):
    got = take(narrative=QUIET, lon=121.5, lat=31.2)
    assert [row.code for row in got.quarantined] == ["outside_bounds"]
    assert (got.incident.lon, got.incident.station) == (121.5, None)


@pytest.mark.parametrize(("lon", "lat", "code"), [(0.0, 0.0, "zero"), (500.0, 28.9, "not_on_earth")])
def test_what_is_no_place_is_not_used(take, lon, lat, code):
    got = take(narrative=QUIET, lon=lon, lat=lat)
    assert [row.code for row in got.quarantined] == [code]
    assert got.incident.lon is None


def test_an_unknown_gazetteer_place_is_told(take):
    got = take(narrative=QUIET, lon=None, lat=None, place_id=4242)
    assert [row.code for row in got.quarantined] == ["not_found"]


@pytest.fixture
def gazetteer(county):
    from anlan.core.actor import SYSTEM
    from anlan.engines.addresses import GazetteerRecord
    from anlan.places.services import gazetteer_replace

    records = [
        GazetteerRecord(1, "estate", "汇泽名府", lon=120.04, lat=28.91),
        GazetteerRecord(2, "village", "上河村", lon=120.03, lat=28.85),
        GazetteerRecord(3, "village", "上河村", lon=120.17, lat=28.95),
    ]
    gazetteer_replace(records=records, source="tests", by=SYSTEM, at=T0)


def test_a_clear_address_is_a_place_and_says_how_it_was_found(take, gazetteer, county):
    got = take(narrative=QUIET, lon=None, lat=None, address_text="汇泽名府")
    assert (got.incident.lon, got.incident.location_source) == (120.04, "address")
    assert got.incident.location_confidence >= 0.85
    assert got.incident.station == county.orgs["west"]


def test_an_address_with_two_meanings_is_left_to_a_person(take, gazetteer):
    got = take(narrative=QUIET, lon=None, lat=None, address_text="上河村")
    assert (got.incident.lon, got.incident.location_source) == (None, "")
    assert {candidate.record.name_zh for candidate in got.candidates} == {"上河村"}
    assert len(got.candidates) == 2


def test_a_place_chosen_from_the_gazetteer_is_taken_as_chosen(take, gazetteer):
    from anlan.places.models import Place

    place = Place.objects.get(lon=120.17)
    got = take(narrative=QUIET, lon=None, lat=None, address_text="上河村", place_id=place.pk)
    assert (got.incident.place, got.incident.location_source, got.candidates) == (place, "place", ())


# What the words lead to


def test_danger_in_the_words_makes_it_p1_and_says_which(take):
    got = take(narrative="有人拿刀砍人，满地是血", code="0402")
    assert (got.incident.priority, got.incident.track) == ("P1", "P")
    assert "weapon" in got.incident.danger


def test_the_suggested_type_is_taken_where_the_taker_named_none(take):
    got = take(narrative="楼上邻居漏水把我家天花板泡了，上门说了几次对方都不理")
    assert got.incident.code == got.suggestion.code
    assert got.incident.code.startswith("04")
    assert not got.incident.is_code_confirmed


def test_suggested_tags_stand_as_suggested_with_their_words(take):
    got = take(narrative="电动车电瓶在小区楼下被偷了")
    tag = IncidentTag.objects.get(incident=got.incident, dimension="means")
    assert (tag.value, tag.state, tag.set_by) == ("ebike_battery", "suggested", None)
    words = tag.evidence[0]
    assert got.incident.narrative[words["start"] : words["end"]] == words["words"]
    assert tag.model_version == got.suggestion.model_version


def test_only_a_person_says_that_nothing_has_happened(take):
    """The words look like a test call; until somebody marks it invalid, the police keep it as a matter."""
    got = take(narrative="这是一次测试，演练呼叫")
    assert got.suggestion.code == "9003"
    assert (got.incident.code, got.incident.is_valid) == ("9901", True)
    assert got.incident.track_rule == "unknown.first_receiver"


def test_the_same_event_told_again_is_shown_as_a_likely_duplicate(take):
    first = take(narrative="环城东路口货车和电动车相撞，有人倒地")
    other = take(narrative="汇泽名府楼上漏水", at=T0 + timedelta(minutes=1))
    again = take(narrative="环城东路口撞车了，电动车和货车", lon=120.0503, at=T0 + timedelta(minutes=2))
    assert [found.incident_id for found in again.duplicates] == [first.incident.pk]
    assert again.duplicates[0].reasons
    assert other.duplicates == ()


def test_what_belongs_to_others_is_not_shown_as_a_duplicate(take, county):
    take(narrative="环城东路口货车和电动车相撞", lon=120.0995)
    got = take(narrative="环城东路口货车和电动车相撞", lon=120.1001, by=county.actor("cleo"))
    assert got.duplicates == ()


# What it costs


def test_it_asks_the_store_a_fixed_number_of_questions(take, django_assert_max_num_queries, settings):
    take(narrative=QUIET, reporter_phone="13800001234")
    settings.SNAPSHOT_MAX_AGE_S = 3600.0
    for n in range(5):
        take(narrative=QUIET, at=T0 + timedelta(minutes=n))
    with django_assert_max_num_queries(11):
        take(narrative=QUIET, reporter_phone="13800001234", at=T0 + timedelta(minutes=9))
