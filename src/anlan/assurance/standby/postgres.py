"""PostgreSQL's own standby: taking over from it, and telling the old server that it was replaced.

The server streams by itself (``docs/drills.md``). Ours is the number that says who is the centre: a table of
take-overs that every server carries along. A server whose partner has a higher number was replaced; it is made
read-only, and the centre on it refuses every change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from anlan.assurance.standby.takeover import NoStandby

CONNECT_S, PROMOTE_S = 3, 60
_TABLE = (
    "CREATE TABLE IF NOT EXISTS anlan_take_over (epoch integer PRIMARY KEY, at timestamptz NOT NULL, "
    "by_whom text NOT NULL, reason text NOT NULL, CONSTRAINT anlan_epoch_counts CHECK (epoch > 0))"
)


@dataclass(frozen=True, slots=True)
class ServerStanding:
    """A server: whether it is a standby, under which epoch, and how far.

    ``taken`` tells of its last take-over: ``at``, ``by``, ``reason``, ``epoch``. ``last_change_at`` is when the last
    change it has was made; ``behind_bytes`` came and is not in its place yet; ``is_heard``: it is on the line.
    """

    is_standby: bool
    epoch: int
    taken: dict[str, Any] | None
    last_change_at: datetime | None
    behind_bytes: int
    is_heard: bool


def server_standing(url: str) -> ServerStanding:
    """Raises ``psycopg.OperationalError`` where the server does not answer."""
    with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_S) as line:
        return _standing(line)


def server_take_over(url: str, *, by: str, reason: str, at: datetime) -> ServerStanding:
    """Make the standby server at ``url`` the first; returns how it stood. Raises ``NoStandby``."""
    with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_S) as line:
        held = _standing(line)
        if not held.is_standby:
            told = held.taken or {}
            raise NoStandby(f"this server is no standby; last take-over: {told.get('at')}, by {told.get('by')}")
        promoted = line.execute("SELECT pg_promote(true, %s)", [PROMOTE_S]).fetchone()
        if not (promoted and promoted[0]):
            raise NoStandby(f"the server was not promoted within {PROMOTE_S} s; see its log")
        line.execute(_TABLE)
        line.execute("INSERT INTO anlan_take_over VALUES (%s, %s, %s, %s)", [held.epoch + 1, at, by, reason])
        return held


def server_fence(url: str, *, partner: str) -> dict[str, Any] | None:
    """Ask the ``partner`` whether it has taken over from the server at ``url``; if so that one is made read-only.

    Returns the take-over, or None: also where the partner does not answer, for nobody can tell then.
    """
    try:
        there = server_standing(partner)
    except psycopg.OperationalError:
        return None
    with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_S) as line:
        here = _standing(line)
        if there.is_standby or here.is_standby or there.epoch <= here.epoch:
            return None
        # Its standby is none any more: a commit that waits for it would wait for ever.
        line.execute("SET synchronous_commit = local")
        name = sql.Identifier(str(line.info.dbname))
        line.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
    return there.taken


def _standing(line: psycopg.Connection[Any]) -> ServerStanding:
    told = _one(
        line,
        "SELECT pg_is_in_recovery(), to_regclass('anlan_take_over') IS NOT NULL, pg_last_xact_replay_timestamp(), "
        "coalesce(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), 0), "
        "EXISTS (SELECT 1 FROM pg_stat_wal_receiver)",
    )
    taken = _last(line) if told[1] else None
    return ServerStanding(told[0], taken["epoch"] if taken else 0, taken, told[2], int(told[3]), told[4])


def _last(line: psycopg.Connection[Any]) -> dict[str, Any] | None:
    found = line.execute(
        "SELECT epoch, at, by_whom, reason FROM anlan_take_over ORDER BY epoch DESC LIMIT 1"
    ).fetchone()
    return {"epoch": found[0], "at": found[1].isoformat(), "by": found[2], "reason": found[3]} if found else None


def _one(line: psycopg.Connection[Any], query: str) -> tuple[Any, ...]:
    row = line.execute(query).fetchone()
    assert row is not None
    return tuple(row)
