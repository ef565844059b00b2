"""What arrives at a tag and comes back: free space, pattern, polarisation, reflections, bodies, metal.

Friis' equation for the way to the tag, again for the way back; reflections at floor, walls and ceiling by the
image method with the phase of the carrier, so that fields fade over centimetres; a body in the line of sight
takes some fourteen decibels at 920 MHz (literature: 10 to 20). Powers in dBm, gains in dB.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engines.gate_simulator.layout import CEILING_M, Floats

Waves = NDArray[np.complex128]
LIGHT_MPS = 299_792_458.0
POLARISATION_DB = 3.0
PATCH_GAIN_DB = 6.0
TAG_GAIN_DB = 1.8
BACKSCATTER_DB = 6.0
FRONT_TO_BACK_DB = 18.0


@dataclass(frozen=True, slots=True)
class Room:
    """``walls_y_m`` the walls beside the door, ``reflects`` the share of the amplitude that floor, ceiling and
    walls give back, ``clutter`` the amplitude, beside the direct way's at 1.5 m, of all that stands about."""

    walls_y_m: tuple[float, float]
    reflects: tuple[float, float, float]
    clutter: float


@dataclass(frozen=True, slots=True)
class Tags:
    """``at`` and ``axis`` (tags, steps, 3): place and direction of the dipole; ``loss_db`` (tags, steps) by what
    they stick to."""

    at: Floats
    axis: Floats
    loss_db: Floats


def _antenna_gain(facing: Floats, away: Floats) -> Floats:
    """A patch: its gain falls with the cosine to the second; behind it little is left. ``away`` are unit vectors."""
    cosine = np.clip((away * facing).sum(-1), 0.0, 1.0)
    floor = 10 ** (-FRONT_TO_BACK_DB / 20)
    gain: Floats = PATCH_GAIN_DB + 20 * np.log10(np.maximum(cosine, floor))
    return gain


def _images(antenna: Floats, room: Room) -> list[tuple[Floats, float]]:
    """The antenna seen in floor, ceiling and both walls, with the amplitude each gives back."""
    floor, ceiling, wall = room.reflects
    flip_z = np.array([1.0, 1.0, -1.0])
    flip_y = np.array([1.0, -1.0, 1.0])
    seen = [(antenna * flip_z, -floor), (antenna * flip_z + (0, 0, 2 * CEILING_M), -ceiling)]
    seen += [(antenna * flip_y + (0, 2 * y, 0), -wall) for y in room.walls_y_m]
    return seen


def body_loss_db(antenna: Floats, at: Floats, bodies: Floats, depth_db: float) -> Floats:
    """Loss (tags, steps) by bodies (people, steps, 2) that stand between; a narrow miss costs part."""
    if not len(bodies):
        return np.zeros(at.shape[:2])
    foot = antenna[:, :2]
    line = at[..., :2] - foot
    length = np.maximum((line**2).sum(-1), 1e-6)
    relative = bodies[:, None] - foot
    share = np.clip((relative * line).sum(-1) / length, 0.0, 1.0)
    nearest = relative - share[..., None] * line
    miss = np.sqrt((nearest**2).sum(-1))
    # Over the head of somebody who is farther along than the line is high, nothing is lost.
    height = antenna[:, 2] + share * (at[..., 2] - antenna[:, 2])
    inside = (height < 1.75) & (share > 0.02) & (share < 0.985)
    lost: Floats = (np.exp(-((miss / 0.17) ** 2)) * inside).sum(0) * depth_db
    return lost


def strength(
    antenna: Floats,
    facing: Floats,
    wave_m: Floats,
    tags: Tags,
    bodies: Floats,
    room: Room,
    clutter: Waves,
    depth_db: float,
) -> Floats:
    """Gain in dB (tags, steps) from the reader's port to the tag's chip; the way back has the same.

    ``antenna`` and ``facing`` (steps, 3) of the antenna that is on, ``wave_m`` (steps,) the wavelength, ``clutter``
    (tags, steps) complex.
    """
    ways = tags.at - antenna
    distance = np.maximum(np.sqrt((ways**2).sum(-1)), 0.15)
    away = ways / distance[..., None]
    field = _ray(distance, wave_m, 1.0)
    for image, amplitude in _images(antenna, room):
        field = field + _ray(np.sqrt(((tags.at - image) ** 2).sum(-1)), wave_m, amplitude)
    field = field + clutter * wave_m / (4 * np.pi * 1.5)
    along = (away * tags.axis).sum(-1)
    # A dipole hears nothing along its axis; reflections from elsewhere fill the null to some twelve decibels.
    dipole = 10 * np.log10(np.maximum(1 - along**2, 0.06))
    gains = _antenna_gain(facing, away) + TAG_GAIN_DB + dipole - POLARISATION_DB
    lost = tags.loss_db + body_loss_db(antenna, tags.at, bodies, depth_db)
    whole: Floats = 20 * np.log10(np.abs(field)) + gains - lost
    return whole


def _ray(distance: Floats, wave_m: Floats, amplitude: float) -> Waves:
    reached: Waves = amplitude * wave_m / (4 * np.pi * distance) * np.exp(-2j * np.pi * distance / wave_m)
    return reached
