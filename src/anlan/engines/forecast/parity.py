"""Does a forecast err as much for one group of areas as for another, and are there calls enough to say so?"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

ERROR_LIMIT = 1.25
LEAST_CALLS = 30
DRAWS = 400
KEPT, BROKEN, TOO_FEW = "kept", "broken", "too_few"
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parity:
    """The worst group's error by the best one's (`ratio`), and how far chance alone takes it.

    `reach` is what the ratio stays under in 95 of 100 spans like this one where every group errs alike; both are None
    with fewer than two groups of 30 calls. `verdict`: "kept"; "broken" where the ratio is above 1.25 and above reach;
    "too_few" where reach is above 1.25, so that calls don't suffice to tell, and the ratio isn't above reach.
    """

    ratio: float | None
    reach: float | None
    verdict: str


def relative_error(seen: Floats, told: Floats) -> float | None:
    """The mean absolute error by what chance alone makes of such counts; None where nothing came or was expected."""
    if seen.sum() <= 0 or told.sum() <= 0:
        return None
    return float(np.abs(seen - told).sum() / chance_error(told).sum())


def error_parity(groups: Sequence[Hashable], seen: Floats, told: Floats, *, seed: int, draws: int = DRAWS) -> Parity:
    """The parity of groups over counts and means by (area, period); families may stand side by side in periods.

    The reach is simulated: counts around the same means, scattered as all areas together did (negative binomial),
    the same groups compared.
    """
    rows = [np.array([each == group for each in groups]) for group in dict.fromkeys(groups)]
    judged = [mine for mine in rows if seen[mine].sum() >= LEAST_CALLS and told[mine].sum() > 0]
    if len(judged) < 2:
        return Parity(None, None, KEPT if len(rows) < 2 else TOO_FEW)
    chance = [chance_error(told[mine]).sum() for mine in judged]
    ratio = _ratio(seen, told, judged, chance)
    drawn = _alike(seen, told, draws, np.random.default_rng([seed, 7]))
    reach = float(np.quantile([_ratio(each, told, judged, chance) for each in drawn], 0.95))
    if ratio > max(ERROR_LIMIT, reach):
        return Parity(ratio, reach, BROKEN)
    return Parity(ratio, reach, TOO_FEW if reach > ERROR_LIMIT else KEPT)


def chance_error(mean: Floats) -> Floats:
    """E|X - m| of a Poisson count of mean m, 2 exp(-m) m^(k+1) / k! with k = floor(m) (de Moivre's form).

    Counts of small areas miss by chance alone: what is compared between groups is how much more than that.
    """
    held = np.maximum(mean, 1e-9)
    whole = np.floor(held)
    found: Floats = 2.0 * np.exp(-held + (whole + 1.0) * np.log(held) - gammaln(whole + 1.0))
    return found


def _ratio(seen: Floats, told: Floats, judged: list[NDArray[np.bool_]], chance: list[float]) -> float:
    missed = np.abs(seen - told).sum(axis=1)
    errors = [float(missed[mine].sum()) / each for mine, each in zip(judged, chance, strict=True)]
    return max(errors) / max(min(errors), 1e-9)


def _alike(seen: Floats, told: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Counts of spans like this one in which every area scatters alike, (draws, areas, periods)."""
    mean = np.maximum(told, 1e-9)
    scatter = float(((seen - mean) ** 2).sum() / mean.sum())
    size = (draws, *mean.shape)
    if scatter <= 1.0 + 1e-6:
        return rng.poisson(mean, size).astype(np.float64)
    return rng.negative_binomial(mean / (scatter - 1.0), 1.0 / scatter, size).astype(np.float64)
