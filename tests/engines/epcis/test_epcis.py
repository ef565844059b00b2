"""What a door saw is told in EPCIS 2.0, a mistake is declared and never taken away, and nobody is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from anlan.engines.epcis import Correction, Kit, Observed, document, event_id, kit_event, observed_event, problems_of

AT = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
GIAI = "3414257BF400000000BC614E"
SEEN = Observed("door-1:17", AT, AT + timedelta(seconds=2), (GIAI,), "door-1", "西城所", "taken_out", 0.99871)


def test_a_passage_is_an_observation_at_the_door():
    event = observed_event(SEEN)
    assert event["epcList"] == ["urn:epc:id:giai:0614141.12345678"]
    assert (event["action"], event["bizStep"], event["eventTime"]) == (
        "OBSERVE",
        "entering_exiting",
        "2026-05-01T08:30:00.000Z",
    )
    assert event["readPoint"] == {"id": "urn:anlan:epcis:door:door-1"}
    assert event["anlan:movement"] == "taken_out"
    assert problems_of(document([event], at=AT)) == []


def test_a_correction_repeats_the_event_and_names_what_is_true_instead():
    wrong = observed_event(SEEN)
    declared = observed_event(SEEN, Correction(AT + timedelta(hours=1), "incorrect_data", ("door-1:17:answer",)))
    assert {k: v for k, v in declared.items() if k != "errorDeclaration"} == wrong
    assert declared["errorDeclaration"] == {
        "declarationTime": "2026-05-01T09:30:00.000Z",
        "reason": "incorrect_data",
        "correctiveEventIDs": [event_id("door-1:17:answer")],
    }
    assert problems_of(document([wrong, declared], at=AT)) == []


def test_a_kit_is_an_aggregation():
    event = kit_event(Kit("kit-1:1", AT, AT, GIAI, (GIAI[:-1] + "F",), "ADD", "西城所"))
    assert problems_of(json.loads(json.dumps(document([event], at=AT)))) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"action": "SEEN"}, "action"),
        ({"eventTime": "2026-05-01T08:30:00"}, "eventTime"),
        ({"eventTimeZoneOffset": "8"}, "eventTimeZoneOffset"),
        ({"epcList": []}, "epcList"),
        ({"epcList": [GIAI]}, "not a URI"),
        ({"readPoint": "door-1"}, "readPoint"),
        ({"bizStep": "lending"}, "bizStep"),
        ({"other:field": 1}, "namespace"),
        ({"errorDeclaration": {"reason": "incorrect_data"}}, "declarationTime"),
        ({"errorDeclaration": {"declarationTime": "2026-05-01T08:30:00Z", "reason": "because"}}, "reason"),
        ({"type": "SomeEvent"}, "type"),
    ],
)
def test_what_the_standard_forbids_is_found(change, place):
    (problem,) = problems_of(document([{**observed_event(SEEN), **change}], at=AT))[:1]
    assert place in problem


def test_an_event_told_again_with_other_words_is_a_contradiction():
    other = {**observed_event(SEEN), "anlan:movement": "brought_back"}
    assert problems_of(document([observed_event(SEEN), other], at=AT)) == [
        "epcisBody.eventList[1]: told before with other words"
    ]


def test_a_document_that_is_none_is_told_and_never_raises():
    for strange in ([], {}, {"epcisBody": {"eventList": [1, None]}}, {"@context": 3}):
        assert problems_of(strange)
