"""The pages: each role at each page and button, about records in each relation, as the table says."""

from __future__ import annotations

import pytest

from permissions.checking import all_deviations
from permissions.doors import doors
from permissions.test_api_doors import CELLS, IS_WHOLE, rooms

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.sqlite, pytest.mark.slow]


@pytest.mark.parametrize("room", rooms(False))
def test_the_pages_answer_as_the_table_says(knocker, room, counted):
    row = [door for door in doors() if not door.is_api and door.path.split("/")[1].partition("?")[0] == room]
    before = knocker.answered
    wrong = all_deviations(knocker, row, is_whole=IS_WHOLE)
    counted(CELLS, knocker.answered - before)
    assert not wrong, "\n".join(wrong)
