"""A reader at work: antennas in turn, channels in hops, slots in which tags answer or collide.

Session S0: a tag answers in every round. A round of twenty milliseconds has room for some ten answers; who
is louder is heard more readily (capture).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.gate_simulator.layout import Floats, Layout
from anlan.engines.gate_simulator.radio import BACKSCATTER_DB, LIGHT_MPS, Room, Tags, strength
from anlan.engines.gate_simulator.walking import STEP_S

CHANNELS_HZ = np.arange(920.625e6, 924.376e6, 0.25e6)
"""The sixteen channels of the Chinese band."""
HOP_STEPS = 20
ANSWERS_A_ROUND = 12
ROUND_KEEPS = 0.85
"""Share of the answers that come through unharmed."""
HEARD_ABOVE_DBM = -82.0


@dataclass(frozen=True, slots=True)
class Reader:
    """``power_dbm`` at the port, ``dwell_steps`` rounds before the next antenna, ``noise_db`` of what it tells as
    strength, in steps of ``grain_db``."""

    power_dbm: float = 21.0
    dwell_steps: int = 3
    noise_db: float = 1.0
    grain_db: float = 0.5


@dataclass(frozen=True, slots=True)
class Heard:
    """Reads: ``step``, ``tag`` and ``antenna`` (from 0) as whole numbers, ``rssi_dbm``, ``phase_rad``."""

    step: NDArray[np.int64]
    tag: NDArray[np.int64]
    antenna: NDArray[np.int64]
    rssi_dbm: Floats
    phase_rad: Floats


def listen(
    rng: np.random.Generator,
    layout: Layout,
    reader: Reader,
    tags: Tags,
    wakes_dbm: Floats,
    bodies: Floats,
    room: Room,
    *,
    depth_db: float,
    is_on: NDArray[np.bool_],
) -> Heard:
    """What is heard of the tags while ``is_on`` (steps,); ``wakes_dbm`` (tags,) is what each chip needs."""
    steps = tags.at.shape[1]
    on_now = (np.arange(steps) // reader.dwell_steps + rng.integers(layout.antennas)) % layout.antennas
    channel = rng.choice(CHANNELS_HZ, steps // HOP_STEPS + 1)[np.arange(steps) // HOP_STEPS]
    wave = LIGHT_MPS / channel
    clutter = _clutter(rng, tags, room)
    gain = strength(layout.places[on_now], layout.facings[on_now], wave, tags, bodies, room, clutter, depth_db)
    at_chip = reader.power_dbm + gain
    margin = at_chip - wakes_dbm[:, None]
    back = reader.power_dbm + 2 * gain - BACKSCATTER_DB
    awake = (margin > 0) & (back > HEARD_ABOVE_DBM) & is_on
    crowd = np.maximum(awake.sum(0), 1)
    chance = ROUND_KEEPS * np.minimum(1.0, ANSWERS_A_ROUND / crowd) * (1 - np.exp(-np.clip(margin, 0, None) / 1.5))
    tag, step = np.nonzero(awake & (rng.random(awake.shape) < chance))
    told = back[tag, step] + rng.normal(0, reader.noise_db, len(tag))
    phase = np.mod(
        rng.normal(0, 0.1, len(tag)) - 4 * np.pi * _distance(layout, tags, on_now, tag, step) / wave[step], 2 * np.pi
    )
    order = np.lexsort((tag, step))
    rounded = np.round(told / reader.grain_db) * reader.grain_db
    return Heard(step[order], tag[order], on_now[step][order], rounded[order], phase[order])


def _clutter(rng: np.random.Generator, tags: Tags, room: Room) -> NDArray[np.complex128]:
    """What shelves and people far off throw back: it changes with each decimetre a tag moves, and slowly in time."""
    count, steps = tags.at.shape[:2]
    waves = 6
    directions = rng.normal(size=(waves, 3))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    drift = rng.normal(0, 2 * np.pi * 0.15, waves)
    phase = 2 * np.pi / 0.325 * np.einsum("tsk,wk->wts", tags.at, directions)
    phase += (drift[:, None, None] * np.arange(steps) * STEP_S) + rng.uniform(0, 2 * np.pi, (waves, 1, 1))
    amplitude = room.clutter / np.sqrt(waves)
    summed: NDArray[np.complex128] = amplitude * np.exp(1j * phase).sum(0)
    return summed.reshape(count, steps)


def _distance(
    layout: Layout, tags: Tags, on_now: NDArray[np.int64], tag: NDArray[np.int64], step: NDArray[np.int64]
) -> Floats:
    ways = tags.at[tag, step] - layout.places[on_now[step]]
    far: Floats = np.sqrt((ways**2).sum(-1))
    return far
