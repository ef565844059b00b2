"""Reference data that a test rolled back can't leave behind."""

from __future__ import annotations

import pytest

from anlan.places import selectors


@pytest.fixture(autouse=True)
def _places_fresh(settings, tmp_path):
    """Areas and roads are looked at anew: after a rollback their ids come again."""
    settings.ROADS_DIR = tmp_path / "roads"
    for held in (selectors._areas, selectors._gazetteer, selectors._roads):
        held.forget()
    yield
    for held in (selectors._areas, selectors._gazetteer, selectors._roads):
        held.forget()
