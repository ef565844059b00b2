"""Positions arrive in batches: late, twice, out of order, from the future, in another datum. All of it is normal.

Positions are replaceable rows, not events: they live in their own database and never queue behind calls.
A batch is one transaction there; sending it again changes nothing, so devices simply repeat until they
are told how far their numbered fixes have been kept.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from math import isfinite
from typing import Any

from django.db import connections, models, router, transaction

from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.permissions import permitted, require
from anlan.core.services import row_quarantine
from anlan.engines.geo import CoordinateFinding, bd09_to_wgs84, cell_of, gcj02_to_wgs84
from anlan.units.models import PositionFix, PositionStream, Unit, UnitPosition
from anlan.units.rules import (
    FUTURE_TOLERANCE,
    MAX_FIXES_A_BATCH,
    MAX_SPEED_MPS,
    Stretches,
    sequence_holds,
    sequence_taken,
)
from anlan.units.selectors import units_crewed_by

StreamKey = tuple[int, str]

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


@dataclass(frozen=True, slots=True)
class PositionReport:
    """One fix of one unit. ``seq`` counts from 1 within one run (``boot``) of the device.

    ``datum`` says in which system ``lon, lat`` come: ``wgs84``, ``gcj02`` or ``bd09``.
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


@dataclass(slots=True)
class _Stream:
    """How far a device's numbered fixes are held: all up to ``upto``, and the stretches beyond a gap."""

    upto: int
    beyond: Stretches


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
    known = _known_units(fixes)
    good, bad = _sorted_out(fixes, known, at)
    held = _streams(fix for fix in fixes if fix.unit_id in known) if bad else {}
    # Quarantine first: if the store of positions fails now, the device repeats and nothing is lost.
    parked = _park([pair for pair in bad if not _is_held(pair[0], held)], at)
    alias = router.db_for_write(PositionFix)
    with transaction.atomic(using=alias):
        return _keep(good, [fix for fix, _ in bad if fix.unit_id in known and fix.seq > 0], parked, alias, at)


def _allow(by: Actor, unit_ids: set[int]) -> None:
    if by.kind == "system" or permitted(by, "units.positions_all"):
        return
    if by.kind != "unit":
        require(by, "units.positions_own")
    if not unit_ids <= units_crewed_by(by):
        raise NotFound


def _known_units(fixes: Iterable[PositionReport]) -> frozenset[int]:
    wanted = {fix.unit_id for fix in fixes}
    return frozenset(Unit.objects.filter(pk__in=wanted, is_active=True).values_list("pk", flat=True))


def _sorted_out(
    fixes: Iterable[PositionReport], known: frozenset[int], at: datetime
) -> tuple[list[PositionReport], list[tuple[PositionReport, str]]]:
    good, bad = [], []
    for fix in fixes:
        problem = "" if fix.unit_id in known else "unknown_unit"
        problem = problem or _problem(fix, at)
        if problem:
            bad.append((fix, problem))
        else:
            good.append(fix)
    return good, bad


def _problem(fix: PositionReport, at: datetime) -> str:
    if fix.seq < 1:
        return "bad_sequence"
    if not (isfinite(fix.lon) and isfinite(fix.lat)):
        return CoordinateFinding.MISSING.value
    if abs(fix.lon) > 180 or abs(fix.lat) > 90:
        return CoordinateFinding.NOT_ON_EARTH.value
    if abs(fix.lon) < 1e-6 and abs(fix.lat) < 1e-6:
        return CoordinateFinding.ZERO.value
    if fix.fixed_at > at + FUTURE_TOLERANCE:
        return "future"
    if fix.speed_mps is not None and not 0 <= fix.speed_mps <= MAX_SPEED_MPS:
        return "too_fast"
    return ""


def _streams(fixes: Iterable[PositionReport]) -> dict[StreamKey, _Stream]:
    wanted = {(fix.unit_id, fix.boot) for fix in fixes}
    rows = PositionStream.objects.filter(unit_id__in={unit_id for unit_id, _ in wanted})
    return _of_keys(rows, wanted)


def _of_keys(rows: models.QuerySet[PositionStream], wanted: Collection[StreamKey]) -> dict[StreamKey, _Stream]:
    found = rows.values_list("unit_id", "boot", "upto", "beyond")
    return {(unit, boot): _Stream(upto, beyond) for unit, boot, upto, beyond in found if (unit, boot) in wanted}


def _is_held(fix: PositionReport, held: dict[StreamKey, _Stream]) -> bool:
    row = held.get((fix.unit_id, fix.boot))
    return row is not None and sequence_holds(row.upto, row.beyond, fix.seq)


def _park(bad: list[tuple[PositionReport, str]], at: datetime) -> int:
    """One quarantine row per unit and reason: a device with a wrong clock must not flood the main store."""
    groups: dict[tuple[int, str], list[PositionReport]] = defaultdict(list)
    for fix, reason in bad:
        groups[fix.unit_id, reason].append(fix)
    for (unit_id, reason), rows in groups.items():
        zh, en = REASONS[reason]
        raw = [{**asdict(row), "fixed_at": row.fixed_at.isoformat()} for row in rows]
        row_quarantine(
            source=f"positions/unit/{unit_id}",
            raw=json.dumps(raw, ensure_ascii=False),
            code=f"position_{reason}",
            reason_zh=zh,
            reason_en=en,
            at=at,
        )
    return len(bad)


def _keep(
    good: list[PositionReport], bad: list[PositionReport], parked: int, alias: str, at: datetime
) -> PositionsTaken:
    streams = _streams_locked([*good, *bad], alias, at)
    seen: set[tuple[int, str, int]] = set()
    new = []
    for fix in good:
        key = (fix.unit_id, fix.boot, fix.seq)
        if key not in seen and not _is_held(fix, streams):
            seen.add(key)
            new.append(_in_wgs84(fix))
    numbers: dict[StreamKey, list[int]] = defaultdict(list)
    for fix in [*new, *bad]:
        numbers[fix.unit_id, fix.boot].append(fix.seq)
    _streams_put(streams, numbers, alias, at)
    _fixes_put(new, alias, at)
    _latest_put(new, alias, at)
    return PositionsTaken(
        accepted=len(new),
        repeated=len(good) - len(new),
        quarantined=parked,
        acknowledged={stream: row.upto for stream, row in streams.items()},
    )


def _streams_put(
    streams: dict[StreamKey, _Stream], numbers: dict[StreamKey, list[int]], alias: str, at: datetime
) -> None:
    """Write how far each stream reaches now; the rows are held, so the upsert only ever updates."""
    for key, row in streams.items():
        row.upto, row.beyond = sequence_taken(row.upto, row.beyond, numbers[key])
    connection = connections[alias]
    heard_at = connection.ops.adapt_datetimefield_value(at)
    in_json = PositionStream._meta.get_field("beyond").get_db_prep_save
    names = ("upto", "beyond", "heard_at")
    _put(
        PositionStream,
        ("unit_id", "boot", *names),
        [(*key, row.upto, in_json(row.beyond, connection), heard_at) for key, row in streams.items()],
        "(unit_id, boot) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in names),
        alias,
    )


def _streams_locked(fixes: list[PositionReport], alias: str, at: datetime) -> dict[StreamKey, _Stream]:
    wanted = sorted({(fix.unit_id, fix.boot) for fix in fixes})
    held = _streams_held(wanted, alias)
    fresh = [
        PositionStream(unit_id=unit, boot=boot, heard_at=at) for unit, boot in wanted if (unit, boot) not in held
    ]
    if fresh:
        PositionStream.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=500)
        held = _streams_held(wanted, alias)
    return held


def _streams_held(wanted: list[StreamKey], alias: str) -> dict[StreamKey, _Stream]:
    rows = PositionStream.objects.filter(unit_id__in={unit_id for unit_id, _ in wanted}).order_by("unit_id", "boot")
    if connections[alias].features.has_select_for_update:
        rows = rows.select_for_update()
    return _of_keys(rows, set(wanted))


def _in_wgs84(fix: PositionReport) -> PositionReport:
    if fix.datum == "wgs84":
        return fix
    convert = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}.get(fix.datum)
    if convert is None:
        raise BadInput(field="datum", problem=fix.datum)
    lon, lat = convert(fix.lon, fix.lat)
    return PositionReport(**{**asdict(fix), "lon": float(lon), "lat": float(lat), "datum": "wgs84"})


_FIX_COLUMNS = (
    "unit_id",
    "boot",
    "seq",
    "lon",
    "lat",
    "speed_mps",
    "heading_deg",
    "fixed_at",
    "received_at",
)


def _fixes_put(fixes: Sequence[PositionReport], alias: str, at: datetime) -> None:
    """Keep the fixes; one that is there already stays as it is."""
    instant = cache(connections[alias].ops.adapt_datetimefield_value)
    _put(
        PositionFix,
        _FIX_COLUMNS,
        [
            (
                fix.unit_id,
                fix.boot,
                fix.seq,
                fix.lon,
                fix.lat,
                fix.speed_mps,
                fix.heading_deg,
                instant(fix.fixed_at),
                instant(at),
            )
            for fix in fixes
        ],
        "DO NOTHING",
        alias,
    )


def _put(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]], conflict: str, alias: str
) -> None:
    """Insert rows of values, 500 to a statement; ``conflict`` says what becomes of one that is there."""
    table = connections[alias].ops.quote_name(model._meta.db_table)
    one = "(" + ", ".join(["%s"] * len(columns)) + ")"
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        with connections[alias].cursor() as cursor:
            # Only column and table names of our own are put into the text; every value is a parameter.
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * len(part))} "
                f"ON CONFLICT {conflict}",
                [value for row in part for value in row],
            )


_COLUMNS = ("unit_id", "lon", "lat", "cell", "speed_mps", "heading_deg", "fixed_at", "received_at")


def _latest_put(fixes: Iterable[PositionReport], alias: str, at: datetime) -> None:
    """Put each unit's newest fix, unless a newer one stands already: one conditional upsert, free of races."""
    newest: dict[int, PositionReport] = {}
    for fix in fixes:
        best = newest.get(fix.unit_id)
        if best is None or (fix.fixed_at, fix.seq) > (best.fixed_at, best.seq):
            newest[fix.unit_id] = fix
    connection = connections[alias]
    table = connection.ops.quote_name(UnitPosition._meta.db_table)
    updates = ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[1:])
    instant = connection.ops.adapt_datetimefield_value
    rows = [newest[unit_id] for unit_id in sorted(newest)]
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        values = [
            value
            for fix in part
            for value in (
                fix.unit_id,
                fix.lon,
                fix.lat,
                cell_of(fix.lon, fix.lat),
                fix.speed_mps,
                fix.heading_deg,
                instant(fix.fixed_at),
                instant(at),
            )
        ]
        places = ", ".join(["(" + ", ".join(["%s"] * len(_COLUMNS)) + ")"] * len(part))
        with connection.cursor() as cursor:
            # Only column and table names of our own are put into the text; every value is a parameter.
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(_COLUMNS)}) VALUES {places} "
                f"ON CONFLICT (unit_id) DO UPDATE SET {updates} WHERE excluded.fixed_at > {table}.fixed_at",
                values,
            )


def positions_forget(*, older_than: datetime) -> int:
    """Delete history received before ``older_than``, and streams not heard since; returns the fixes deleted."""
    alias = router.db_for_write(PositionFix)
    with transaction.atomic(using=alias):
        PositionStream.objects.filter(heard_at__lt=older_than).delete()
        return PositionFix.objects.filter(received_at__lt=older_than).delete()[0]
