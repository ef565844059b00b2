"""Deny libraries: packages whose purpose lies beyond the scope."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).parent
_PIN = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


@lru_cache(maxsize=1)
def deny_libraries() -> dict[str, int]:
    """Package or import name to the refusal of SCOPE.md it would break."""
    with (HERE / "deny_libraries.csv").open(encoding="utf-8", newline="") as sheet:
        return {_plain(row["package"]): int(row["refusal"]) for row in csv.DictReader(sheet)}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def denied_in_requirements(text: str) -> list[str]:
    """Denied packages named at the start of a line of a requirements file."""
    names = (_plain(hit[1]) for line in text.splitlines() if (hit := _PIN.match(line)))
    return sorted({name for name in names if name in deny_libraries()})


def denied_in_source(text: str) -> list[str]:
    """Denied packages that Python source imports, by statement or by name at run time."""
    return sorted({name for name in map(_plain, _imported(ast.parse(text))) if name in deny_libraries()})


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in ("import_module", "__import__"):
                yield str(node.args[0].value).split(".")[0]
