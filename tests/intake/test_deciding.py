"""Intake decides as the text suggests, unless a person knows better; danger always wins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from anlan.intake.deciding import decision_for
from anlan.intake.suggested import suggested_from
from anlan.tagging.evaluation import read_calls
from anlan.tagging.selectors import OTHER, incident_type, suggest

pytestmark = pytest.mark.django_db
DEV = Path(__file__).resolve().parents[3] / "shared" / "data" / "zh_calls_dev" / "calls.jsonl"
FIRE = "0701"
needs_dev = pytest.mark.skipif(not DEV.exists(), reason="needs ../shared/data/zh_calls_dev")


def decided(said):
    facts = suggested_from(said)
    return decision_for(code=facts.code or OTHER, danger=facts.danger, tags=facts.tag_values, suggestion=said)


@pytest.fixture
def doubtful():
    """A suggestion whose best guess is a fire, with nothing told that is urgent."""
    said = suggest("楼上有点味道，说不清")
    guess = replace(said.codes[0], code=FIRE)
    return replace(
        said,
        codes=(guess, *said.codes[1:]),
        flags=(),
        is_abstained=False,
        priority="P2",
        priority_rule_id="taxonomy.unsure",
    )


@needs_dev
def test_intake_decides_every_call_of_the_development_set_as_its_text_suggests():
    with DEV.open(encoding="utf-8") as lines:
        calls, _bad = read_calls(lines)
    apart = []
    for call in calls:
        said = suggest(call.text)
        if said.code is not None and not incident_type(said.code).is_valid_incident:
            continue  # intake takes "nothing has happened" from a person only
        got = decided(said)
        if (got.priority, got.track) != (said.priority, said.track):
            apart.append((call.item_id, said.code, (said.priority, said.priority_rule_id, said.track), got))
    assert apart == []


def of_a_fire(doubtful, *, danger=(), **more):
    return decision_for(code=FIRE, danger=danger, tags={}, suggestion=doubtful, **more)


def test_an_urgent_type_that_is_only_guessed_waits_behind_those_that_tell_of_danger(doubtful):
    got = of_a_fire(doubtful)
    assert (incident_type(FIRE).priority, got.priority, got.priority_rule) == ("P1", "P2", "taxonomy.unsure")


def test_whoever_names_an_urgent_type_themselves_is_believed(doubtful):
    assert of_a_fire(doubtful, is_named=True).priority == "P1"


def test_danger_is_never_doubted(doubtful):
    got = of_a_fire(doubtful, danger=("weapon",))
    assert (got.priority, got.track, got.priority_rule) == ("P1", "P", "danger:weapon")


def test_a_covert_call_is_never_doubted(doubtful):
    assert of_a_fire(doubtful, call_type="covert").priority == "P1"


def test_what_a_person_sets_stands_above_the_doubt(doubtful):
    assert of_a_fire(doubtful, priority="P1").priority == "P1"
