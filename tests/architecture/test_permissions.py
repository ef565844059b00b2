"""The permission table and the code speak of the same actions."""

from __future__ import annotations

import ast
import csv

from anlan.accounts.models import Role
from anlan.core.permissions import permission_table
from architecture.source import PACKAGE, chain, modules

SHEETS = sorted((PACKAGE / "core" / "data" / "permissions.d").glob("*.csv"))
ASKING = {"require", "permitted", "command", "actor_of", "page_actor", "command_post"}


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
