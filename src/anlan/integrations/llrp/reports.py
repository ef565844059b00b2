"""What a reader reports in LLRP as events, and how a reader would write them."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Iterator

from anlan.engines.rfid import Beam, Event, Sighting
from anlan.integrations.llrp import frames as f

PHASE_STEPS = 4096


def sightings_in(reader: str, body: bytes, received_us: int) -> Iterator[Sighting]:
    """The tags of an RO_ACCESS_REPORT; a report without a tag's number gives none.

    Strength in whole dBm, or in hundredths where Impinj's own parameter is there; times by the reader's clock
    (last seen, else first seen, else ours).
    """
    for one in f.parameters(body):
        if one.kind == f.TAG_REPORT and (found := _sighting(reader, one.body, received_us)) is not None:
            yield found


def _sighting(reader: str, body: bytes, received_us: int) -> Sighting | None:
    epc, antenna, t_us, strength, tid, phase = "", 0, None, None, "", None
    for one in f.parameters(body):
        if one.kind == f.EPC_96:
            epc = one.body.hex().upper()
        elif one.kind == f.EPC_DATA:
            epc = _epc(one.body)
        elif one.kind == f.ANTENNA_ID:
            (antenna,) = struct.unpack(">H", one.body)
        elif one.kind == f.LAST_SEEN or (one.kind == f.FIRST_SEEN and t_us is None):
            (t_us,) = struct.unpack(">Q", one.body)
        elif one.kind == f.PEAK_RSSI and strength is None:
            strength = struct.unpack(">b", one.body)[0] * 100
        elif one.kind == f.CUSTOM and len(one.body) >= 10:
            vendor, kind = struct.unpack_from(">II", one.body)
            rest = one.body[8:]
            if vendor == f.IMPINJ and kind == f.IMPINJ_RSSI:
                (strength,) = struct.unpack_from(">h", rest)
            elif vendor == f.IMPINJ and kind == f.IMPINJ_PHASE:
                phase = struct.unpack_from(">H", rest)[0] * 2 * math.pi / PHASE_STEPS
            elif vendor == f.IMPINJ and kind == f.IMPINJ_TID:
                tid = rest[2:].hex().upper()
    if not epc:
        return None
    at_us = received_us if t_us is None or t_us > 2**62 else t_us
    return Sighting(reader, antenna, epc, at_us, received_us, strength, tid, phase)


def _epc(body: bytes) -> str:
    if len(body) < 2:
        raise f.BadFrame("a tag's number is cut off")
    (bits,) = struct.unpack_from(">H", body)
    number = body[2 : 2 + (bits + 7) // 8]
    if len(number) * 8 < bits:
        raise f.BadFrame(f"a tag's number of {bits} bits in {len(number)} bytes")
    return number.hex().upper()


def beams_in(reader: str, body: bytes, received_us: int) -> Iterator[Beam]:
    """Light barriers at the reader's inputs, out of a READER_EVENT_NOTIFICATION; input 1 is the outer one."""
    for data in f.parameters(body):
        if data.kind != f.EVENT_DATA:
            continue
        t_us = received_us
        for one in f.parameters(data.body):
            if one.kind == f.UTC_TIMESTAMP and len(one.body) == 8:
                (t_us,) = struct.unpack(">Q", one.body)
            elif one.kind == f.GPI_EVENT and len(one.body) >= 3:
                port, state = struct.unpack_from(">HB", one.body)
                yield Beam(reader, port, bool(state & 0x80), t_us, received_us)


def connection_refused(body: bytes) -> int | None:
    """0 if the reader took us, another number if it didn't (somebody else holds it), None if it speaks of else."""
    for data in f.parameters(body):
        if data.kind == f.EVENT_DATA:
            for one in f.parameters(data.body):
                if one.kind == f.CONNECTION_ATTEMPT and len(one.body) >= 2:
                    return int(struct.unpack_from(">H", one.body)[0])
    return None


def report_of(sightings: Iterable[Sighting]) -> bytes:
    """An RO_ACCESS_REPORT's body as a reader writes it; strengths in hundredths as Impinj's own parameter too."""
    return b"".join(_report(one) for one in sightings)


def _report(one: Sighting) -> bytes:
    number = bytes.fromhex(one.epc if len(one.epc) % 2 == 0 else one.epc + "0")
    parts = [
        f.fixed(f.EPC_96, number)
        if len(number) == 12
        else f.parameter(f.EPC_DATA, struct.pack(">H", len(one.epc) * 4), number),
        f.fixed(f.ANTENNA_ID, struct.pack(">H", one.antenna)),
        f.fixed(f.LAST_SEEN, struct.pack(">Q", one.t_us)),
    ]
    if one.rssi_cdbm is not None:
        parts.append(f.fixed(f.PEAK_RSSI, struct.pack(">b", max(-128, round(one.rssi_cdbm / 100)))))
        parts.append(_impinj(f.IMPINJ_RSSI, struct.pack(">h", one.rssi_cdbm)))
    if one.tid:
        chip = bytes.fromhex(one.tid)
        parts.append(_impinj(f.IMPINJ_TID, struct.pack(">H", len(chip) // 2), chip))
    return f.parameter(f.TAG_REPORT, *parts)


def _impinj(kind: int, *parts: bytes) -> bytes:
    return f.parameter(f.CUSTOM, struct.pack(">II", f.IMPINJ, kind), *parts)


def notice_of(beam: Beam) -> bytes:
    """A READER_EVENT_NOTIFICATION's body for an input that changed."""
    event = f.parameter(f.GPI_EVENT, struct.pack(">HB", beam.beam, 0x80 if beam.is_broken else 0))
    return f.parameter(f.EVENT_DATA, f.parameter(f.UTC_TIMESTAMP, struct.pack(">Q", beam.t_us)), event)


def greeting_of(code: int, t_us: int) -> bytes:
    """What a reader says to whoever connects: 0 welcome, 2 somebody else is here already."""
    event = f.parameter(f.CONNECTION_ATTEMPT, struct.pack(">H", code))
    return f.parameter(f.EVENT_DATA, f.parameter(f.UTC_TIMESTAMP, struct.pack(">Q", t_us)), event)


def events_in(reader: str, frame: f.Frame, received_us: int) -> list[Event]:
    """Whatever a frame tells of the door."""
    if frame.kind == f.RO_ACCESS_REPORT:
        return list(sightings_in(reader, frame.body, received_us))
    if frame.kind == f.READER_EVENT_NOTIFICATION:
        return list(beams_in(reader, frame.body, received_us))
    return []
