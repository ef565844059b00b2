"""The live stream: who may listen, what reaches whom, and that a broken line costs nothing."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import pytest
from django.conf import settings as project
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections

from anlan.accounts.models import ApiToken
from anlan.accounts.services import token_issue, token_revoke
from anlan.console import live
from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.intake.services import CallSheet, call_receive
from anlan.units.services import PositionReport, positions_take
from live.listening import Browser, elsewhere, happen, play
from world import T0, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture(autouse=True)
def _lively(monkeypatch):
    monkeypatch.setattr(live, "TAIL_S", 0.01)
    monkeypatch.setattr(live, "FRAME_S", 0.05)


@pytest.fixture
def world(tmp_path, settings):
    settings.ROADS_DIR = tmp_path / "roads"
    return build_world(roads=False)


@pytest.fixture
def token(world):
    """``token("ada")``: the headers of somebody's program."""

    def issue(name: str) -> dict[str, str]:
        secret = token_issue(person=world.people[name], label="t", by=SYSTEM, at=T0)
        return {"authorization": f"Bearer {secret}", "host": "desk.local:8001"}

    return issue


# Who may listen


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer"},
        {"cookie": "anlan_session=nobody"},
        {"cookie": "[]=;;\x01=x; =="},
    ],
    ids=["nothing", "a wrong token", "no token", "a wrong session", "no cookie at all"],
)
def test_a_stranger_hears_nothing(world, headers):
    async def scenario():
        async with Browser(headers) as stranger:
            while await stranger.next():
                pass
            assert stranger.status == 401

    play(scenario)


@pytest.mark.parametrize(("path", "method"), [("/", "GET"), ("/live/x", "GET"), ("/live", "POST"), ("/live", "HEAD")])
def test_there_is_one_address_and_one_way_to_ask(world, token, path, method):
    headers = token("ada")

    async def scenario():
        async with Browser(headers, path=path, method=method) as ada:
            while await ada.next():
                pass
            assert ada.status == 404

    play(scenario)


def test_a_signed_in_browser_listens_by_its_session(world):
    ada = world.people["ada"]
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(ada.pk), ada.get_session_auth_hash()
    session.save()

    async def scenario():
        async with Browser({"cookie": f"other=1; {project.SESSION_COOKIE_NAME}={session.session_key}"}) as browser:
            assert (await browser.next()).event == "hello"
            assert browser.status == 200
            assert browser.answered["content-type"].startswith("text/event-stream")
            assert browser.answered["cache-control"] == "no-store"

    play(scenario)


@pytest.mark.parametrize(
    ("origin", "host", "is_answered"),
    [
        ("http://desk.local:8000", "desk.local:8001", True),
        ("https://desk.local", "desk.local", True),
        ("http://[::1]:8000", "[::1]:8001", True),
        ("http://[::2]:8000", "[::1]:8001", False),
        ("http://evil.example:8000", "desk.local:8001", False),
        ("http://desk.local.evil.example", "desk.local:8001", False),
        ("http://desk.local@evil.example", "desk.local:8001", False),
        ("null", "desk.local:8001", False),
        ("http://[broken", "desk.local:8001", False),
        ("", "desk.local:8001", False),
        ("", "", False),
    ],
)
def test_only_pages_of_this_very_host_may_read_along(world, token, origin, host, is_answered):
    headers = {**token("ada"), "origin": origin, "host": host}

    async def scenario():
        async with Browser(headers) as ada:
            await ada.next("hello")
            assert ("access-control-allow-origin" in ada.answered) is is_answered
            if is_answered:
                assert ada.answered["access-control-allow-origin"] == origin
                assert ada.answered["access-control-allow-credentials"] == "true"

    play(scenario)


# What reaches whom


def test_after_the_greeting_a_call_taken_elsewhere_arrives_at_once_and_without_its_words(world, token):
    headers, ben = token("ada"), world.actor("ben")
    sheet = CallSheet(narrative="邻居吵架", lon=120.05, lat=28.9, reporter_phone="13812345678")

    async def scenario():
        async with Browser(headers) as ada:
            assert (await ada.next()).event == "hello"
            taken = await elsewhere(lambda: call_receive(line=sheet, at=T0, by=ben))
            kinds = set()
            while "intake.incident_opened" not in kinds:
                told = await ada.next("change")
                kinds.add(told.data["kind"])
                assert told.data["id"] == told.id
                assert "邻居" not in str(told.data)
                assert "13812345678" not in str(told.data)
            assert told.data["incident_id"] == taken.incident.pk

    play(scenario)


def test_the_east_hears_nothing_of_the_west(world, token):
    west, east = world.orgs["west"], world.orgs["east"]
    headers = {name: token(name) for name in ("cleo", "ida", "ada")}

    async def scenario():
        async with Browser(headers["cleo"]) as cleo, Browser(headers["ida"]) as ida, Browser(headers["ada"]) as ada:
            for browser in (cleo, ida, ada):
                await browser.next("hello")
            for org in (west, east, west, east):
                await elsewhere(lambda org=org: happen(org, org=org.code))
            assert [m.data["data"]["org"] for m in await cleo.changes(2)] == ["east", "east"]
            assert [m.data["data"]["org"] for m in await ida.changes(2)] == ["west", "west"]
            assert [m.data["data"]["org"] for m in await ada.changes(4)] == ["west", "east", "west", "east"]
            assert cleo.inbox.empty()

    play(scenario)


def test_what_was_missed_is_filtered_like_what_comes(world, token):
    for org in ("west", "east", "west"):
        happen(world.orgs[org], org=org)
    headers = {**token("cleo"), "last-event-id": "0.0"}
    mine = [e for e in Event.objects.order_by("txid", "id") if world.orgs["east"].pk in e.org_ids]

    async def scenario():
        async with Browser(headers) as cleo:
            missed = []
            while (message := await cleo.next()).event != "hello":
                missed.append(message.data["subject_id"])
            assert len(missed) == len(mine)
            assert missed == [e.subject_id for e in mine]

    play(scenario)


def test_unit_positions_come_as_frames_of_ones_own_units_only(world, token):
    headers = {name: token(name) for name in ("cleo", "ada")}
    p1, p3 = world.units["P-01"], world.units["P-03"]

    async def scenario():
        async with Browser(headers["cleo"]) as cleo, Browser(headers["ada"]) as ada:
            for browser in (cleo, ada):
                await browser.next("hello")
            from anlan.core.clock import now

            at = now()
            fixes = [
                PositionReport(unit_id=u.pk, boot="t2", seq=1, lon=120.111111, lat=28.9, fixed_at=at)
                for u in (p1, p3)
            ]
            await elsewhere(lambda: positions_take(fixes=fixes, by=SYSTEM, at=now()))
            seen = await cleo.next("positions")
            assert [row[:3] for row in seen.data] == [[p3.pk, 120_111_111, 28_900_000]]
            assert seen.id == ""
            assert {row[0] for row in (await ada.next("positions")).data} == {p1.pk, p3.pk}

    play(scenario)


def test_a_position_committed_after_the_frame_of_its_moment_comes_with_the_next_and_only_once():
    one, two = (live.Fix(unit, 1, T0 + timedelta(seconds=unit), [unit]) for unit in (1, 2))
    moved = live.Fix(1, 1, T0 + timedelta(seconds=9), [1])
    told = live.Told()
    assert told.news([two]) == [two]
    assert told.news([one, two]) == [one]
    assert told.news([moved, two]) == [moved]
    assert told.news([moved]) == []
    assert timedelta(seconds=live.FRAME_S) < live.COMMITTED_WITHIN


# A line that breaks


def writers(organisation, *, count: int, each: int) -> list[threading.Thread]:
    def write(number: int) -> None:
        try:
            for step in range(each):
                happen(organisation, writer=number, step=step)
        finally:
            connections.close_all()

    return [threading.Thread(target=write, args=(number,)) for number in range(count)]


def test_a_line_that_breaks_again_and_again_loses_nothing_and_doubles_nothing(world, token):
    headers, west = token("ida"), world.orgs["west"]
    threads = writers(west, count=4, each=30)
    heard: list[str] = []

    async def scenario():
        async with Browser(headers) as ida:
            last = (await ida.next("hello")).id
            for thread in threads:
                thread.start()
        while len(heard) < 120:
            async with Browser({**headers, "last-event-id": last}) as ida:
                for _ in range(min(17, 120 - len(heard))):
                    message = await ida.next("change")
                    heard.append(message.id)
                    last = message.id
        for thread in threads:
            await asyncio.to_thread(thread.join)

    play(scenario)
    written = Event.objects.filter(kind="tests.happened").order_by("txid", "id")
    assert heard == [f"{e.txid}.{e.pk}" for e in written]


def test_nothing_falls_between_the_look_back_and_the_tail_for_those_who_join_while_it_is_written(world, token):
    headers, west = token("ida"), world.orgs["west"]
    threads = writers(west, count=3, each=20)

    async def listen(start: str) -> list[str]:
        async with Browser({**headers, "last-event-id": start}) as ida:
            return [message.id for message in await ida.changes(60)]

    async def scenario():
        async with Browser(headers) as ida:
            start = (await ida.next("hello")).id
        for thread in threads:
            thread.start()
        found = await asyncio.gather(*[listen(start) for _ in range(5)])
        for thread in threads:
            await asyncio.to_thread(thread.join)
        assert all(len(set(ids)) == 60 for ids in found)
        assert all(ids == found[0] for ids in found)

    play(scenario)


def test_the_very_first_listener_misses_nothing_written_while_it_connects(world, token, monkeypatch):
    """Whatever is written between its greeting and the tail's first look is told."""
    headers, west = token("ida"), world.orgs["west"]
    real, written = live.cursor_latest, []

    def look():
        found = real()
        written.append(happen(west, after_look=len(written)))
        return found

    monkeypatch.setattr(live, "cursor_latest", look)

    async def scenario():
        async with Browser(headers) as ida:
            greeting = await ida.next("hello")
            own = int(greeting.id.split(".")[1])
            due = [pk for pk in written if pk > own]
            assert due
            assert [int(m.id.split(".")[1]) for m in await ida.changes(len(due))] == due

    play(scenario)


def test_who_comes_back_soon_is_told_from_memory_and_the_store_is_not_asked(world, token, monkeypatch):
    headers, west, east = {name: token(name) for name in ("ada", "cleo")}, world.orgs["west"], world.orgs["east"]

    async def scenario():
        async with Browser(headers["ada"]) as ada:
            await ada.next("hello")
            first, *later = [await elsewhere(lambda org=org: happen(org)) for org in (west, west, east, west)]
            place = (await ada.changes(4))[0].id
            assert place.endswith(f".{first}")
            encoded = live._events_encoded
            asked = []
            monkeypatch.setattr(live, "_events_encoded", lambda at: asked.append(str(at)) or encoded(at))
            back = {**headers["ada"], "last-event-id": place}, {**headers["cleo"], "last-event-id": place}
            async with Browser(back[0]) as all_of_it, Browser(back[1]) as the_east:
                assert [m.id.partition(".")[2] for m in await all_of_it.changes(3)] == [str(pk) for pk in later]
                assert [m.id.partition(".")[2] for m in await the_east.changes(1)] == [str(later[1])]
            assert place not in asked

    play(scenario)


def test_memory_that_does_not_reach_back_far_enough_leaves_it_to_the_store(monkeypatch):
    monkeypatch.setattr(live, "REPLAY_MAX", 3)
    hub = live.Hub()
    hub._since = live.Cursor(0, 10)
    for number in range(11, 16):
        hub._keep(live.Encoded(live.Cursor(0, number), (1,), b""))
    assert hub.missed(live.Cursor(0, 11)) is None
    assert [e.cursor.id for e in hub.missed(live.Cursor(0, 12))] == [13, 14, 15]
    assert [e.cursor.id for e in hub.missed(live.Cursor(0, 14))] == [15]
    assert hub.missed(live.Cursor(0, 15)) == []


@pytest.mark.parametrize("resume", ["rubbish", "1", "-1.-1", "1.2.3", "٣.٤"])
def test_a_place_that_can_not_be_read_means_from_the_beginning(world, token, resume):
    headers = {**token("ada"), "last-event-id": "0.0"}
    odd = {**headers, "last-event-id": resume} if resume.isascii() else headers

    async def scenario():
        async with Browser(headers) as plain, Browser(odd) as ada:
            assert (await ada.next()).id == (await plain.next()).id

    play(scenario)


def test_a_place_may_also_be_asked_for_in_the_address(world, token):
    headers, west = token("ida"), world.orgs["west"]

    async def scenario():
        async with Browser(headers) as ida:
            start = (await ida.next("hello")).id
            pk = await elsewhere(lambda: happen(west))
            await ida.changes(1)
        async with Browser(headers, query=f"after={start}") as ida:
            assert (await ida.next()).id.endswith(f".{pk}")

    play(scenario)


def test_whoever_was_away_too_long_is_told_to_load_anew(world, token, monkeypatch):
    monkeypatch.setattr(live, "REPLAY_MAX", 10)
    monkeypatch.setattr(live, "BATCH", 5)
    for _ in range(30):
        happen(world.orgs["west"])
    headers = {**token("ida"), "last-event-id": "0.0"}

    async def scenario():
        async with Browser(headers) as ida:
            assert (await ida.next("reload")).event == "reload"
            assert (await ida.next()).event == "hello"
            pk = await elsewhere(lambda: happen(world.orgs["west"]))
            while not (message := await ida.next("change")).id.endswith(f".{pk}"):
                pass
            assert message.event == "change"

    play(scenario)


def test_a_reader_too_slow_is_told_to_load_anew_and_holds_up_nobody(world, token, monkeypatch):
    monkeypatch.setattr(live, "QUEUE_MAX", 5)
    headers, west = token("ida"), world.orgs["west"]

    async def scenario():
        async with Browser(headers) as slow, Browser(headers) as quick:
            await slow.next("hello")
            await quick.next("hello")
            slow.gate.clear()
            for number in range(12):
                await elsewhere(lambda number=number: happen(west, number=number))
                assert (await quick.changes(1))[0].data["data"]["number"] == number
            slow.gate.set()
            seen = []
            while (message := await slow.next()) is not None:
                seen.append(message.event)
            assert seen[-1] == "reload"
            assert seen.count("change") < 12

    play(scenario)


def test_in_quiet_times_the_line_is_kept_alive(world, token, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.02)

    async def scenario():
        async with Browser(headers) as ada:
            assert (await ada.next("beat")).id == ""

    headers = token("ada")
    play(scenario)


# Rights end


def test_a_token_taken_back_ends_an_open_stream(world, token, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.02)
    monkeypatch.setattr(live, "RIGHTS_S", 0.05)
    headers = token("ada")

    async def scenario():
        async with Browser(headers) as ada:
            await ada.next("hello")
            row = await elsewhere(ApiToken.objects.get)
            await elsewhere(lambda: token_revoke(token=row, by=SYSTEM, at=T0 + timedelta(hours=1)))
            while await ada.next():
                pass

    play(scenario)


def test_those_who_leave_are_no_longer_served(world, token):
    headers = token("ada")

    async def scenario():
        for _ in range(3):
            async with Browser(headers) as ada:
                await ada.next("hello")
                assert len(live.HUB.listeners) == 1
        assert not live.HUB.listeners

    play(scenario)
