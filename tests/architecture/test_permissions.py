"""The permission table and the code speak of the same actions."""

from __future__ import annotations

import ast
import csv
from functools import cache

from anlan.accounts.models import Role
from anlan.core.permissions import permission_table
from architecture.source import PACKAGE, chain, modules

SHEETS = sorted((PACKAGE / "core" / "data" / "permissions.d").glob("*.csv"))
ASKING = {"require", "permitted", "command", "actor_of", "page_actor", "command_post"}
NOT_ASKED = {
    "accounts.manage": "people and organisations are managed on the command line, which asks for no role",
    "core.quarantine_view": "what was put aside is shown with its own import or report; there is no list of all yet",
    "units.shift": "shifts come by import or from the demo; there is no page to plan them yet",
}
"""Actions that stand in the table though nothing asks for them yet, each with the reason."""


def rows():
    return [(sheet, row) for sheet in SHEETS for row in csv.DictReader(sheet.open(encoding="utf-8"))]


def actions_asked() -> dict[str, str]:
    """Every action named in a call that asks for permission, with a place where it is asked."""
    actions = set(permission_table())
    found: dict[str, str] = {}
    for module in modules():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or not (words := chain(node)) or words[-1] not in ASKING:
                continue
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                for leaf in ast.walk(argument):
                    if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str) and looks_like(leaf.value):
                        found.setdefault(leaf.value, f"{module.name}:{node.lineno}")
        # A name may stand in a constant or a table; then it counts as asked if it is in the sheets.
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and node.value in actions:
                found.setdefault(str(node.value), module.name)
    return found


def looks_like(text: str) -> bool:
    room, dot, verb = text.partition(".")
    return bool(dot) and (PACKAGE / room).is_dir() and verb.replace("_", "").isalpha()


def test_every_action_asked_for_is_in_the_table():
    missing = [f"{action} ({where})" for action, where in actions_asked().items() if action not in permission_table()]
    assert not missing, "add to core/data/permissions.d/<room>.csv: " + ", ".join(missing)


@cache
def words_in_code() -> frozenset[str]:
    """Every string the code holds, but for docstrings and the names of events, which no door asks for.

    A button that a template hides is no check, so templates don't count.
    """
    found: set[str] = set()
    for module in modules():
        if module.leaf == "events":
            continue
        documents = {id(node.body[0].value) for node in ast.walk(module.tree) if holds_docstring(node)}
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
                found.add(node.value)
    return frozenset(found)


def holds_docstring(node: ast.AST) -> bool:
    body = getattr(node, "body", None)
    return isinstance(body, list) and bool(body) and isinstance(body[0], ast.Expr)


def test_every_action_in_the_table_is_asked_for_somewhere():
    idle = [action for action in permission_table() if action not in words_in_code() and action not in NOT_ASKED]
    assert not idle, "granted in the table but never asked for: " + ", ".join(idle)


def test_no_exception_outlives_its_reason():
    assert not [action for action in NOT_ASKED if action in words_in_code() or action not in permission_table()]


def test_an_action_stands_once_in_its_rooms_own_sheet():
    names = [row["action"] for _, row in rows()]
    assert len(names) == len(set(names))
    owners = {row["action"]: sheet.stem for sheet, row in rows() if not row["action"].startswith("core.")}
    assert {action: action.split(".")[0] for action in owners} == owners


def test_the_table_knows_only_known_roles():
    wrong = {role for roles in permission_table().values() for role in roles} - set(Role.values) - {"system"}
    assert not wrong


def test_every_action_is_told_in_both_languages():
    assert not [row["action"] for _, row in rows() if not (row["zh"] and row["en"])]
