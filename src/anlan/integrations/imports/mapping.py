"""How another system's columns become ours: a small TOML file, one per source.

```
name = "source-name"           # kept with every row, so that a second import makes no doubles
timezone = "Asia/Shanghai"     # of times without an offset
datum = "wgs84"                # or gcj02, bd09
[columns]                      # our field = their column
[codes]                        # their type = our four-digit code; "*" for all others
[origins]                      # their word = citizen, patrol or mixed
[channels]                     # their word = phone, sms, app, walk_in, patrol, device, partner
[results]                      # their result of a feedback sheet = ours
[defaults]                     # our field = value where the column is absent or empty
[bounds]                       # west, south, east, north: rows outside are parked, swapped ones told apart
```
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from anlan.engines.geo import Bounds
from anlan.intake.models import Call
from anlan.tagging.selectors import incident_types

FIELDS = frozenset(
    {
        "external_id",
        "received_at",
        "code",
        "code_also",
        "narrative",
        "address",
        "lon",
        "lat",
        "origin",
        "result",
        "closed_at",
        "minutes_to_sent",
        "minutes_to_arrived",
        "sent_at",
        "signed_at",
        "departed_at",
        "arrived_at",
        "finished_at",
        "feedback_at",
        "incident_external_id",
        "dispatch_external_id",
        "unit",
        "priority",
        "channel",
        "reporter_name",
        "reporter_phone",
        "occurred_from",
        "occurred_to",
        "injuries",
        "case_number",
        "people_helped",
        "station",
        "party_a_name",
        "party_a_phone",
        "party_b_name",
        "party_b_phone",
    }
)
DATUMS = frozenset({"wgs84", "gcj02", "bd09"})
ORIGINS = frozenset({"citizen", "patrol", "mixed"})
HELP = "see docs/imports.md"


class MappingRefused(Exception):
    """The mapping file can't be used; says which entry and why."""


@dataclass(frozen=True)
class Mapping:
    """A source's columns, codes, zone and datum."""

    name: str
    timezone: ZoneInfo
    columns: dict[str, str]
    codes: dict[str, str] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    datum: str = "wgs84"
    bounds: Bounds | None = None
    time_formats: tuple[str, ...] = ()

    def value(self, fields: dict[str, Any], ours: str) -> Any:
        """Our field from their row: the column, else the default, else None."""
        column = self.columns.get(ours)
        value = fields.get(column) if column else None
        return self.defaults.get(ours) if value is None or value == "" else value

    def missing(self, columns: Collection[str]) -> list[str]:
        """Their columns this mapping names and a file has not, unless a default stands in for them."""
        wanted = {theirs for ours, theirs in self.columns.items() if ours not in self.defaults}
        return sorted(wanted.difference(columns))


def mapping_load(where: str | Path) -> Mapping:
    """A mapping by path, or by the name of one that comes with the project. Raises ``MappingRefused``."""
    path = Path(where)
    if path.suffix == ".toml":
        return mapping_of(mapping_table(path))
    built_in = files("anlan.integrations.imports") / "mappings" / f"{where}.toml"
    if str(where) not in mapping_names():
        raise MappingRefused(f"no mapping {where}; name a .toml file or one of: {', '.join(mapping_names())}")
    return mapping_of(tomllib.loads(built_in.read_text(encoding="utf-8")))


def mapping_table(path: Path) -> dict[str, Any]:
    """What a mapping file says. Raises ``MappingRefused`` when it can't be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise MappingRefused(f"{path.name}: {problem}; {HELP}") from problem


def mapping_names() -> list[str]:
    """The mappings of one file that come with the project."""
    folder = files("anlan.integrations.imports") / "mappings"
    names = (entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return sorted(name for name in names if not name.endswith(".example"))


def mapping_of(data: dict[str, Any]) -> Mapping:
    """A mapping from the parsed table. Raises ``MappingRefused`` for what it doesn't know or can't use."""
    try:
        made = _mapping(data)
    except (KeyError, TypeError, ValueError, AttributeError, ZoneInfoNotFoundError) as problem:
        raise MappingRefused(f"{data.get('name', '')}: {problem!r}; {HELP}") from problem
    for table, known, used in (
        ("columns", FIELDS, set(made.columns)),
        ("defaults", FIELDS, set(made.defaults)),
        ("codes", {row.code for row in incident_types()}, set(made.codes.values())),
        ("origins", ORIGINS, set(made.origins.values())),
        ("channels", set(Call.Channel.values), set(made.channels.values())),
        ("datum", DATUMS, {made.datum}),
    ):
        unknown = used.difference(known)
        if unknown:
            raise MappingRefused(f"{made.name} [{table}]: {', '.join(sorted(unknown))}? {HELP}")
    return made


def _mapping(data: dict[str, Any]) -> Mapping:
    box = data.get("bounds")
    return Mapping(
        name=str(data["name"])[:32],
        timezone=ZoneInfo(data.get("timezone", "Asia/Shanghai")),
        columns={str(k): str(v) for k, v in data["columns"].items()},
        codes=_words(data, "codes"),
        origins=_words(data, "origins"),
        channels={value: value for value in Call.Channel.values} | _words(data, "channels"),
        results=_words(data, "results"),
        defaults=dict(data.get("defaults", {})),
        datum=data.get("datum", "wgs84"),
        bounds=Bounds(**box) if box else None,
        time_formats=tuple(data.get("time_formats", ())),
    )


def _words(data: dict[str, Any], table: str) -> dict[str, str]:
    return {str(theirs): str(ours) for theirs, ours in data.get(table, {}).items()}
