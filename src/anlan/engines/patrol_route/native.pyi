from typing import Any

from numpy.typing import NDArray

def search(
    n_stops: int,
    n_units: int,
    n_places: int,
    n_groups: int,
    most_routes: int,
    turns: int,
    seed: int,
    heat: float,
    cool: float,
    keep: float,
    per_s: float,
    slack_s: float,
    small_s: float,
    symmetric: int,
    timed: int,
    arrays: tuple[NDArray[Any], ...],
    /,
) -> None: ...
