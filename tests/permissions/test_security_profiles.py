"""Every item of the two security profiles has its row, and no row claims what nothing shows."""

from __future__ import annotations

import csv
import re
from collections import Counter

import pytest

import docs_permissions

ROOT = docs_permissions.ROOT
STATES = {"held", "partly", "built", "open", "operator", "none"}
LEVELS = {"1": 70, "2": 183}
"""So many items ASVS 5.0.0 has at its first two levels."""


def problems(rows):
    """What is wrong with a profile, one sentence each."""
    for item, count in Counter(row["item"] for row in rows).items():
        if count > 1:
            yield f"{item} stands there {count} times"
    for row in rows:
        item, state, shown = row["item"], row["state"], row["shown by"]
        if state not in STATES or not row["what"]:
            yield f"{item} has no state or doesn't say what it is"
        if state == "held" and not shown:
            yield f"{item} is held and nothing shows it"
        if shown and not (ROOT / shown).exists():
            yield f"{item} is shown by {shown}, which isn't there"
        if state in ("open", "none", "operator") and shown:
            yield f"{item} is {state} and shown by something"
        if state in ("none", "partly") and not (row["note"] or shown):
            yield f"{item} is {state} without saying why"


def profile(name):
    with (ROOT / "docs" / "security" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", ["asvs", "gb"])
def test_a_profile_claims_only_what_something_shows(name):
    assert not list(problems(profile(name)))


def test_no_item_of_the_first_two_levels_is_missing():
    rows = profile("asvs")
    counts = Counter(row["level"] for row in rows)
    assert {level: counts[level] for level in LEVELS} == LEVELS
    assert not [row["item"] for row in rows if not re.fullmatch(r"V\d+\.\d+\.\d+", row["item"])]
    clauses = {row["item"].split()[0] for row in profile("gb")}
    assert clauses == {f"8.1.4.{n}" for n in range(1, 12)}


def test_a_row_that_claims_too_much_is_found():
    good = {"item": "V1.1.1", "what": "w", "state": "held", "shown by": "docs/tls.md", "note": ""}
    assert not list(problems([good]))
    for change in (
        {"shown by": ""},
        {"shown by": "tests/gone.py"},
        {"state": "surely"},
        {"state": "open"},
        {"state": "none", "shown by": ""},
        {"what": ""},
    ):
        assert list(problems([good | change])), change
    assert list(problems([good, good]))
