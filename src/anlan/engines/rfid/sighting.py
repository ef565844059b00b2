"""What a reader tells, in one shape for all makers."""

from __future__ import annotations

import msgspec


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
