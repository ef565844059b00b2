"""Desks with somebody signed in, and a call on the table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from anlan.core.clock import now
from anlan.intake.services import CallSheet, call_receive
from world import build_world


@pytest.fixture
def town(db, taxonomy) -> Any:
    """The small county as of a moment ago: pages ask the real clock."""
    return build_world(at=now() - timedelta(minutes=5))


@pytest.fixture
def desk(town) -> Callable[[str], Client]:
    """``desk("ada")``: a browser with that person signed in, in English."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(town.people[name])
        client.cookies["anlan_language"] = "en"
        return client

    return sign_in


@pytest.fixture
def take(town) -> Callable[..., Any]:
    """``take("words", lon=120.06)``: an incident from a call of a minute ago."""

    def call(words: str, *, minutes: float = 1.0, lon: float = 120.07, **fields: Any) -> Any:
        at = now() - timedelta(minutes=minutes)
        sheet = CallSheet(narrative=words, address_text="安澜大道", lon=lon, lat=28.9, **fields)
        return call_receive(line=sheet, at=at, by=town.actor("ben", at)).incident

    return call


def press(client: Client, url: str, **fields: Any) -> Any:
    """A form sent once, with a key of its own."""
    return client.post(url, {"idempotency_key": str(uuid4()), **fields})
