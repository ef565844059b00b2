"""On whose behalf the store is asked for who people are: told to PostgreSQL, whose own row policies are a second net.

The first net is the program's (``core.scope``). Where a filter is forgotten, the store itself hands out none of the
guarded rows beyond the reach of whoever the request is for (docs/row-security.md). What is not asked on somebody's
behalf - jobs, commands of the operator - reaches everything. SQLite knows no such policies; nothing here runs there.

The reach is told in the transaction of the very statement (``SET LOCAL``): a pool that gives connections from hand to
hand can't carry it on to somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction
from django.db.backends.signals import connection_created

from anlan.core.actor import SYSTEM, Actor

SETTING = "anlan.reach"
EVERYTHING = "all"
GUARDED = (
    "intake_reporter",
    "disputes_partyidentity",
    "disputes_sessionminutes",
    "citizen_citizenrequest",
    "notices_messagerecipient",
)
"""Tables of who people are, where they are reached and what they said; ``config.row_security`` has the policies."""
LOOKED_EVERY = 100
"""A connection to a store without policies looks at each so many of those statements whether it has any by now."""
_behalf: ContextVar[Actor] = ContextVar("behalf", default=SYSTEM)


@contextmanager
def reaching_as(actor: Actor) -> Iterator[None]:
    """Within it the store hands out what lies in the reach of ``actor``, which is looked up only if it is needed."""
    token = _behalf.set(actor)
    try:
        yield
    finally:
        _behalf.reset(token)


def reach_told() -> str:
    """The reach as PostgreSQL is told it: ``all``, or ids of organisations; empty reaches nothing."""
    actor = _behalf.get()
    return EVERYTHING if actor.sees_all else ",".join(map(str, sorted(actor.org_ids)))


def _guarded(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Tell the reach before a statement that names a guarded table, where the store has policies at all.

    Reading, changing and taking away are narrowed; putting a new row down is not: it hands nothing out, and a call
    for another station must never be refused. A service that has to change further than its author sees says so by
    ``reaching_as(SYSTEM)``.
    """
    text = str(sql)
    if not any(table in text for table in GUARDED):
        return execute(sql, params, many, context)
    connection = context["connection"]
    if not is_guarded(connection):
        return execute(sql, params, many, context)
    told = EVERYTHING if text.lstrip("( ")[:6].upper() == "INSERT" else reach_told()
    with transaction.atomic(using=connection.alias, savepoint=False):
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, %s, true)", (SETTING, told))
        return execute(sql, params, many, context)


def is_guarded(connection: Any) -> bool:
    """Whether the store this connection leads to has policies. Asked once where it has, else now and again.

    Until a connection has noticed that policies were made meanwhile, they hand it nothing.
    """
    known, left = getattr(connection, "anlan_guarded", (False, 0))
    if known or left:
        connection.anlan_guarded = (known, max(0, left - 1))
        return bool(known)
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = ANY (%s) AND relrowsecurity"
            " AND pg_table_is_visible(oid))",
            (list(GUARDED),),
        )
        known = bool(cursor.fetchone()[0])
    connection.anlan_guarded = (known, LOOKED_EVERY)
    return known


def guard_look_again(connection: Any) -> None:
    """Forget what was seen of the store's policies: somebody has just made or dropped them."""
    connection.anlan_guarded = (False, 0)


def _guard(connection: Any, **more: Any) -> None:
    guard_look_again(connection)
    if connection.vendor == "postgresql" and _guarded not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _guarded)


def reach_install() -> None:
    """From now on each connection to PostgreSQL tells it the reach."""
    connection_created.connect(_guard, dispatch_uid="anlan.core.reach")
