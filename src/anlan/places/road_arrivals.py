"""Whether a unit on its way is there, by its track on the roads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.engines.roads import ArrivalRules, Going, Vehicle, drive_state
from anlan.places.live_roads import Roads


@dataclass(frozen=True, slots=True)
class DriveSeen:
    """What a track says at one moment; see `DriveState` of the road engine for when which state holds.

    ``since``: when the unit first stood at the place, or where it stands now; else the time of its last fix.
    """

    state: Going
    since: datetime
    left_m: float | None
    last_fix_at: datetime


def drive_judged(
    roads: Roads,
    fixes: Sequence[tuple[datetime, float, float]],
    goal: tuple[float, float],
    *,
    vehicle: str = Vehicle.CAR,
    at: datetime,
    rules: ArrivalRules | None = None,
) -> DriveSeen | None:
    """Judge a drive by its fixes (when, lon, lat; never falling in time); None without any up to ``at``.

    A vehicle the roads have no class for, a boat for instance, is judged as a car would be.
    """
    if not fixes:
        return None
    begin = fixes[0][0]
    lon, lat = [fix[1] for fix in fixes], [fix[2] for fix in fixes]
    at_s = [(when - begin).total_seconds() for when, _, _ in fixes]
    metres = roads.metres(Vehicle(vehicle) if vehicle in set(Vehicle) else Vehicle.CAR)
    now_s = (at - begin).total_seconds()
    seen = drive_state(roads.snapper, metres, (lon, lat, at_s), goal, now_s=now_s, rules=rules)
    if seen is None:
        return None
    since, last = (begin + timedelta(seconds=seconds) for seconds in (seen.since_s, seen.last_fix_s))
    return DriveSeen(seen.state, since, seen.left_m, last)
