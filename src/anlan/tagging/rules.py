"""The vocabulary as the reviewed files state it: incident types, tag dimensions, transfer list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.resources import files
from typing import Any

from anlan.tagging.errors import EditionUnreadable
from anlan.tagging.packaged import DIMENSIONS, TAXONOMY, TRANSFERS

OTHER_CODE, INVALID_GROUP = "9901", "90"
MANY_VALUES = frozenset({"conditions", "weather_context"})
"""Dimensions of which one incident may carry several values at once."""


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One incident type: its names, urgency, track, arrival targets and closing rule."""

    code: str
    parent_code: str
    name_zh: str
    name_en: str
    priority: str
    track: str
    tracks_also: str = ""
    arrive_town_s: int | None = None
    arrive_suburb_s: int | None = None
    arrive_rural_s: int | None = None
    close_rule: str = ""
    push: str = ""
    family: str = ""
    external_code: str = ""
    is_valid_incident: bool = True
    arrive_note: Mapping[str, str] = field(default_factory=dict)
    exceptions: tuple[Mapping[str, str], ...] = ()

    def arrive_within(self, setting: str) -> timedelta | None:
        """How soon somebody should be there, by setting (town, suburb, rural); None where nobody goes."""
        seconds = {"town": self.arrive_town_s, "suburb": self.arrive_suburb_s, "rural": self.arrive_rural_s}
        allowed = seconds.get(setting, self.arrive_town_s)
        return None if allowed is None else timedelta(seconds=allowed)

    def name(self, language: str) -> str:
        return self.name_en if language.startswith("en") else self.name_zh


@dataclass(frozen=True, slots=True)
class TagRow:
    """One value of one dimension, in both languages."""

    dimension: str
    value: str
    name_zh: str
    name_en: str
    set_by: str
    position: int

    def name(self, language: str) -> str:
        return self.name_en if language.startswith("en") else self.name_zh


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A type of matter agreed with a partner desk."""

    code: str
    partner_code: str
    is_non_urgent: bool
    police_also: bool


@dataclass(frozen=True)
class Edition:
    """One edition of the whole vocabulary."""

    version: int
    sha256: str
    groups: tuple[Mapping[str, str], ...]
    escalations: tuple[Mapping[str, str], ...]
    types: tuple[TypeRow, ...]
    tags: tuple[TagRow, ...]
    transfers: tuple[TransferRow, ...]
    transfer_version: str


def edition_packaged() -> Edition:
    """The edition that comes with the program."""
    folder = files("anlan.tagging") / "data"
    return edition_read({name: (folder / name).read_bytes() for name in (TAXONOMY, DIMENSIONS, TRANSFERS)})


def edition_read(contents: Mapping[str, bytes]) -> Edition:
    """Read the three files; raises ``EditionUnreadable`` naming the file and what is wrong with it."""
    digest = hashlib.sha256()
    parsed: dict[str, Any] = {}
    for name in (TAXONOMY, DIMENSIONS, TRANSFERS):
        digest.update(contents[name])
        try:
            parsed[name] = json.loads(contents[name])
        except ValueError as problem:
            raise EditionUnreadable(file=name, reason=str(problem)) from problem
    taxonomy = parsed[TAXONOMY]
    try:
        return Edition(
            version=int(taxonomy["version"]),
            sha256=digest.hexdigest(),
            groups=tuple(taxonomy["level1"]),
            escalations=tuple(taxonomy.get("dispute_escalation", ())),
            types=tuple(_type_row(row) for row in taxonomy["level2"]),
            tags=tuple(_tag_rows(parsed[DIMENSIONS])),
            transfers=tuple(_transfer_row(row) for row in parsed[TRANSFERS]["items"]),
            transfer_version=str(parsed[TRANSFERS]["version"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise EditionUnreadable(file=TAXONOMY, reason=repr(problem)) from problem


def _type_row(row: Mapping[str, Any]) -> TypeRow:
    arrive = row.get("arrive_s") or {}
    return TypeRow(
        code=row["code"],
        parent_code=row["level1"],
        name_zh=row["zh"],
        name_en=row["en"],
        priority=row["priority"] or "",
        track=row["track"] or "",
        tracks_also="".join(row.get("track_also") or ()),
        arrive_town_s=arrive.get("town"),
        arrive_suburb_s=arrive.get("suburb"),
        arrive_rural_s=arrive.get("rural"),
        close_rule=row.get("close") or "",
        push=row.get("push") or "",
        family=row.get("forecast_family") or "",
        external_code=row.get("external_code") or "",
        is_valid_incident=row["level1"] != INVALID_GROUP,
        arrive_note=row.get("arrive_note") or {},
        exceptions=tuple(row.get("exceptions") or ()),
    )


def _tag_rows(dimensions: Mapping[str, Any]) -> list[TagRow]:
    return [
        TagRow(
            dimension=dimension["dimension"],
            value=value["value"],
            name_zh=value["zh"],
            name_en=value["en"],
            set_by=dimension.get("by") or "",
            position=position,
        )
        for dimension in dimensions["dimensions"]
        for position, value in enumerate(dimension["values"])
    ]


def _transfer_row(row: Mapping[str, Any]) -> TransferRow:
    return TransferRow(
        code=row["code"],
        partner_code=row["to"],
        is_non_urgent=bool(row.get("non_urgent")),
        police_also=bool(row.get("police_also")),
    )
