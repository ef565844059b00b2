"""Moving up: which free unit should wait at which post, now that others are gone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from anlan.engines.coverage.cover import cover_of, expected_cover, reach_and_demand


@dataclass(frozen=True, slots=True)
class Move:
    """A unit (row) to a post (row): the share of demand won by it, and the share reached after it."""

    unit: int
    post: int
    gain: float
    share: float


def move_up(
    reach: ArrayLike,
    post_reach: ArrayLike,
    demand: ArrayLike,
    *,
    may_move: ArrayLike | None = None,
    most: int = 2,
    least_gain: float = 0.01,
) -> list[Move]:
    """Up to `most` moves, each the one that wins most cover after those before it; every unit and post once.

    Parameters
    ----------
    reach
        What each free unit reaches in time from where it is, shape (n_units, n_cells), bool.
    post_reach
        What a unit would reach from each post, shape (n_posts, n_cells), bool.
    demand
        Expected calls by cell, shape (n_cells,), >= 0.
    may_move
        Which unit may be moved to which post (near enough, not on something else), shape
        (n_units, n_posts); by default all.
    least_gain
        Moves that win less than this share of the demand are not worth the driving.

    A moved unit no longer covers where it was; that is reckoned. Greedy by steps: cover is submodular, so
    the sum of gains is at least 63 % of what the best choice of new posts alone could win.

    Source: G. L. Nemhauser, L. A. Wolsey and M. L. Fisher (1978), "An analysis of approximations for
    maximizing submodular set functions", Mathematical Programming 14:265; moves in real time:
    M. Gendreau, G. Laporte and F. Semet (2001), Parallel Computing 27:1641.
    """
    now, wanted = reach_and_demand(reach, demand)
    posts, _same = reach_and_demand(post_reach, demand)
    now = now.copy()
    free = np.ones((len(now), len(posts)), dtype=bool) if may_move is None else np.array(may_move, dtype=bool)
    if free.shape != (len(now), len(posts)):
        raise ValueError(f"one answer per unit and post is needed, got shape {free.shape}")
    total = float(wanted.sum())
    moves: list[Move] = []
    while len(moves) < most and free.any() and total > 0.0:
        held = cover_of(now, wanted)
        times = now.sum(axis=0)
        open_ = np.where(times == 0, wanted, 0.0)
        alone = now * np.where(times == 1, wanted, 0.0)
        # Open cells the post reaches, and those of the unit's own that it would still reach, less what it leaves.
        gain = (posts @ open_)[None, :] / total + (alone @ posts.T) / total - held.loss[:, None]
        gain[~free] = -np.inf
        unit, post = np.unravel_index(int(np.argmax(gain)), gain.shape)
        won = float(gain[unit, post])
        if won < least_gain:
            break
        now[unit] = posts[post]
        free[unit, :] = False
        free[:, post] = False
        moves.append(Move(int(unit), int(post), won, held.share + won))
    return moves


def post_for(reach: ArrayLike, post_reach: ArrayLike, demand: ArrayLike, *, busy: float) -> tuple[int, float]:
    """Where one freed unit should wait: the post with the greatest expected cover added, and that share.

    `reach` is what the other free units reach. The first of equal posts is taken. Raises ValueError
    without any post.

    Source: C. J. Jagtenberg, S. Bhulai and R. D. van der Mei (2015), "An efficient heuristic for real-time
    ambulance redeployment" (DMEXCLP), Operations Research for Health Care 4:27.
    """
    others, wanted = reach_and_demand(reach, demand)
    posts, _same = reach_and_demand(post_reach, demand)
    if not len(posts):
        raise ValueError("there is no post to choose from")
    total = expected_cover(others, wanted, busy=busy).total
    if total <= 0.0:
        return 0, 0.0
    worth = wanted * (1.0 - busy) * busy ** others.sum(axis=0)
    added = posts @ worth / total
    best = int(np.argmax(added))
    return best, float(added[best])
