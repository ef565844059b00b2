"""The live stream: who may listen, what reaches whom, and that a broken line costs nothing."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.conf import settings as project
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connections

from anlan.accounts.models import ApiToken, RoleGrant
from anlan.accounts.selectors import ANONYMOUS
from anlan.accounts.services import token_issue, token_revoke
from anlan.console import live, live_door, live_frames
from anlan.console.live_places import place_of, place_told
from anlan.console.live_rights import rights_mark
from anlan.core.actor import SYSTEM, Actor
from anlan.core.clock import now as clock_now
from anlan.core.models import Event
from anlan.core.selectors import Cursor
from anlan.intake.services import CallSheet, call_receive
from anlan.units.services import PositionReport, positions_take
from live.listening import Browser, elsewhere, happen, play
from ports import free_port
from world import T0, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture(autouse=True)
def _lively(monkeypatch):
    monkeypatch.setattr(live, "TAIL_S", 0.01)
    monkeypatch.setattr(live, "ASK_S", 0.01)
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
    key = signed_in(world.people["ada"])

    async def scenario():
        async with Browser({"cookie": f"other=1; {project.SESSION_COOKIE_NAME}={key}"}) as browser:
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
    headers = {**token("cleo"), "last-event-id": place_told(Cursor())}
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
            # Of the same moment in every store: a frame that seems older than what is known is not believed.
            assert [row[5] for row in seen.data] == [int(at.timestamp())]
            assert seen.id == ""
            assert {row[0] for row in (await ada.next("positions")).data} == {p1.pk, p3.pk}

    play(scenario)


def test_a_position_committed_after_the_frame_of_its_moment_comes_with_the_next_and_only_once():
    # Unit and when it came in, as the store's rows begin and end.
    one, two, moved = (1, "09:00:01"), (2, "09:00:02"), (1, "09:00:09")
    told = live_frames.Told()
    assert told.news([two]) == [two]
    assert told.news([one, two]) == [one]
    assert told.news([moved, two]) == [moved]
    assert told.news([moved]) == []
    assert timedelta(seconds=live.FRAME_S * (1 + live_frames.RIDES_WITHIN)) < live_frames.COMMITTED_WITHIN


def looks_at_what_is_committed_late(world):
    """Three looks: one unit reports, another's fix of before that is committed only then, nothing more."""
    first, late, told = world.units["P-01"], world.units["P-03"], live_frames.Told()
    at = clock_now() - timedelta(seconds=2)

    def report(unit, received_at):
        fix = PositionReport(unit_id=unit.pk, boot="late", seq=1, lon=120.1, lat=28.9, fixed_at=received_at)
        positions_take(fixes=[fix], by=SYSTEM, at=received_at)

    report(first, at)
    since, *seen = live_frames.positions_new(at - timedelta(seconds=1), told)
    report(late, at - timedelta(seconds=0.5))
    for _look in range(2):
        since, fixes = live_frames.positions_new(since, told)
        seen.append(fixes)
    return [[fix.row[:3] for fix in fixes] for fixes in seen]


def test_what_is_committed_late_is_told_whole_and_what_was_told_is_not_told_again(world):
    first, late = ([world.units[name].pk, 120_100_000, 28_900_000] for name in ("P-01", "P-03"))
    assert looks_at_what_is_committed_late(world) == [[first], [late], []]


def test_without_the_look_back_what_is_committed_late_would_be_lost(world, monkeypatch):
    monkeypatch.setattr(live_frames, "COMMITTED_WITHIN", timedelta(0))
    assert [len(fixes) for fixes in looks_at_what_is_committed_late(world)] == [1, 0, 0]


LOOK_S = 0.125


def frames_at(pace, *, events=()):
    """When frames go out in ten seconds of eight looks each, where ``events`` are the looks that bring some."""
    looks = [k * LOOK_S for k in range(80)]
    return [at for at in looks if pace.is_due(at, every_s=1.0, rides=at in events)]


def test_while_nothing_happens_there_is_a_frame_a_second():
    assert frames_at(live_frames.Pace()) == [float(second) for second in range(10)]


def test_where_something_happens_every_second_frames_soon_go_with_it():
    happens = [k + 0.5 for k in range(10)]
    sent = frames_at(live_frames.Pace(), events=happens)
    assert sent[3:] == [at for at in happens if at >= sent[3]]


@pytest.mark.parametrize("happens", [[], [0.25], [k * LOOK_S for k in range(80)], [1.125, 2.875, 3.25, 6.625]])
def test_a_frame_is_never_sooner_or_later_by_more_than_a_fifth_and_one_look(happens):
    sent = frames_at(live_frames.Pace(), events=happens)
    assert all(0.8 <= later - at <= 1.2 + LOOK_S for at, later in pairwise(sent))


def test_whatever_the_store_calls_a_time_a_frame_says_seconds():
    at = datetime(2026, 11, 22, 9, 0, 1, 500_000, tzinfo=UTC)
    # As SQLite keeps it, and as PostgreSQL writes it in UTC and in the centre's own zone.
    written = (str(at)[:26], "2026-11-22 09:00:01.5+00", "2026-11-22 17:00:01.5+08")
    rows = [(7, 120.1, 28.9, None, 359.7, kept, "") for kept in written]
    assert [live_frames._frame_row(row) for row in rows] == [
        [7, 120_100_000, 28_900_000, None, 0, int(at.timestamp())]
    ] * 3


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
    assert [place_of(place) for place in heard] == [Cursor.of(event) for event in written]


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
            own = place_of(greeting.id).id
            due = [pk for pk in written if pk > own]
            assert due
            assert [place_of(m.id).id for m in await ida.changes(len(due))] == due

    play(scenario)


def test_who_comes_back_soon_is_told_from_memory_and_the_store_is_not_asked(world, token, monkeypatch):
    headers, west, east = {name: token(name) for name in ("ada", "cleo")}, world.orgs["west"], world.orgs["east"]

    async def scenario():
        async with Browser(headers["ada"]) as ada:
            await ada.next("hello")
            first, *later = [await elsewhere(lambda org=org: happen(org)) for org in (west, west, east, west)]
            place = (await ada.changes(4))[0].id
            assert place_of(place).id == first
            encoded = live._events_encoded
            asked = []
            monkeypatch.setattr(live, "_events_encoded", lambda at: asked.append(place_told(at)) or encoded(at))
            back = {**headers["ada"], "last-event-id": place}, {**headers["cleo"], "last-event-id": place}
            async with Browser(back[0]) as all_of_it, Browser(back[1]) as the_east:
                assert [str(place_of(m.id).id) for m in await all_of_it.changes(3)] == [str(pk) for pk in later]
                assert [str(place_of(m.id).id) for m in await the_east.changes(1)] == [str(later[1])]
            assert place not in asked

    play(scenario)


def test_after_a_restart_the_store_is_asked_once_for_what_everybody_missed(world, token, monkeypatch):
    headers, west, east = {name: token(name) for name in ("ada", "cleo")}, world.orgs["west"], world.orgs["east"]
    first, *later = [happen(org) for org in (west, west, east, west)]
    place = place_told(Cursor.of(Event.objects.get(pk=first)))
    real, asked = live._events_encoded, []
    monkeypatch.setattr(live, "_events_encoded", lambda at: asked.append(place_told(at)) or real(at))
    monkeypatch.setattr(live, "BATCH", 2)
    names = ["ada", "cleo"] * 5
    comers = [Browser({**headers[name], "last-event-id": place}) for name in names]

    async def scenario():
        async with contextlib.AsyncExitStack() as back:
            for comer in comers:
                await back.enter_async_context(comer)
            for name, comer in zip(names, comers, strict=True):
                due = later if name == "ada" else [later[1]]
                assert [str(place_of(m.id).id) for m in await comer.changes(len(due))] == [str(pk) for pk in due]
                assert (await comer.next()).event == "hello"
        assert asked.count(place) == 1

    play(scenario)


def test_those_who_come_together_are_looked_up_together_and_each_is_told_who_it_is(world):
    keys = [signed_in(world.people[name]) for name in ("ada", "ben", "ada")]
    cookies = [*(f"{project.SESSION_COOKIE_NAME}={key}" for key in keys), "nobody=1"]
    looked: list[int] = []

    async def look(asking):
        looked.append(len(asking))
        return await live.read(live.actors_of_headers, asking)

    async def scenario():
        porter = live.Porter(look)
        known = await asyncio.gather(*(porter.known({"cookie": cookie}) for cookie in cookies))
        ada, ben = (world.people[name].pk for name in ("ada", "ben"))
        assert [(actor.kind, actor.id) for actor in known[:3]] == [("person", ada), ("person", ben), ("person", ada)]
        assert known[3].kind == "anonymous"
        assert looked == [4]

    play(scenario)


def test_a_look_that_fails_is_told_to_those_it_was_for_and_the_next_are_looked_up(world):
    answers = [RuntimeError("the store is away"), [ANONYMOUS]]

    async def look(asking):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def scenario():
        porter = live.Porter(look)
        with pytest.raises(RuntimeError):
            await porter.known({})
        assert await porter.known({}) is ANONYMOUS

    play(scenario)


def test_browsers_are_told_different_times_to_come_back(world, token):
    headers = token("ada")

    async def scenario():
        waits = []
        for _ in range(4):
            async with Browser(headers) as ada:
                await ada.next("hello")
                waits.append(ada.retry_ms)
        assert len(set(waits)) == 4
        assert all(live.RETRY_FROM_MS <= wait <= live.RETRY_FROM_MS + live.RETRY_SPAN_MS for wait in waits)

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


def test_what_was_missed_is_put_together_once_for_all_of_a_reach_and_anew_when_more_happens():
    hub, place = live.Hub(), live.Cursor(0, 10)
    hub._since = place
    west, east = (Actor(kind="person", id=n, org_ids=frozenset({n})) for n in (1, 2))
    for number in range(11, 15):
        hub._keep(live.Encoded(live.Cursor(0, number), (1 + number % 2,), b"%d," % number))
    assert hub.retold(place, west) == (live.Cursor(0, 14), b"12,14,")
    assert hub.retold(place, east) == (live.Cursor(0, 14), b"11,13,")
    assert hub.retold(place, west)[1] is hub.retold(place, west)[1]
    assert hub.retold(live.Cursor(0, 13), west) == (live.Cursor(0, 14), b"14,")
    hub._keep(live.Encoded(live.Cursor(0, 16), (1,), b"16,"))
    assert hub.retold(place, west) == (live.Cursor(0, 16), b"12,14,16,")
    assert hub.retold(live.Cursor(0, 20), west) == (live.Cursor(0, 20), b"")
    for number in range(40):
        hub.retold(live.Cursor(0, 10 + number), west)
    assert len(hub._retold) <= 16


def test_a_place_tells_where_to_go_on_and_nothing_of_how_much_was_written(settings):
    for place in (Cursor(), Cursor(0, 1), Cursor(0, 2), Cursor(7, 1), Cursor(2**48 - 1, 2**48 - 1)):
        assert place_of(place_told(place)) == place
    told = [place_told(Cursor(0, number)) for number in range(200)]
    assert {len(each) for each in told} == {22}
    assert len(set(told)) == 200
    assert sorted(told) != told
    # Neighbours share no more letters at one spot than chance gives: 1 in 64, some three of 200.
    for spot in range(21):
        assert sum(one[spot] == other[spot] for one, other in pairwise(told)) < 20
    last = told[-1]
    settings.EVENT_HASH_KEY = "another centre's"
    assert place_of(last) == Cursor()


def test_what_a_reader_is_told_has_no_number_of_the_whole_store_in_it(world, token):
    headers, west, east = token("cleo"), world.orgs["west"], world.orgs["east"]

    async def scenario():
        async with Browser(headers) as cleo:
            greeting = await cleo.next("hello")
            for _ in range(20):
                await elsewhere(lambda: happen(west))
            pk = await elsewhere(lambda: happen(east))
            (told,) = await cleo.changes(1)
            assert place_of(told.id).id == pk
            assert told.data["id"] == told.id
            for place in (greeting.id, told.id):
                assert not place.replace(".", "").isdecimal()

    play(scenario)


@pytest.mark.parametrize("resume", ["rubbish", "1", "0.1", "-1.-1", "A" * 22, "=" * 22, "A" * 23, "x" * 900, "٣.٤"])
def test_a_place_that_can_not_be_read_means_from_the_beginning(world, token, resume):
    headers = {**token("ada"), "last-event-id": place_told(Cursor())}
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
            assert place_of((await ida.next()).id).id == pk

    play(scenario)


def test_whoever_was_away_too_long_is_told_to_load_anew(world, token, monkeypatch):
    monkeypatch.setattr(live, "REPLAY_MAX", 10)
    monkeypatch.setattr(live, "BATCH", 5)
    for _ in range(30):
        happen(world.orgs["west"])
    headers = {**token("ida"), "last-event-id": place_told(Cursor())}

    async def scenario():
        async with Browser(headers) as ida:
            assert (await ida.next()).event == "reload"
            assert (await ida.next()).event == "hello"
            pk = await elsewhere(lambda: happen(world.orgs["west"]))
            while place_of((message := await ida.next("change")).id).id != pk:
                pass
            assert message.event == "change"

    play(scenario)


def test_a_reader_too_slow_is_told_to_load_anew_and_holds_up_nobody(world, token, monkeypatch):
    monkeypatch.setattr(live, "UNSENT_MAX", 1000)
    headers, west = token("ida"), world.orgs["west"]

    async def scenario():
        async with Browser(headers) as slow, Browser(headers) as quick:
            await slow.next("hello")
            await quick.next("hello")
            slow.wire.block(True)
            for number in range(12):
                await elsewhere(lambda number=number: happen(west, number=number))
                assert (await quick.changes(1))[0].data["data"]["number"] == number
            slow.wire.block(False)
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


def test_who_signs_out_is_cut_off_and_the_others_are_not_asked_again(world, monkeypatch):
    monkeypatch.setattr(live, "RIGHTS_S", 0.05)
    keys = [signed_in(world.people[name]) for name in ("ada", "ben")]
    ada, ben = (Browser({"cookie": f"{project.SESSION_COOKIE_NAME}={key}"}) for key in keys)
    asked = []
    who = live.actor_of_headers
    monkeypatch.setattr(live, "actor_of_headers", lambda headers: asked.append(headers["cookie"]) or who(headers))

    async def scenario():
        async with ada, ben:
            await ada.next("hello")
            await ben.next("hello")
            asked.clear()
            await elsewhere(lambda: Session.objects.get(pk=keys[0]).delete())
            while await ada.next():
                pass
            await elsewhere(lambda: happen(world.orgs["west"]))
            assert (await ben.changes(1))[0].data["kind"] == "tests.happened"
        assert set(asked) == {ada.headers["cookie"]}

    play(scenario)


def test_a_new_password_and_a_role_that_runs_out_are_noticed(world):
    ada, at = world.people["ada"], T0 + timedelta(hours=1)
    later = at + timedelta(hours=1)
    before = rights_mark(at=at)
    assert rights_mark(at=at + timedelta(seconds=30)) == before
    ada.set_password("another-long-password")
    ada.save()
    changed = rights_mark(at=at)
    assert changed != before
    RoleGrant.objects.filter(person=world.people["ben"]).update(valid_to=later)
    assert rights_mark(at=at) == changed
    assert rights_mark(at=later) != changed


def test_a_right_that_changes_while_somebody_comes_in_is_noticed_at_the_next_look(world, token, monkeypatch):
    monkeypatch.setattr(live, "RIGHTS_S", 0.05)
    headers, real = token("ada"), live.actors_of_headers

    def look(asked):
        found = real(asked)
        for row in ApiToken.objects.filter(revoked_at=None):
            token_revoke(token=row, by=SYSTEM, at=T0 + timedelta(hours=1))
        return found

    monkeypatch.setattr(live, "actors_of_headers", look)

    async def scenario():
        async with Browser(headers) as ada:
            while await ada.next():
                pass
            assert ada.status == 200

    play(scenario)


# The door


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /live\r\n\r\n", 400),
        (b"GET /live SPDY/3\r\n\r\n", 400),
        (b"GET /live HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET /live HTTP/1.1\r\nAuthorization : Bearer x\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
        (b"GET /live HTTP/1.1\r\nX: " + b"y" * live_door.HEAD_MAX + b"\r\n", 431),
        (b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n", 401),
    ],
)
def test_what_is_no_request_is_refused_and_the_line_closed(world, head, status):
    async def scenario():
        reader, writer = await knock()
        for start in range(0, len(head), 7000):  # a head may come in pieces
            writer.write(head[start : start + 7000])
        answer = await reader.read()
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        writer.close()

    play(at_the_door(scenario))


def test_who_asks_for_nothing_is_not_waited_for(world, monkeypatch):
    monkeypatch.setattr(live_door, "HEAD_WITHIN_S", 0.05)

    async def scenario():
        reader, writer = await knock()
        writer.write(b"GET /live HTTP/1.1\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()

    play(at_the_door(scenario))


def test_over_a_real_line_all_is_told_and_the_door_ends_its_streams_when_it_closes(world, token):
    headers, west = token("ida"), world.orgs["west"]

    async def scenario():
        reader, writer = await knock()
        lines = ["GET /live HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"200 OK" in head
        assert b"connection: close" in head.lower()
        await reader.readuntil(b"event: hello\n")
        pks = [await elsewhere(lambda: happen(west)) for _ in range(3)]
        for pk in pks:
            told = (await reader.readuntil(b"event: change\n")).decode()
            assert place_of(told.rpartition("id: ")[2].split("\n")[0]).id == pk
        left.append((reader, writer))

    left = []

    async def afterwards():
        await at_the_door(scenario)()
        with contextlib.suppress(ConnectionResetError):
            await left[0][0].read()
        assert left[0][0].at_eof() or left[0][0].exception()
        left[0][1].close()
        assert not live.HUB.listeners

    play(afterwards)


def test_one_more_than_there_is_room_for_is_sent_away_for_a_while(world, token, settings):
    settings.LIVE_STREAMS_MAX = 1
    headers = token("ida")
    ask = "\r\n".join(["GET /live HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""])

    async def scenario():
        lines = []
        for status in (200, 503):
            reader, writer = await knock()
            lines.append(writer)
            writer.write(ask.encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(f"HTTP/1.1 {status} ".encode())
        assert b"Retry-After" in head
        for writer in lines:
            writer.close()

    play(at_the_door(scenario))


PORT: list[int] = []


def at_the_door(scenario):
    """The scenario, with the door open at a free port meanwhile."""

    async def whole():
        PORT[:] = [free_port()]
        until = asyncio.Event()
        door = asyncio.create_task(live_door.serve("127.0.0.1", PORT[0], until=until))
        try:
            await scenario()
        finally:
            until.set()
            await door

    return whole


async def knock():
    """A connection to the door, as soon as it is open."""
    while True:
        try:
            return await asyncio.open_connection("127.0.0.1", PORT[0])
        except ConnectionRefusedError:
            await asyncio.sleep(0.01)


def signed_in(person) -> str:
    """The key of a session in which this person has signed in."""
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(person.pk), person.get_session_auth_hash()
    session.save()
    return session.session_key
