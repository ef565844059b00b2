"""Arrival times learned from closed assignments, and how often what was promised was kept."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from anlan.core.actor import Actor
from anlan.core.snapshot import Snapshot
from anlan.dispatch.models import ArrivalFit as FitRow
from anlan.dispatch.models import Assignment
from anlan.dispatch.selectors.plans import zone_of
from anlan.engines.arrival import HOUR_BANDS, ArrivalFit, Calibration, Trips, calibration, fit_from, hour_band
from anlan.places.selectors import pace_levels

ARRIVAL_VERSION = 2
LEARNED_FROM = timedelta(days=180)
LEARNED_LEAST = 50
"""With fewer trips the stated times of ``RankRules`` stand: a handful of trips is an anecdote."""
FREE, ON_WAY = "available", "en_route"
"""From which status a unit is sent: free, or taken from a lesser matter it travels to; only these two are sent."""
URGENT = ("P1", "P2")
ROWS_SHOWN = 200


def _load() -> ArrivalFit | None:
    row = FitRow.objects.order_by("-learned_at", "-id").first()
    return fit_from(row.content) if row is not None else None


def _version() -> Hashable:
    return FitRow.objects.order_by("-learned_at", "-id").values_list("id", flat=True).first()


_fit = Snapshot(_load, _version)


def arrival_fit_in_use() -> ArrivalFit | None:
    """What was learned last; None until enough assignments have been closed."""
    return _fit.get()


def arrivals_forget() -> None:
    """Read what was learned anew: it has just been learned."""
    _fit.forget()


def fit_row_in_use() -> FitRow | None:
    """When that was learned, and from how many trips."""
    return FitRow.objects.order_by("-learned_at", "-id").first()


def turn_group(at: datetime, *, status: str = FREE) -> tuple[str, ...]:
    """The group of a turn-out: the status a unit is sent from, then the hours."""
    return status, hour_band(timezone.localtime(at).hour)


def drive_group(vehicle: str, *, is_urgent: bool, at: datetime) -> tuple[str, ...]:
    """The group of a drive: vehicle, blue light or not, hours."""
    return vehicle, "urgent" if is_urgent else "normal", hour_band(timezone.localtime(at).hour)


def times_learned(
    fit: ArrivalFit,
    travel_s: NDArray[np.float64],
    walk_s: NDArray[np.float64],
    age_s: NDArray[np.float64],
    vehicles: Sequence[str],
    *,
    is_urgent: bool,
    at: datetime,
    status: str = FREE,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Median and 90th percentile for every unit by what was learned."""
    p50, p90 = np.zeros(len(travel_s)), np.zeros(len(travel_s))
    kinds = np.array(vehicles)
    turn = turn_group(at, status=status)
    for vehicle in dict.fromkeys(vehicles):
        rows = np.flatnonzero(kinds == vehicle)
        drive = drive_group(vehicle, is_urgent=is_urgent, at=at)
        p50[rows], p90[rows] = fit.quantiles(travel_s[rows], walk_s[rows], age_s[rows], turn=turn, drive=drive)
    return p50, p90


_COLUMNS = (
    "sent_at",
    "departed_at",
    "moved_inferred_at",
    "arrived_at",
    "arrived_inferred_at",
    "travel_s",
    "fix_age_s",
    "unit__vehicle",
    "incident__priority",
    "advice",
)


def trips_over(*, at: datetime) -> tuple[Trips, datetime | None, datetime | None]:
    """The trips to learn from: sent by road time in the last half year and there since; first and last of them.

    Where positions say when the unit moved and was there, they stand before the buttons. Of each trip the
    times, the vehicle and the priority are read, and neither the unit nor the matter.
    """
    rows = list(
        Assignment.objects.filter(sent_at__gt=at - LEARNED_FROM, sent_at__lte=at, arrived_at__isnull=False)
        .filter(eta_source="road", travel_s__isnull=False)
        .order_by("sent_at", "id")
        .values_list(*_COLUMNS)
    )
    seconds = [
        (
            travel_s,
            ((there_inferred or there) - sent).total_seconds(),
            (left - sent).total_seconds() if (left := moved or departed) is not None else np.nan,
            fix_age_s or 0.0,
        )
        for sent, departed, moved, there, there_inferred, travel_s, fix_age_s, *_rest in rows
    ]
    columns = np.array(seconds, dtype=np.float64).reshape(-1, 4).T
    modes = ["emergency" if row[8] in URGENT else "normal" for row in rows]
    # What roads take is learned too: a trip sent before that was is told as it would be reckoned now.
    levels = pace_levels([row[0] for row in rows], [row[7] for row in rows], modes)
    trips = Trips(
        travel_s=columns[0] * np.array(levels),
        walk_s=np.zeros(len(rows)),
        actual_s=columns[1],
        turnout_s=columns[2],
        fix_age_s=columns[3],
        turn=[turn_group(row[0], status=ON_WAY if row[9] == "divert" else FREE) for row in rows],
        drive=[drive_group(row[7], is_urgent=row[8] in URGENT, at=row[0]) for row in rows],
    )
    return trips, (rows[0][0] if rows else None), (rows[-1][0] if rows else None)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One trip that is over: what was promised when it was sent, and what came."""

    number: str
    call_sign: str
    sent_at: datetime
    eta_s: float
    p90_s: float
    actual_s: float
    zone: int | None
    station: int | None
    band: str
    by_position: bool

    @property
    def is_inside(self) -> bool:
        return self.actual_s <= self.p90_s


@dataclass(frozen=True, slots=True)
class ArrivalShare:
    """Share of arrivals inside what was promised, for a group of trips; ``key`` opens its records."""

    kind: str
    key: str
    kept: Calibration
    late_by_s: float | None


def arrivals_between(actor: Actor, *, start: datetime, end: datetime) -> list[Arrival]:
    """Trips of matters in the actor's reach that were sent in the period with a promised time, newest first."""
    rows = (
        Assignment.objects.visible_to(actor)
        .filter(sent_at__gte=start, sent_at__lt=end, eta_p90_s__isnull=False, arrived_at__isnull=False)
        .order_by("-sent_at", "-id")
        .values_list(
            "incident__number",
            "unit__call_sign",
            "sent_at",
            "eta_s",
            "eta_p90_s",
            "arrived_at",
            "arrived_inferred_at",
            "incident__station_id",
        )
    )
    return [
        Arrival(
            number,
            sign,
            sent,
            eta or 0.0,
            p90,
            ((inferred or there) - sent).total_seconds(),
            zone_of(station),
            station,
            hour_band(timezone.localtime(sent).hour),
            inferred is not None,
        )
        for number, sign, sent, eta, p90, there, inferred, station in rows
    ]


def arrival_shares(trips: Sequence[Arrival]) -> list[ArrivalShare]:
    """The share for all, by zone and by hours; groups without a trip are left out."""
    zones = sorted({trip.zone for trip in trips if trip.zone is not None})
    by_zone = [_share("zone", str(zone), [trip for trip in trips if trip.zone == zone]) for zone in zones]
    bands = {band: [trip for trip in trips if trip.band == band] for band in HOUR_BANDS}
    return [
        _share("all", "", trips),
        *by_zone,
        *(_share("band", band, mine) for band, mine in bands.items() if mine),
    ]


def _share(kind: str, key: str, trips: Sequence[Arrival]) -> ArrivalShare:
    days = [timezone.localtime(trip.sent_at).date() for trip in trips]
    kept = calibration([trip.actual_s for trip in trips], [trip.p90_s for trip in trips], days=days)
    late = [trip.actual_s - trip.p90_s for trip in trips if not trip.is_inside]
    return ArrivalShare(kind, key, kept, float(np.median(late)) if late else None)
