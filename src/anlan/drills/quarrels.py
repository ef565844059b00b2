"""The demo's quarrels: files at every step when the doors open, and hands that go on where no visitor sits.

At one station, its town room and the mediation centre the files are left to whoever signs in there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Protocol

from anlan.accounts.models import Organisation, Person
from anlan.accounts.selectors import actor_for
from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import DomainError
from anlan.dispatch.services import order_close, order_contact, order_route, order_settle, order_sign
from anlan.disputes import services as disputes
from anlan.disputes.models import DisputeFile, MediationBody, MediationRoom, Mediator, Push
from anlan.disputes.rules import PUSH_OPEN
from anlan.disputes.selectors import file_of_incident, push_open_of
from anlan.disputes.selectors.mediation import free_starts
from anlan.disputes.services.mediation import mediation_start
from anlan.disputes.services.mediation_bodies import body_put, mediation_room_put, mediator_add
from anlan.disputes.services.sessions import session_book
from anlan.intake.models import Incident
from anlan.intake.services import CallSheet, call_receive, incident_track_override, repeat_link
from anlan.places.models import Place
from anlan.places.selectors import locate

GO_ON_EVERY = timedelta(seconds=20)
VISITED_AFTER = timedelta(minutes=6)
ACCEPTED_AFTER = timedelta(minutes=4)
ROOMS = (("第一调解室", "Room 1"), ("第二调解室", "Room 2"))
LOOKED_AT = 4000
SESSION_SLOTS = 3
SETTLED_OF_TEN = 7


class Follow(Protocol):
    """What reads on: how many events were read up to the moment."""

    def __call__(self, *, at: datetime) -> int: ...


# Hours ago, what was said, type, and how far it has come.
SCENES: tuple[tuple[float, str, str, str], ...] = (
    (30.0, "楼上卫生间漏水泡了楼下吊顶，两家吵了半天，要求赔偿", "0402", "visit_late"),
    (20.0, "邻居在楼道堆杂物，劝了不听，双方互相指责", "0402", "visit"),
    (7.0, "合租室友拖欠水电费，双方争执不下", "0404", "visit"),
    (26.0, "装修噪声吵得老人睡不着，两家站在门口理论", "0402", "watching"),
    (9.0, "停车位被占，双方推搡了几下，已拉开", "0402", "up"),
    (28.0, "拖欠三个月工资，几个工人围着老板要说法", "0405", "accepted"),
    (49.0, "租客提前退租，押金不退，双方各执一词", "0403", "assigned"),
    (51.0, "婚后分家为宅基地界址争吵，互不相让", "0406", "assigned"),
    (70.0, "楼上晾衣滴水，弄湿楼下被子，吵了一架", "0402", "settled"),
    (74.0, "装修砸墙震裂邻居家墙面，双方为赔偿争执", "0402", "mediating"),
    (76.0, "两家为楼道晾晒吵嘴，说好轮流使用", "0402", "asked"),
)
NOISE = ("楼下广场夜里放音响，睡不着", "楼下又放音响，和上次一样吵")
NOISE_CODE, NOISE_BEFORE = "0410", timedelta(days=6)
CAME_BACK = "又是楼上漏水，上次答应修的没有修，又吵起来了"


def mediation_centre_open(at: datetime) -> None:
    """The county's mediation centre gets its rooms, and its people may mediate."""
    centre = Organisation.objects.filter(kind=Organisation.Kind.MEDIATION_CENTRE).order_by("pk").first()
    if centre is None:
        return
    body = body_put(organisation=centre, type="county_centre", windows=3, by=SYSTEM, at=at)
    for zh, en in ROOMS:
        mediation_room_put(body=body, name_zh=zh, name_en=en, by=SYSTEM, at=at)
    for person in Person.objects.filter(organisation=centre, grants__role="mediator").distinct():
        mediator_add(body=body, person=person, by=SYSTEM, at=at)


def quarrels_open(at: datetime, *, follow: Follow) -> int:
    """Quarrels of the last days around the first station, one at every step; returns how many files there are.

    ``follow`` reads on what the files follow from, as the worker does once it has started.
    """
    officer = Person.objects.filter(grants__role="beat_officer", is_active=True).order_by("pk").first()
    if officer is None:
        return 0
    # What was played before the doors opened is followed first, so that nothing is told out of order.
    _read_on(follow, at)
    places = _places(officer.organisation)
    for (hours, words, code, fate), place in zip(SCENES, places, strict=False):
        try:
            _scene(place, words, code, fate, began=at - timedelta(hours=hours), at=at, follow=follow)
        except DomainError:
            continue  # a county made otherwise may lack who is needed; the others stand
    for place in places:
        _noise_twice(place, at)
        break
    return DisputeFile.objects.count()


def _noise_twice(place: Place, at: datetime) -> None:
    """Noise some days ago and again just now, noted by nobody as the same: the rule suggests a file."""
    first, again = NOISE
    _matter(place, first, NOISE_CODE, at - NOISE_BEFORE)
    call_receive(line=_sheet(place, again, NOISE_CODE), at=at - timedelta(minutes=12), by=SYSTEM)


def _places(station: Organisation) -> Iterator[Place]:
    """Estates where the station answers and a town room too."""
    rows = Place.objects.filter(kind="estate").order_by("pk")[:LOOKED_AT]
    for place in rows:
        where = locate(place.lon, place.lat)
        if where.station_id == station.pk and where.town_room_id is not None:
            yield place


def _read_on(follow: Follow, at: datetime) -> None:
    while follow(at=at):
        pass


def _scene(place: Place, words: str, code: str, fate: str, *, began: datetime, at: datetime, follow: Follow) -> None:
    incident = _matter(place, words, code, began)
    _read_on(follow, began + timedelta(minutes=50))
    file = _followed(incident, began + timedelta(minutes=50))
    if file is None:
        return
    if fate == "visit_late":
        _again(file, place, code, at - timedelta(hours=3))
        _read_on(follow, at - timedelta(hours=2))
    FATES[fate](file, at)


def _matter(place: Place, words: str, code: str, began: datetime) -> Incident:
    """A call, settled for the moment by the town room on the telephone."""
    incident = call_receive(line=_sheet(place, words, code), at=began, by=SYSTEM).incident
    assert incident is not None, "a call with words of a quarrel has an incident"
    if incident.track in ("P", "J"):
        incident_track_override(incident=incident, track="C", reason="社区先行", by=SYSTEM, at=began)
    order = order_route(incident=incident, by=SYSTEM, at=began + timedelta(minutes=1))
    order_sign(order=order, by=SYSTEM, at=began + timedelta(minutes=2))
    order_contact(order=order, by=SYSTEM, at=began + timedelta(minutes=4))
    order_settle(order=order, result="mediated_none", by=SYSTEM, at=began + timedelta(minutes=30))
    order_close(order=order, by=SYSTEM, at=began + timedelta(minutes=45))
    return incident


def _sheet(place: Place, words: str, code: str) -> CallSheet:
    return CallSheet(
        narrative=words, address_text=f"{place.name_zh}2幢1单元", lon=place.lon, lat=place.lat, code=code
    )


def _followed(incident: Incident, at: datetime) -> DisputeFile | None:
    file = file_of_incident(incident)
    if file is None:
        file = disputes.file_open(incident=incident, by=SYSTEM, at=at)
    if file.state == "open":
        file = disputes.file_follow_up(file=file, by=SYSTEM, at=at)
    return file


def _again(file: DisputeFile, place: Place, code: str, at: datetime) -> None:
    """It came back: a second report of the same quarrel, which whoever is sent sees."""
    first = file.links.order_by("made_at").first()
    again = _matter(place, CAME_BACK, code, at)
    if first is not None:
        repeat_link(incident=again, earlier=first.incident, by=SYSTEM, at=at + timedelta(minutes=46))


def _visited(file: DisputeFile, outcome: str, words: str, at: datetime) -> None:
    push = push_open_of(file.pk, 2)
    if push is not None:
        disputes.push_close(push=push, outcome=outcome, action=words, by=_hand(push, at), at=at)


def _hand(push: Push, at: datetime) -> Actor:
    """Whoever it was pushed to; where nobody is named, the system stands for the desk."""
    return actor_for(push.to_person, at=at) if push.to_person is not None else SYSTEM


def _left(file: DisputeFile, at: datetime) -> None:
    """It waits for the visitor."""


def _watched(file: DisputeFile, at: datetime) -> None:
    _visited(file, "watching", "双方答应晚十点后停工，周六再上门看", at - timedelta(hours=2))


def _settled(file: DisputeFile, at: datetime) -> None:
    _visited(file, "settled", "楼上装好接水管，双方握手言和", at - timedelta(hours=5))


def _up(file: DisputeFile, at: datetime) -> None:
    _visited(file, "up", "谈了两次谈不拢，请街道牵头", at - timedelta(minutes=40))


def _accepted(file: DisputeFile, at: datetime) -> None:
    _up(file, at)
    disputes.file_accept(file=file, by=SYSTEM, at=at - timedelta(minutes=25))


def _assigned(file: DisputeFile, at: datetime) -> None:
    _accepted(file, at)
    _assign(file, at - timedelta(minutes=15))


def _assign(file: DisputeFile, at: datetime) -> None:
    disputes.file_triage(file=file, method="people", by=SYSTEM, at=at)
    body = MediationBody.objects.filter(is_active=True, type="county_centre").select_related("organisation").first()
    if body is not None:
        disputes.file_assign(file=file, mediating=body.organisation, by=SYSTEM, at=at)


def _mediating(file: DisputeFile, at: datetime) -> None:
    """A mediator of the centre has begun, and the first session stands in the calendar."""
    _assigned(file, at)
    body = MediationBody.objects.filter(is_active=True, type="county_centre").first()
    chosen = Mediator.objects.filter(body=body, left_at=None).select_related("person").first()
    room = MediationRoom.objects.filter(body=body, is_active=True).first()
    if body is None or chosen is None or room is None:
        return
    began = mediation_start(
        file=file, body=body, method="people", mediator=chosen.person, by=SYSTEM, at=at - timedelta(minutes=12)
    )
    for starts_at in free_starts(body, room, chosen.person, SESSION_SLOTS, at)[:1]:
        session_book(
            mediation=began, starts_at=starts_at, slots=SESSION_SLOTS, mediator=chosen.person, room=room,
            by=SYSTEM, at=at - timedelta(minutes=10),
        )  # fmt: skip


def _asked(file: DisputeFile, at: datetime) -> None:
    """Closed, opened again because a party was not content, and closed anew: its parties are asked by rule."""
    _settled(file, at)
    disputes.file_reopen(file=file, reason="not_satisfied", by=SYSTEM, at=at - timedelta(hours=3))
    _visited(file, "settled", "补签轮流使用约定，双方认可", at - timedelta(hours=1))


FATES: dict[str, Callable[[DisputeFile, datetime], None]] = {
    "visit": _left,
    "visit_late": _left,
    "watching": _watched,
    "settled": _settled,
    "up": _up,
    "accepted": _accepted,
    "assigned": _assigned,
    "mediating": _mediating,
    "asked": _asked,
}


def quarrels_go_on(at: datetime) -> int:
    """Officers and town rooms where no visitor signs in visit, settle, hand up and accept; returns how many did."""
    due = Push.objects.filter(state__in=PUSH_OPEN, seq__in=(2, 3), pushed_at__lte=at - ACCEPTED_AFTER)
    moved = 0
    for push in due.exclude(to_organisation_id__in=_visitors_seats()).select_related("file", "to_person")[:20]:
        try:
            moved += _goes_on(push, at)
        except DomainError:
            continue  # somebody else was quicker
    return moved


def _visitors_seats() -> set[int]:
    """Where visitors of the demo sit: the first station's beat, and whatever town room has an operator."""
    rows = Person.objects.filter(is_active=True).order_by("pk")
    officer = rows.filter(grants__role="beat_officer").first()
    rooms = rows.filter(grants__role="town_operator").values_list("organisation_id", flat=True)
    return {*rooms, *({officer.organisation_id} if officer is not None else ())}


def _goes_on(push: Push, at: datetime) -> bool:
    if push.seq == 2 and push.pushed_at <= at - VISITED_AFTER:
        outcome = "settled" if push.pk % 10 < SETTLED_OF_TEN else "watching" if push.pk % 10 < 9 else "up"
        disputes.push_close(push=push, outcome=outcome, action="上门了解，双方已冷静", by=_hand(push, at), at=at)
        return True
    if push.seq == 3 and push.file.state == "pushed":
        disputes.file_accept(file=push.file, by=SYSTEM, at=at)
        return True
    if push.seq == 3 and push.file.state == "accepted":
        _assign(push.file, at)
        return True
    return False
