"""Every figure the platform prints: what counts, in words and in conditions, edition by edition."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from anlan.reports.definitions.catalogue import CATALOGUE, GROUPS
from anlan.reports.definitions.clocks import CLOCK_BASE, CLOCKS, PEAK_SHARE, hours_key, hours_named, hours_part
from anlan.reports.definitions.dispute_records import FILE_OF
from anlan.reports.definitions.records import BASES as _BASES
from anlan.reports.definitions.shape import Kind, Kpi, Records, Split
from anlan.reports.definitions.slices import Base, Slice, years_before

__all__ = [
    "BASES",
    "CATALOGUE",
    "CLOCKS",
    "FILE_OF",
    "GROUPS",
    "PEAK_SHARE",
    "Base",
    "Kind",
    "Kpi",
    "Records",
    "Slice",
    "Split",
    "definitions_in_force",
    "hours_key",
    "hours_named",
    "hours_part",
    "years_before",
]
BASES = {**_BASES, Records.CLOCK: CLOCK_BASE}


def definitions_in_force(on: date, catalogue: tuple[Kpi, ...] = CATALOGUE) -> dict[str, Kpi]:
    """The edition of each figure that is official on that day, in the order of the page.

    Days before the first edition are told by the first: an old period can be looked at, restated.
    """
    found: dict[str, Kpi] = {}
    for key, editions in groupby(sorted(catalogue, key=lambda kpi: kpi.key), key=lambda kpi: kpi.key):
        ordered = sorted(editions, key=lambda kpi: kpi.version)
        found[key] = next((kpi for kpi in reversed(ordered) if kpi.valid_from <= on), ordered[0])
    order = {kpi.key: place for place, kpi in reversed(list(enumerate(catalogue)))}
    return {key: found[key] for key in sorted(found, key=order.__getitem__)}
