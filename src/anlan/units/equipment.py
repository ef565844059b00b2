"""Kinds of equipment a unit can carry, as data: one list for plans, keepers and phones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from django.utils.translation import get_language

PACKAGED = "equipment-1.json"
MOST_OF_A_KIND = 999
"""A car carries a box of cones; a thousand of anything is a slip of the finger."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of equipment, by its code, in both languages."""

    code: str
    zh: str
    en: str

    @property
    def name(self) -> str:
        """In the active language."""
        return self.zh if (get_language() or "").startswith("zh") else self.en


@lru_cache(maxsize=1)
def equipment_kinds() -> Mapping[str, Kind]:
    """Every kind by code, in the order keepers count them."""
    data = json.loads((files("anlan.units") / "data" / PACKAGED).read_bytes())
    return {row["code"]: Kind(row["code"], row["zh"], row["en"]) for row in data["kinds"]}


def kind_named(text: str) -> Kind | None:
    """The kind somebody wrote by code or by its name in either language; None for a word nobody has listed."""
    wanted = text.strip().casefold()
    for kind in equipment_kinds().values():
        if wanted in (kind.code, kind.zh.casefold(), kind.en.casefold()):
            return kind
    return None
