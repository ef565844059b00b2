"""The small county as intake needs it: areas and people, no units, no roads."""

from __future__ import annotations

import pytest

from anlan.intake.services import CallReceived, CallSheet, call_receive
from world import T0, build_world


@pytest.fixture
def county(db, taxonomy):
    return build_world(units=False, roads=False)


@pytest.fixture
def ben(county):
    return county.actor("ben")


@pytest.fixture
def take(ben):
    """``take(narrative="…")``: Ben takes a report in the west of the county."""

    def act(*, at=T0, by=ben, **fields) -> CallReceived:
        fields = {"lon": 120.05, "lat": 28.90} | fields
        return call_receive(line=CallSheet(**fields), at=at, by=by)

    return act
