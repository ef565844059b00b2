"""A road folder for each test, and reference data that a rolled-back test can't leave behind."""

from __future__ import annotations

import pytest

from anlan.places import selectors


def forget_places() -> None:
    """Look at areas, roads and gazetteer anew: after a rollback their ids come again."""
    for held in (selectors._areas, selectors._gazetteer, selectors._roads):
        held.forget()


@pytest.fixture(autouse=True)
def places_fresh(settings, tmp_path):
    settings.ROADS_DIR = tmp_path / "roads"
    forget_places()
    yield
    forget_places()
