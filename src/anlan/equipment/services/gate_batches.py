"""What a reader tells is kept first and judged later. Safe to repeat: a message told again is the same row.

A reader is answered after the commit. What no door can take (a reader that nobody has entered, a line that tells no
event) is put aside, see ``strays``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import F

from anlan.core.actor import SYSTEM, Actor
from anlan.core.permissions import require
from anlan.engines.rfid import BadLine, Event, journal_line, journal_read
from anlan.equipment.models import Gate, GateBatch, span_of
from anlan.equipment.rules import PASSAGE_KEPT, TOLD_KEPT
from anlan.equipment.services.strays import Stray, strays_keep

TOLD_BACK = 50
FORGET_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of a reader: the ``events`` in it, the lines that tell none, and when it came."""

    reader: str
    events: tuple[Event, ...]
    at: datetime
    bad: tuple[BadLine, ...] = ()


def heard_in(reader: str, parts: Iterable[Event | BadLine], at: datetime) -> Heard:
    """Events and bad lines apart; an event that bears another reader's name is a bad line."""
    good: list[Event] = []
    bad: list[BadLine] = []
    for one in parts:
        if isinstance(one, BadLine):
            bad.append(one)
        elif one.reader != reader:
            bad.append(BadLine(0, "another_reader", one.reader, journal_line(one)))
        else:
            good.append(one)
    return Heard(reader, tuple(good), at, tuple(bad))


def batch_take(*, reader: str, lines: str, by: Actor, at: datetime) -> dict[str, Any]:
    """Keep what a reader told (a JSON object a line): how many events, which lines tell none, if the message was
    known, and how many were put ``aside``, because a line tells no event or nobody has entered the reader.

    Nothing is judged here: whoever sent it is answered as soon as it is safe.
    """
    heard = heard_in(reader, journal_read(lines.splitlines()), at)
    said = batches_take(heard=[heard], by=by, at=at)
    told = [{"line": one.line, "reason": one.reason, "detail": one.detail[:200]} for one in heard.bad[:TOLD_BACK]]
    return {"taken": said["kept"], "known": bool(said["known"]), "bad": len(heard.bad), "bad_lines": told,
            "aside": said["aside"]}  # fmt: skip


@transaction.atomic
def batches_take(*, heard: Sequence[Heard], by: Actor, at: datetime) -> dict[str, int]:
    """Keep many messages, all or none; what is known already changes nothing. Says how many events were ``kept`` in
    new messages, how many messages were ``known``, how many came from a reader that ``nobody`` has entered, and how
    many messages and lines were put ``aside`` now.
    """
    require(by, "equipment.gate_feed")
    # The doors' rows are held before anything is written: of one door messages are committed in their order, so that
    # whoever reads on from the last one misses none.
    names = sorted({one.reader for one in heard})
    gates = {gate.reader: gate for gate in Gate.objects.select_for_update().filter(reader__in=names).order_by("pk")}
    rows: dict[tuple[int, str], GateBatch] = {}
    strays: list[Stray] = []
    nobody = full = 0
    for one in heard:
        gate = gates.get(one.reader)
        nobody += gate is None
        strays += [_unreadable(one, line) for line in one.bad]
        if not one.events:
            continue
        text, digest, count = "\n".join(map(journal_line, one.events)), digest_of(one.events), len(one.events)
        if gate is None:
            strays.append(Stray(one.reader, "not_entered", text, one.at, digest, count))
        else:
            full += 1
            row = GateBatch(gate=gate, digest=digest, received_at=one.at, lines=text, count=count,
                            **span_of(one.events))  # fmt: skip
            rows.setdefault((gate.pk, digest), row)
    known = set(
        GateBatch.objects.filter(gate__in=gates.values(), digest__in=[d for _, d in rows]).values_list(
            "gate_id", "digest"
        )
    )
    new = [row for key, row in rows.items() if key not in known]
    GateBatch.objects.bulk_create(new)
    Gate.objects.filter(pk__in=[gate.pk for gate in gates.values()]).update(heard_at=at)
    kept = sum(row.count for row in new)
    return {"kept": kept, "known": full - len(new), "nobody": nobody, "aside": strays_keep(strays, by=by)}


def batches_forget(*, at: datetime, by: Actor = SYSTEM) -> int:
    """Take away what readers told a day ago, once it is judged; that a message came is known while a broker may tell
    it again (``TOLD_KEPT``). Gives how many messages lost their lines. Safe to repeat; each part is a transaction.
    """
    GateBatch.objects.filter(received_at__lt=at - TOLD_KEPT).delete()
    due = GateBatch.objects.filter(received_at__lt=at - PASSAGE_KEPT, id__lte=F("gate__judged_to")).exclude(lines="")
    whole = 0
    while numbers := list(due.values_list("id", flat=True)[:FORGET_AT_ONCE]):
        whole += GateBatch.objects.filter(pk__in=numbers).update(lines="")
    return whole


def _unreadable(heard: Heard, line: BadLine) -> Stray:
    detail = f"{line.line}: {line.reason} {line.detail}"
    return Stray(heard.reader, "unreadable", line.content or detail, heard.at, detail=detail)


def digest_of(events: Sequence[Event]) -> str:
    """What makes a message the same when it is told again: all but when it came in."""
    told = "\n".join(journal_line(msgspec.structs.replace(event, received_us=0)) for event in events)
    return hashlib.sha256(told.encode()).hexdigest()[:32]
