"""What the doors of ``anlan bench doors`` tell: simulated doors without rest, in real time, over a broker.

Run as a program of its own it is all readers: a message a tenth of a second of each door, and nothing waits for an
answer but the broker's acknowledgement. Needs no store.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from anlan.engines.gate_simulator import passages
from anlan.engines.rfid import Badge, Event, Sighting, journal_line

FIRST = 11_000
REST_US = 3_000_000
"""So much quiet is kept before each passage but the first: the doors are in use without rest."""
MESSAGE_US = 100_000
UNDER_WAY = 2_000


@dataclass
class Door:
    """One door: what its reader tells, from 0 on; ``things`` that go through, with the badge of whoever brings in
    what is first seen coming in."""

    reader: str
    events: list[Event] = field(default_factory=list)
    reference: set[str] = field(default_factory=set)
    badges: set[str] = field(default_factory=set)
    things: dict[str, str] = field(default_factory=dict)


def doors_of(count: int, seconds: int) -> list[Door]:
    """The same for the same arguments."""
    return [_door(number, seconds) for number in range(count)]


def door_name(number: int) -> str:
    return f"door-{number:03d}"


def _door(number: int, seconds: int) -> Door:
    door, shift_us, begin_us = Door(door_name(number)), 0, None
    for one in passages(FIRST + number, 10_000, "barrier"):
        quiet_from = one.events[0].t_us if begin_us is None else max(one.events[0].t_us, one.truth.t_us - REST_US)
        if begin_us is None:
            shift_us = begin_us = quiet_from
        else:
            shift_us = quiet_from - (door.events[-1].t_us if door.events else 0) - 1
        kept = [event for event in one.events if event.t_us >= quiet_from]
        door.events += [_own(event, number, event.t_us - shift_us) for event in kept]
        for thing in one.truth.things:
            epc = _epc(thing.epc, number)
            if thing.kind == "reference":
                door.reference.add(epc)
            elif thing.kind == "item":
                door.things.setdefault(epc, _badge(thing.carrier, number) if thing.movement == "in" else "")
        door.badges |= {_badge(badge, number) for badge, _ in one.truth.people}
        if door.events[-1].t_us > seconds * 1_000_000:
            door.events = [event for event in door.events if event.t_us <= seconds * 1_000_000]
            break
    door.badges |= {badge for badge in door.things.values() if badge}
    return door


def _own(event: Event, door: int, t_us: int) -> Event:
    fields: dict[str, object] = {"reader": door_name(door), "t_us": t_us, "received_us": t_us}
    if isinstance(event, Sighting):
        fields["epc"] = _epc(event.epc, door)
    elif isinstance(event, Badge):
        fields["badge"] = _badge(event.badge, door)
    return msgspec.structs.replace(event, **fields)


def _epc(epc: str, door: int) -> str:
    """Every simulated door has the same numbers: ours are told apart in the middle of the serial number."""
    return f"{epc[:-8]}{door:03X}{epc[-5:]}"


def _badge(badge: str, door: int) -> str:
    return f"{badge}-{door}" if badge else ""


def messages_of(doors: list[Door]) -> list[tuple[int, str, list[Event]]]:
    """By the moment they are told: a tenth of a second of one reader each."""
    told: dict[tuple[int, str], list[Event]] = {}
    for door in doors:
        for event in door.events:
            told.setdefault((event.t_us // MESSAGE_US + 1, door.reader), []).append(event)
    return [(number * MESSAGE_US, reader, events) for (number, reader), events in sorted(told.items())]


def _at(event: Event, begin_us: int) -> Event:
    return msgspec.structs.replace(event, t_us=event.t_us + begin_us, received_us=event.received_us + begin_us)


def again_of(doors: list[Door], count: int, begin_us: int) -> Iterator[tuple[str, list[Event]]]:
    """Half are what was told, word for word; the rest is cut anew, from anywhere; some turned round or doubled."""
    rng, told = random.Random(17), messages_of(doors)
    for number in range(count):
        if number % 2:
            _, reader, events = told[rng.randrange(len(told))]
        else:
            door = doors[rng.randrange(len(doors))]
            begin = rng.randrange(len(door.events))
            reader, events = door.reader, door.events[begin : begin + rng.randint(1, 12)]
            if number % 3 == 0:
                events = events[::-1]
            if number % 5 == 0:
                events = events + events
        yield reader, [_at(event, begin_us) for event in events]


class Readers:
    """All of them at one line to the broker."""

    def __init__(self, port: int) -> None:
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="bench-doors", protocol=paho.MQTTv5)
        self._client.max_inflight_messages_set(UNDER_WAY)
        self._room = threading.Semaphore(UNDER_WAY)
        self._client.on_publish = lambda *_: self._room.release()
        self._client.connect("127.0.0.1", port, 60)
        self._client.loop_start()

    def tell(self, reader: str, events: list[Event]) -> None:
        self._room.acquire()
        lines = "\n".join(journal_line(event) for event in events)
        self._client.publish(f"anlan/gates/{reader}", lines.encode(), qos=1)

    def close(self) -> None:
        for _ in range(UNDER_WAY):
            self._room.acquire()
        self._client.disconnect()
        self._client.loop_stop()


def main(job: dict[str, float]) -> int:
    """Tell all in real time from ``at`` on (seconds, Unix), or with ``again`` so many messages once more at once."""
    doors, readers = doors_of(int(job["doors"]), int(job["seconds"])), Readers(int(job["port"]))
    if job.get("again"):
        for reader, events in again_of(doors, int(job["again"]), round(job["at"] * 1e6)):
            readers.tell(reader, events)
        readers.close()
        return 0
    begin_us, count, late_s = round(job["at"] * 1e6), 0, 0.0
    for at_us, reader, events in messages_of(doors):
        wait_s = (begin_us + at_us) / 1e6 - time.time()
        if wait_s > 0:
            time.sleep(wait_s)
        late_s = max(late_s, -wait_s)
        readers.tell(reader, [_at(event, begin_us) for event in events])
        count += len(events)
    took_s = time.time() - job["at"]
    readers.close()
    sys.stdout.write(json.dumps({"events": count, "seconds": took_s, "late_s": round(late_s, 3)}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
