"""Which packaged file is in use: of each kind the newest. Older editions stay beside it, as they were."""

from __future__ import annotations

from importlib.resources import files


def newest(kind: str) -> str:
    """The name of the newest file of a kind: ``taxonomy-10.json`` goes before ``taxonomy-9.json``."""
    folder = files("anlan.tagging") / "data"
    names = [entry.name for entry in folder.iterdir() if entry.name.startswith(f"{kind}-")]
    return max(names, key=lambda name: int(name.removeprefix(f"{kind}-").partition(".")[0]))


TAXONOMY, DIMENSIONS, TRANSFERS = newest("taxonomy"), newest("tag-dimensions"), newest("transfer-list")
