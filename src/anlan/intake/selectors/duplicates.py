"""Is this call about something already known? Duplicates (same event) and repeats (same matter again)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from anlan.core.actor import Actor
from anlan.core.asking import ask
from anlan.engines.duplicates import CallFacts, DuplicateIndex, Reason
from anlan.engines.geo import cell_neighbours, cell_of, distance_m
from anlan.intake.models import Incident
from anlan.intake.rules import (
    DUPLICATE_WINDOW,
    NARRATIVE_ANALYSED_CHARS,
    OPEN_STATES,
    REPEAT_GROUPS,
)
from anlan.intake.rules import (
    REPEAT_WINDOW as REPEAT_WINDOW,
)
from anlan.intake.rules import (
    REPEAT_WITHIN_M as REPEAT_WITHIN_M,
)

CELL_RINGS = 2
"""Rings of cells looked at around a call: at least 600 m in every direction."""
COMPARED_AT_MOST = 40
_LOOKED_AT = ("id", "number", "code", "priority", "state", "received_at", "lon", "lat", "location_radius_m", "text")
_SINCE_AT_MOST = 10_000
_SELECT = f"SELECT {', '.join(_LOOKED_AT[:-1])}, substr(narrative, 1, {NARRATIVE_ANALYSED_CHARS}) FROM"
_IS_OPEN = "state IN ({})".format(", ".join(f"'{state}'" for state in OPEN_STATES))


@dataclass(frozen=True, slots=True)
class DuplicateSuggestion:
    """An open incident the caller may be speaking of, with the reasons, weightiest first."""

    incident_id: int
    number: str
    code: str
    priority: str
    state: str
    received_at: datetime
    score: float
    distance_m: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class RepeatSuggestion:
    """An earlier incident of which this may be the same matter again."""

    incident_id: int
    number: str
    code: str
    received_at: datetime
    closed_at: datetime | None
    distance_m: float | None
    same_address: bool


@dataclass(frozen=True, slots=True)
class DuplicateLook:
    """A call compared with the incidents open at a moment; ``last_id`` is the newest there was then.

    ``last_id`` is None where there was nothing to compare by.
    """

    call: CallFacts
    reach: tuple[str, list[Any]]
    last_id: int | None
    rows: list[dict[str, Any]]
    found: list[DuplicateSuggestion]
    limit: int


def duplicates_look(
    *,
    text: str,
    lon: float | None,
    lat: float | None,
    code: str,
    at: datetime,
    actor: Actor,
    radius_m: float | None = None,
    limit: int = 5,
    not_incident_id: int | None = None,
) -> DuplicateLook:
    """Open incidents near in time, place and words, likeliest first (``found``); made to be asked while typing.

    With them comes what ``duplicates_since`` needs to bring the answer up to date at little cost.
    """
    call = CallFacts(
        "", text[:NARRATIVE_ANALYSED_CHARS], at.timestamp() / 60, lon, lat, radius_m or 0.0, code or None
    )
    reach = _reach(lon, lat, at=at, actor=actor)
    if not text.strip() and lon is None:
        return DuplicateLook(call, reach, None, [], [], limit)
    # The newest first, then the rows: what comes between the two questions is seen twice, not never.
    last_id = _last_id()
    rows = [row for row in _open_rows(reach, is_local=lon is not None) if row["id"] != not_incident_id]
    return DuplicateLook(call, reach, last_id, rows, _likely(call, rows, limit), limit)


def duplicates_since(look: DuplicateLook, *, own_id: int) -> list[DuplicateSuggestion]:
    """What ``look`` would find now, where the call has an incident of its own: only newer ones are read.

    An incident's number is drawn from one row that stays locked to the commit, and before its id is given:
    so of those opened since, each has an id beyond ``last_id``, on both stores.
    """
    if look.last_id is None or own_id == look.last_id + 1:
        return look.found
    known = {row["id"] for row in look.rows}
    fresh = [row for row in _open_rows(look.reach, after_id=look.last_id) if row["id"] not in known | {own_id}]
    if not fresh:
        return look.found
    rows = sorted([*fresh, *look.rows], key=lambda row: (row["received_at"], row["id"]), reverse=True)
    return _likely(look.call, rows[:COMPARED_AT_MOST], look.limit)


def _likely(call: CallFacts, rows: list[dict[str, Any]], limit: int) -> list[DuplicateSuggestion]:
    by_id = {str(row["id"]): row for row in rows}
    if not by_id:
        return []
    index = DuplicateIndex(_facts(key, row) for key, row in by_id.items())
    return [
        _suggestion(by_id[pair.second_id], pair.score, pair.reasons, call.lon, call.lat)
        for pair in index.suggest(call, limit=limit)
    ]


def _reach(lon: float | None, lat: float | None, *, at: datetime, actor: Actor) -> tuple[str, list[Any]]:
    """The conditions for incidents to be compared with, and their values: open, recent, near, the actor's.

    Without a point they are looked for everywhere.
    """
    conditions = [_IS_OPEN, "received_at >= %s", "received_at <= %s"]
    values: list[Any] = [_stored(at - DUPLICATE_WINDOW), _stored(at)]
    if lon is not None and lat is not None:
        cells = _cells_around(cell_of(lon, lat))
        conditions.append(f"cell IN ({', '.join(['%s'] * len(cells))})")
        values += cells
    if not actor.sees_all:
        orgs = _listed(sorted(actor.org_ids)) or "NULL"
        conditions.append("(" + " OR ".join(f"{field} IN ({orgs})" for field in Incident.scope_fields) + ")")
    return " AND ".join(conditions), values


@lru_cache(maxsize=16384)
def _cells_around(cell: int) -> tuple[int, ...]:
    return tuple(cell_neighbours(cell, rings=CELL_RINGS).tolist())


def _open_rows(
    reach: tuple[str, list[Any]], *, is_local: bool = False, after_id: int | None = None
) -> list[dict[str, Any]]:
    """Open incidents within ``reach``, newest first; with ``after_id`` only those put in after it.

    Asked for every call, and while one is typed: written out, because putting this query together
    takes the object mapper four times as long as the store takes to answer it.
    """
    conditions, values = reach
    source = Incident._meta.db_table
    if after_id is not None:
        # Set apart with a bound, so that the newest ids are read, and not every matter of the last hours.
        source = f"(SELECT * FROM {source} WHERE id > %s ORDER BY id LIMIT {_SINCE_AT_MOST}) AS fresh"
        values = [after_id, *values]
    # SQLite would go through all matters of the last hours in their order; the few cells are much less.
    order = "+received_at" if is_local and connection.vendor == "sqlite" else "received_at"
    sql = f"{_SELECT} {source} WHERE {conditions} ORDER BY {order} DESC, id DESC LIMIT {COMPARED_AT_MOST}"
    rows = [dict(zip(_LOOKED_AT, row, strict=True)) for row in ask(sql, values)]
    for row in rows:
        row["received_at"] = _instant(row["received_at"])
    return rows


def _last_id() -> int:
    return int(ask(f"SELECT max(id) FROM {Incident._meta.db_table}")[0][0] or 0)


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(str(int(number)) for number in numbers)


def _stored(at: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def _instant(value: datetime) -> datetime:
    """SQLite keeps instants as UTC without saying so; PostgreSQL says it."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _facts(key: str, row: dict[str, Any]) -> CallFacts:
    return CallFacts(
        key,
        row["text"],
        row["received_at"].timestamp() / 60,
        row["lon"],
        row["lat"],
        row["location_radius_m"] or 0.0,
        row["code"],
    )


def _suggestion(
    row: dict[str, Any], score: float, reasons: Sequence[Reason], lon: float | None, lat: float | None
) -> DuplicateSuggestion:
    return DuplicateSuggestion(
        incident_id=row["id"],
        number=row["number"],
        code=row["code"],
        priority=row["priority"],
        state=row["state"],
        received_at=row["received_at"],
        score=round(score, 3),
        distance_m=_apart(row, lon, lat),
        reasons=tuple(reasons),
    )


def _apart(row: dict[str, Any], lon: float | None, lat: float | None) -> float | None:
    if lon is None or lat is None or row["lon"] is None:
        return None
    return round(float(distance_m(lon, lat, row["lon"], row["lat"])), 0)


def repeat_suggest(
    *,
    lon: float | None,
    lat: float | None,
    code: str,
    at: datetime,
    actor: Actor,
    address_text: str = "",
    limit: int = 5,
    not_incident_id: int | None = None,
) -> list[RepeatSuggestion]:
    """Earlier disputes and requests for help of the same group at the same address within 30 days.

    What is still being handled is no repeat but perhaps a duplicate, so only ended incidents count.
    """
    if code[:2] not in REPEAT_GROUPS or lon is None or lat is None:
        return []
    rows = (
        Incident.objects.visible_to(actor)
        .filter(
            cell__in=cell_neighbours(cell_of(lon, lat), rings=1).tolist(),
            received_at__gte=at - REPEAT_WINDOW,
            received_at__lt=at,
            code__startswith=code[:2],
            state__in=("closed", "feedback_due", "in_review"),
        )
        .exclude(pk=not_incident_id or 0)
        .order_by("-received_at", "-id")
        .values("id", "number", "code", "received_at", "closed_at", "lon", "lat", "address_text")[:COMPARED_AT_MOST]
    )
    found = []
    for row in rows:
        apart, same = _apart(row, lon, lat), bool(address_text) and row["address_text"] == address_text
        if same or (apart is not None and apart <= REPEAT_WITHIN_M):
            found.append(
                RepeatSuggestion(
                    incident_id=row["id"],
                    number=row["number"],
                    code=row["code"],
                    received_at=row["received_at"],
                    closed_at=row["closed_at"],
                    distance_m=apart,
                    same_address=same,
                )
            )
    return found[:limit]
