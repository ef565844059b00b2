"""What a passage says of each tag in it, as figures a model can weigh.

Of a tag's own reads, of all other moving tags together (they show how people went), and of the light barriers. Planes
are -1 (outer) and 1 (inner); strengths are weighed as amplitudes, 10^(dBm/20). Unknown is NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from anlan.engines.gate.crossings import CROSSINGS, crossings_of, near_crossings
from anlan.engines.gate.passages import RESIDENT_BINS, Passage

Floats = NDArray[np.float64]
NAN = float("nan")
PARTS = (0.0, 0.2, 0.5, 0.8, 1.01)
UNTOLD_DBM, FAINTEST_DBM = -70.0, -130.0
MOST_READS = 400
"""A tag that lay in the zone for a minute is thinned out to so many reads, evenly."""


@dataclass(frozen=True, slots=True)
class Reads:
    """Reads in order of time: ``t_s`` from the beginning of the passage, ``side`` -1 or 1, ``dbm``."""

    t_s: Floats
    side: Floats
    dbm: Floats


def dbm_of(rssi_cdbm: int | None) -> float:
    """Strength in dBm, whatever a reader calls it: hundredths of a dBm (told as dBm too, so hundredths of
    hundredths), dBm, or the same without its sign. None, and nought as readers that measure none say."""
    if not rssi_cdbm:
        return UNTOLD_DBM
    value = -abs(float(rssi_cdbm))
    while value < FAINTEST_DBM:
        value /= 100
    return value


def reads_of(passage: Passage, planes: Mapping[int, int]) -> dict[str, Reads]:
    """The reads of each tag; antennas that ``planes`` doesn't know are left out."""
    rows: dict[str, list[tuple[float, int, float]]] = {}
    for one in passage.sightings:
        side = planes.get(one.antenna)
        if side is not None:
            t_s = (one.t_us - passage.begin_us) / 1e6
            rows.setdefault(one.epc, []).append((t_s, side, dbm_of(one.rssi_cdbm)))
    return {epc: _reads(values) for epc, values in rows.items()}


def _reads(values: list[tuple[float, int, float]]) -> Reads:
    table = np.array(values, dtype=float)
    if len(table) > MOST_READS:
        table = table[np.linspace(0, len(table) - 1, MOST_READS).astype(int)]
    return Reads(table[:, 0], table[:, 1], table[:, 2])


def track(reads: Reads | None) -> list[float]:
    """One tag's (or several tags') way in figures: counts, strengths, moments by plane, balance over time."""
    if reads is None or not len(reads.t_s):
        return [NAN] * TRACK
    t, side, dbm = reads.t_s, reads.side, reads.dbm
    weight = 10 ** (dbm / 20)
    begin, whole = t[0], t[-1] - t[0]
    found = [float(len(t)), whole, float(dbm.max()), float(dbm.mean()), float(dbm.std())]
    centres = []
    for plane in (-1.0, 1.0):
        at = side == plane
        centre, values = _plane(t[at] - begin, dbm[at], weight[at], len(t), whole)
        centres.append(centre)
        found += values
    found += [centres[1] - centres[0], float(side[0]), float(side[-1])]
    place = (t - begin) / max(whole, 1e-3)
    for low, high in pairwise(PARTS):
        at = (place >= low) & (place < high)
        inner, outer = float(weight[at & (side > 0)].sum()), float(weight[at & (side < 0)].sum())
        found += [float(np.log((inner + 1e-4) / (outer + 1e-4))), float(np.log(inner + outer + 1e-5))]
    return found


def _plane(t: Floats, dbm: Floats, weight: Floats, of: int, whole: float) -> tuple[float, list[float]]:
    if not len(t):
        return NAN, [0.0, -99.0] + [NAN] * 6
    centre = float((weight * t).sum() / weight.sum())
    spread = float(np.sqrt((weight * (t - centre) ** 2).sum() / weight.sum()))
    loudest = float(t[dbm.argmax()])
    return centre, [
        len(t) / of, float(dbm.max()), float(dbm.mean()), float(t[0]), whole - float(t[-1]), loudest, centre, spread,
    ]  # fmt: skip


TRACK = 5 + 2 * 8 + 3 + 2 * (len(PARTS) - 1)


def beams_told(passage: Passage) -> list[float]:
    """What two light barriers say: how often each was broken, which first and last, how far apart, how long."""
    if not passage.beams:
        return [0.0, 0.0] + [NAN] * 8
    broken = [(b.beam, (b.t_us - passage.begin_us) / 1e6) for b in passage.beams if b.is_broken]
    freed = [(b.beam, (b.t_us - passage.begin_us) / 1e6) for b in passage.beams if not b.is_broken]
    counts = [float(sum(1 for beam, _ in broken if beam == number)) for number in (1, 2)]
    begins = [min((t for beam, t in broken if beam == number), default=NAN) for number in (1, 2)]
    ends = [max((t for beam, t in freed if beam == number), default=NAN) for number in (1, 2)]
    first = float(broken[0][0]) if broken else NAN
    last = float(freed[-1][0]) if freed else NAN
    return [*counts, first, last, *begins, *ends, begins[1] - begins[0], ends[1] - ends[0]]


BEAMS = 10


def table(passage: Passage, planes: Mapping[int, int]) -> tuple[list[str], Floats]:
    """Tags (in order) and a row of figures for each; the width is :data:`WIDTH`."""
    reads = reads_of(passage, planes)
    tags = sorted(reads)
    moving = [epc for epc in tags if passage.quiet_bins.get(epc, 0) < RESIDENT_BINS]
    beams = beams_told(passage)
    crossings = crossings_of(passage.beams, passage.begin_us)
    all_reads = together([reads[epc] for epc in moving])
    shared = track(all_reads)
    rows = []
    for epc in tags:
        mine = reads[epc]
        others = shared if epc not in moving else track(together([reads[o] for o in moving if o != epc]))
        centre = _centre(mine)
        loudest = float(mine.t_s[mine.dbm.argmax()])
        after = [centre - beams[4], centre - beams[5], loudest - beams[4], loudest - beams[5]]
        known = float(np.log1p(passage.quiet_bins.get(epc, 0)))
        span = (passage.end_us - passage.begin_us) / 1e6
        more = [known, float(len(moving)), float(len(passage.badges)), span, float(mine.t_s[0])]
        alike = NAN if all_reads is None else centre - _centre(all_reads)
        near = near_crossings(crossings, centre, loudest)
        rows.append([*track(mine), *others, *beams, *after, *more, alike, *near])
    return tags, np.array(rows, dtype=float).reshape(len(tags), WIDTH)


WIDTH = 2 * TRACK + BEAMS + 4 + 5 + 1 + CROSSINGS


def together(many: list[Reads]) -> Reads | None:
    """Reads of several tags in one order of time; None where there are none."""
    if not many:
        return None
    t = np.concatenate([one.t_s for one in many])
    order = np.argsort(t, kind="stable")
    side = np.concatenate([one.side for one in many])[order]
    return Reads(t[order], side, np.concatenate([one.dbm for one in many])[order])


def _centre(reads: Reads) -> float:
    """The middle of the reads, weighed by their strength."""
    weight = 10 ** (reads.dbm / 20)
    return float((weight * reads.t_s).sum() / weight.sum())
