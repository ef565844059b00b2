"""What a reader tells, in one shape for all makers."""

from __future__ import annotations

import math

import msgspec

from anlan.engines.rfid.epc import EpcProblem, epc_decode

FARTHEST_US = 10**16
"""The year 2286; a clock that tells more is no clock, and no store keeps it."""
EPC_DIGITS = 124
"""496 bits: the most that a tag can hold as its number."""
TID_DIGITS, BADGE_SIGNS = 128, 40
HEX = frozenset("0123456789ABCDEF")
MOST_ANTENNA = 2**16 - 1
MOST_RSSI = 10**6


class Sighting(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, tag_field="kind", tag="sighting"):
    """One antenna heard one tag once.

    ``t_us`` is the reader's own clock in microseconds since 1970 (it may be wrong; see ``received_us``, the
    server's), ``rssi_cdbm`` hundredths of a dBm (None where the reader told none), ``phase_rad`` of the carrier.
    """

    reader: str
    antenna: int
    epc: str
    t_us: int
    received_us: int
    rssi_cdbm: int | None = None
    tid: str = ""
    phase_rad: float | None = None


class Beam(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, tag_field="kind", tag="beam"):
    """A light barrier was broken or came free; the lower number stands on the outer side."""

    reader: str
    beam: int
    is_broken: bool
    t_us: int
    received_us: int


class Badge(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, tag_field="kind", tag="badge"):
    """Somebody held a badge to the plate beside the door."""

    reader: str
    badge: str
    t_us: int
    received_us: int


Event = Sighting | Beam | Badge


def event_sound(event: Event) -> Event:
    """The event as it is kept: tag numbers in upper case, a strength or phase that can't be left out.

    :class:`EpcProblem` for what can't be taken as told: no tag's number or one too long, a clock beyond
    :data:`FARTHEST_US`, an antenna no reader has, a badge that no badge can be.
    """
    for t_us in (event.t_us, event.received_us):
        if abs(t_us) > FARTHEST_US:
            raise EpcProblem("beyond_time", t_us)
    if isinstance(event, Sighting):
        return _sighting_sound(event)
    if isinstance(event, Badge) and (len(event.badge) > BADGE_SIGNS or not event.badge.isprintable()):
        raise EpcProblem("no_badge_number", event.badge[:BADGE_SIGNS])
    if isinstance(event, Beam) and not 0 <= event.beam <= MOST_ANTENNA:
        raise EpcProblem("no_such_barrier", event.beam)
    return event


def _sighting_sound(told: Sighting) -> Sighting:
    if not 0 <= told.antenna <= MOST_ANTENNA:
        raise EpcProblem("no_such_antenna", told.antenna)
    epc, tid = epc_decode(told.epc).hex, told.tid.upper()
    if len(epc) > EPC_DIGITS:
        raise EpcProblem("too_long", epc[:EPC_DIGITS])
    if len(tid) > TID_DIGITS or not HEX.issuperset(tid):
        tid = ""
    strength, phase = told.rssi_cdbm, told.phase_rad
    if strength is not None and abs(strength) > MOST_RSSI:
        strength = None
    if phase is not None and not math.isfinite(phase):
        phase = None
    if (epc, tid, strength, phase) == (told.epc, told.tid, told.rssi_cdbm, told.phase_rad):
        return told
    return msgspec.structs.replace(told, epc=epc, tid=tid, rssi_cdbm=strength, phase_rad=phase)
