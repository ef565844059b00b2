"""Replaying real events through the very services the screens use, in a store of its own.

Moments come from the data, every choice from the seed, ids from the order of things: two runs with one
seed leave the same event log, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from anlan.accounts.models import Organisation
from anlan.accounts.services import organisation_add
from anlan.core.actor import SYSTEM
from anlan.dispatch.jobs import clocks_tick, positions_watch
from anlan.drills.dataset import DrillCall
from anlan.drills.fleet import Fleet
from anlan.drills.player import Player
from anlan.drills.stage import Stage
from anlan.engines.roads import RoadGraph
from anlan.places.road_store import graph_load
from anlan.places.selectors import road_graph
from anlan.places.services import area_put, network_activate
from anlan.tagging.services import taxonomy_load
from anlan.units.services import unit_add, unit_state_set

TICK = timedelta(seconds=60)
ALL_REPORT_EVERY = 5
ON_NETWORK_M = 200.0
COMMUNITY_SHARE = 0.4
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ReplayPlan:
    """What is to be replayed. ``units`` are police and community together."""

    calls: Sequence[DrillCall]
    units: int
    seed: int
    start: datetime
    end: datetime
    roads_file: Path | None = None
    attribution: str = ""


def replay(plan: ReplayPlan, *, progress: Progress = lambda done, of: None) -> Player:
    """Play the plan in the (empty) store in use; returns the player with its counts."""
    opened_at = plan.start - timedelta(hours=1)
    taxonomy_load(by=SYSTEM, at=opened_at)
    graph = _roads(plan, opened_at)
    orgs = _county(plan, graph, opened_at)
    stage = Stage()
    fleet = Fleet(roads=road_graph(), boot=f"drill-{plan.seed}")
    _units(plan, fleet, orgs, graph, opened_at)
    player = Player(stage=stage, fleet=fleet, by=SYSTEM, seed=plan.seed, partners=frozenset({"12345", "119", "120"}))
    for call in plan.calls:
        stage.plan(call.at, partial(player.call, call.sheet))
    _ticks(stage, fleet, plan)
    total, played = len(plan.calls), 0

    def show(at: datetime) -> None:
        nonlocal played
        played += 1
        if played % 200 == 0:
            progress(player.counts["calls"], total)

    stage.play_all(on_act=show)
    progress(total, total)
    return player


def _roads(plan: ReplayPlan, at: datetime) -> RoadGraph | None:
    if plan.roads_file is None:
        return None
    graph = graph_load(plan.roads_file)
    network_activate(
        name="replay", source=plan.roads_file.name, graph=graph, attribution=plan.attribution, by=SYSTEM, at=at
    )
    return graph


def _county(plan: ReplayPlan, graph: RoadGraph | None, at: datetime) -> dict[str, Organisation]:
    """One bureau with one station and one town room over the whole span of the data."""
    orgs: dict[str, Organisation] = {}
    rows = [
        ("bureau", "bureau", "回放指挥中心", "Replay centre", None),
        ("zone", "zone", "回放战区", "Replay zone", "bureau"),
        ("station", "station", "回放派出所", "Replay station", "zone"),
        ("town", "town_room", "回放综合信息指挥室", "Replay town room", "bureau"),
        ("12345", "partner", "12345热线", "12345 line", "bureau"),
        ("119", "partner", "119消防", "119 fire desk", "bureau"),
        ("120", "partner", "120急救", "120 ambulance desk", "bureau"),
    ]
    for code, kind, zh, en, parent in rows:
        above = orgs[parent] if parent else None
        orgs[code] = organisation_add(code=code, kind=kind, name_zh=zh, name_en=en, parent=above, by=SYSTEM, at=at)
    west, south, east, north = _span(plan, graph)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    for kind, code in (("station", "station"), ("town", "town"), ("beat", "station")):
        area_put(
            kind=kind,
            code=f"{kind}-all",
            name_zh="回放范围",
            polygon={"type": "Polygon", "coordinates": [ring]},
            organisation=orgs[code],
            by=SYSTEM,
            at=at,
        )
    return orgs


def _span(plan: ReplayPlan, graph: RoadGraph | None) -> tuple[float, float, float, float]:
    points = [(c.sheet.lon, c.sheet.lat) for c in plan.calls if c.sheet.lon is not None and c.sheet.lat is not None]
    if graph is not None:
        points += [(float(graph.node_lon.min()), float(graph.node_lat.min()))]
        points += [(float(graph.node_lon.max()), float(graph.node_lat.max()))]
    if not points:
        return 0.0, 0.0, 0.1, 0.1
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    return min(lons) - 0.01, min(lats) - 0.01, max(lons) + 0.01, max(lats) + 0.01


def _units(
    plan: ReplayPlan, fleet: Fleet, orgs: dict[str, Organisation], graph: RoadGraph | None, at: datetime
) -> None:
    """Units on duty, spread over the places where the data have calls (or over the network)."""
    rng = np.random.default_rng([plan.seed, 1])
    spots = _spots(plan, graph, rng)
    community = round(plan.units * COMMUNITY_SHARE)
    for k in range(plan.units):
        track = "C" if k < community else "P"
        lon, lat = spots[k]
        unit = unit_add(
            call_sign=f"{track}-{k + 1:03d}",
            track=track,
            vehicle="car" if track == "P" else "motorcycle",
            organisation=orgs["town" if track == "C" else "station"],
            base_lon=lon,
            base_lat=lat,
            by=SYSTEM,
            at=at,
        )
        unit_state_set(unit=unit, to="available", by=SYSTEM, at=at)
        fleet.add(unit.pk, vehicle=unit.vehicle, lon=lon, lat=lat)
    fleet.report(at, by=SYSTEM)


def _spots(plan: ReplayPlan, graph: RoadGraph | None, rng: np.random.Generator) -> list[tuple[float, float]]:
    if graph is not None:
        picks = rng.integers(graph.n_nodes, size=plan.units)
        return [(float(graph.node_lon[k]), float(graph.node_lat[k])) for k in picks]
    located = [(c.sheet.lon, c.sheet.lat) for c in plan.calls if c.sheet.lon is not None and c.sheet.lat is not None]
    if not located:
        return [(0.05, 0.05)] * plan.units
    return [located[int(k)] for k in rng.integers(len(located), size=plan.units)]


def _ticks(stage: Stage, fleet: Fleet, plan: ReplayPlan) -> None:
    """Positions every minute from those who move, every five from all; the clocks' alarms beside."""
    last = plan.end + timedelta(hours=6)

    def tick(at: datetime, n: int) -> None:
        heard = fleet.report(at, by=SYSTEM, only_moving=n % ALL_REPORT_EVERY != 0)
        clocks_tick(at=at)
        if heard:
            positions_watch(at=at)
        if at < last:
            stage.plan(at + TICK, lambda t: tick(t, n + 1))

    stage.plan(plan.start, lambda t: tick(t, 0))


def on_network(calls: Sequence[DrillCall], roads_file: Path) -> list[DrillCall]:
    """The calls that lie on the network: within 200 m of one of its roads."""
    from anlan.engines.roads import Snapper

    located = [
        (call, call.sheet.lon, call.sheet.lat)
        for call in calls
        if call.sheet.lon is not None and call.sheet.lat is not None
    ]
    if not located:
        return []
    snaps = Snapper(graph_load(roads_file)).snap_many([lon for _, lon, _ in located], [lat for _, _, lat in located])
    return [call for (call, *_), miss in zip(located, snaps.distance_m, strict=True) if miss <= ON_NETWORK_M]
