"""Events and calls as columns: drawn week by week, so that any span of time gives the same rows."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from anlan.engines.county.chance import WordPicker, generator_for
from anlan.engines.county.demand import MAX_RETURNS, WEEK_ZERO, base_rates, near_repeat_chance, week_rates
from anlan.engines.county.frame import Floats
from anlan.engines.county.mix import MIX, SCENES
from anlan.engines.county.narrative import CORES
from anlan.engines.county.records import County, GazetteerRecord
from anlan.engines.county.weather import LOCAL_OFFSET_S, weather_series

Ints = NDArray[np.int64]

WEEK_S = 7 * 86400
_ID_SPAN = 1_000_000
"""Event numbers a week may use; the week's number stands before them."""
_HOME_KINDS = ("building", "village", "house_number", "landmark", "junction", "road", "estate")


@dataclass(frozen=True, slots=True)
class EventColumns:
    """Events, one row each. `id` grows with the week; `root` is the id of the first event of the
    matter (its own id if it is the first), `parent` the event it comes back from or 0,
    `near_parent` the theft nearby before it or 0; `code`, `place`, `core` are row numbers of MIX,
    the county's gazetteer and CORES[code]; `at_s` seconds since 1970 UTC."""

    id: Ints
    at_s: Ints
    code: Ints
    place: Ints
    core: Ints
    root: Ints
    parent: Ints
    near_parent: Ints

    def take(self, rows: Ints | NDArray[np.bool_]) -> "EventColumns":
        """The chosen rows."""
        return EventColumns(*(getattr(self, f.name)[rows] for f in fields(self)))


class DemandModel:
    """Where and how often events arise in one county at one rate; draws them by the week."""

    def __init__(self, county: County, *, rate_per_day: float, seed: int) -> None:
        """`rate_per_day` counts all calls, invalid ones included. Raises ValueError unless above 0."""
        if rate_per_day <= 0:
            raise ValueError(f"calls a day must be above zero, got {rate_per_day}")
        self.county, self.seed = county, seed
        self._rates = base_rates(rate_per_day)
        self._pools = {scene: _pool(county, shares) for scene, shares in SCENES.items()}
        self._scene = np.array([list(SCENES).index(mix.scene) for mix in MIX])
        self._tag, self._fitting, self._fit_count = _fitting_cores(county)
        self._back = np.array([mix.comes_back for mix in MIX])
        self._near = near_repeat_chance()
        self._along = _points_along_roads(county)
        self._is_road = np.array([g.kind == "road" for g in county.gazetteer])
        self._lon = np.array([g.lon for g in county.gazetteer])
        self._lat = np.array([g.lat for g in county.gazetteer])

    def week(self, week: int) -> EventColumns:
        """All matters that begin in the local week (0 = 5 January 1970), with their returns, which
        may lie up to two months later. Sorted by id."""
        rng = generator_for(self.seed, "calls", week)
        start = datetime.combine(WEEK_ZERO + timedelta(weeks=week), datetime.min.time(), UTC)
        start -= timedelta(seconds=LOCAL_OFFSET_S)
        weather = weather_series(self.county.seed, start=start, end=start + timedelta(days=7))
        daily = np.repeat(rng.lognormal(-0.0018, 0.06, 7), 24)
        counts = rng.poisson(week_rates(week, self._rates, weather) * daily[:, None])
        hour, code = (np.repeat(axis, counts.reshape(-1)) for axis in np.indices(counts.shape).reshape(2, -1))
        size = len(code)
        at = int(start.timestamp()) + hour * 3600 + rng.integers(0, 3600, size)
        ids = week * _ID_SPAN + np.arange(1, size + 1)
        zero = np.zeros(size, dtype=np.int64)
        place = self._places(rng, code)
        core = self._core_rows(rng, code, place)
        first = EventColumns(ids, at, code, place, core, ids.copy(), zero, zero)
        parts = [first, *self._returns(rng, first), self._near_repeats(rng, first)]
        later = [part for part in parts[1:] if len(part.id)]
        return _joined([first, *_numbered(later, week * _ID_SPAN + size)])

    def _places(self, rng: np.random.Generator, code: Ints) -> Ints:
        place = np.zeros(len(code), dtype=np.int64)
        scene = self._scene[code]
        for number, name in enumerate(SCENES):
            rows = np.flatnonzero(scene == number)
            members, edges = self._pools[name]
            place[rows] = members[np.searchsorted(edges, rng.random(len(rows)), side="right")]
        return place

    def _core_rows(self, rng: np.random.Generator, code: Ints, place: Ints) -> Ints:
        """A core of the code that fits the scene of the place."""
        tag = self._tag[place]
        pick = (rng.random(len(code)) * self._fit_count[code, tag]).astype(np.int64)
        rows: Ints = self._fitting[code, tag, pick]
        return rows

    def _returns(self, rng: np.random.Generator, first: EventColumns) -> list[EventColumns]:
        """Matters that come back: same place, same facts, mostly within days, at a like hour."""
        found: list[EventColumns] = []
        before = first
        for _ in range(MAX_RETURNS):
            before = before.take(rng.random(len(before.id)) < self._back[before.code])
            size = len(before.id)
            days = np.clip(np.ceil(rng.exponential(6.0, size)), 1, 28)
            at = before.at_s + (days * 86400 + rng.normal(0, 5400, size)).astype(np.int64)
            # The number of the parent is put in when numbers are given: see _numbered.
            before = EventColumns(before.id, at, before.code, before.place, before.core, before.root, before.id,
                                  np.zeros(size, dtype=np.int64))  # fmt: skip
            found.append(before)
        return found

    def _near_repeats(self, rng: np.random.Generator, first: EventColumns) -> EventColumns:
        """Thefts that follow a theft: same beat and kind of scene, within a fortnight."""
        base = first.take(rng.random(len(first.id)) < self._near[first.code])
        size = len(base.id)
        at = base.at_s + (rng.exponential(4.0, size).clip(0.3, 14) * 86400).astype(np.int64)
        place = self._nearby(rng, base.place)
        zero = np.zeros(size, dtype=np.int64)
        core = self._core_rows(rng, base.code, place)
        return EventColumns(base.id, at, base.code, place, core, zero, zero, base.id)

    def _nearby(self, rng: np.random.Generator, place: Ints) -> Ints:
        """Another gazetteer row a few rows away: the gazetteer keeps neighbours together."""
        other = place + rng.integers(1, 4, len(place)) * rng.choice([-1, 1], len(place))
        rows = self.county.gazetteer
        return np.array(
            [
                o if 0 <= o < len(rows) and rows[o].kind == rows[p].kind and rows[o].beat == rows[p].beat else p
                for o, p in zip(other.tolist(), place.tolist(), strict=True)
            ],
            dtype=np.int64,
        )

    def spots(self, events: EventColumns) -> tuple[Floats, Floats]:
        """Where the events really are: the place's point, for a whole road a point along it.

        A matter that returns does so at the same spot: it depends on the root event.
        """
        lon, lat = self._lon[events.place], self._lat[events.place]
        for row in np.flatnonzero(self._is_road[events.place]):
            points = self._along[int(events.place[row])]
            lon[row], lat[row] = points[WordPicker(self.seed, int(events.root[row])).below(len(points))]
        return lon, lat


def _pool(county: County, shares: dict[str, float]) -> tuple[Ints, Floats]:
    """Gazetteer rows of a scene and the upper edges of their shares of 0..1."""
    members: list[int] = []
    weights: list[float] = []
    for place_type, share in shares.items():
        rows = [k for k, g in enumerate(county.gazetteer) if g.place_type == place_type and g.kind in _HOME_KINDS]
        total = sum(county.gazetteer[k].weight for k in rows)
        members += rows
        weights += [share * county.gazetteer[k].weight / total for k in rows]
    edges = np.cumsum(np.array(weights))
    edges[-1] = 1.0 + 1e-9
    return np.array(members, dtype=np.int64), edges


def _fitting_cores(county: County) -> tuple[Ints, Ints, Ints]:
    """Each place's scene number; for code and scene the cores that fit, and how many they are."""
    scenes = sorted({_scene_of(g) for g in county.gazetteer})
    number = {scene: k for k, scene in enumerate(scenes)}
    most = max(len(cores) for cores in CORES.values())
    fitting = np.zeros((len(MIX), len(scenes), most), dtype=np.int64)
    count = np.zeros((len(MIX), len(scenes)), dtype=np.int64)
    for row, mix in enumerate(MIX):
        for scene, column in number.items():
            cores = CORES[mix.code]
            rows = [k for k, core in enumerate(cores) if not core.scenes or scene in core.scenes] or list(
                range(len(cores))
            )
            fitting[row, column, : len(rows)] = rows
            count[row, column] = len(rows)
    return np.array([number[_scene_of(g)] for g in county.gazetteer], dtype=np.int64), fitting, count


def _scene_of(place: GazetteerRecord) -> str:
    return "junction" if place.kind == "junction" else place.place_type


def _points_along_roads(county: County) -> dict[int, list[tuple[float, float]]]:
    points: dict[str, list[tuple[float, float]]] = {}
    for road in county.roads:
        points.setdefault(road.name, []).append(road.points[len(road.points) // 2])
    return {k: points[g.name_zh] for k, g in enumerate(county.gazetteer) if g.kind == "road"}


def _numbered(parts: list[EventColumns], last: int) -> list[EventColumns]:
    """Give later events their own numbers; a return's parent is the return before it."""
    out: list[EventColumns] = []
    renamed: dict[tuple[int, int], int] = {}
    for level, part in enumerate(parts):
        ids = last + 1 + np.arange(len(part.id))
        last += len(part.id)
        parent = part.parent.copy()
        for row, (old, root) in enumerate(zip(part.parent.tolist(), part.root.tolist(), strict=True)):
            if root:
                parent[row] = renamed.get((level - 1, root), old)
                renamed[(level, root)] = int(ids[row])
        root = np.where(part.root == 0, ids, part.root)
        out.append(EventColumns(ids, part.at_s, part.code, part.place, part.core, root, parent, part.near_parent))
    return out


def _joined(parts: list[EventColumns]) -> EventColumns:
    return EventColumns(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(EventColumns)))


def events_between(model: DemandModel, start: datetime, end: datetime) -> EventColumns:
    """All events from weeks that can reach the span, sorted by time then id; not yet cut to it."""
    monday = datetime.combine(WEEK_ZERO, datetime.min.time(), UTC) - timedelta(seconds=LOCAL_OFFSET_S)
    reach = timedelta(days=29 * MAX_RETURNS)
    first = int((start - reach - monday).total_seconds() // WEEK_S)
    last = int((end - monday).total_seconds() // WEEK_S)
    rows = _joined([model.week(week) for week in range(first, last + 1)])
    return rows.take(np.lexsort((rows.id, rows.at_s)))
