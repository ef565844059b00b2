"""The rules of urgency and track, in their order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engines.text_tags.reading import read
from anlan.engines.text_tags.triage import TriageTable
from anlan.engines.text_tags.triage import conditions as conditions_told
from anlan.intake.triage import PERSON_RULE, Decision, conditions_of, decide, overridden
from anlan.tagging.data import load_lexicon, read_json
from anlan.tagging.rules import edition_packaged

EDITION = edition_packaged()
TYPES = {row.code: row for row in EDITION.types}
LISTED = {item.code for item in EDITION.transfers}


def decided(code, *, danger=(), conditions=(), nth=1, listed=None):
    return decide(
        TYPES[code],
        danger=danger,
        conditions=frozenset(conditions),
        nth_report=nth,
        on_transfer_list=code in LISTED if listed is None else listed,
        escalations=EDITION.escalations,
        is_type_sure=code != "9901",
    )


@given(st.sampled_from(sorted(TYPES)), st.integers(1, 9), st.booleans(), st.sampled_from(["weapon", "fire", "x"]))
def test_danger_overrides_every_type_repeat_and_list(code, nth, listed, flag):
    got = decided(code, danger=(flag,), nth=nth, listed=listed, conditions={"alcohol"})
    assert got == Decision("P1", f"danger:{flag}", "P", f"danger:{flag}")


@pytest.mark.parametrize(
    ("code", "priority", "track", "rule"),
    [
        ("0105", "P2", "P", "taxonomy"),
        ("0402", "P3", "C", "taxonomy"),
        ("0401", "P2", "J", "taxonomy"),
        ("1101", "P4", "T", "transfer.list"),
        ("0307", "P4", "C", "taxonomy"),
        ("9001", "P4", "P", "invalid"),
        ("9901", "P3", "P", "unknown.first_receiver"),
    ],
)
def test_without_danger_the_types_own_row_decides(code, priority, track, rule):
    got = decided(code)
    assert (got.priority, got.track, got.track_rule) == (priority, track, rule)


@pytest.mark.parametrize(
    ("code", "word", "priority"),
    [
        ("0105", "offender_present", "P1"),
        ("0403", "group", "P2"),
        ("0304", "injury", "P1"),
        ("0105", "alcohol", "P2"),
    ],
)
def test_the_exceptions_of_a_type_make_it_more_urgent(code, word, priority):
    assert decided(code, conditions=conditions_of({"conditions": [word]})).priority == priority


@pytest.mark.parametrize(
    ("conditions", "nth", "rule"),
    [
        ({"alcohol"}, 1, "dispute.escalated:alcohol"),
        ({"escalating"}, 1, "dispute.escalated:escalating"),
        (set(), 3, "dispute.escalated:repeat_3"),
    ],
)
def test_a_dispute_that_escalates_is_a_matter_for_both(conditions, nth, rule):
    got = decided("0402", conditions=conditions, nth=nth)
    assert (got.track, got.track_rule) == ("J", rule)


def test_the_second_report_of_a_dispute_stays_with_the_community():
    assert decided("0402", nth=2).track == "C"


def test_alcohol_moves_no_lost_purse_to_the_police():
    assert decided("0504", conditions={"alcohol"}, nth=5).track == "C"


def test_what_is_on_nobodys_list_is_kept_by_the_first_receiver():
    got = decided("1101", listed=False)
    assert (got.track, got.track_rule) == ("P", "unknown.first_receiver")


def test_a_person_may_set_both_where_there_is_no_danger():
    got = overridden(decided("0402"), priority="P2", track="P", danger=(), has_reason=False)
    assert got == Decision("P2", PERSON_RULE, "P", PERSON_RULE)


def test_a_form_left_at_its_old_value_diverts_no_danger():
    knife = decided("0402", danger=("weapon",))
    assert overridden(knife, priority="P4", track="C", danger=("weapon",), has_reason=False) == knife


def test_with_a_reason_a_persons_word_stands_against_danger_too():
    knife = decided("0402", danger=("weapon",))
    assert overridden(knife, priority=None, track="J", danger=("weapon",), has_reason=True).track == "J"


def test_what_agrees_with_the_rules_is_not_called_an_override():
    plain = decided("0402")
    assert overridden(plain, priority="P3", track="C", danger=(), has_reason=True) == plain


@pytest.mark.parametrize(
    ("text", "conditions", "nth"),
    [("吵", (), 1), ("喝醉了吵", ("alcohol",), 1), ("第三次报警了", (), 3), ("越吵越凶", ("escalating",), 1)],
)
def test_a_suggestion_and_a_decision_follow_one_set_of_rules(text, conditions, nth):
    edition = read_json("taxonomy-1.json")
    listed = {row["code"]: row for row in read_json("transfer-list-1.json")["items"]}
    table = TriageTable({row["code"]: row for row in edition["level2"]}, listed, edition["dispute_escalation"])
    told = conditions_told(read(text, load_lexicon()))
    for code in sorted(set(TYPES) - {"9901"}):
        said, got = table.decide(code, [], told), decided(code, conditions=conditions, nth=nth)
        assert (said.priority, said.track) == (got.priority, got.track), code
        assert said.track_rule_id == got.track_rule.partition(":")[0], code
