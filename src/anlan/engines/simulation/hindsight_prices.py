"""The bound itself: prices on calls, and the cheapest way through the net for each kind of units at these prices.

Give each call a price a unit earns by serving it. Whatever the prices are, the sum of all prices and of what each
unit's cheapest way costs (never more than 0, which is staying at home) is at most what any real set of ways costs
that serves every call: there the prices earned and those paid out are the same. So each tried set of prices is a
proof, and the highest is kept. Prices rise where too few units come and fall where too many do.

Source: M. Held and R. Karp (1971), "The traveling-salesman problem and minimum spanning trees: Part II", Mathematical
Programming 1:6 (bounds by prices); steps by D. Kingma and J. Ba (2015), "Adam", arXiv:1412.6980.
"""

import numpy as np

from anlan.engines.simulation.hindsight_net import Net
from anlan.engines.simulation.world import Floats

MOST_ROUNDS, LEAST_ROUNDS = 500, 60
MOST_ARCS = 5e8
"""Arcs gone over in all rounds together, at the most: larger nets are given fewer rounds."""
BEGIN, STEP, SMALL_STEP, LAST_STEP = 0.3, 0.1, 0.02, 0.001
"""Prices to begin with, and steps at first and at last, as shares of a usual cost."""
MEMORY, SQUARES = 0.8, 0.95


def least_cost(
    net: Net, count: Floats, cost: Floats, *, most: Floats, scale: float, enough: float, begin: Floats | None = None
) -> tuple[float, Floats]:
    """The highest proof found that all units' ways together cost no less, and the prices that prove it.

    `cost` is that of each place of the net; `most` what not serving a call costs (infinite where it must be served),
    shape (n,); `scale` the size of a usual cost; `enough` ends the search, as nothing better is asked for.
    `begin` are prices known to be good: from there steps are small.
    """
    n = len(most)
    prices = kept = np.minimum(np.full(n, BEGIN * scale) if begin is None else begin, most)
    first_step = STEP if begin is None else SMALL_STEP
    rounds = int(np.clip(MOST_ARCS / max(len(net.source), 1), LEAST_ROUNDS, MOST_ROUNDS))
    slope, square, best = np.zeros(n), np.zeros(n), -np.inf
    ways = _Ways(net, count, n)
    for number in range(rounds):
        proof, visits = ways.priced(cost, prices)
        if proof > best:
            best, kept = proof, prices
        if best >= enough:
            break
        owed = np.where((prices <= 0.0) & (visits > 1.0), 0.0, 1.0 - visits)
        slope = MEMORY * slope + (1.0 - MEMORY) * owed
        square = SQUARES * square + (1.0 - SQUARES) * owed * owed
        size = np.sqrt(square / (1.0 - SQUARES ** (number + 1))) + 0.01
        step = scale * first_step * (LAST_STEP / first_step) ** (number / rounds)
        prices = np.clip(prices + step * slope / (1.0 - MEMORY ** (number + 1)) / size, 0.0, most)
    return max(best, 0.0), kept


class _Ways:
    """Cheapest ways through a net, reckoned piece by piece."""

    def __init__(self, net: Net, count: Floats, n: int) -> None:
        self.net, self.count, self.n = net, count, n
        first = net.first
        self.pieces = [
            (begin, end, often, net.source[first[begin] : first[end]], first[begin:end] - first[begin])
            for begin, end, often in net.pieces
        ]
        self.call = np.where(net.call < 0, n, net.call)
        self.of_kind = [np.flatnonzero(net.kind == kind) for kind in range(net.kinds)]
        self.least = np.empty(len(net.call))

    def priced(self, cost: Floats, prices: Floats) -> tuple[float, Floats]:
        """What these prices prove, and how often each call is visited by the cheapest ways."""
        least, own = self.least, cost - np.append(prices, 0.0)[self.call]
        least[:] = np.inf
        least[1 : 1 + self.net.kinds] = 0.0
        for begin, end, often, source, first in self.pieces:
            for _ in range(often):
                cheaper = np.minimum.reduceat(least[source], first) + own[begin:end]
                # Gone through again nothing would change any more: few ways are as long as a piece allows.
                if np.array_equal(cheaper, least[begin:end]):
                    break
                least[begin:end] = cheaper
        proof, visits = float(prices.sum()), np.zeros(self.n)
        for kind, places in enumerate(self.of_kind):
            place = int(places[np.argmin(least[places])])
            if least[place] < 0.0:
                proof += float(self.count[kind] * least[place])
                self._walk(place, float(self.count[kind]), visits)
        return proof, visits

    def _walk(self, place: int, units: float, visits: Floats) -> None:
        """Back along the cheapest way. (Within a piece gone through often it may turn in a circle, hence an end.)"""
        net, steps = self.net, 0
        while place > net.kinds and steps < len(net.call):
            if net.call[place] >= 0:
                visits[net.call[place]] += units
            source = net.source[net.first[place] : net.first[place + 1]]
            place = int(source[np.argmin(self.least[source])])
            steps += 1
