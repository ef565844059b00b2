"""A small centre in the middle of its day, for tests and pictures: ``python town.py`` fills the store.

The store is the one the environment names (``ANLAN_HOME``); ``python town.py 16`` adds so many units to one that is
filled, and the others tell anew where they are. Everything goes through the services, at
times a few minutes back, so that clocks run, some of them late.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

PASSWORD = "a-long-enough-password"
STREETS = [
    ("estate", "锦绣花园", 120.061, "", ""),
    ("house_number", "安澜大道18号", 120.071, "安澜大道", "18"),
    ("house_number", "安澜大道188号", 120.079, "安澜大道", "188"),
    ("landmark", "安澜汽车站", 120.083, "", ""),
    ("village", "上坞村", 120.092, "", ""),
    ("junction", "安澜大道与滨江路路口", 120.066, "", ""),
]
# Minutes ago, words, place, longitude, type.
CALLS = [
    (3, "两家邻居因楼上漏水吵起来了，没有动手，想请人来调解", "锦绣花园3幢2单元", 120.061, "0402"),
    (1, "有人拿着菜刀在饭店门口追人，已经有人流血了，快来", "安澜大道18号", 120.071, "0101"),
    (9, "两车追尾，没有人受伤，占了一条车道", "安澜大道与滨江路路口", 120.066, "0302"),
    (22, "老人早上出门买菜到现在没有回来，有轻度认知障碍", "上坞村", 120.092, "0601"),
    (26, "楼下烧烤店噪声扰民，每天都这样", "安澜大道188号", 120.079, "0410"),
    (33, "电瓶车昨晚停在楼下被偷了", "锦绣花园", 120.0612, "0106"),
    (12, "店里有人喝醉了闹事不走", "安澜汽车站", 120.083, "0208"),
]
LAT = 28.9005


def fill() -> None:
    """Tables, vocabulary, the cast of ``world.py``, and a handful of incidents in every state.

    ``town.json`` in the home tells what no list leads to, and holds a session of everybody's.
    """
    from django.conf import settings

    from anlan.config.ready import tables_make
    from anlan.core.actor import SYSTEM
    from anlan.core.clock import now
    from anlan.tagging.services import taxonomy_load

    for store in settings.DATABASES:
        tables_make(store)
    at = now()
    taxonomy_load(by=SYSTEM, at=at - timedelta(hours=1))
    with one_hash_for_all():
        marks, sessions = _day(at)
    (Path(settings.HOME) / "town.json").write_text(
        json.dumps({"marks": marks, "sessions": sessions}), encoding="utf-8"
    )


@contextmanager
def one_hash_for_all() -> Iterator[None]:
    """Everybody here has the same password: to hash it for each of them takes seconds of a processor."""
    from django.contrib.auth import base_user

    with mock.patch.object(base_user, "make_password", cache(base_user.make_password)):
        yield


def _day(at: datetime) -> tuple[dict[str, Any], dict[str, str]]:
    from browser.town_more import more
    from world import build_world

    world = build_world(at=at - timedelta(hours=1))
    places = _gazetteer(world, at)
    incidents = _calls(world, at)
    _responses(world, incidents, at)
    over = _desk_work(world, at)
    _quarrels(world, at)
    _positions(at)
    marks = {"p1": incidents[1].number, "driving": incidents[2].number, "over": over, "place": places[0].pk}
    return marks | more(world, at), _sessions(world)


def _sessions(world: Any) -> dict[str, str]:
    """The cookie of somebody signed in, by name."""
    from django.conf import settings
    from django.test import Client

    cookies = {}
    for name, person in world.people.items():
        client = Client()
        client.force_login(person)
        cookies[name] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return cookies


def _gazetteer(world: Any, at: datetime) -> list[Any]:
    from anlan.engines.geo import cell_of
    from anlan.places.models import Place, PremiseNote

    places = [
        Place.objects.create(
            kind=kind, name_zh=name, road=road, number=number, lon=lon, lat=LAT, cell=int(cell_of(lon, LAT))
        )
        for kind, name, lon, road, number in STREETS
    ]
    PremiseNote.objects.create(
        hazard="dog",
        text="院内有大型犬，门常不锁",
        address_text="锦绣花园3幢",
        organisation=world.orgs["west"],
        lon=120.061,
        lat=LAT,
        cell=int(cell_of(120.061, LAT)),
        source="station",
        created_at=at,
        expires_at=at + timedelta(days=30),
    )
    return places


def _calls(world: Any, at: datetime) -> list[Any]:
    from anlan.intake.services import CallSheet, call_receive

    by = world.actor("ben", at)
    return [
        call_receive(
            line=CallSheet(
                narrative=words,
                address_text=place,
                lon=lon,
                lat=LAT,
                code=code,
                reporter_phone="13800000000",
                reporter_name="王某",
            ),
            at=at - timedelta(minutes=ago),
            by=by,
        ).incident
        for ago, words, place, lon, code in CALLS
    ]


def _responses(world: Any, incidents: list[Any], at: datetime) -> None:
    from anlan.dispatch import services as dispatch
    from anlan.intake.services import incident_track_override

    ada, dan, units = world.actor("ada", at), world.actor("dan", at), world.units

    def then(minutes: float) -> datetime:
        return at - timedelta(minutes=minutes)

    def send(number: int, unit: str, minutes: float) -> Any:
        return dispatch.unit_assign(
            incident=incidents[number],
            unit=units[unit],
            by=ada,
            at=then(minutes),
            eta_s=252.0,
            eta_source="road",
            rank=1,
        )

    driving = send(2, "P-01", 8)
    dispatch.assignment_sign(assignment=driving, by=ada, at=then(7.8))
    dispatch.assignment_depart(assignment=driving, by=ada, at=then(7.6))
    send(6, "P-02", 0.7)
    there = send(3, "P-03", 21)
    dispatch.assignment_arrive(assignment=there, by=ada, at=then(14))
    dispatch.assignment_finish(assignment=there, by=ada, at=then(2))
    incident_track_override(incident=incidents[4], track="C", reason="邻里噪声，社区先行", by=ada, at=then(25))
    order = dispatch.order_route(incident=incidents[4], by=ada, at=then(2.5))
    dispatch.order_sign(order=order, by=dan, at=then(2))


def _desk_work(world: Any, at: datetime) -> str:
    """A unit just sent with its own crew, two reports to review, a caller to ask again, a matter just routed.

    The number of the matter that is over.
    """
    from anlan.accounts.services import person_add, role_grant
    from anlan.core.actor import SYSTEM
    from anlan.dispatch import services as dispatch
    from anlan.intake.services import CallSheet, call_receive
    from anlan.units.services import crew_join, unit_add, unit_state_set

    def ago(minutes: float) -> datetime:
        return at - timedelta(minutes=minutes)

    def unit(call_sign: str, org: str, track: str = "P", **base: float) -> Any:
        found = unit_add(
            call_sign=call_sign, track=track, organisation=world.orgs[org], by=SYSTEM, at=ago(60), **base
        )
        unit_state_set(unit=found, to="available", by=SYSTEM, at=ago(60))
        world.units[call_sign] = found
        return found

    def matter(words: str, place: str, minutes: float, code: str, lon: float) -> Any:
        sheet = CallSheet(narrative=words, address_text=place, lon=lon, lat=LAT, code=code)
        return call_receive(line=sheet, at=ago(minutes), by=world.actor("ben", at)).incident

    def reported(words: str, place: str, minutes: float, lon: float) -> Any:
        incident = matter(words, place, minutes, "0302", lon)
        sent = dispatch.unit_assign(incident=incident, unit=reporter, by=SYSTEM, at=ago(minutes - 1))
        dispatch.assignment_arrive(assignment=sent, by=SYSTEM, at=ago(minutes - 4))
        dispatch.assignment_finish(assignment=sent, by=SYSTEM, at=ago(minutes - 6))
        return file(incident, sent, minutes - 7)

    def file(incident: Any, sent: Any, minutes: float) -> Any:
        result = "accident_fast_settled"
        return dispatch.feedback_file(incident=incident, assignment=sent, result=result, by=SYSTEM, at=ago(minutes))

    # More than the units sent above, so that what one test sends is not missing from the next.
    for call_sign, lon in (("P-14", 120.09), ("P-15", 120.085), ("P-16", 120.08)):
        unit(call_sign, "west", base_lon=lon, base_lat=LAT)
    reporter = unit("P-12", "west")
    reported("两车刮擦，请民警看一下", "审阅同意路", 55, 120.052)
    reported("倒车碰了柱子，车主都在", "审阅退回路", 45, 120.087)
    first = reported("停车场里两车碰擦", "回访路", 35, 120.096)
    dispatch.feedback_return(feedback=first, reason="写明损失", by=SYSTEM, at=ago(20))
    better = file(first.incident, first.assignment, 18)
    dispatch.feedback_review(feedback=better, by=SYSTEM, at=ago(16))
    better.incident.refresh_from_db()
    dispatch.incident_close(incident=better.incident, by=SYSTEM, at=ago(15))
    unit_state_set(unit=reporter, to="off", by=SYSTEM, at=ago(14))

    person = person_add(
        username="lin", name="林", organisation=world.orgs["west"], password=PASSWORD, by=SYSTEM, at=ago(60)
    )
    role_grant(person=person, role="patrol", by=SYSTEM, at=ago(60))
    patrol = unit("P-11", "west")
    crew_join(unit=patrol, person=person, by=SYSTEM, at=ago(60))
    job = matter("仓库门口有人争吵推搡", "手机路9号", 1.5, "0404", 120.056)
    dispatch.unit_assign(incident=job, unit=patrol, by=world.actor("ada", at), at=ago(0.4))
    _valley(world, at, unit, matter)
    unit("C-11", "town-west", "C")
    routed = matter("广场舞音响太响，居民不满", "音响广场", 2, "0410", 120.0535)
    dispatch.order_route(incident=routed, by=world.actor("ada", at), at=ago(0.3))
    return str(better.incident.number)


def _valley(world: Any, at: datetime, unit: Any, matter: Any) -> None:
    """A patrol just sent to where its phone has no contact."""
    from anlan.accounts.services import person_add, role_grant
    from anlan.core.actor import SYSTEM
    from anlan.dispatch import services as dispatch
    from anlan.units.services import crew_join

    then = at - timedelta(minutes=60)
    org = world.orgs["west"]
    person = person_add(username="mo", name="莫", organisation=org, password=PASSWORD, by=SYSTEM, at=then)
    role_grant(person=person, role="patrol", by=SYSTEM, at=then)
    patrol = unit("P-13", "west")
    crew_join(unit=patrol, person=person, by=SYSTEM, at=then)
    job = matter("山谷里两户人家为水渠争吵", "山谷路3号", 1.2, "0404", 120.0565)
    sent_at = at - timedelta(seconds=20)
    dispatch.unit_assign(incident=job, unit=patrol, by=world.actor("ada", at), at=sent_at)


def _quarrels(world: Any, at: datetime) -> None:
    """Three dispute files: one to visit today, one red with the town room, one with the mediation centre."""
    from anlan.accounts.services import person_add, role_grant
    from anlan.core.actor import SYSTEM
    from anlan.disputes import services as disputes
    from anlan.disputes.selectors import push_open_of
    from anlan.intake.services import CallSheet, call_receive

    def ago(**passed: float) -> datetime:
        return at - timedelta(**passed)

    for name, shown, org, role in (
        ("bao", "包", "west", "beat_officer"),
        ("mei", "梅", "mediation", "mediator"),
    ):
        person = person_add(
            username=name, name=shown, organisation=world.orgs[org], password=PASSWORD, by=SYSTEM, at=ago(hours=1)
        )
        role_grant(person=person, role=role, by=SYSTEM, at=ago(hours=1))
        world.people[name] = person

    def quarrel(words: str, place: str, lon: float, **passed: float) -> Any:
        sheet = CallSheet(narrative=words, address_text=place, lon=lon, lat=LAT, code="0402")
        incident = call_receive(line=sheet, at=ago(**passed), by=world.actor("ben", at)).incident
        file = disputes.file_open(incident=incident, by=SYSTEM, at=ago(**passed))
        return disputes.file_follow_up(file=file, by=SYSTEM, at=ago(**passed))

    quarrel("楼上漏水泡了楼下的墙，两家又吵", "走访路1号", 120.0615, minutes=50)
    visited = quarrel("装修砸墙太吵，邻居堵门", "走访路2号", 120.0625, minutes=49)
    bao, dan = world.actor("bao", at), world.actor("dan", at)
    visit = push_open_of(visited.pk, 2)
    disputes.push_close(push=visit, outcome="watching", action="约定周六下午一起看墙", by=bao, at=ago(minutes=40))
    pushed = quarrel("停车位被占，两家推搡", "推送路3号", 120.0635, minutes=48)
    disputes.push_close(push=push_open_of(pushed.pk, 2), outcome="up", by=bao, at=ago(minutes=30))
    given = quarrel("合租押金不退，双方争执", "推送路4号", 120.0645, minutes=47)
    disputes.push_close(push=push_open_of(given.pk, 2), outcome="up", by=bao, at=ago(minutes=29))
    given.refresh_from_db()
    disputes.file_accept(file=given, by=dan, at=ago(minutes=20))
    disputes.file_triage(file=given, method="people", relation="landlord_tenant", by=dan, at=ago(minutes=18))
    disputes.file_assign(file=given, mediating=world.orgs["mediation"], by=dan, at=ago(minutes=17))


def add_units(count: int) -> None:
    """Patrols enough to fill a board; a copy may be older than a position is believed."""
    from anlan.accounts.models import Organisation
    from anlan.core.actor import SYSTEM
    from anlan.core.clock import now
    from anlan.units.services import unit_add, unit_state_set

    at = now()
    west = Organisation.objects.get(code="west")
    for n in range(count):
        unit = unit_add(
            call_sign=f"X-{n:02d}", track="P", organisation=west, base_lon=120.05, base_lat=LAT, by=SYSTEM, at=at
        )
        unit_state_set(unit=unit, to="available", by=SYSTEM, at=at)
    _positions(at, seq=2)


def _positions(at: datetime, *, seq: int = 1) -> None:
    from anlan.core.actor import SYSTEM
    from anlan.units.models import Unit
    from anlan.units.services import PositionReport, positions_take

    reports = [
        PositionReport(unit_id=unit.pk, boot="b2", seq=seq, lon=unit.base_lon, lat=unit.base_lat, fixed_at=at)
        for unit in Unit.objects.exclude(call_sign__in=("C-02", "C-11")).exclude(call_sign__startswith="X-")
        if unit.base_lon is not None
    ]
    positions_take(fixes=reports, by=SYSTEM, at=at)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    import django

    django.setup()
    if sys.argv[1:]:
        add_units(int(sys.argv[1]))
    else:
        fill()
