"""Changing one incident: always with who and why, and the rules apply again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.core.errors import Overtaken, WrongState
from anlan.core.models import Event
from anlan.intake.errors import DangerStays, NotInList, ReasonMissing
from anlan.intake.models import Incident, IncidentTag, StepReason
from anlan.intake.services import (
    incident_code_correct,
    incident_danger_set,
    incident_priority_set,
    incident_state_set,
    incident_tag_audit,
    incident_tag_confirm,
    incident_tag_withdraw,
    incident_tags_confirm,
    incident_tags_set,
    incident_track_override,
)
from anlan.tagging.errors import TagUnknown, TypeUnknown
from world import T0

LATER = T0 + timedelta(minutes=5)
NOISE = "楼下半夜唱歌太吵"


@pytest.fixture
def noise(take):
    return take(narrative=NOISE, code="0410").incident


def test_a_step_the_machine_does_not_have_is_refused_with_those_it_has(noise, ben):
    with pytest.raises(WrongState, match=r"260302-00001 is waiting to be sent since 09:00.*Next possible: sent,"):
        incident_state_set(incident=noise, to="on_scene", by=ben, at=LATER)


def test_closing_notes_the_time_and_reopening_clears_it(noise, ben):
    assert incident_state_set(incident=noise, to="closed", by=ben, at=LATER) == "open"
    assert noise.closed_at == LATER
    incident_state_set(incident=noise, to="open", by=ben, at=LATER)
    assert noise.closed_at is None


def test_columns_change_with_the_state(noise, ben):
    incident_state_set(incident=noise, to="dispatched", first_sent_at=LATER, by=ben, at=LATER)
    assert (noise.state, noise.first_sent_at) == ("dispatched", LATER)


def test_the_track_is_overridden_with_a_reason_that_is_kept(noise, ben):
    incident_track_override(incident=noise, track="P", reason="来电人与对方有旧怨", by=ben, at=LATER)
    assert (noise.track, noise.track_rule) == ("P", "person")
    event = Event.objects.get(kind="intake.track_overridden")
    assert StepReason.objects.get(event=event).text == "来电人与对方有旧怨"
    assert "旧怨" not in str(event.data)


def test_without_a_reason_nothing_is_overridden(noise, ben):
    with pytest.raises(ReasonMissing, match="Changing the track needs a reason"):
        incident_track_override(incident=noise, track="P", reason="  ", by=ben, at=LATER)
    with pytest.raises(NotInList):
        incident_track_override(incident=noise, track="X", reason="r", by=ben, at=LATER)


def test_danger_is_handed_on_by_the_duty_leader_only(take, ben, county):
    knife = take(narrative=NOISE, danger=("weapon",)).incident
    with pytest.raises(DangerStays, match=r"carries danger \(weapon\); police stay with it"):
        incident_track_override(incident=knife, track="C", reason="看错了", by=ben, at=LATER)
    incident_track_override(incident=knife, track="C", reason="已核实无刀", by=county.actor("jia"), at=LATER)
    assert knife.track == "C"


def test_a_corrected_type_brings_its_own_urgency_and_track(noise, ben):
    incident_code_correct(incident=noise, code="0201", by=ben, at=LATER)
    assert (noise.code, noise.priority, noise.track, noise.is_code_confirmed) == ("0201", "P1", "P", True)


def test_what_a_person_set_survives_a_corrected_type(noise, ben):
    incident_track_override(incident=noise, track="P", reason="r", by=ben, at=LATER)
    incident_code_correct(incident=noise, code="0402", by=ben, at=LATER)
    assert (noise.priority, noise.track) == ("P3", "P")


def test_danger_survives_a_corrected_type(take, ben):
    knife = take(narrative=NOISE, danger=("weapon",)).incident
    incident_code_correct(incident=knife, code="0402", by=ben, at=LATER)
    assert (knife.priority, knife.track, knife.track_rule) == ("P1", "P", "danger:weapon")


def test_what_is_over_keeps_the_track_it_went(noise, ben):
    incident_state_set(incident=noise, to="closed", by=ben, at=LATER)
    incident_code_correct(incident=noise, code="0201", by=ben, at=LATER)
    assert (noise.code, noise.priority, noise.track) == ("0201", "P4", "C")


def test_an_invalid_type_makes_the_incident_invalid_for_statistics(noise, ben):
    incident_code_correct(incident=noise, code="9002", by=ben, at=LATER)
    assert not noise.is_valid
    with pytest.raises(TypeUnknown):
        incident_code_correct(incident=noise, code="4242", by=ben, at=LATER)


def test_the_priority_is_set_with_a_reason(noise, ben):
    incident_priority_set(incident=noise, priority="P2", reason="第五次来电", by=ben, at=LATER)
    assert (noise.priority, noise.priority_rule) == ("P2", "person")
    with pytest.raises(ReasonMissing):
        incident_priority_set(incident=noise, priority="P1", reason="", by=ben, at=LATER)


def test_a_danger_found_later_makes_it_p1_for_the_police(noise, ben):
    incident_danger_set(incident=noise, danger=["fight_ongoing"], reason="", by=ben, at=LATER)
    assert (noise.priority, noise.track, noise.track_rule) == ("P1", "P", "danger:fight_ongoing")


def test_withdrawing_a_danger_needs_a_reason_and_lowers_nothing_by_itself(noise, ben):
    incident_danger_set(incident=noise, danger=["fight_ongoing"], reason="", by=ben, at=LATER)
    with pytest.raises(ReasonMissing):
        incident_danger_set(incident=noise, danger=[], reason="", by=ben, at=LATER)
    incident_danger_set(incident=noise, danger=[], reason="已劝开", by=ben, at=LATER)
    assert (noise.danger, noise.priority) == ([], "P1")


# Tags


def standing(incident, dimension):
    rows = IncidentTag.objects.filter(incident=incident, dimension=dimension, superseded_by=None)
    return {(row.value, row.state, row.source) for row in rows}


@pytest.fixture
def suggested(noise):
    return IncidentTag.objects.create(
        incident=noise, dimension="cause", value="noise", source="rule", confidence=0.8, set_at=T0
    )


@pytest.fixture(autouse=True)
def _only_these_tags(noise):
    IncidentTag.objects.all().delete()


def test_the_officer_confirms_what_was_suggested(noise, suggested, ben):
    row = incident_tag_confirm(incident=noise, dimension="cause", value="noise", by=ben, at=LATER)
    suggested.refresh_from_db()
    assert standing(noise, "cause") == {("noise", "confirmed", "officer")}
    assert suggested.superseded_by == row


def test_the_officer_corrects_and_the_suggestion_stays_on_the_record(noise, suggested, ben):
    incident_tag_confirm(incident=noise, dimension="cause", value="pet", by=ben, at=LATER)
    assert standing(noise, "cause") == {("pet", "corrected", "officer")}
    assert IncidentTag.objects.filter(incident=noise, dimension="cause").count() == 2


def test_the_reviewer_agrees_or_changes_and_either_is_final(noise, suggested, ben, county):
    row = incident_tag_confirm(incident=noise, dimension="cause", value="noise", by=ben, at=LATER)
    audited = incident_tag_audit(tag=row, by=county.actor("ida"), at=LATER)
    assert standing(noise, "cause") == {("noise", "audited", "reviewer")}
    incident_tag_audit(tag=audited, value="pet", by=county.actor("ida"), at=LATER)
    agreed = [e.data["is_agreed"] for e in Event.objects.filter(kind="intake.tag_audited").order_by("id")]
    assert agreed == [True, False]


def test_of_two_reviewers_the_second_is_told_that_the_label_was_reviewed(noise, suggested, ben, county):
    row = incident_tag_confirm(incident=noise, dimension="cause", value="noise", by=ben, at=LATER)
    incident_tag_audit(tag=row, by=county.actor("ida"), at=LATER)
    with pytest.raises(Overtaken):
        incident_tag_audit(tag=row, value="pet", by=county.actor("jia"), at=LATER)
    assert standing(noise, "cause") == {("noise", "audited", "reviewer")}


def test_conditions_stand_side_by_side(noise, ben):
    for value in ("alcohol", "group"):
        incident_tag_confirm(incident=noise, dimension="conditions", value=value, by=ben, at=LATER)
    assert {value for value, _, _ in standing(noise, "conditions")} == {"alcohol", "group"}


def test_a_feedback_sheet_confirms_all_at_once_with_one_event(noise, suggested, ben):
    values = {"cause": ["noise"], "place_type": ["estate"], "conditions": ["alcohol", "group"]}
    assert len(incident_tags_confirm(incident=noise, values=values, by=ben, at=LATER)) == 4
    assert Event.objects.filter(kind__startswith="intake.tag").count() == 1


def test_a_label_that_does_not_hold_is_withdrawn_with_its_history(noise, suggested, ben):
    incident_tag_withdraw(tag=suggested, by=ben, at=LATER)
    assert standing(noise, "cause") == {("", "corrected", "officer")}


def test_a_value_that_is_not_in_the_vocabulary_is_refused(noise, ben):
    with pytest.raises(TagUnknown, match="Dimension cause has no value “moonlight”"):
        incident_tag_confirm(incident=noise, dimension="cause", value="moonlight", by=ben, at=LATER)
    assert Incident.objects.get(pk=noise.pk).tags.count() == 0


def test_whole_dimensions_are_said_by_hand_and_the_rest_goes(take, ben):
    incident = take(narrative="楼上漏水，两家吵起来了", code="0402").incident
    given = {"cause": ["noise"], "conditions": ["alcohol", "injury"]}
    incident_tags_set(incident=incident, values=given, by=ben, at=LATER)
    standing = IncidentTag.objects.filter(incident=incident, superseded_by=None).exclude(value="")
    hand = {(row.dimension, row.value) for row in standing if row.state != "suggested"}
    assert hand == {("cause", "noise"), ("conditions", "alcohol"), ("conditions", "injury")}
    assert not standing.filter(dimension="cause", value="water_leak").exists()
    assert incident_tags_set(incident=incident, values=given, by=ben, at=LATER) == []
    incident_tags_set(incident=incident, values={"cause": [], "conditions": ["alcohol"]}, by=ben, at=LATER)
    left = standing.filter(dimension__in=("cause", "conditions"))
    assert [(row.dimension, row.value) for row in left] == [("conditions", "alcohol")]
