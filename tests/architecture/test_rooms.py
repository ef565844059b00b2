"""Rooms talk through their doors, and nobody writes another room's tables."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import grimp
import pytest

from architecture.source import ROOMS, Module, chain, modules

DOORS = {"models", "services", "selectors", "errors", "events"}
# Free of trade, or above all rooms (there the layers contract is enough).
OPEN = {"core", "engines", "api", "console", "integrations", "drills", "assurance"}
# What the front may also use: the JSON root mounts routers; screens and drills show a room's rules and turn
# its clocks; road files come in through one and are loaded through another file of their room.
ALSO = {
    "api": {"api"},
    "console": {"rules"},
    "integrations": {"rules", "osm_import"},
    # Drills play the worker: they run its jobs and reactions themselves.
    # The oracle holds rows to the rules they were written by.
    "assurance": {"rules"},
    "drills": {"rules", "jobs", "handlers", "closing_handlers", "road_store"},
}
KNOWS_ALL = "config"
# Tables of core that those who import or react write themselves; nobody else writes an event or a key.
SHARED = {"ImportBatch", "HandlerCursor"}
WRITES = {
    "create",
    "bulk_create",
    "bulk_update",
    "update",
    "update_or_create",
    "get_or_create",
    "delete",
    "acreate",
    "aupdate",
    "adelete",
}


def room_and_leaf(module: str) -> tuple[str, str]:
    parts = [*module.split("."), "", ""]
    return parts[1], parts[2]


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("anlan")


def test_every_room_is_held_to_the_order_inside_a_room():
    root = Path(__file__).resolve().parents[2]
    contracts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    inside = next(contract for contract in contracts if contract["name"].startswith("Inside a room"))
    found = {f"anlan.{path.parent.name}" for path in (root / "src" / "anlan").glob("*/__init__.py")}
    assert set(inside["containers"]) == found - {"anlan.engines"}


def test_rooms_use_doors_only(graph):
    leaks = []
    for imported in graph.modules:
        room, leaf = room_and_leaf(imported)
        if room in OPEN or leaf in DOORS | {"", "migrations"}:
            continue
        for importer in graph.find_modules_that_directly_import(imported):
            neighbour = room_and_leaf(importer)[0]
            if neighbour not in {room, KNOWS_ALL} and leaf not in ALSO.get(neighbour, set()):
                leaks.append(f"{importer} imports {imported}; go through {room}.services or {room}.selectors")
    assert not leaks, "\n".join(sorted(leaks))


def test_every_room_was_looked_at(graph):
    assert {room_and_leaf(module)[0] for module in graph.modules} - {""} == set(ROOMS)


def foreign_writes(module: Module) -> list[str]:
    """Writes in ``module`` to tables of another room."""
    owners = {
        name: origin.split(".")[1]
        for name, origin in module.imports().items()
        if origin.startswith("anlan.") and origin.split(".")[2:3] == ["models"]
    }
    found = []
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call):
            continue
        words = chain(node)
        owner = owners.get(words[0]) if words else None
        if owner not in (None, module.room) and words[-1] in WRITES and words[0] not in SHARED:
            found.append(
                f"{module.name}:{node.lineno} writes {words[0]} of room {owner}; ask {owner}.services to do it"
            )
    return found


def test_only_the_owning_room_writes_a_table():
    assert not (found := [hit for module in modules() for hit in foreign_writes(module)]), "\n".join(found)


def test_a_write_from_next_door_is_seen(tmp_path, monkeypatch):
    planted = tmp_path / "anlan" / "dispatch" / "services.py"
    planted.parent.mkdir(parents=True)
    planted.write_text("from anlan.units.models import Unit\nUnit.objects.filter(pk=1).update(state='busy')\n")
    monkeypatch.setattr("architecture.source.SRC", tmp_path)
    assert foreign_writes(Module(planted)) == [
        "anlan.dispatch.services:2 writes Unit of room units; ask units.services to do it"
    ]


def test_imports_are_absolute():
    relative = [
        f"{module.name}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not relative
