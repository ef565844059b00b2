"""Two years of the fictional county at once: calls, weather, and who handled what and how fast."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from anlan.engines.county.calls import CALLS_A_DAY, CallTable, call_table
from anlan.engines.county.chance import generator_for
from anlan.engines.county.frame import Floats, metres_between
from anlan.engines.county.handling import Handling, handle, travel_guess_s
from anlan.engines.county.mix import MIX
from anlan.engines.county.narrative import CORES
from anlan.engines.county.organisations import TRAFFIC
from anlan.engines.county.records import County
from anlan.engines.county.weather import WeatherSeries, weather_series


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """A past of the county. `handling` and `unit` have one entry per row of `first_calls`.

    `first_calls` are the rows of `calls` that opened an incident (first caller, valid);
    `unit` is the row of `county.units` that took it, -1 where a partner desk did; `track` is P, J,
    C or T after danger has overruled diversion.
    """

    calls: CallTable
    weather: WeatherSeries
    first_calls: NDArray[np.int64]
    track: NDArray[np.str_]
    unit: NDArray[np.int64]
    handling: Handling


def history(
    county: County, *, until: datetime, days: int = 730, rate_per_day: float = CALLS_A_DAY, seed: int
) -> History:
    """The `days` before `until` (an aware datetime): about 110,000 calls in two years.

    Same county, seed and span give the same rows; rows of an overlapping span are the same calls.
    """
    start = until - timedelta(days=days)
    calls = call_table(county, start=start, end=until, rate_per_day=rate_per_day, seed=seed)
    codes = calls.codes()
    valid = ~np.char.startswith(codes, "90")
    first = np.flatnonzero((calls.nth == 0) & valid)
    rng = generator_for(seed, "history", int(start.timestamp()), days)
    urgent = _urgent(calls)[first]
    track = _tracks(codes[first], urgent)
    unit, away = _units(rng, calls, first, codes[first], track)
    settings = [county.gazetteer[int(p)].setting for p in calls.events.place[calls.event[first]]]
    handling = handle(rng, codes[first].tolist(), urgent, travel_guess_s(away, settings))
    weather = weather_series(county.seed, start=start, end=until)
    return History(calls, weather, first, track, unit, handling)


def _urgent(calls: CallTable) -> NDArray[np.bool_]:
    """Whether the event's own words tell of a danger."""
    most = max(len(cores) for cores in CORES.values())
    flags = np.zeros((len(MIX), most), dtype=bool)
    for row, mix in enumerate(MIX):
        for k, core in enumerate(CORES[mix.code]):
            flags[row, k] = bool(core.danger)
    found: NDArray[np.bool_] = flags[calls.events.code, calls.events.core][calls.event]
    return found


def _tracks(codes: NDArray[np.str_], urgent: NDArray[np.bool_]) -> NDArray[np.str_]:
    own = {mix.code: mix.track for mix in MIX}
    tracks = np.array([own[code] for code in codes.tolist()])
    return np.where(urgent, "P", tracks)


def _units(
    rng: np.random.Generator,
    calls: CallTable,
    first: NDArray[np.int64],
    codes: NDArray[np.str_],
    track: NDArray[np.str_],
) -> tuple[NDArray[np.int64], Floats]:
    """A unit of the right kind from the right house for each incident, and how far it came (m)."""
    county = calls.county
    beats = {area.code: area for area in county.areas_of("beat")}
    houses: dict[str, list[int]] = {}
    for k, unit in enumerate(county.units):
        if unit.vehicle_class != "boat":
            houses.setdefault(unit.home, []).append(k)
    place = calls.events.place[calls.event[first]]
    traffic = (np.char.startswith(codes, "03")) & (rng.random(len(first)) < 0.6)
    draw = rng.random(len(first))
    chosen = np.full(len(first), -1, dtype=np.int64)
    for k in range(len(first)):
        if track[k] == "T":
            continue
        parents = beats[county.gazetteer[int(place[k])].beat].parents
        house = f"TR-{parents['town']}" if track[k] == "C" else TRAFFIC if traffic[k] else f"PS-{parents['station']}"
        chosen[k] = houses[house][int(draw[k] * len(houses[house]))]
    lon, lat = (np.array([getattr(u, f"standby_{axis}") for u in county.units])[chosen] for axis in ("lon", "lat"))
    away = metres_between(lon, lat, calls.true_lon[first], calls.true_lat[first])
    # Units are on the move: the one sent is on average nearer than its standby point.
    return chosen, np.where(chosen < 0, 0.0, away * rng.uniform(0.25, 1.0, len(first)))
