"""A made-up call as the sheet a call taker would hand in, and as the lines the caller would say."""

from __future__ import annotations

import re

from anlan.engines.county.records import SyntheticCall
from anlan.intake.services import CallSheet

CHANNELS = {"alarm_device": "device", "transfer_12345": "partner"}
CALL_TYPES = {"9001": "silent", "9002": "prank", "9003": "test"}
_SENTENCE_ENDS = re.compile(r"(?<=[。！？!?；;])\s*")
_BREATHS = re.compile(r"(?<=[，,、])\s*")
LINE_CHARS = 22


def sheet_of(call: SyntheticCall) -> CallSheet:
    """What the call taker would type. The hidden truth stays hidden, but for calls without a matter."""
    is_silent = call.truth.code == "9001"
    return CallSheet(
        narrative="" if is_silent else call.narrative,
        address_text="" if is_silent else call.place_phrase,
        lon=None if is_silent else call.lon,
        lat=None if is_silent else call.lat,
        radius_m=call.radius_m,
        channel=CHANNELS.get(call.channel, call.channel),
        call_type=CALL_TYPES.get(call.truth.code, "report"),
        reporter_name=call.caller,
        reporter_phone=call.phone,
        source="synthetic-live",
        external_id=call.call_id,
    )


def spoken_lines(call: SyntheticCall) -> list[str]:
    """The caller's words a breath at a time, as somebody typing along can follow; the place comes last.

    A silent caller says nothing: an empty list.
    """
    if call.truth.code == "9001":
        return []
    lines: list[str] = []
    for sentence in filter(None, _SENTENCE_ENDS.split(call.narrative.strip())):
        if len(sentence) <= LINE_CHARS:
            lines.append(sentence)
            continue
        lines.append("")
        for breath in _BREATHS.split(sentence):
            if lines[-1] and len(lines[-1]) + len(breath) > LINE_CHARS:
                lines.append(breath)
            else:
                lines[-1] += breath
    if call.place_phrase and call.place_phrase not in call.narrative:
        lines.append(call.place_phrase)
    return [line for line in lines if line]
