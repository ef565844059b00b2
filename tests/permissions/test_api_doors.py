"""The interface for programs: each role at each door, about records in each relation, as the table says."""

from __future__ import annotations

import os

import pytest

from permissions.checking import all_deviations
from permissions.doors import doors

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.sqlite, pytest.mark.slow]
IS_WHOLE = os.environ.get("ANLAN_MATRIX", "") == "whole"
"""With ``ANLAN_MATRIX=whole`` every relation is asked as every role that may, which takes some minutes."""


def rooms(is_api: bool) -> list[str]:
    return sorted(
        {door.path.split("/")[2 if is_api else 1].partition("?")[0] for door in doors() if door.is_api is is_api}
    )


@pytest.mark.parametrize("room", rooms(True))
def test_the_interface_answers_as_the_table_says(knocker, room):
    row = [door for door in doors() if door.is_api and door.path.split("/")[2].partition("?")[0] == room]
    assert not all_deviations(knocker, row, is_whole=IS_WHOLE)
