"""The table of doors and the program name the same doors."""

from __future__ import annotations

import csv

import docs_permissions
from permissions.county import RELATIONS, ROLES
from permissions.doors import COLUMNS, TABLE, addresses, addresses_listed, doors


def test_every_door_of_the_program_stands_in_the_table():
    missing = sorted(addresses() - addresses_listed())
    assert not missing, "say in tests/permissions/doors.csv who may come in: " + ", ".join(missing)


def test_the_table_names_no_door_that_is_gone():
    gone = sorted(addresses_listed() - addresses())
    assert not gone, "no longer in the program: " + ", ".join(gone)


def test_rows_are_whole():
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) == set(COLUMNS)
    wrong = [row["path"] for row in rows if not row["roles"] or {row[name] for name in RELATIONS} - {"yes", "no", ""}]
    unknown = {role for door in doors() for role in door.roles | door.given} - set(ROLES)
    doubled = len(rows) - len({(door.method, door.path, door.record) for door in doors()})
    assert (wrong, unknown, doubled) == ([], set(), 0)


def test_a_record_of_ones_own_organisation_is_never_closed_to_all_who_may_come_in():
    assert not [str(door) for door in doors() if door.has_record and "own" not in door.open]


def test_nobody_is_answered_about_another_organisation_without_a_reason():
    assert not [str(door) for door in doors() if door.open & {"sister", "above"} and not door.why]


def test_the_page_about_permissions_says_what_the_table_says():
    assert docs_permissions.PAGE.read_text(encoding="utf-8") == docs_permissions.page(), (
        "run tools/docs_permissions.py"
    )
