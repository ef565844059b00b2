"""What no door could take is put aside with its reason, within a bound, and taken in when its door is entered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, F, Sum
from django.db.models.functions import Length

from anlan.core.actor import SYSTEM, Actor
from anlan.core.permissions import require
from anlan.core.services import event_record
from anlan.engines.rfid import CONTENT_CHARS, journal_events
from anlan.equipment import events
from anlan.equipment.models import Gate, GateBatch, StrayMessage, StrayReader, span_of
from anlan.equipment.rules import TOLD_KEPT

MOST_READERS = 50
OTHERS = "*"
"""Beyond so many names that nobody knows, all further ones are counted and kept as one."""
MOST_MESSAGES = {"not_entered": 20_000, "unreadable": 500}
MOST_CHARS = {"not_entered": 20_000_000, "unreadable": 500_000}
"""Of one reader, as the store counts them. All in all 10^9 at most; readers tell figures, a byte a sign."""
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Stray:
    """One message that can't be taken: ``reason`` a key of ``rules.STRAYS``, ``count`` the events in it."""

    reader: str
    reason: str
    raw: str
    at: datetime
    digest: str = ""
    count: int = 0
    detail: str = ""


def strays_keep(found: Sequence[Stray], *, by: Actor) -> int:
    """Put aside, in the caller's transaction; what is there already changes nothing. Gives how many are kept now."""
    groups: dict[tuple[str, str], list[Stray]] = {}
    for one in found:
        groups.setdefault((one.reader[:60], one.reason), []).append(one)
    return sum(_group_keep(*key, group, by=by) for key, group in sorted(groups.items()))


def _group_keep(reader: str, reason: str, group: list[Stray], *, by: Actor) -> int:
    row = _row_of(reader, reason, group, by=by)
    told = {one.digest or digest_of_text(one.raw): one for one in group}
    known = set(StrayMessage.objects.filter(stray=row, digest__in=list(told)).values_list("digest", flat=True))
    new = [(digest, one) for digest, one in told.items() if digest not in known]
    rows, room = [], MOST_CHARS[reason] - row.kept_bytes
    for digest, one in new[: max(0, MOST_MESSAGES[reason] - row.kept)]:
        raw = one.raw if reason == "not_entered" else one.raw[:CONTENT_CHARS]
        if (room := room - len(raw)) < 0:
            break
        rows.append(
            StrayMessage(stray=row, digest=digest, received_at=one.at, raw=raw.replace("\0", ""), count=one.count,
                         detail=one.detail[:200].replace("\0", ""))
        )  # fmt: skip
    StrayMessage.objects.bulk_create(rows)
    StrayReader.objects.filter(pk=row.pk).update(
        last_at=max(one.at for one in group), messages=F("messages") + len(new), kept=F("kept") + len(rows),
        kept_bytes=F("kept_bytes") + sum(len(one.raw) for one in rows),
    )  # fmt: skip
    return len(rows)


def _row_of(reader: str, reason: str, group: list[Stray], *, by: Actor) -> StrayReader:
    rows = StrayReader.objects.select_for_update()
    row = rows.filter(reader=reader, reason=reason).first()
    if row is not None:
        return row
    if StrayReader.objects.filter(reason=reason).count() >= MOST_READERS:
        reader = OTHERS
    first_at = min(one.at for one in group)
    row, is_new = StrayReader.objects.get_or_create(
        reader=reader, reason=reason, defaults={"first_at": first_at, "last_at": first_at}
    )
    if is_new:
        event_record(events.READER_STRAY, subject=row, by=by, at=first_at, gate=reader, reason=reason)
    return rows.get(pk=row.pk)


def digest_of_text(text: str) -> str:
    """What makes a line the same when it comes again."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]


@transaction.atomic
def strays_take(*, gate: Gate, by: Actor, at: datetime) -> int:
    """The door has been entered: what its reader told before goes to its journal. Gives the number of messages."""
    Gate.objects.select_for_update().get(pk=gate.pk)
    row = StrayReader.objects.select_for_update().filter(reader=gate.reader, reason="not_entered").first()
    if row is None:
        return 0
    taken, after = 0, 0
    while part := list(row.told.filter(pk__gt=after)[:AT_ONCE]):
        GateBatch.objects.bulk_create(
            [GateBatch(gate=gate, digest=one.digest, received_at=one.received_at, lines=one.raw, count=one.count,
                       **span_of(journal_events(one.raw))) for one in part],
            ignore_conflicts=True,
        )  # fmt: skip
        taken, after = taken + len(part), part[-1].pk
    rest = row.rest
    row.delete()
    event_record(events.STRAYS_TAKEN, subject=gate, by=by, at=at, org_ids=(gate.place_id,), gate=gate.reader,
                 count=taken, rest=rest)  # fmt: skip
    return taken


@transaction.atomic
def strays_discard(*, stray: StrayReader, by: Actor, at: datetime) -> int:
    """A keeper has seen what was put aside and throws it away: a neighbour's reader, a line of nonsense."""
    require(by, "equipment.register")
    count = stray.messages
    event_record(events.STRAYS_DISCARDED, subject=stray, by=by, at=at, gate=stray.reader, count=count)
    stray.delete()
    return count


@transaction.atomic
def strays_forget(*, at: datetime, by: Actor = SYSTEM) -> int:
    """Delete what was put aside longer ago than it is kept; gives the number of messages."""
    before = at - TOLD_KEPT
    old = StrayMessage.objects.filter(received_at__lt=before)
    strays = list(StrayReader.objects.filter(told__in=old).distinct())
    whole = 0
    for row in strays:
        count, _ = old.filter(stray=row).delete()
        left = row.told.aggregate(n=Count("id"), size=Sum(Length("raw")))
        StrayReader.objects.filter(pk=row.pk).update(kept=left["n"], kept_bytes=left["size"] or 0)
        event_record(events.STRAYS_FORGOTTEN, subject=row, by=by, at=at, gate=row.reader, count=count)
        whole += count
    StrayReader.objects.filter(last_at__lt=before, kept=0).delete()
    return whole
