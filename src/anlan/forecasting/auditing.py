"""Is a forecast as right for one area as for another? Tables of areas for the audit, and what it found."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.accounts.models import Organisation
from anlan.engines.forecast.equity import (
    ALLOCATION_HIGH,
    ALLOCATION_LOW,
    BIAS_LIMIT,
    TAU_LIMIT,
    Equity,
    equity_audit,
)
from anlan.engines.forecast.history import History
from anlan.engines.forecast.parity import BROKEN, ERROR_LIMIT
from anlan.engines.forecast.places import unpacked
from anlan.engines.forecast.rolling import Sheet
from anlan.forecasting.selectors.record import Kept
from anlan.places.selectors import areas_in_force

Floats = NDArray[np.float64]
AREAS_RANKED = False
"""No page, list or file puts areas in the order of what is expected: they stand in the bureau's own order."""
TOGETHER = "together"
LIMITS = {
    "allocation_low": ALLOCATION_LOW,
    "allocation_high": ALLOCATION_HIGH,
    "error_ratio": ERROR_LIMIT,
    "bias": BIAS_LIMIT,
    "tau": TAU_LIMIT,
}


@dataclass(frozen=True, slots=True)
class AreaTables:
    """Calls and expected calls by (area, day), and how often a cell of each area was flagged, (area,)."""

    calls: Floats
    expected: Floats
    flags: Floats


def tables_tested(
    sheet: Sheet, history: History, family: str, station: NDArray[np.int64], stations: int
) -> AreaTables:
    """The tables of one family over the days a model was tested on. ``station`` is the row of each place's area.

    Places of no station have a row beyond the last and are left out.
    """
    assert sheet.means is not None
    width, days = stations + 1, len(sheet.days)
    calls, expected, flags = np.zeros((width, days)), np.zeros((width, days)), np.zeros(width)
    for k, (day, means) in enumerate(zip(sheet.days.tolist(), sheet.means[family], strict=True)):
        came = history.counts(family, day, day + 1).sum(axis=0)
        calls[:, k] = np.bincount(station, weights=came, minlength=width)
        expected[:, k] = np.bincount(station, weights=means.sum(axis=0), minlength=width)
    flagged = unpacked(sheet.capped[family], history.shifts, history.cells).sum(axis=(0, 1))
    flags += np.bincount(station, weights=flagged, minlength=width)
    return AreaTables(calls[:stations], expected[:stations], flags[:stations])


def audit_tested(kept: Kept, tables: Mapping[str, AreaTables], *, seed: int) -> dict[str, Equity]:
    """The audit of each family by station area, areas grouped by their setting (town, suburb, countryside)."""
    return audited(*areas_of(kept.stations), tables, seed=seed)


def audited(
    codes: list[str], groups: list[Hashable], tables: Mapping[str, AreaTables], *, seed: int
) -> dict[str, Equity]:
    """The audit of each family, and of all ``TOGETHER``, by which families with too few calls are judged.

    Families are flagged equally often and called about very unequally: in all together each family's flags weigh as
    much as its calls, so that flags right in every family are right together.
    """
    if not codes or not tables:
        return {}
    held = list(tables.values())
    whole = AreaTables(
        np.hstack([each.calls for each in held]),
        np.hstack([each.expected for each in held]),
        np.sum([_weighed(each) for each in held], axis=0),
    )
    return {
        family: equity_audit(
            codes, groups, each.calls, each.expected, each.flags, areas_ranked=AREAS_RANKED, seed=seed
        )
        for family, each in {**tables, TOGETHER: whole}.items()
    }


def _weighed(each: AreaTables) -> Floats:
    """A family's flags by area, in all as many as its calls: (area,)."""
    weight: Floats = each.flags * (each.calls.sum() / max(float(each.flags.sum()), 1.0))
    return weight


def areas_of(stations: tuple[int, ...] | list[int]) -> tuple[list[str], list[Hashable]]:
    """Codes and settings of station areas, in the order given."""
    codes = dict(Organisation.objects.filter(pk__in=stations).values_list("pk", "code"))
    settings = {area.organisation_id: area.setting for area in areas_in_force("station")}
    return [codes[pk] for pk in stations], [settings.get(pk, "town") for pk in stations]


def equity_stored(found: Equity) -> dict[str, Any]:
    """An audit as the register keeps it, with the measures that failed by name."""
    told = asdict(found)
    told["failed"] = failed_measures(found)
    return told


def failed_measures(found: Equity) -> list[str]:
    """Which limits an audit broke: allocation, bias, error, order."""
    broken = {
        "allocation": bool(found.outside),
        "bias": any(not group.within for group in found.groups),
        "error": found.error_verdict == BROKEN,
        "order": found.areas_ranked and found.tau < TAU_LIMIT,
    }
    return [name for name, is_broken in broken.items() if is_broken]
