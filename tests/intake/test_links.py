"""One event, many calls: joined and parted again, exactly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.errors import WrongState
from anlan.core.models import Event
from anlan.intake import events
from anlan.intake.errors import AlreadyLinked, NotLinked, SameIncident, UnitsUnderWay
from anlan.intake.models import Call, Incident, IncidentLink
from anlan.intake.services import (
    call_hang_up,
    call_link,
    call_ring,
    call_unlink,
    incident_merge,
    incident_priority_set,
    incident_state_set,
    incident_unmerge,
    repeat_link,
    repeat_unlink,
)
from world import T0

LATER = T0 + timedelta(minutes=5)


def snapshot():
    """All that a link may change, except since when a state holds."""
    incidents = Incident.objects.order_by("id").values(
        "id", "state", "merged_into_id", "priority", "priority_rule", "track", "track_rule", "danger"
    )
    calls = Call.objects.order_by("id").values("id", "state", "incident_id", "filed_under_id", "is_opening")
    return list(incidents), list(calls)


@pytest.fixture
def two(take):
    first = take(narrative="路口两车相撞", code="0303")
    second = take(narrative="十字路口撞车了", code="0303", at=T0 + timedelta(minutes=1))
    return first, second


def test_linking_a_call_merges_the_incident_it_had_opened(two, ben):
    first, second = two
    assert call_link(call=second.call, incident=first.incident, by=ben, at=LATER) == first.incident
    second.incident.refresh_from_db()
    second.call.refresh_from_db()
    assert (second.incident.state, second.incident.merged_into) == ("merged", first.incident)
    assert (second.call.state, second.call.incident) == ("linked_duplicate", first.incident)
    assert IncidentLink.objects.get(kind="duplicate").made_by == ben.id


def test_unlinking_puts_everything_back(two, ben):
    first, second = two
    before = snapshot()
    call_link(call=second.call, incident=first.incident, by=ben, at=LATER)
    assert call_unlink(call=second.call, by=ben, at=LATER) == second.incident
    assert snapshot() == before
    link = IncidentLink.objects.get(kind="duplicate")
    assert (link.undone_at, link.undone_by) == (LATER, ben.id)


def test_the_later_callers_go_along_and_come_back(two, take, ben):
    first, second = two
    third = take(narrative="也说撞车", link_to=second.incident.pk)
    before = snapshot()
    call_link(call=second.call, incident=first.incident, by=ben, at=LATER)
    third.call.refresh_from_db()
    assert third.call.incident == first.incident
    incident_unmerge(incident=second.incident, by=ben, at=LATER)
    assert snapshot() == before


def test_a_wrong_link_in_the_middle_can_be_taken_out(two, take, ben):
    """C was merged into B and B into A: parting B from A takes C along, parting C leaves B with A."""
    a, b = two
    c = take(narrative="货车撞了", code="0303")
    incident_merge(incident=c.incident, into=b.incident, by=ben, at=LATER)
    incident_merge(incident=b.incident, into=a.incident, by=ben, at=LATER)
    call_unlink(call=c.call, by=ben, at=LATER)
    of = dict(Call.objects.values_list("id", "incident_id"))
    assert (of[a.call.pk], of[b.call.pk], of[c.call.pk]) == (a.incident.pk, a.incident.pk, c.incident.pk)
    incident_merge(incident=c.incident, into=b.incident, by=ben, at=LATER)
    assert dict(Call.objects.values_list("id", "incident_id"))[c.call.pk] == a.incident.pk
    call_unlink(call=b.call, by=ben, at=LATER)
    of = dict(Call.objects.values_list("id", "incident_id"))
    assert (of[b.call.pk], of[c.call.pk]) == (b.incident.pk, a.incident.pk)


def test_danger_told_by_one_caller_goes_with_the_link_and_back(two, take, ben):
    first, _ = two
    hurt = take(narrative="撞车有人受伤", code="0303", danger=("injury",))
    before = snapshot()
    target = call_link(call=hurt.call, incident=first.incident, by=ben, at=LATER)
    assert (target.priority, target.track, target.danger) == ("P1", "P", ["injury"])
    call_unlink(call=hurt.call, by=ben, at=LATER)
    assert snapshot() == before


def test_what_a_person_has_changed_since_is_not_undone(two, take, ben, county):
    first, _ = two
    hurt = take(narrative="撞车有人受伤", code="0303", danger=("injury",))
    call_link(call=hurt.call, incident=first.incident, by=ben, at=LATER)
    incident_priority_set(incident=first.incident, priority="P2", reason="轻伤", by=county.actor("jia"), at=LATER)
    call_unlink(call=hurt.call, by=ben, at=LATER)
    first.incident.refresh_from_db()
    assert (first.incident.priority, first.incident.priority_rule) == ("P2", "person")


def test_a_call_without_an_incident_of_its_own_gets_one_when_unlinked(two, take, ben):
    first, _ = two
    told = take(narrative="路上撞车，堵住了", link_to=first.incident.pk)
    opened = call_unlink(call=told.call, by=ben, at=LATER)
    told.call.refresh_from_db()
    assert opened not in (first.incident, two[1].incident)
    assert (told.call.incident, told.call.state, told.call.is_opening) == (opened, "incident_open", True)
    assert (opened.narrative, opened.station) == ("路上撞车，堵住了", first.incident.station)


def test_an_abandoned_call_can_be_linked(two, ben):
    first, _ = two
    call = call_ring(line="110-1", by=ben, at=T0)
    call_hang_up(call=call, by=ben, at=T0 + timedelta(seconds=9))
    call_link(call=call, incident=first.incident, by=ben, at=LATER)
    assert (call.state, call.incident) == ("linked_duplicate", first.incident)


def test_a_ringing_call_is_answered_before_it_is_linked(two, ben):
    first, _ = two
    call = call_ring(line="110-1", by=ben, at=T0)
    with pytest.raises(WrongState, match="ringing since 09:00"):
        call_link(call=call, incident=first.incident, by=ben, at=LATER)


def test_a_linked_call_is_not_linked_twice(two, ben):
    first, second = two
    call_link(call=second.call, incident=first.incident, by=ben, at=LATER)
    with pytest.raises(AlreadyLinked, match=r"J260302-00002 already belongs to incident 260302-00001"):
        call_link(call=second.call, incident=first.incident, by=ben, at=LATER)


def test_two_that_are_one_are_not_merged_again_nor_in_a_ring(two, ben):
    first, second = two
    incident_merge(incident=second.incident, into=first.incident, by=ben, at=LATER)
    for incident, into in [(second, first), (first, second), (first, first)]:
        with pytest.raises(SameIncident):
            incident_merge(incident=incident.incident, into=into.incident, by=ben, at=LATER)


def test_where_somebody_has_arrived_nothing_is_merged_away(two, ben):
    first, second = two
    incident_state_set(incident=second.incident, to="dispatched", by=ben, at=T0)
    incident_state_set(incident=second.incident, to="on_scene", by=ben, at=T0)
    with pytest.raises(UnitsUnderWay, match="260302-00002 is being handled since 09:00"):
        incident_merge(incident=second.incident, into=first.incident, by=ben, at=LATER)


def test_an_incident_that_was_sent_to_is_sent_to_again_when_parted(two, ben):
    first, second = two
    incident_state_set(incident=second.incident, to="dispatched", by=ben, at=T0)
    incident_merge(incident=second.incident, into=first.incident, by=ben, at=LATER)
    assert incident_unmerge(incident=second.incident, by=ben, at=LATER).state == "dispatched"


def test_what_is_not_linked_cannot_be_unlinked(two, ben):
    first, _ = two
    with pytest.raises(NotLinked):
        call_unlink(call=first.call, by=ben, at=LATER)
    with pytest.raises(NotLinked):
        incident_unmerge(incident=first.incident, by=ben, at=LATER)


def test_each_step_leaves_one_event(two, ben):
    first, second = two
    before = Event.objects.count()
    call_link(call=second.call, incident=first.incident, by=ben, at=LATER)
    call_unlink(call=second.call, by=ben, at=LATER)
    kinds = [event.kind for event in Event.objects.order_by("id")][before:]
    assert kinds == [events.INCIDENT_MERGED, events.INCIDENT_UNMERGED]


# Repeats are another thing


def test_a_repeat_stays_an_incident_of_its_own(two, ben):
    first, second = two
    before = snapshot()
    assert repeat_link(incident=second.incident, earlier=first.incident, by=ben, at=LATER) == 2
    assert snapshot() == before
    repeat_unlink(incident=second.incident, by=ben, at=LATER)
    with pytest.raises(NotLinked):
        repeat_unlink(incident=second.incident, by=ben, at=LATER)


def test_the_third_report_of_a_dispute_becomes_a_matter_for_both(take, ben):
    chain = [take(narrative="楼上漏水吵架", code="0402", at=T0 + timedelta(days=n)).incident for n in range(3)]
    at = T0 + timedelta(days=2, minutes=1)
    assert repeat_link(incident=chain[1], earlier=chain[0], by=ben, at=at) == 2
    assert repeat_link(incident=chain[2], earlier=chain[1], by=ben, at=at) == 3
    assert [incident.track for incident in chain] == ["C", "C", "J"]


def test_a_matter_repeats_one_earlier_matter_only(two, take, ben):
    first, second = two
    other = take(narrative="另一件").incident
    repeat_link(incident=second.incident, earlier=first.incident, by=ben, at=LATER)
    with pytest.raises(AlreadyLinked):
        repeat_link(incident=second.incident, earlier=other, by=ben, at=LATER)
    with pytest.raises(SameIncident):
        repeat_link(incident=other, earlier=other, by=ben, at=LATER)


def test_duplicate_and_repeat_may_stand_side_by_side(two, take, ben):
    first, second = two
    old = take(narrative="上周的事").incident
    repeat_link(incident=second.incident, earlier=old, by=ben, at=LATER)
    incident_merge(incident=second.incident, into=first.incident, by=ben, at=LATER)
    kinds = IncidentLink.objects.filter(incident=second.incident, undone_at=None).values_list("kind", flat=True)
    assert set(kinds) == {"duplicate", "repeat"}
