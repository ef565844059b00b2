"""The project's own source as trees and paths, read once for all rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
PACKAGE = SRC / "anlan"
ROOMS = sorted(p.name for p in PACKAGE.iterdir() if (p / "__init__.py").exists())


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name, its room and what kind of file it is in that room."""

    path: Path

    @property
    def name(self) -> str:
        parts = self.path.relative_to(SRC).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        return (*self.name.split("."), "")[1]

    @property
    def leaf(self) -> str:
        return (*self.name.split("."), "", "")[2]

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"), filename=str(self.path))

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Functions and methods, however deep."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def imports(self) -> dict[str, str]:
        """Local name to the dotted name it was imported from."""
        found = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                found |= {alias.asname or alias.name.split(".")[0]: alias.name for alias in node.names}
        return found


@lru_cache(maxsize=1)
def modules() -> tuple[Module, ...]:
    """Every module of the package except migrations."""
    return tuple(Module(p) for p in sorted(PACKAGE.glob("**/*.py")) if "migrations" not in p.parts)


def chain(node: ast.AST) -> list[str]:
    """``Unit.objects.filter(…).update`` as its words, ``["Unit", "objects", "filter", "update"]``, or []."""
    words: list[str] = []
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            words.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Name):
            return [node.id, *words[::-1]]
        else:
            return []
