"""Median and 90th percentile of the time until a unit is there, learned from trips that are over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anlan.engines.arrival.rates import Group, LogRate, rate_of, rates_shrunk

Floats = NDArray[np.float64]

TURNOUT_PRIOR = LogRate(float(np.log(30.0)), 0.6, 0)
DRIVE_PRIOR = LogRate(0.0, 0.25, 0)
"""Judgement until trips are known: 30 s to the wheels turning; driving as the map says, give or take a quarter."""
AGE_DRIFTS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.8)
"""Seconds of spread for each second of a position's age that are tried."""
AGE_DRIFT_PRIOR = 0.5
AGED_LEAST = 100
Z90 = 1.2815515655446004
Z_STRENGTH = 50.0
TRIP_LEAST_S, TRIP_MOST_S = 5.0, 4 * 3600.0
HOUR_BANDS = ("night", "morning", "day", "evening")


def hour_band(hour: int) -> str:
    """Night 0-6, morning peak 7-9, day 10-16, evening 17-23, by local hour."""
    return HOUR_BANDS[0 if hour < 7 else 1 if hour < 10 else 2 if hour < 17 else 3]


@dataclass(frozen=True, eq=False)
class Trips:
    """Trips that are over, one row each.

    `travel_s` is what the map said of driving, `walk_s` of the way from road to door, `actual_s` the time
    from sending to arriving, `turnout_s` from sending to setting off (not a number where unknown),
    `fix_age_s` the age of the position at sending. `turn` and `drive` are groups from coarse to fine.
    """

    travel_s: Floats
    walk_s: Floats
    actual_s: Floats
    turnout_s: Floats
    fix_age_s: Floats
    turn: Sequence[Group]
    drive: Sequence[Group]

    def __post_init__(self) -> None:
        sizes = {len(column) for column in (self.walk_s, self.actual_s, self.turnout_s, self.fix_age_s)}
        if sizes | {len(self.turn), len(self.drive)} != {len(self.travel_s)}:
            raise ValueError("every column of the trips needs one number per trip")

    def __len__(self) -> int:
        return len(self.travel_s)

    def only(self, rows: NDArray[np.bool_]) -> Trips:
        """These trips alone."""
        keep = np.flatnonzero(rows)
        places: list[int] = keep.tolist()
        return Trips(
            travel_s=self.travel_s[keep],
            walk_s=self.walk_s[keep],
            actual_s=self.actual_s[keep],
            turnout_s=self.turnout_s[keep],
            fix_age_s=self.fix_age_s[keep],
            turn=[self.turn[row] for row in places],
            drive=[self.drive[row] for row in places],
        )


@dataclass(frozen=True, eq=False)
class ArrivalFit:
    """What was learned: turn-out and driving by group, spread for old positions, the factor to the 90th percentile.

    The time is turn-out plus map time times a factor plus the walk; turn-out and factor are lognormal. Their
    sum is taken as lognormal with the sum's mean and variance; the position's age adds `age_drift` times
    itself to the spread, so a unit last seen long ago loses its place slowly and not at once. `z90` is how
    many spreads above the median nine in ten trips ended.

    Source of the sum: L. F. Fenton (1960), "The sum of log-normal probability distributions in scatter
    transmission systems", IRE Transactions on Communications Systems 8:57.
    """

    turnout: Mapping[Group, LogRate]
    drive: Mapping[Group, LogRate]
    age_drift: float
    z90: float
    n: int

    def quantiles(
        self, travel_s: ArrayLike, walk_s: ArrayLike, fix_age_s: ArrayLike, *, turn: Group, drive: Group
    ) -> tuple[Floats, Floats]:
        """Median and 90th percentile of the time until each is there, in seconds; infinite stays infinite."""
        mu, sigma = self._lognormal(
            np.asarray(travel_s, dtype=np.float64),
            np.asarray(walk_s, dtype=np.float64),
            np.asarray(fix_age_s, dtype=np.float64),
            rate_of(dict(self.turnout), turn),
            rate_of(dict(self.drive), drive),
            self.age_drift,
        )
        return np.exp(mu), np.exp(mu + self.z90 * sigma)

    def quantiles_of(self, trips: Trips) -> tuple[Floats, Floats]:
        """The same for trips of many groups."""
        p50, p90 = np.zeros(len(trips)), np.zeros(len(trips))
        for (turn, drive), rows in _rows_by_group(trips).items():
            columns = (trips.travel_s[rows], trips.walk_s[rows], trips.fix_age_s[rows])
            p50[rows], p90[rows] = self.quantiles(*columns, turn=turn, drive=drive)
        return p50, p90

    @staticmethod
    def _lognormal(
        travel_s: Floats, walk_s: Floats, age_s: Floats, turn: LogRate, drive: LogRate, drift: float
    ) -> tuple[Floats, Floats]:
        finite = np.isfinite(travel_s)
        travel = np.where(finite, travel_s, 0.0)
        mean = turn.mean + travel * drive.mean + walk_s
        variance = turn.variance + travel**2 * drive.variance + (drift * age_s) ** 2
        sigma2 = np.log1p(variance / mean**2)
        # The age of a position spreads the time without lengthening its median.
        still = np.log1p((turn.variance + travel**2 * drive.variance) / mean**2)
        return np.where(finite, np.log(mean) - still / 2.0, np.inf), np.sqrt(sigma2)

    def content(self) -> dict[str, Any]:
        """The fit as plain data for keeping; `fit_from` reads it back."""
        tables = {
            name: [[list(group), round(rate.mu, 5), round(rate.sigma, 5), rate.n] for group, rate in table.items()]
            for name, table in (("turnout", self.turnout), ("drive", self.drive))
        }
        return {**tables, "age_drift": self.age_drift, "z90": round(self.z90, 4), "n": self.n}


def fit_from(content: Mapping[str, Any]) -> ArrivalFit:
    """A fit from its plain data."""
    tables = [
        {tuple(group): LogRate(mu, sigma, n) for group, mu, sigma, n in content[name]}
        for name in ("turnout", "drive")
    ]
    return ArrivalFit(tables[0], tables[1], float(content["age_drift"]), float(content["z90"]), int(content["n"]))


def arrival_fit(trips: Trips, *, strength: float = 20.0) -> ArrivalFit:
    """Learn from trips that are over; with none at all, the stated priors.

    Trips shorter than 5 s or longer than four hours, or of no known driving time, are buttons pressed late
    or not at all, and are left out. Where the moment of setting off is unknown, the group's median turn-out
    is taken.
    """
    sane = (trips.actual_s >= TRIP_LEAST_S) & (trips.actual_s <= TRIP_MOST_S) & np.isfinite(trips.travel_s)
    trips = trips.only(sane)
    known = np.isfinite(trips.turnout_s) & (trips.turnout_s > 0.0) & (trips.turnout_s < trips.actual_s)
    turned = [group for group, is_known in zip(trips.turn, known.tolist(), strict=True) if is_known]
    turnout = rates_shrunk(trips.turnout_s[known], turned, prior=TURNOUT_PRIOR, strength=strength)
    medians = np.array([np.exp(rate_of(turnout, group).mu) for group in trips.turn])
    left_s = trips.actual_s - np.where(known, trips.turnout_s, medians) - trips.walk_s
    drove = (trips.travel_s >= 20.0) & (left_s > 0.0)
    driven = [group for group, is_known in zip(trips.drive, drove.tolist(), strict=True) if is_known]
    factor = left_s[drove] / trips.travel_s[drove]
    drive = rates_shrunk(np.clip(factor, 0.1, 10.0), driven, prior=DRIVE_PRIOR, strength=strength)
    bare = ArrivalFit(turnout, drive, AGE_DRIFT_PRIOR, Z90, len(trips))
    if not len(trips):
        return bare
    drift = _age_drift(bare, trips)
    z90 = _z90(ArrivalFit(turnout, drive, drift, Z90, len(trips)), trips)
    return ArrivalFit(turnout, drive, drift, z90, len(trips))


def _residuals(fit: ArrivalFit, trips: Trips) -> tuple[Floats, Floats]:
    """Standardised logarithm of each actual time, and the spread it was divided by."""
    p50, p90 = fit.quantiles_of(trips)
    sigma = np.log(p90 / p50) / fit.z90
    return np.log(trips.actual_s / p50) / sigma, sigma


def _age_drift(fit: ArrivalFit, trips: Trips) -> float:
    """The drift under which the trips with an old position were likeliest."""
    if int((trips.fix_age_s > 30.0).sum()) < AGED_LEAST:
        return AGE_DRIFT_PRIOR
    likely = []
    for drift in AGE_DRIFTS:
        z, sigma = _residuals(ArrivalFit(fit.turnout, fit.drive, drift, Z90, fit.n), trips)
        likely.append(float((-0.5 * z**2 - np.log(sigma)).sum()))
    return AGE_DRIFTS[int(np.argmax(likely))]


def _z90(fit: ArrivalFit, trips: Trips) -> float:
    """How many spreads hold nine in ten trips, drawn towards the normal's where few are known."""
    z, _sigma = _residuals(fit, trips)
    seen = float(np.quantile(z, 0.9, method="higher"))
    return max((len(z) * seen + Z_STRENGTH * Z90) / (len(z) + Z_STRENGTH), 0.1)


def _rows_by_group(trips: Trips) -> dict[tuple[Group, Group], NDArray[np.int64]]:
    rows: dict[tuple[Group, Group], list[int]] = {}
    for row, key in enumerate(zip(trips.turn, trips.drive, strict=True)):
        rows.setdefault(key, []).append(row)
    return {key: np.array(held, dtype=np.int64) for key, held in rows.items()}
