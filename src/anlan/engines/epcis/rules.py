"""What the EPCIS 2.0 standard demands of the events we write, as rules; for documents of anybody's.

By hand from sections 7.2 to 7.4 of the standard (the JSON schema isn't shipped): the fields that must be there, the
words that may be used, times with their offset, and what belongs to a declaration of an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

STEPS = frozenset({"entering_exiting", "packing", "unpacking", "inspecting", "repairing", "destroying", "storing"})
REASONS = frozenset({"did_not_occur", "incorrect_data"})
ACTIONS = frozenset({"ADD", "OBSERVE", "DELETE"})
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+")
_OFFSET = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d")
_COMMON = ("type", "eventID", "eventTime", "eventTimeZoneOffset", "action")
_OF_TYPE = {"ObjectEvent": ("epcList",), "AggregationEvent": ("parentID", "childEPCs")}


def problems_of(document: Any) -> list[str]:
    """What is wrong, each with the place (``epcisBody.eventList[3].action: …``); empty for a document that holds."""
    if not isinstance(document, dict):
        return ["not an object"]
    found = [
        f"{name}: missing or other than {wanted!r}"
        for name, wanted in (("type", "EPCISDocument"), ("schemaVersion", "2.0"))
        if document.get(name) != wanted
    ]
    contexts = document.get("@context")
    if not isinstance(contexts, list) or not any(isinstance(one, str) and "epcis" in one for one in contexts):
        found.append("@context: EPCIS's own is missing")
    if not _is_time(document.get("creationDate")):
        found.append("creationDate: no time with an offset")
    body = document.get("epcisBody")
    events = body.get("eventList") if isinstance(body, dict) else None
    if not isinstance(events, list):
        return [*found, "epcisBody.eventList: missing"]
    spaces = {name for one in contexts or [] if isinstance(one, dict) for name in one}
    for number, event in enumerate(events):
        found += [f"epcisBody.eventList[{number}].{text}" for text in _event(event, spaces)]
    return found + list(_declarations(events))


def _event(event: Any, spaces: set[str]) -> Iterator[str]:
    if not isinstance(event, dict) or event.get("type") not in _OF_TYPE:
        yield "type: ObjectEvent or AggregationEvent expected"
        return
    for name in (*_COMMON, *_OF_TYPE[event["type"]]):
        if not event.get(name):
            yield f"{name}: missing"
    for name in ("eventTime", "recordTime"):
        if name in event and not _is_time(event[name]):
            yield f"{name}: no time with an offset"
    if not _OFFSET.fullmatch(str(event.get("eventTimeZoneOffset", ""))):
        yield "eventTimeZoneOffset: ±hh:mm expected"
    if event.get("action") not in ACTIONS:
        yield "action: ADD, OBSERVE or DELETE expected"
    if "bizStep" in event and event["bizStep"] not in STEPS and not _URI.fullmatch(str(event["bizStep"])):
        yield "bizStep: no word of the vocabulary and no URI"
    numbers = [event.get("eventID"), event.get("parentID"), *event.get("epcList", []), *event.get("childEPCs", [])]
    for one in filter(None, numbers):
        if not _URI.fullmatch(str(one)):
            yield f"{one!r}: not a URI"
    for name in ("readPoint", "bizLocation"):
        if name in event and not (isinstance(event[name], dict) and _URI.fullmatch(str(event[name].get("id", "")))):
            yield f"{name}.id: a URI expected"
    for name in event:
        if ":" in name and name.split(":")[0] not in spaces:
            yield f"{name}: its namespace is not declared"
    if "errorDeclaration" in event:
        yield from _declaration(event["errorDeclaration"])


def _declaration(told: Any) -> Iterator[str]:
    if not isinstance(told, dict) or not _is_time(told.get("declarationTime")):
        yield "errorDeclaration.declarationTime: missing"
        return
    reason = told.get("reason")
    if reason is not None and reason not in REASONS and not _URI.fullmatch(str(reason)):
        yield "errorDeclaration.reason: no word of the vocabulary and no URI"
    if not all(_URI.fullmatch(str(one)) for one in told.get("correctiveEventIDs", [])):
        yield "errorDeclaration.correctiveEventIDs: URIs expected"


def _declarations(events: list[Any]) -> Iterator[str]:
    """A declaration repeats its event word for word; two events of one name without one contradict each other."""
    first: dict[str, dict[str, Any]] = {}
    for number, event in enumerate(events):
        if not isinstance(event, dict) or not isinstance(event.get("eventID"), str):
            continue
        known = first.setdefault(event["eventID"], event)
        plain, other = _plain(known), _plain(event)
        if plain != other:
            yield f"epcisBody.eventList[{number}]: told before with other words"


def _plain(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in ("errorDeclaration", "recordTime")}


def _is_time(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
