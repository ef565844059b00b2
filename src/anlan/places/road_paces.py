"""How long roads take at this time of the week: what was learned last, and laying drives on the roads to learn it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from django.utils import timezone

from anlan.core.calendars import office_calendar
from anlan.core.snapshot import Snapshot
from anlan.engines.arrival.paces import Drove, Pace, PaceFit, paces_from
from anlan.engines.roads import (
    DriveMode,
    Paces,
    Vehicle,
    driven_by_class,
    match_track,
    metre_weights,
    paces_mean,
    week_band,
)
from anlan.places.models import RoadPace

if TYPE_CHECKING:
    from anlan.places.live_roads import Roads

DRIVEN = (Vehicle.CAR, Vehicle.MOTORCYCLE)
"""Walkers know no rush hour."""


def band_of(local: datetime) -> str:
    """The part of the week a local moment lies in, by the calendar of holidays and make-up days as far as it goes."""
    calendar, day = office_calendar(), local.date()
    is_workday = bool(calendar.hours_on(day)) if calendar.knows(day) else day.weekday() < 5
    return week_band(local.hour, is_workday=is_workday)


@dataclass(frozen=True, eq=False)
class PacesInUse:
    """What was learned last: the row's id, and the factors."""

    id: int
    paces: Paces


def _load() -> PacesInUse | None:
    row = pace_row_in_use()
    return None if row is None else PacesInUse(row.pk, paces_from(row.content).paces())


def _version() -> Hashable:
    return RoadPace.objects.order_by("-learned_at", "-id").values_list("id", flat=True).first()


_in_use = Snapshot(_load, _version)


def paces_in_use() -> PacesInUse | None:
    """The factors in force; None while roads are driven as the map says."""
    return _in_use.get()


def paces_forget() -> None:
    """Read what was learned anew: it has just been learned."""
    _in_use.forget()


def pace_row_in_use() -> RoadPace | None:
    """When that was learned, and from how many drives."""
    return RoadPace.objects.order_by("-learned_at", "-id").first()


def paces_shown() -> list[Pace]:
    """Every factor in use with its interval and how many drives it rests on itself; empty until there are enough."""
    row = pace_row_in_use()
    return paces_from(row.content).rows() if row is not None else []


def pace_levels(moments: Sequence[datetime], vehicles: Sequence[str], modes: Sequence[str]) -> list[float]:
    """By how much times reckoned at each moment would be longer if they were reckoned by what is in use now.

    A trip sent before the factors were learned was reckoned without them: whoever learns from both needs them alike.
    """
    fits: list[tuple[datetime, PaceFit, Paces]] = [
        (row.learned_at, fit, fit.paces())
        for row in RoadPace.objects.order_by("-learned_at", "-id")
        if (fit := paces_from(row.content)) is not None
    ]
    if not fits:
        return [1.0] * len(moments)
    weight, now = fits[0][1].driven(), fits[0][2]
    levels = []
    for at, vehicle, mode in zip(moments, vehicles, modes, strict=True):
        group = (vehicle, mode, band_of(timezone.localtime(at)))
        then = next((paces for learned_at, _fit, paces in fits if learned_at <= at), Paces({}))
        levels.append(paces_mean(now, weight, group) / paces_mean(then, weight, group))
    return levels


@dataclass(frozen=True, slots=True)
class RoadDrive:
    """A drive of a unit as its positions told it: (lon, lat) and seconds since it set off, never falling."""

    vehicle: str
    is_urgent: bool
    began_at: datetime
    fixes: Sequence[tuple[float, float, float]]


def drives_judged(roads: Roads, drives: Iterable[RoadDrive]) -> tuple[list[Drove], list[datetime]]:
    """What each drive says of the classes of road it went over; and when those that say anything began.

    ``roads`` is the network without closures and without factors.
    """
    metres = {vehicle: metre_weights(roads.graph, vehicle) for vehicle in DRIVEN}
    found: list[Drove] = []
    began: list[datetime] = []
    for drive in drives:
        if drive.vehicle not in metres or len(drive.fixes) < 2:
            continue
        vehicle, mode = Vehicle(drive.vehicle), DriveMode.EMERGENCY if drive.is_urgent else DriveMode.NORMAL
        lon, lat, at_s = np.array(drive.fixes, dtype=np.float64).T
        track = match_track(roads.snapper, metres[vehicle], lon, lat, at_s)
        driven = driven_by_class(roads.graph, metres[vehicle], roads.weights(vehicle, mode), track)
        band = band_of(timezone.localtime(drive.began_at))
        told = [Drove(vehicle, mode, road_class, band, ratio) for road_class, ratio in driven.ratios()]
        found += told
        began += [drive.began_at] if told else []
    return found, began
