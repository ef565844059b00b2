"""One report in the west, taken from a telephone, and the site as citizens reach it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.dispatch.services import incident_close
from anlan.intake.selectors import tracking_code
from anlan.intake.services import CallSheet, call_receive
from world import T0, build_world

DIGITS = "1234"


@pytest.fixture
def world(db, taxonomy, settings):
    settings.ROOT_URLCONF = "citizen.urls"
    return build_world(units=False, roads=False)


@pytest.fixture
def take(world):
    """``take()``: Ben takes a quarrel reported from 138 0000 1234."""

    def act(*, at=T0, **fields):
        usual = {"narrative": "邻居吵架", "lon": 120.065, "lat": 28.90, "reporter_phone": "138 0000 1234"}
        return call_receive(line=CallSheet(**{**usual, **fields}), at=at, by=world.actor("ben"))

    return act


@pytest.fixture
def got(take):
    return take()


@pytest.fixture
def code(got):
    return tracking_code(got.call)


@pytest.fixture
def close(world):
    """Bring a matter to its end: settled on the telephone, says the desk."""

    def act(incident, *, at=T0 + timedelta(hours=1)):
        return incident_close(incident=incident, by=world.actor("jia"), at=at, reason="电话中已解决")

    return act


@pytest.fixture
def messages_on(settings):
    settings.MESSAGE_CHANNELS = {"sms": "json://127.0.0.1:9/?:to={address}"}
    settings.PUBLIC_URL = "https://anlan.example"
