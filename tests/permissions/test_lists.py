"""Lists, counts, searches, figures, exports, the live stream: with and without others' records they say the same."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from anlan.accounts.selectors import actor_for
from anlan.console import live
from anlan.console.live_frames import Fix
from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.core.selectors import Cursor
from anlan.core.services import event_record
from permissions.checking import asker
from permissions.county import FOREIGN, NOW, RELATIONS, ROLES, add_records
from permissions.doors import Door, doors, shared
from permissions.knocking import Answer, Knocker, foreign_words
from permissions.test_api_doors import IS_WHOLE

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.sqlite, pytest.mark.slow]
LOOKS = "looks that say the same with and without others' records"


def looks() -> list[Door]:
    """Everything that is looked at without changing anything; one's own records among it: who stands beside them?

    Not what the table says shows others' too, each with its reason.
    """
    return [
        door
        for door in doors()
        if door.method == "GET" and not door.is_public and door.record != "same" and door.path not in shared()
    ]


def answers(knocker: Knocker) -> dict[tuple[Door, str], Answer]:
    """What one role at each door is answered, for a release each that may come in."""
    return {
        (door, role): knocker.ask(door, role)
        for door in looks()
        for role in (sorted(door.roles) if IS_WHOLE else [asker(door)])
    }


def test_what_others_have_changes_nothing_one_sees(empty_county, counted):
    county = empty_county
    add_records(county, "own", "beneath")
    knocker = Knocker(county)
    before = answers(knocker)
    add_records(county, *FOREIGN)
    after = answers(knocker)
    counted(LOOKS, len(after))
    told = [f"{door} as {role}" for door, role in before if before[door, role] != after[door, role]]
    assert not told, "these show, count or hint at records of other organisations: " + "; ".join(told)
    assert not [f"{door} as {role}" for door, role in after if after[door, role].foreign]


class Line:
    """A line of the live stream that keeps what is written to it."""

    def __init__(self) -> None:
        self.text = b""

    def write(self, data: bytes) -> None:
        self.text += data

    def unsent(self) -> int:
        return 0

    async def drained(self) -> None: ...

    def end(self) -> None: ...


def happenings(county) -> None:
    """Something on the record of each organisation, with words of its own."""
    for relation in RELATIONS:
        organisation = county.orgs[relation]
        event_record(
            "tests.happened",
            subject=organisation,
            by=SYSTEM,
            at=NOW,
            org_ids=[organisation.pk],
            words=f"secret {relation}",
        )


def heard(role: str, county, monkeypatch) -> tuple[str, str]:
    """What somebody hears of events: as they happen, and of what was missed when coming back."""
    actor = actor_for(county.people[role], at=NOW)
    happened = [live.encode(event) for event in Event.objects.order_by("id")]
    now_line, back_line = Line(), Line()
    hub = live.Hub()
    monkeypatch.setattr(live, "HUB", hub)
    hub.cursor = hub._since = Cursor()
    hub.listeners.add(live.Listener(actor, now_line, {}, waiting=None))
    hub._hand_out(happened, [Fix(org.pk, [org.pk, 0, 0, None, None, 0]) for org in county.orgs.values()])

    async def come_back() -> None:
        await live.listen(live.Listener(actor, back_line, {}), str(Cursor()))
        for task in hub._tasks:
            task.cancel()

    async def inline(function: Any, *args: Any, **named: Any) -> Any:
        return function(*args, **named)

    monkeypatch.setattr(live, "read", inline)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    asyncio.run(come_back())
    return now_line.text.decode(), back_line.text.decode()


@pytest.mark.parametrize("role", ROLES)
def test_the_live_stream_tells_nobody_what_is_others(empty_county, monkeypatch, role):
    happenings(empty_county)
    live_now, came_back = heard(role, empty_county, monkeypatch)
    for told in (live_now, came_back):
        assert not foreign_words(told)
        assert "secret own" in told
        assert "secret beneath" in told
    positions = json.loads(live_now.rpartition("event: positions\ndata: ")[2])
    within = {empty_county.orgs[relation].pk for relation in ("own", "beneath")}
    assert {organisation for organisation, *_place in positions} == within
