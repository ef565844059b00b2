"""The one permission function. What each role may do is a table for people: ``data/permissions.d/*.csv``."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files

from anlan.core.actor import Actor
from anlan.core.errors import NotPermitted, NotSignedIn


@lru_cache(maxsize=1)
def permission_table() -> dict[str, frozenset[str]]:
    """Action to the roles that may do it, from the reviewed tables, one sheet a room."""
    folder = files("anlan.core") / "data" / "permissions.d"
    table: dict[str, frozenset[str]] = {}
    for sheet in sorted(folder.iterdir(), key=lambda entry: entry.name):
        for row in csv.DictReader(sheet.read_text(encoding="utf-8").splitlines()):
            table[row["action"]] = frozenset(row["roles"].split())
    return table


def permitted(actor: Actor, action: str) -> bool:
    """Whether one of the actor's roles may do ``action``; an unknown action is nobody's."""
    if actor.kind == "system":
        return True
    return bool(actor.roles & permission_table().get(action, frozenset()))


def require(actor: Actor, action: str) -> None:
    """Refuse unless permitted. Row scope is checked apart, by ``visible_to``."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    if not permitted(actor, action):
        raise NotPermitted(action=action, roles=", ".join(sorted(permission_table().get(action, ()))) or "–")
