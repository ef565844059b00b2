"""Whatever readers tell, a door keeps working: what is no sighting is put aside, what is odd is asked."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from anlan.accounts.models import Person
from anlan.core.actor import SYSTEM
from anlan.engines.gate import passages_of
from anlan.engines.gate.features import dbm_of
from anlan.engines.rfid import Badge, BadLine, Sighting, journal_line, journal_read
from anlan.equipment.errors import HolderGone
from anlan.equipment.models import GateBatch, GateQuestion, Item, ItemTag, Loan, StrayMessage
from anlan.equipment.services import GateWatch, batch_take, loan_issue, passages_judge
from anlan.integrations.mqtt.shapes import sightings_of
from world import T0

pytestmark = pytest.mark.django_db
EPC = "3414257BF4000000000F4242"
S = timedelta(seconds=1)


def line(**fields):
    told = {"kind": "sighting", "reader": "door-1", "antenna": 1, "epc": EPC, "t_us": 10**15, "received_us": 10**15}
    return msgspec.json.encode({**told, **fields}).decode()


def zebra(**fields):
    return msgspec.json.encode({"type": "SIMPLE", "data": {"idHex": EPC, "antenna": 1, **fields}})


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"t_us": 2**63}, "beyond_time"),
        ({"received_us": -(2**63)}, "beyond_time"),
        ({"antenna": -1}, "no_such_antenna"),
        ({"antenna": 2**40}, "no_such_antenna"),
        ({"epc": "AB" * 70}, "too_long"),
    ],
)
def test_what_no_store_keeps_is_put_aside_with_its_reason_and_the_rest_is_kept(gate, fields, reason):
    said = batch_take(reader="door-1", lines="\n".join([line(**fields), line()]), by=SYSTEM, at=T0)
    assert (said["taken"], said["bad"], said["bad_lines"][0]["reason"]) == (1, 1, reason)
    assert GateBatch.objects.get().count == 1
    assert StrayMessage.objects.count() == 1


@pytest.mark.parametrize("strength", ["Infinity", "1e999", "NaN"])
def test_a_strength_that_is_none_spoils_no_message(strength):
    content = b'{"type":"SIMPLE","data":{"idHex":"%s","antenna":1,"peakRssi":"%s"}}' % (
        EPC.encode(),
        strength.encode(),
    )
    (told,) = sightings_of("door-1", content, 1)
    assert isinstance(told, BadLine)


@pytest.mark.parametrize("told", [-62, -6200, 62, 6200, -620_000])
def test_strength_is_the_same_in_dbm_in_hundredths_and_without_its_sign(told):
    assert dbm_of(told) == -62.0


def test_no_strength_and_nought_are_a_middling_one():
    assert dbm_of(None) == dbm_of(0) == -70.0


@pytest.mark.parametrize("antenna", [0, 9])
def test_an_antenna_that_the_door_does_not_have_is_kept_and_harms_no_judgement(
    gate, walk, badge, carried, thing, antenna
):
    for number, epc in enumerate(carried):
        thing(f"B-{number}", epc=epc)
    odd = [
        msgspec.structs.replace(event, antenna=antenna, t_us=event.t_us + 1)
        for event in walk.events
        if isinstance(event, Sighting)
    ][::5]
    events = sorted([*walk.events, *odd], key=lambda event: event.t_us)
    batch_take(reader="door-1", lines="\n".join(map(journal_line, events)), by=SYSTEM, at=T0)
    passages_judge(gate=gate, at=T0 + 60 * S)
    known = set(Loan.objects.values_list("item__tags__epc", flat=True)) | set(
        GateQuestion.objects.values_list("epc", flat=True)
    )
    assert known & set(carried)


def test_small_letters_are_the_same_tag_in_our_lines_and_in_makers_shapes():
    (own,) = journal_read([line(epc=EPC.lower(), tid="e280aa")])
    (theirs,) = sightings_of("door-1", zebra(idHex=EPC.lower()), 1)
    assert (own.epc, own.tid, theirs.epc) == (EPC, "E280AA", EPC)


def test_a_chips_number_that_is_none_is_left_out_and_the_tag_is_heard():
    (told,) = journal_read([line(tid="not a number")])
    assert (told.epc, told.tid) == (EPC, "")


def test_a_badge_that_no_badge_can_be_is_put_aside(gate):
    bad = journal_line(Badge("door-1", "12\x0034", 10**15, 10**15))
    (told,) = journal_read([bad])
    assert isinstance(told, BadLine)


@pytest.fixture
def went_out(gate, lines):
    """What the walk with these things comes to."""

    def act():
        batch_take(reader="door-1", lines=lines, by=SYSTEM, at=T0)
        passages_judge(gate=gate, at=T0 + 60 * S)
        return dict(GateQuestion.objects.values_list("epc", "reason"))

    return act


@pytest.mark.parametrize("state", ["missing", "scrapped"])
def test_what_is_missing_or_scrapped_and_turns_up_is_asked_never_lent_in_silence(
    went_out, thing, carried, badge, state
):
    item = thing("B-1", epc=carried[0])
    Item.objects.filter(pk=item.pk).update(state=state)
    assert went_out()[carried[0]] == "elsewhere"
    assert not Loan.objects.exists()


def test_another_stations_thing_is_asked_never_lent_in_silence(world, went_out, baton, badge, carried):
    from anlan.equipment.services import item_add

    item_add(number="E-1", model=baton, owner=world.orgs["east"], epc=carried[0], by=SYSTEM, at=T0)
    assert went_out()[carried[0]] == "elsewhere"
    assert not Loan.objects.exists()


def test_the_same_number_on_another_chip_than_the_things_is_asked(gate, walk, thing, carried, badge):
    item = thing("B-1", epc=carried[0])
    ItemTag.objects.filter(item=item).update(tid="E2801100AAAA")
    events = [
        msgspec.structs.replace(event, tid="E2801100BBBB")
        if isinstance(event, Sighting) and event.epc == carried[0]
        else event
        for event in walk.events
    ]
    batch_take(reader="door-1", lines="\n".join(map(journal_line, events)), by=SYSTEM, at=T0)
    passages_judge(gate=gate, at=T0 + 60 * S)
    assert dict(GateQuestion.objects.values_list("epc", "reason"))[carried[0]] == "doubled_tag"


def test_the_badge_of_an_account_that_is_closed_borrows_nothing(world, went_out, thing, carried, badge):
    item = thing("B-1", epc=carried[0])
    Person.objects.filter(pk=world.people["ida"].pk).update(is_active=False)
    assert went_out()[carried[0]] == "no_badge"
    gone = Person.objects.get(pk=world.people["ida"].pk)
    with pytest.raises(HolderGone):
        loan_issue(item=item, holder=gone, by=SYSTEM, at=T0)


def test_a_flood_of_numbers_that_come_once_is_held_within_its_bound(gate):
    from anlan.engines.gate import DoorStream
    from anlan.engines.gate.passages import MOST_EVENTS

    door, held = DoorStream("door-1"), 0
    for second in range(30):
        told = [
            Sighting("door-1", 1, f"34{second * 5000 + number:022X}", second * 1_000_000 + number * 200, 0)
            for number in range(5000)
        ]
        door.take(told, second * 1_000_000)
        door.over(second * 1_000_000)
        held = max(held, door.held)
    assert held <= 2 * MOST_EVENTS
    assert len(passages_of([])) == 0


def test_a_clock_set_to_1970_and_back_stops_no_door(gate, told_days):
    watch = GateWatch(gate, T0)
    for number, (lines, at) in enumerate(told_days):
        batch_take(reader="door-1", lines=lines, by=SYSTEM, at=at)
        watch.tick(at + 3 * S)
        assert watch.held == 0, number


@pytest.fixture
def told_days(walk):
    """The same walk by a right clock, by one that began in 1970, and by a right one again."""
    first = walk.events[0].t_us

    def by(start_us, at):
        shift = start_us - first
        events = [msgspec.structs.replace(one, t_us=one.t_us + shift, received_us=0) for one in walk.events]
        return "\n".join(map(journal_line, events)), at

    return [by(first, T0), by(0, T0 + 300 * S), by(first + 600_000_000, T0 + 600 * S)]
