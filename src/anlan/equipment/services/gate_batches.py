"""What a reader tells is kept first and judged later. Safe to repeat: a message told again is the same row.

A reader is answered after the commit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.permissions import require
from anlan.engines.rfid import BadLine, Event, journal_line, journal_read
from anlan.equipment.models import Gate, GateBatch


@transaction.atomic
def batch_take(*, gate: Gate, lines: str, by: Actor, at: datetime) -> dict[str, Any]:
    """Keep what a reader told (a JSON object a line); says how many events, which lines tell none, if known.

    Nothing is judged here: whoever sent it is answered as soon as it is safe.
    """
    require(by, "equipment.gate_feed")
    good: list[Event] = []
    bad: list[BadLine] = []
    for one in journal_read(lines.splitlines()):
        if isinstance(one, BadLine):
            bad.append(one)
        elif one.reader != gate.reader:
            bad.append(BadLine(0, "another_reader", one.reader))
        else:
            good.append(one)
    text, digest = "\n".join(journal_line(event) for event in good), digest_of(good)
    _, is_new = GateBatch.objects.get_or_create(
        gate=gate, digest=digest, defaults={"received_at": at, "lines": text, "count": len(good)}
    )
    Gate.objects.filter(pk=gate.pk).update(heard_at=at)
    told = [{"line": one.line, "reason": one.reason, "detail": one.detail[:200]} for one in bad[:50]]
    return {"taken": len(good) if is_new else 0, "known": not is_new, "bad": len(bad), "bad_lines": told}


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of a reader: the ``events`` in it, and when it came."""

    reader: str
    events: tuple[Event, ...]
    at: datetime


@transaction.atomic
def batches_take(*, heard: Sequence[Heard], by: Actor, at: datetime) -> dict[str, int]:
    """Keep many messages, all or none; what is known already changes nothing. Says how many events were ``kept`` in
    new messages, how many messages were ``known`` and how many came from a reader that ``nobody`` has entered.
    """
    require(by, "equipment.gate_feed")
    gates = {gate.reader: gate for gate in Gate.objects.filter(reader__in={one.reader for one in heard})}
    rows: dict[tuple[int, str], GateBatch] = {}
    nobody = 0
    for one in heard:
        gate = gates.get(one.reader)
        if gate is None:
            nobody += 1
        elif one.events:
            text = "\n".join(journal_line(event) for event in one.events)
            digest = digest_of(one.events)
            row = GateBatch(gate=gate, digest=digest, received_at=one.at, lines=text, count=len(one.events))
            rows.setdefault((gate.pk, digest), row)
    known = set(GateBatch.objects.filter(digest__in=[d for _, d in rows]).values_list("gate_id", "digest"))
    new = [row for key, row in rows.items() if key not in known]
    GateBatch.objects.bulk_create(new, ignore_conflicts=True)
    for gate in gates.values():
        Gate.objects.filter(pk=gate.pk).update(heard_at=at)
    kept = sum(row.count for row in new)
    return {"kept": kept, "known": len(heard) - nobody - len(new), "nobody": nobody}


def digest_of(events: Sequence[Event]) -> str:
    """What makes a message the same when it is told again: all but when it came in."""
    told = "\n".join(journal_line(msgspec.structs.replace(event, received_us=0)) for event in events)
    return hashlib.sha256(told.encode()).hexdigest()
