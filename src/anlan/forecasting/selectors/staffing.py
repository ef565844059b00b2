"""Calls expected in a station's area, shift by shift, against the units that would have to answer them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from anlan.dispatch.models import Assignment
from anlan.engines.queueing import Promise, erlang_c, reached_within, units_needed
from anlan.forecasting.models import ForecastRun
from anlan.forecasting.packing import unpacked
from anlan.forecasting.rules import CALLS, CITIZEN, SHIFT_HOURS, SHIFTS, forecast_place
from anlan.forecasting.selectors.shown import Span, interval, sheet_of
from anlan.intake.models import Incident
from anlan.places.selectors import areas_in_force
from anlan.units.models import Unit

LOOK_BACK = timedelta(days=28)
SHARE = 0.95
LEAST_WAYS = 30
BEYOND = 3
"""How ways shorten is not told for more than three times the units there are: nothing like it was seen."""
LIMITS_S = {"town": 300.0, "suburb": 600.0, "rural": 1200.0}
"""The taxonomy's arrival targets of P1 by setting: minutes 5, 10, 20."""


@dataclass(frozen=True, slots=True)
class Practice:
    """How a station's police units worked in the four weeks before: what the sums stand on.

    ``sent_per_call`` units were sent for each citizen's call of the area, bound for ``busy_s`` on average;
    ``ways_s`` from sending to arriving, as reported. ``units`` are the station's police units, ``on_duty`` now.
    """

    calls: int
    sent: int
    sent_per_call: float
    busy_s: float
    ways_s: NDArray[np.float64]
    units: int
    on_duty: int
    limit_s: float
    setting: str

    @property
    def is_enough(self) -> bool:
        return len(self.ways_s) >= LEAST_WAYS and self.busy_s > 0

    @property
    def ways_in_time(self) -> float:
        """The share of ways that by themselves keep within the limit."""
        return float((self.ways_s <= self.limit_s).mean()) if len(self.ways_s) else 0.0


@dataclass(frozen=True, slots=True)
class ShiftStaffed:
    """A shift of a station: calls expected with their 80 % interval, and what units can do about them.

    ``needed`` reaches 95 % in time at the expected number of calls, ``needed_high`` at the upper end; None where no
    number of units does, or the past is too thin. ``reached`` and ``waits`` are for the station's units as they are.
    """

    span: Span
    expected: float
    low: int
    high: int
    load: float
    reached: float | None
    waits: float | None
    needed: Promise | None
    needed_high: Promise | None


def practice_of(station_id: int, *, at: datetime) -> Practice:
    """How the station's police units worked in the four weeks before ``at``. Three queries."""
    came = Incident.objects.filter(
        station_id=station_id,
        origin=CITIZEN,
        is_valid=True,
        merged_into=None,
        received_at__gte=at - LOOK_BACK,
        received_at__lt=at,
    ).values_list("code", flat=True)
    calls = sum(bool(forecast_place(code)) for code in came)
    units = list(Unit.objects.filter(organisation_id=station_id, track="P", is_active=True).values_list("state"))
    rows = Assignment.objects.filter(
        unit__organisation_id=station_id, unit__track="P", sent_at__gte=at - LOOK_BACK, sent_at__lt=at
    ).values_list("sent_at", "arrived_at", "finished_at", "ended_at")
    ways, busy, sent = [], [], 0
    for begun, arrived, finished, ended in rows:
        sent += 1
        if arrived is not None and arrived >= begun:
            ways.append((arrived - begun).total_seconds())
        if (free := finished or ended) is not None and free > begun:
            busy.append((free - begun).total_seconds())
    setting = next((area.setting for area in areas_in_force("station") if area.organisation_id == station_id), "town")
    return Practice(
        calls=calls,
        sent=sent,
        sent_per_call=sent / calls if calls else 0.0,
        busy_s=float(np.mean(busy)) if busy else 0.0,
        ways_s=np.array(ways, dtype=np.float64),
        units=len(units),
        on_duty=sum(state != "off" for (state,) in units),
        limit_s=LIMITS_S[setting],
        setting=setting,
    )


def station_staffing(run: ForecastRun, station_id: int, spans: list[Span], practice: Practice) -> list[ShiftStaffed]:
    """The shifts of a station against its units; empty where the run knows no such station."""
    if station_id not in run.stations:
        return []
    row = run.stations.index(station_id)
    found = []
    for span in spans:
        sheet = sheet_of(run, CALLS, span.day)
        if sheet is None:
            continue
        mean = float(unpacked(sheet.means, SHIFTS)[span.shift, row])
        low, high = interval(mean, sheet.scatter)
        found.append(_staffed(span, mean, low, high, practice))
    return found


def _staffed(span: Span, mean: float, low: int, high: int, practice: Practice) -> ShiftStaffed:
    load = load_of(mean, practice)
    if not practice.is_enough:
        return ShiftStaffed(span, mean, low, high, load, None, None, None, None)
    units = max(1, practice.units)
    usual = load_of(practice.calls / LOOK_BACK.days / SHIFTS, practice)
    asked = {"service_s": practice.busy_s, "limit_s": practice.limit_s, "seen_free": max(0.5, units - usual)}
    return ShiftStaffed(
        span,
        mean,
        low,
        high,
        load,
        reached_within(units, load, practice.ways_s, **asked),
        erlang_c(units, load),
        units_needed(load, practice.ways_s, share=SHARE, at_most=BEYOND * units, **asked),
        units_needed(load_of(high, practice), practice.ways_s, share=SHARE, at_most=BEYOND * units, **asked),
    )


def load_of(calls: float, practice: Practice) -> float:
    """Units bound at a time on average: calls an hour, times units a call, times hours each is bound."""
    return calls / SHIFT_HOURS * practice.sent_per_call * practice.busy_s / 3600.0
