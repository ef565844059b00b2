"""Positions arrive in batches: late, twice, out of order, from the future, in another datum. All of it is normal.

Positions are replaceable rows, not events: they live in their own database and never queue behind calls.
A batch is one transaction there; sending it again changes nothing, so devices simply repeat until they
are told how far their numbered fixes have been kept.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from operator import itemgetter
from typing import Any

import msgspec
from django.db import DEFAULT_DB_ALIAS, router, transaction

from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.permissions import permitted, require
from anlan.core.retention import RowsTaken, taken_certify
from anlan.core.services import row_quarantine
from anlan.engines.geo import CoordinateFinding, bd09_to_wgs84, cell_of, gcj02_to_wgs84
from anlan.units.models import PositionFix, PositionStream, Unit
from anlan.units.rules import (
    FUTURE_TOLERANCE,
    MAX_FIXES_A_BATCH,
    MAX_SPEED_MPS,
    sequence_holds,
    sequence_taken,
)
from anlan.units.selectors import units_crewed_by
from anlan.units.services.position_rows import (
    StreamHeld,
    StreamKey,
    fixes_put,
    instant_of,
    known_units,
    latest_put,
    streams_held,
    streams_put,
    streams_step,
)

REASONS = {
    "future": (
        "定位时间比服务器时间晚得超过允许范围，请校准终端时钟",
        "The fix is dated later than the server's clock allows. Set the device's clock.",
    ),
    "not_on_earth": ("坐标不可能存在，请检查终端", "No such coordinate exists. Check the device."),
    "zero": ("坐标为零，终端没有定位", "The coordinate is zero: the device had no fix."),
    "missing": ("缺少坐标", "The coordinate is missing."),
    "too_fast": ("速度不可能，请检查终端", "No vehicle drives that fast. Check the device."),
    "bad_sequence": ("序号必须从 1 开始", "Sequence numbers count from 1."),
    "unknown_unit": ("没有这个单元", "There is no such unit."),
}


class PositionReport(msgspec.Struct, frozen=True, gc=False):
    """One fix of one unit. ``seq`` counts from 1 within one run (``boot``) of the device.

    ``datum`` says in which system ``lon, lat`` come: ``wgs84``, ``gcj02`` or ``bd09``. Of this kind because hundreds
    are made a second: a frozen dataclass takes five times as long to make.
    """

    unit_id: int
    boot: str
    seq: int
    lon: float
    lat: float
    fixed_at: datetime
    speed_mps: float | None = None
    heading_deg: float | None = None
    datum: str = "wgs84"


FORGOTTEN_AT_ONCE = 20_000
"""So many ids are read through at a time before they go."""


@dataclass(frozen=True, slots=True)
class PositionsTaken:
    """What became of a batch; ``acknowledged`` is, per unit and device run, the number all fixes are kept up to."""

    accepted: int
    repeated: int
    quarantined: int
    acknowledged: dict[StreamKey, int] = field(default_factory=dict)


def positions_take(*, fixes: Sequence[PositionReport], by: Actor, at: datetime) -> PositionsTaken:
    """Keep a batch of fixes. The newest ``fixed_at`` of a unit is where it is; older ones are history.

    A fix from the future or an impossible place is quarantined with its reason and counts as received,
    so that a device does not repeat it for ever. A crew or terminal may report its own unit only; anything
    else is ``NotFound`` and nothing is taken. Raises ``BadInput`` for a batch beyond 5,000.
    """
    if len(fixes) > MAX_FIXES_A_BATCH:
        raise BadInput(field="fixes", problem=f"{len(fixes)} > {MAX_FIXES_A_BATCH}")
    _allow(by, {fix.unit_id for fix in fixes})
    known = known_units({fix.unit_id for fix in fixes}, router.db_for_read(Unit) or DEFAULT_DB_ALIAS)
    good, bad = _sorted_out(fixes, known, at)
    alias = router.db_for_write(PositionFix)
    streams = {(fix.unit_id, fix.boot) for fix in fixes if fix.unit_id in known}
    held = streams_held(streams, alias, lock=False) if bad else {}
    # Quarantine first: if the store of positions fails now, the device repeats and nothing is lost.
    parked = _park([pair for pair in bad if not _is_held(pair[0], held)], at)
    counted = [fix for fix, _ in bad if fix.unit_id in known and fix.seq > 0]
    if not bad and (taken := _keep_in_turn(good, alias, at)):
        return taken
    try:
        with transaction.atomic(using=alias):
            return _keep(good, counted, parked, alias, at)
    except _Unheard as found:
        _streams_begin(found.streams, alias, at)
    with transaction.atomic(using=alias):
        return _keep(good, counted, parked, alias, at)


class _Unheard(Exception):
    """Of these streams nothing was heard before: there is no row yet that could be held."""

    def __init__(self, streams: set[StreamKey]) -> None:
        self.streams = streams


def _allow(by: Actor, unit_ids: set[int]) -> None:
    if by.kind == "system" or permitted(by, "units.positions_all"):
        return
    if by.kind != "unit":
        require(by, "units.positions_own")
    if not unit_ids <= units_crewed_by(by):
        raise NotFound


def _sorted_out(
    fixes: Iterable[PositionReport], known: frozenset[int], at: datetime
) -> tuple[list[PositionReport], list[tuple[PositionReport, str]]]:
    good, bad = [], []
    latest = at + FUTURE_TOLERANCE
    for fix in fixes:
        problem = _problem(fix, latest) if fix.unit_id in known else "unknown_unit"
        if problem:
            bad.append((fix, problem))
        else:
            good.append(fix)
    return good, bad


def _problem(fix: PositionReport, latest: datetime) -> str:
    if fix.seq < 1:
        return "bad_sequence"
    if not (isfinite(fix.lon) and isfinite(fix.lat)):
        return CoordinateFinding.MISSING.value
    if abs(fix.lon) > 180 or abs(fix.lat) > 90:
        return CoordinateFinding.NOT_ON_EARTH.value
    if abs(fix.lon) < 1e-6 and abs(fix.lat) < 1e-6:
        return CoordinateFinding.ZERO.value
    if fix.fixed_at > latest:
        return "future"
    if fix.speed_mps is not None and not 0 <= fix.speed_mps <= MAX_SPEED_MPS:
        return "too_fast"
    return ""


def _is_held(fix: PositionReport, held: dict[StreamKey, StreamHeld]) -> bool:
    row = held.get((fix.unit_id, fix.boot))
    return row is not None and sequence_holds(row.upto, row.beyond, fix.seq)


def _park(bad: list[tuple[PositionReport, str]], at: datetime) -> int:
    """One quarantine row per unit and reason: a device with a wrong clock must not flood the main store."""
    groups: dict[tuple[int, str], list[PositionReport]] = defaultdict(list)
    for fix, reason in bad:
        groups[fix.unit_id, reason].append(fix)
    for (unit_id, reason), rows in groups.items():
        zh, en = REASONS[reason]
        raw = [{**msgspec.structs.asdict(row), "fixed_at": row.fixed_at.isoformat()} for row in rows]
        row_quarantine(
            source=f"positions/unit/{unit_id}",
            raw=json.dumps(raw, ensure_ascii=False),
            code=f"position_{reason}",
            reason_zh=zh,
            reason_en=en,
            at=at,
        )
    return len(bad)


class _OutOfTurn(Exception):
    """Some device did not send just the number after its last."""


def _keep_in_turn(fixes: list[PositionReport], alias: str, at: datetime) -> PositionsTaken | None:
    """Keep a batch in which each device goes on by one, as nearly all do; None where it is any other.

    Two that come at once with the same fixes: the later one goes on from nothing, and is told so the long way.
    """
    streams = {(fix.unit_id, fix.boot): fix.seq for fix in fixes}
    if len(streams) < len(fixes) or 1 in streams.values():
        return None
    nexts = [(fix.seq, fix.unit_id, fix.boot) for fix in fixes]
    try:
        with transaction.atomic(using=alias):
            if not streams_step(nexts, alias, at):
                raise _OutOfTurn
            _write([fix if fix.datum == "wgs84" else _in_wgs84(fix) for fix in fixes], alias, at)
    except _OutOfTurn:
        return None
    return PositionsTaken(accepted=len(fixes), repeated=0, quarantined=0, acknowledged=streams)


def _keep(
    good: list[PositionReport], bad: list[PositionReport], parked: int, alias: str, at: datetime
) -> PositionsTaken:
    streams = _streams_locked([*good, *bad], alias)
    seen: set[tuple[int, str, int]] = set()
    new = []
    for fix in good:
        key = (fix.unit_id, fix.boot, fix.seq)
        if key not in seen and not _is_held(fix, streams):
            seen.add(key)
            new.append(fix if fix.datum == "wgs84" else _in_wgs84(fix))
    numbers: dict[StreamKey, list[int]] = defaultdict(list)
    for fix in [*new, *bad]:
        numbers[fix.unit_id, fix.boot].append(fix.seq)
    for stream, row in streams.items():
        row.upto, row.beyond = sequence_taken(row.upto, row.beyond, numbers[stream])
    streams_put(streams, alias, at)
    _write(new, alias, at)
    return PositionsTaken(
        accepted=len(new),
        repeated=len(good) - len(new),
        quarantined=parked,
        acknowledged={stream: row.upto for stream, row in streams.items()},
    )


def _streams_locked(fixes: list[PositionReport], alias: str) -> dict[StreamKey, StreamHeld]:
    """All streams of ``fixes``, nobody else's until the transaction ends. Raises ``_Unheard`` where one is new."""
    wanted = {(fix.unit_id, fix.boot) for fix in fixes}
    held = streams_held(wanted, alias, lock=True)
    if unheard := wanted - held.keys():
        raise _Unheard(unheard)
    return held


def _streams_begin(streams: Iterable[StreamKey], alias: str, at: datetime) -> None:
    """A row for each new stream; committed before any is held: who held some while making others could wait for
    somebody who waits for them."""
    fresh = [PositionStream(unit_id=unit, boot=boot, heard_at=at) for unit, boot in sorted(streams)]
    PositionStream.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=500)


def _in_wgs84(fix: PositionReport) -> PositionReport:
    convert = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}.get(fix.datum)
    if convert is None:
        raise BadInput(field="datum", problem=fix.datum)
    lon, lat = convert(fix.lon, fix.lat)
    return msgspec.structs.replace(fix, lon=float(lon), lat=float(lat), datum="wgs84")


def _write(fixes: Sequence[PositionReport], alias: str, at: datetime) -> None:
    """Keep the fixes, and of each unit the newest as where it is."""
    instant = instant_of(alias)
    received_at = instant(at)
    rows = []
    newest: dict[int, tuple[PositionReport, Any]] = {}
    for fix in fixes:
        fixed_at = instant(fix.fixed_at)
        rows.append(
            (
                fix.unit_id,
                fix.boot,
                fix.seq,
                fix.lon,
                fix.lat,
                fix.speed_mps,
                fix.heading_deg,
                fixed_at,
                received_at,
            )
        )
        best = newest.get(fix.unit_id)
        if best is None or (fix.fixed_at, fix.seq) > (best[0].fixed_at, best[0].seq):
            newest[fix.unit_id] = fix, fixed_at
    fixes_put(rows, alias)
    latest_put(
        [
            (unit, fix.lon, fix.lat, cell_of(fix.lon, fix.lat), fix.speed_mps, fix.heading_deg, fixed_at, received_at)
            for unit, (fix, fixed_at) in sorted(newest.items(), key=itemgetter(0))
        ],
        alias,
    )


def positions_forget(*, older_than: datetime, at: datetime, by: Actor = SYSTEM) -> int:
    """Delete history received before ``older_than``, and streams not heard since; returns the fixes deleted.

    What went is certified, whole: columns of a fix are all of it.
    """
    alias = router.db_for_write(PositionFix)
    old = PositionFix.objects.using(alias).filter(received_at__lt=older_than)
    taken = RowsTaken(PositionFix)
    last = 0
    # Nothing of so long ago is written any more: it is read through first, so that no batch waits for that.
    for last in old.order_by("pk").values_list("pk", flat=True).iterator(FORGOTTEN_AT_ONCE):
        taken.add(last)
    with transaction.atomic(using=alias):
        PositionStream.objects.using(alias).filter(heard_at__lt=older_than).delete()
        deleted: int = old.filter(pk__lte=last).delete()[0]
    columns = [field.attname for field in PositionFix._meta.concrete_fields]
    taken_certify(rule="positions_30d", columns=columns, taken=taken, by=by, at=at)
    return deleted
