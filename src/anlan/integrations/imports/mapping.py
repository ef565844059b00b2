"""How another system's columns become ours: a small TOML file, one per source.

```
name = "source-name"           # kept with every row, so that a second import makes no doubles
timezone = "Asia/Shanghai"     # of times without an offset
datum = "wgs84"                # or gcj02, bd09
[columns]                      # our field = their column
[codes]                        # their type = our four-digit code; "*" for all others
[defaults]                     # our field = value where the column is absent or empty
[bounds]                       # west, south, east, north: rows outside are parked, swapped ones told apart
```
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from anlan.engines.geo import Bounds

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
    }
)


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


def mapping_load(where: str | Path) -> Mapping:
    """A mapping by path, or by the name of one that comes with the project."""
    path = Path(where)
    if path.suffix == ".toml":
        text = path.read_text(encoding="utf-8")
    else:
        built_in = files("anlan.integrations.imports") / "mappings" / f"{where}.toml"
        if not built_in.is_file():
            raise MappingRefused(f"no mapping {where}; name a .toml file or one of: {', '.join(mapping_names())}")
        text = built_in.read_text(encoding="utf-8")
    try:
        return mapping_of(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ZoneInfoNotFoundError) as problem:
        raise MappingRefused(f"{where}: {problem}") from problem


def mapping_names() -> list[str]:
    """The mappings that come with the project."""
    folder = files("anlan.integrations.imports") / "mappings"
    return sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".toml"))


def mapping_of(data: dict[str, Any]) -> Mapping:
    """A mapping from the parsed table; refuses fields it does not know."""
    unknown = set(data["columns"]) - FIELDS
    if unknown:
        raise MappingRefused(f"unknown fields under [columns]: {', '.join(sorted(unknown))}")
    box = data.get("bounds")
    return Mapping(
        name=data["name"],
        timezone=ZoneInfo(data.get("timezone", "Asia/Shanghai")),
        columns=data["columns"],
        codes={str(k): str(v) for k, v in data.get("codes", {}).items()},
        origins=data.get("origins", {}),
        results=data.get("results", {}),
        defaults=data.get("defaults", {}),
        datum=data.get("datum", "wgs84"),
        bounds=Bounds(**box) if box else None,
        time_formats=tuple(data.get("time_formats", ())),
    )
