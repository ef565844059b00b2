"""EPCIS 2.0 events (GS1 EPCIS 2.0, section 7; CBV 2.0 words) of a door with readers.

A passage is an ``ObjectEvent`` with action ``OBSERVE`` and step ``entering_exiting``; what a kit holds is an
``AggregationEvent``. The business vocabulary has no word for a loan, so ours stands in a namespace of its own. A
correction is the same event told again, word for word, with an ``errorDeclaration`` that names what is true instead
(section 7.4.1.1). Nobody's name or badge is ever in one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from anlan.engines.rfid import epc_decode

NAMESPACE = "urn:anlan:epcis:"
CONTEXT: tuple[Any, ...] = ("https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"anlan": NAMESPACE})
OFFSET = "+00:00"
_IDS = UUID("6f9f6a0c-6a52-5d0b-9f5c-7f3c0a4d1b11")


@dataclass(frozen=True, slots=True)
class Observed:
    """Tags (hexadecimal) seen at a door. ``key`` names the event for good; ``movement`` what they did there
    (``taken_out``, ``brought_back``, ``unclear``), ``confidence`` how sure that is."""

    key: str
    at: datetime
    recorded_at: datetime
    epcs: tuple[str, ...]
    door: str
    place: str
    movement: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """That an event was wrong: when that was said, a CBV reason (``did_not_occur``, ``incorrect_data``), and the
    keys of the events that are true instead."""

    at: datetime
    reason: str
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kit:
    """``action`` ADD or DELETE: things put into a case or taken out of it."""

    key: str
    at: datetime
    recorded_at: datetime
    parent: str
    children: tuple[str, ...]
    action: str
    place: str


def event_id(key: str) -> str:
    """The same name for the same event, whoever exports it and however often."""
    return f"urn:uuid:{uuid5(_IDS, key)}"


def observed_event(one: Observed, correction: Correction | None = None) -> dict[str, Any]:
    """A passage's event; with ``correction`` the declaration that it was wrong."""
    found: dict[str, Any] = {
        "type": "ObjectEvent",
        "eventID": event_id(one.key),
        "eventTime": _time(one.at),
        "eventTimeZoneOffset": OFFSET,
        "recordTime": _time(one.recorded_at),
        "epcList": [epc_decode(epc).uri for epc in one.epcs],
        "action": "OBSERVE",
        "bizStep": "entering_exiting",
        "readPoint": {"id": f"{NAMESPACE}door:{_named(one.door)}"},
        "bizLocation": {"id": f"{NAMESPACE}place:{_named(one.place)}"},
        "anlan:movement": one.movement,
    }
    if one.confidence is not None:
        found["anlan:confidence"] = round(one.confidence, 4)
    return found if correction is None else {**found, "errorDeclaration": _declared(correction)}


def kit_event(one: Kit, correction: Correction | None = None) -> dict[str, Any]:
    """What was put into a kit or taken out of it."""
    found: dict[str, Any] = {
        "type": "AggregationEvent",
        "eventID": event_id(one.key),
        "eventTime": _time(one.at),
        "eventTimeZoneOffset": OFFSET,
        "recordTime": _time(one.recorded_at),
        "parentID": epc_decode(one.parent).uri,
        "childEPCs": [epc_decode(epc).uri for epc in one.children],
        "action": one.action,
        "bizStep": "packing" if one.action == "ADD" else "unpacking",
        "bizLocation": {"id": f"{NAMESPACE}place:{_named(one.place)}"},
    }
    return found if correction is None else {**found, "errorDeclaration": _declared(correction)}


def document(events: Sequence[dict[str, Any]], *, at: datetime) -> dict[str, Any]:
    """An EPCIS document that holds the events in their order."""
    return {
        "@context": list(CONTEXT),
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": _time(at),
        "epcisBody": {"eventList": list(events)},
    }


def _declared(one: Correction) -> dict[str, Any]:
    found: dict[str, Any] = {"declarationTime": _time(one.at), "reason": one.reason}
    return {**found, "correctiveEventIDs": [event_id(key) for key in one.instead]} if one.instead else found


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _named(text: str) -> str:
    """As part of an URN: letters, digits and a few signs stay, the rest as bytes (RFC 8141)."""
    plain = "-._~"
    return "".join(
        sign if (sign.isascii() and sign.isalnum()) or sign in plain else "".join(f"%{b:02X}" for b in sign.encode())
        for sign in text
    )
