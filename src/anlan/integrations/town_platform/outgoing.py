"""The platform is told: gathered from the event table by cursor, sent in each matter's order, tried again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from anlan.accounts.models import Organisation
from anlan.core.actor import SYSTEM, Actor
from anlan.core.event_schemas import event_must_be_known
from anlan.core.models import Event, HandlerCursor
from anlan.core.selectors import Cursor, cursor_latest, events_after
from anlan.core.services import event_record
from anlan.integrations import events
from anlan.integrations.models import PlatformDelivery
from anlan.integrations.rules import DELIVERY
from anlan.integrations.town_platform.port import TownPlatformPort
from anlan.integrations.town_platform.signing import PlatformKey
from anlan.integrations.town_platform.telling import KINDS, envelope_of

NAME = "integrations.town_platform"
WAITS = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 60, 180, 360, 720, 1440))
TRIES = len(WAITS) + 1
LEASE = timedelta(minutes=1)
FRESH = timedelta(days=7)
"""What is older came in from another system, perhaps from this very platform; it is told on request only."""
A_ROUND = 100


def deliveries_gather(*, keys: Mapping[str, PlatformKey], at: datetime, limit: int = 500) -> int:
    """Put what happened since the last look on its way; returns events read. The very first look begins now."""
    if not keys:
        return 0
    with transaction.atomic():
        place = HandlerCursor.place(NAME, cursor_latest)
        read = list(events_after(Cursor(place.txid, place.event_id), limit=limit))
        _put([event for event in read if at - event.at < FRESH], keys, at)
        if read:
            HandlerCursor.objects.filter(pk=place.pk).update(txid=read[-1].txid, event_id=read[-1].pk)
    return len(read)


def _put(read: list[Event], keys: Mapping[str, PlatformKey], at: datetime) -> list[int]:
    """Rows for the events that are told; one that stands already is left as it is. Returns the events' ids."""
    organisations = _organisations(keys)
    rows = []
    for event in read:
        for key, organisation in organisations if event.kind in KINDS else ():
            envelope = envelope_of(event_must_be_known(event), organisation)
            if envelope is not None:
                rows.append(
                    PlatformDelivery(
                        key_name=key.name,
                        event_txid=event.txid,
                        event_id=event.pk,
                        matter=envelope.matter,
                        body=envelope.as_json(),
                        state_since=at,
                        made_at=at,
                        next_at=at,
                    )
                )
    PlatformDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    return [row.event_id for row in rows]


def _organisations(keys: Mapping[str, PlatformKey]) -> list[tuple[PlatformKey, Organisation]]:
    by_code = {row.code: row for row in Organisation.objects.filter(code__in=[k.organisation for k in keys.values()])}
    return [(key, by_code[key.organisation]) for key in keys.values() if key.organisation in by_code]


@transaction.atomic
def deliveries_replay(
    *, keys: Mapping[str, PlatformKey], after: Cursor, by: Actor, at: datetime, limit: int = 100_000
) -> int:
    """Tell again everything after a place in the event table, whatever was told before; returns how many."""
    told = 0
    while read := list(events_after(after, limit=min(1_000, limit))):
        _put(read, keys, at)
        ids = [event.pk for event in read]
        again = PlatformDelivery.objects.filter(event_id__in=ids, key_name__in=list(keys))
        told += again.update(state="waiting", state_since=at, next_at=at, attempts=0, problem="", done_at=None)
        after, limit = Cursor.of(read[-1]), limit - len(read)
        if limit <= 0:
            break
    place, _new = HandlerCursor.objects.get_or_create(handler=NAME)
    if (place.txid, place.event_id) < (after.txid, after.id):
        HandlerCursor.objects.filter(pk=place.pk).update(txid=after.txid, event_id=after.id)
    event_record(events.PLATFORM_REPLAYED, subject=place, by=by, at=at, told=told)
    return told


def deliveries_due(*, at: datetime, limit: int = A_ROUND) -> list[PlatformDelivery]:
    """What is to be tried now, in the order it happened; what waits behind an earlier one of its matter waits on."""
    earlier = PlatformDelivery.objects.filter(
        key_name=OuterRef("key_name"),
        matter=OuterRef("matter"),
        event_id__lt=OuterRef("event_id"),
        state__in=("waiting", "sending"),
    )
    rows = PlatformDelivery.objects.filter(next_at__lte=at, state__in=("waiting", "sending"))
    return list(rows.filter(~Exists(earlier)).order_by("event_id", "key_name")[:limit])


def deliveries_send(*, port: TownPlatformPort, clock: Callable[[], datetime], limit: int = A_ROUND) -> int:
    """Try what is due; returns how many were taken. Raises ``RuntimeError`` inside a transaction."""
    if connection.in_atomic_block:
        raise RuntimeError("the platform is told with no transaction open")
    taken = 0
    while rows := deliveries_due(at=clock(), limit=limit):
        before = taken
        taken += sum(_send(row, port, clock) for row in rows)
        limit -= len(rows)
        if taken == before or limit <= 0:
            break
    return taken


def _send(row: PlatformDelivery, port: TownPlatformPort, clock: Callable[[], datetime]) -> bool:
    at = clock()
    claimed = PlatformDelivery.objects.filter(
        pk=row.pk, state=row.state, attempts=row.attempts, next_at=row.next_at
    ).update(state="sending", state_since=at, attempts=row.attempts + 1, next_at=at + LEASE)
    if not claimed:
        return False
    body = json.dumps(row.body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    problem = port.send(body, key=row.key_name, at=at)
    _written(row, problem, clock())
    return not problem


@transaction.atomic
def _written(row: PlatformDelivery, problem: str, at: datetime) -> None:
    row.refresh_from_db()
    if row.state != "sending":
        return
    if not problem:
        DELIVERY.move(row, "taken", at=at, subject=str(row), next_at=None, done_at=at, problem="")
        return
    if row.attempts < TRIES:
        again = at + WAITS[row.attempts - 1]
        DELIVERY.move(row, "waiting", at=at, subject=str(row), next_at=again, problem=problem)
        return
    DELIVERY.move(row, "given_up", at=at, subject=str(row), next_at=None, done_at=at, problem=problem)
    event_record(
        events.PLATFORM_GAVE_UP, subject=row, by=SYSTEM, at=at, matter=row.matter, problem=problem, key=row.key_name
    )
