"""What comes in under load: calls at moments nobody chose, most of a surge about the same few events.

Moments are those of a Poisson process: the next call does not wait for the answer to the last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from anlan.assurance.history import CALL, marked
from anlan.assurance.traffic import PATHS, Command, Traffic

SAME_SHARE, SAME_EVENTS = 0.60, 20
SILENT_SHARE, RETRIED_SHARE = 0.15, 0.05
SENT_SHARE = 0.25
NEAR_DEG = 0.0008
EVENTS = (
    "大货车侧翻，占了两条车道，后面堵了很长",
    "楼里冒浓烟，好像是三楼着火了",
    "路口积水很深，有车熄火泡在水里",
    "大树倒了压住路边的车",
    "有人在广场上打群架",
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call at ``at_s`` after the beginning. ``event`` numbers what it is about, None where it is a matter alone."""

    at_s: float
    command: Command
    event: int | None
    is_retried: bool
    is_sent: bool


def moments(random: Random, per_min: float, minutes: float) -> Iterator[float]:
    """Seconds since the beginning of each arrival of a Poisson process of that rate."""
    at_s = random.expovariate(per_min / 60)
    while at_s < minutes * 60:
        yield at_s
        at_s += random.expovariate(per_min / 60)


def storm(
    *, seed: int, per_min: float, minutes: float, box: tuple[float, float, float, float], salt: str
) -> Iterator[Arrival]:
    """All calls of a run in the order of their coming; the same arguments give the same."""
    random, traffic = Random(seed), Traffic(seed, units=[], box=box, salt=salt)
    west, south, east, north = box
    places = [(random.uniform(west, east), random.uniform(south, north)) for _ in range(SAME_EVENTS)]
    for number, at_s in enumerate(moments(random, per_min, minutes)):
        key, event = f"{salt}-{number}", None
        if random.random() < SILENT_SHARE:
            command = Command(CALL, key, PATHS[CALL], {"narrative": marked("", key), "call_type": "silent"})
        elif random.random() < SAME_SHARE:
            event = random.randrange(SAME_EVENTS)
            command = Command(CALL, key, PATHS[CALL], _about(random, event, places[event], key))
        else:
            command = traffic.call(key)
        is_sent = event is None and "call_type" not in command.body and random.random() < SENT_SHARE
        yield Arrival(at_s, command, event, random.random() < RETRIED_SHARE, is_sent)


def _about(random: Random, event: int, place: tuple[float, float], key: str) -> dict[str, Any]:
    """Another caller's words for the same event, from a step beside it."""
    lon, lat = place
    return {
        "narrative": marked(EVENTS[event % len(EVENTS)] + random.choice(("", "，快来", "，有人受伤没有看不清")), key),
        "lon": round(lon + random.uniform(-NEAR_DEG, NEAR_DEG), 6),
        "lat": round(lat + random.uniform(-NEAR_DEG, NEAR_DEG), 6),
        "reporter_phone": f"1370000{random.randrange(10_000):04d}",
    }
