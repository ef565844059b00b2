"""Why a matter stands where it stands in the queue: by what orders it, and by nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from anlan.intake.selectors import RULE_LABELS, Standing, queue_told, standing_short, standing_whole
from anlan.intake.standing import why_priority
from world import T0

OF_PRIORITY = set(RULE_LABELS) - {"dispute.escalated", "transfer.list"}  # those two decide the track alone


def row(number, priority="P3", rule="taxonomy", minutes=0, **more):
    return Standing(int(number), number, priority, rule, T0 - timedelta(minutes=minutes), **more)


def test_the_phrase_names_the_danger_or_the_rule_and_since_when_it_waits():
    with translation.override("en"):
        assert standing_short(row("1", "P1", "danger:weapon"), at=T0) == "weapon · call came 09:00"
        assert standing_short(row("1", rule="person", is_received=False), at=T0) == "set by a person · since 09:00"
        assert standing_short(row("1", minutes=24 * 60), at=T0).endswith(f"{T0 - timedelta(days=1):%m-%d} 09:00")


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (row("7", "P2"), "behind 7, which is P2."),
        (row("7", minutes=5), "behind 7, which has waited since 08:55:00."),
        (row("7"), "behind 7, which has waited as long and was recorded first."),
    ],
)
def test_the_whole_says_what_puts_the_row_before_it_first(before, words):
    here = row("8", minutes=0)
    assert before.key < here.key
    with translation.override("en"):
        assert standing_whole(here, at=T0, behind=before).endswith(words)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_rule_has_a_phrase_a_row_has_room_for(language):
    with translation.override(language):
        phrases = [why_priority(rule) for rule in [*OF_PRIORITY, "danger:covert", "danger:gas"]]
    assert all(phrase not in RULE_LABELS and len(phrase) <= 24 for phrase in phrases)


def test_the_rows_of_a_page_are_told_in_their_order():
    rows = [
        {"id": 1, "number": "1", "priority": "P1", "priority_rule": "danger:gas", "received_at": T0},
        {"id": 2, "number": "2", "priority": "P3", "priority_rule": "taxonomy", "received_at": T0},
    ]
    with translation.override("en"):
        told = queue_told(rows, at=T0)
    assert [each["why"] for each in told] == ["gas · call came 09:00", "by its type · call came 09:00"]
    assert "behind" not in told[0]["why_whole"].partition("it.")[2]
    assert told[1]["why_whole"].endswith("behind 1, which is P1.")
