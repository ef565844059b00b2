from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]

def search_turns(
    n_states: int,
    n_junctions: int,
    n_moves: int,
    n_tails: int,
    place: int,
    reach_s: float,
    indptr: Array,
    come_from: Array,
    turn_s: Array,
    own_s: Array,
    tail: Array,
    n_in: Array,
    tails: Array,
    tail_s: Array,
    found: Array,
    following: Array,
    /,
) -> None: ...
def nearest(
    n: int,
    n_points: int,
    n_pieces: int,
    n_links: int,
    columns: int,
    rows: int,
    most_rings: int,
    n_laid: int,
    west: float,
    south: float,
    step_lon: float,
    step_lat: float,
    metre_per_deg: float,
    reach_m: float,
    lon: Array,
    lat: Array,
    piece_start: Array,
    piece_link: Array,
    usable: Array,
    cell_indptr: Array,
    cell_piece: Array,
    at_lon: Array,
    at_lat: Array,
    piece: Array,
    share: Array,
    miss_m: Array,
    /,
) -> None: ...
def cells_price(*told: int | Array) -> None: ...
def cells_quickest(*told: float | Array) -> tuple[float, int]: ...
def cells_ask(*told: int | Array) -> None: ...
