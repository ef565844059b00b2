"""A door for days on end: passages one after the other, and what the reader tells of them.

The stream has no memory of the truth: sightings, light barriers and badges by the reader's clock, as a reader
would tell them. The truth goes beside it, passage by passage, for whoever keeps score.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from anlan.engines.gate_simulator.layout import HALF_DOOR_M, LAYOUTS, Floats, Layout
from anlan.engines.gate_simulator.radio import Room
from anlan.engines.gate_simulator.reader import Heard, Reader, listen
from anlan.engines.gate_simulator.scene import SCENARIOS, Scene, Standing, residents_of, room_of, scene_of
from anlan.engines.gate_simulator.walking import BODY_M, STEP_S
from anlan.engines.rfid import Badge, Beam, Sighting, giai_encode

EDITION = 1
"""Raised whenever a seed would give another stream: scores of different editions can't be compared."""
COMPANY = "0614141"
READER = "door-1"
BEGIN_US = 1_790_000_000_000_000
IDLE_ROUND_S = 5.0
"""While nobody moves, the reader looks once in this time: what lies about and the reference tags show."""
BADGES_SHOWN = 0.9


@dataclass(frozen=True, slots=True)
class TrueThing:
    """What a tag did in a passage; ``carrier`` is the badge, empty for nobody; ``reads`` how often it was heard."""

    epc: str
    kind: str
    movement: str
    carrier: str
    reads: int


@dataclass(frozen=True, slots=True)
class TruePassage:
    """``people`` as (badge, movement); from ``t_us`` to ``until_us`` by a clock that is right."""

    number: int
    scenario: str
    t_us: int
    until_us: int
    people: tuple[tuple[str, str], ...]
    things: tuple[TrueThing, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What one passage, with the quiet before it, put on the wire, in the order of time; and the truth."""

    events: tuple[Sighting | Beam | Badge, ...]
    truth: TruePassage


@dataclass(frozen=True, slots=True)
class Door:
    """One door, made from a seed: its surroundings, what lies near it, how well it hears."""

    layout: Layout
    room: Room
    reader: Reader
    standing: list[Standing]
    depth_db: float


def door_of(seed: int, layout: str) -> Door:
    """The door of a seed; ``layout`` one of :data:`LAYOUTS`."""
    rng = np.random.default_rng((EDITION, seed, 0))
    chosen = LAYOUTS[layout]
    standing = residents_of(rng, int(rng.integers(4, 9)))
    for number, place in enumerate(chosen.places):
        at = (float(place[0]), float(place[1]) * 0.9, float(place[2]) - 0.35)
        standing.append(Standing(f"reference-{number}", "reference", at, (0.0, 1.0, 0.0), 6.0, -17.5))
    reader = Reader(power_dbm=float(rng.uniform(23.2, 24.6)))
    return Door(chosen, room_of(rng), reader, standing, float(rng.uniform(11, 17)))


def passages(seed: int, count: int, layout: str = "pair", *, scenario: str = "") -> Iterator[Told]:
    """``count`` passages at the door of ``seed``, drawn by :data:`SCENARIOS` or all of one ``scenario``.

    Each passage draws from a source of its own, so the tenth is the same whether ten or ten thousand follow.
    """
    door = door_of(seed, layout)
    names, shares = list(SCENARIOS), np.array(list(SCENARIOS.values()))
    now_us = BEGIN_US
    for number in range(count):
        rng = np.random.default_rng((EDITION, seed, 1, number))
        told = _passage(rng, door, number, now_us, scenario or str(rng.choice(names, p=shares / shares.sum())))
        now_us = told.truth.until_us
        yield told


def _epc(kind: str, number: int) -> str:
    return giai_encode(COMPANY, {"item": 1_000_000, "resident": 2_000_000, "reference": 3_000_000}[kind] + number).hex


def _passage(rng: np.random.Generator, door: Door, number: int, after_us: int, scenario: str) -> Told:
    """The quiet before, then the passage itself."""
    names = [f"item-{n}" for n in rng.permutation(400)]
    scene = scene_of(rng, door.standing, names, scenario)
    quiet_s = float(rng.uniform(6, 60))
    begin_us = after_us + int(quiet_s * 1e6)
    epcs = [_epc(thing.kind, int(thing.item.rpartition("-")[2])) for thing in scene.things]
    badges = [f"{int(b):06d}" for b in rng.choice(900, len(scene.walks), replace=False) + 100]
    on = np.ones(scene.steps, dtype=bool)
    heard = listen(
        rng, door.layout, door.reader, scene.tags, np.array(scene.wakes_dbm), scene.bodies, door.room,
        depth_db=door.depth_db, is_on=on,
    )  # fmt: skip
    events: list[Sighting | Beam | Badge] = list(_idle(rng, door, scene, epcs, after_us, begin_us))
    events += _sightings(heard, epcs, begin_us)
    events += _beams(door.layout, scene, begin_us)
    events += _badges(rng, scene, badges, begin_us)
    reads = np.bincount(heard.tag, minlength=len(epcs))
    things = tuple(
        TrueThing(epc, thing.kind, thing.movement, badges[thing.carrier] if thing.carrier >= 0 else "", int(n))
        for epc, thing, n in zip(epcs, scene.things, reads, strict=True)
    )
    people = tuple(zip(badges, (walk.movement for walk in scene.walks), strict=True))
    until_us = begin_us + int(scene.steps * STEP_S * 1e6)
    truth = TruePassage(number, scenario, begin_us, until_us, people, things)
    return Told(tuple(sorted(events, key=lambda event: event.t_us)), truth)


def _sightings(heard: Heard, epcs: list[str], begin_us: int) -> Iterator[Sighting]:
    for step, tag, antenna, rssi, phase in zip(
        heard.step, heard.tag, heard.antenna, heard.rssi_dbm, heard.phase_rad, strict=True
    ):
        # Within a round one answer follows the other.
        t_us = begin_us + int(step * STEP_S * 1e6) + int(tag) * 37
        yield Sighting(READER, int(antenna) + 1, epcs[tag], t_us, t_us, round(rssi * 100), "", round(float(phase), 3))


def _idle(
    rng: np.random.Generator, door: Door, scene: Scene, epcs: list[str], from_us: int, until_us: int
) -> Iterator[Sighting]:
    """Rounds while nobody is there: only what stands is in reach."""
    rows = [row for row, thing in enumerate(scene.things) if thing.movement == "static"]
    rounds = int((until_us - from_us) / 1e6 / IDLE_ROUND_S)
    if not rows or not rounds:
        return
    each = door.reader.dwell_steps * door.layout.antennas
    steps = rounds * each
    still = scene.tags
    many = type(still)(*(np.repeat(part[rows, :1], steps, axis=1) for part in (still.at, still.axis, still.loss_db)))
    nobody = np.zeros((0, steps, 2))
    heard = listen(
        rng, door.layout, door.reader, many, np.array(scene.wakes_dbm)[rows], nobody, door.room,
        depth_db=0.0, is_on=np.ones(steps, dtype=bool),
    )  # fmt: skip
    own = [epcs[row] for row in rows]
    for one in _sightings(heard, own, 0):
        step = one.t_us // int(STEP_S * 1e6)
        t_us = from_us + int(step // each * IDLE_ROUND_S * 1e6) + one.t_us - int(step // each * each * STEP_S * 1e6)
        yield Sighting(one.reader, one.antenna, one.epc, t_us, t_us, one.rssi_cdbm, "", one.phase_rad)


def _beams(layout: Layout, scene: Scene, begin_us: int) -> Iterator[Beam]:
    """Each barrier is broken while a body stands in it."""
    for number, x_m in enumerate(layout.beams_x_m, start=1):
        near = np.abs(scene.bodies[..., 0] - x_m) < BODY_M
        within = np.abs(scene.bodies[..., 1]) < HALF_DOOR_M
        broken = np.concatenate([[False], (near & within).any(0), [False]])
        for step in np.flatnonzero(np.diff(broken.astype(np.int8))):
            t_us = begin_us + int(step * STEP_S * 1e6)
            yield Beam(READER, number, bool(broken[step + 1]), t_us, t_us)


def _badges(rng: np.random.Generator, scene: Scene, badges: list[str], begin_us: int) -> Iterator[Badge]:
    """Most who go through hold their badge to the plate as they come to the door."""
    for walk, badge in zip(scene.walks, badges, strict=True):
        near: Floats = np.hypot(walk.xy[:, 0], walk.xy[:, 1])
        if walk.movement in ("in", "out") and rng.random() < BADGES_SHOWN:
            step = max(0, int(np.argmax(near < 0.7)))
            t_us = begin_us + int(step * STEP_S * 1e6)
            yield Badge(READER, badge, t_us, t_us)
