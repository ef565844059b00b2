"""The interface for programs: each role at each door, about records in each relation, as the table says."""

from __future__ import annotations

import os

import pytest

from permissions.checking import all_deviations
from permissions.doors import doors

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.sqlite, pytest.mark.slow]
IS_WHOLE = bool(os.environ.get("ANLAN_RELEASE"))
"""For a release every relation is looked at whole, as every role."""
CELLS = "answers at doors held against the table of who may"


def rooms(is_api: bool) -> list[str]:
    return sorted(
        {door.path.split("/")[2 if is_api else 1].partition("?")[0] for door in doors() if door.is_api is is_api}
    )


@pytest.mark.parametrize("room", rooms(True))
def test_the_interface_answers_as_the_table_says(knocker, room, counted):
    row = [door for door in doors() if door.is_api and door.path.split("/")[2].partition("?")[0] == room]
    before = knocker.answered
    wrong = all_deviations(knocker, row, is_whole=IS_WHOLE)
    counted(CELLS, knocker.answered - before)
    assert not wrong, "\n".join(wrong)
