"""Engines are pure: what they give depends on what they are given, and on nothing else."""

from __future__ import annotations

import ast

from architecture.source import Module, chain, modules

DOORS_TO_THE_WORLD = {"open", "print", "input", "exec", "eval"}
WORLDLY = {
    "os",
    "sys",
    "pathlib",
    "io",
    "shutil",
    "importlib",
    "multiprocessing",
    "concurrent",
    "asyncio",
    "secrets",
    "uuid",
}
# An executor may be handed over like any other argument; nobody makes one.
HANDED_OVER = {"concurrent.futures.Executor", "concurrent.futures.Future"}
# Of their modules these alone give the same for the same arguments.
SAME_FOR_SAME = {"uuid.UUID", "uuid.uuid5"}
# These draw from a state nobody handed over.
LEGACY_RANDOM = {
    "rand",
    "randn",
    "randint",
    "random",
    "choice",
    "shuffle",
    "seed",
    "permutation",
    "uniform",
    "normal",
}
SEEDED = {"default_rng", "Random", "RandomState", "SeedSequence"}


def engines() -> list[Module]:
    return [module for module in modules() if module.room == "engines"]


def impurities(module: Module) -> list[str]:
    """Everything by which ``module`` could see or change the world outside its arguments."""
    imports = module.imports()
    allowed = HANDED_OVER | SAME_FOR_SAME
    worldly = [origin for origin in imports.values() if origin.split(".")[0] in WORLDLY and origin not in allowed]
    found = [f"imports {origin}" for origin in worldly]
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or not (words := chain(node)):
            continue
        given = node.args or node.keywords
        if len(words) == 1 and words[0] in DOORS_TO_THE_WORLD:
            found.append(f"line {node.lineno} calls {words[0]}")
        elif words[-1] in SEEDED and not given:
            found.append(f"line {node.lineno} draws without a seed")
        elif words[-1] in LEGACY_RANDOM and imports.get(words[0]) in ("numpy", "random") and words[-2] == "random":
            found.append(f"line {node.lineno} draws from a shared state; make a generator from a seed")
    return [f"{module.name}: {what}" for what in found]


def test_engines_see_nothing_but_their_arguments():
    assert len(engines()) > 20
    assert not (found := [what for module in engines() for what in impurities(module)]), "\n".join(found)


def test_planted_impurities_are_seen(tmp_path, monkeypatch):
    planted = tmp_path / "anlan" / "engines" / "geo" / "leaky.py"
    planted.parent.mkdir(parents=True)
    planted.write_text(
        "import random\nimport numpy as np\nfrom pathlib import Path\n"
        "from concurrent.futures import Executor, ProcessPoolExecutor\nfrom uuid import uuid4, uuid5\n"
        "a = np.random.default_rng()\nb = random.choice([1])\nc = np.random.rand(3)\nd = open('x')\n"
        "fine = np.random.default_rng(7).choice(3), random.Random(7).choice([1])\n"
    )
    monkeypatch.setattr("architecture.source.SRC", tmp_path)
    assert len(impurities(Module(planted))) == 7
