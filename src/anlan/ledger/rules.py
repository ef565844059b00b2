"""When a checkpoint is due, and how rows are written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

EVENT, LOOK = 1, 2
"""What a row of the ledger is: an event, or a look at protected data."""
SOURCES = {EVENT: "event", LOOK: "look"}
TILE_LEVEL = 8
"""Of the tree's inner nodes those of every eighth level are kept: one in 255."""
AT_ONCE = 500
"""Rows written down in one transaction: some milliseconds of the one writer's place."""
CHECKPOINT_EVERY = timedelta(minutes=10)
CHECKPOINT_ROWS = 20_000
"""So many rows do not wait for the ten minutes."""


def checkpoint_due(waiting: int, *, last: datetime | None, at: datetime) -> bool:
    """Whether ``waiting`` rows are to be sealed now; nothing is sealed twice."""
    if waiting <= 0:
        return False
    return last is None or at - last >= CHECKPOINT_EVERY or waiting >= CHECKPOINT_ROWS


def event_leaf(row: Mapping[str, Any]) -> dict[str, Any]:
    """An event as it is sealed: every column but the store's own ``txid``, which a moved store counts anew."""
    return {"type": "event", **_plain(row, "txid")}


def look_leaf(row: Mapping[str, Any]) -> dict[str, Any]:
    """A look as it is sealed: its words stand in it as a keyed hash, so that they may be erased."""
    return {"type": "look", **_plain(row, "txid", "note")}


def _plain(row: Mapping[str, Any], *left_out: str) -> dict[str, Any]:
    return {
        key: value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value
        for key, value in row.items()
        if key not in left_out
    }
