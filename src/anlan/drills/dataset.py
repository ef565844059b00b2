"""Real events of a public data set as the calls of a drill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from anlan.engines.geo import Bounds
from anlan.intake.services import CallSheet
from anlan.integrations.imports.convert import RowRefused, history_incident, moment
from anlan.integrations.imports.mapping import Mapping
from anlan.integrations.imports.reading import BrokenRow, rows_of


@dataclass(frozen=True, slots=True)
class DrillCall:
    """One call with the moment it comes."""

    at: datetime
    sheet: CallSheet


def drill_calls(
    path: Path, mapping: Mapping, *, start: datetime, end: datetime, within: Bounds | None = None
) -> Iterator[DrillCall]:
    """Calls from ``start`` up to ``end`` in order of time; with ``within``, only those located inside it.

    Rows that can't be read are passed over here: an import parks them with their reason.
    """
    found = []
    for place, row in enumerate(rows_of(path)):
        if isinstance(row, BrokenRow):
            continue
        try:
            # The time first: of a file of years, a week is read whole and the rest is only looked at.
            received_at = moment(row.fields, "received_at", mapping)
            if received_at is None or not start <= received_at < end:
                continue
            past = history_incident(row.fields, mapping)
        except RowRefused:
            continue
        if within is not None and (past.lon is None or past.lat is None or not within.holds(past.lon, past.lat)):
            continue
        sheet = CallSheet(
            narrative=past.narrative,
            address_text=past.address_text,
            lon=past.lon,
            lat=past.lat,
            code=past.code,
            origin=past.origin,
            channel="patrol" if past.origin == "patrol" else "phone",
            source="drill",
            external_id=f"{mapping.name}:{place}",
        )
        found.append(DrillCall(past.received_at, sheet))
    yield from sorted(found, key=lambda call: call.at)
