"""From what is known to a task for the route engine, and its answer. Nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engines.patrol_route import (
    PatrolTask,
    Plan,
    Progress,
    Stop,
    Unit,
    better_plan,
    first_plan,
)
from anlan.patrol.covering import cells_reached, task_with_cover
from anlan.patrol.ground import Ground, Spotted
from anlan.patrol.rules import FALLING, MEAL_FROM, MUSTS, NEAR_TIE, Settings, walk_most_s
from anlan.patrol.ways import travel_by_way

Floats = NDArray[np.float64]
WORTH = {"booth": 0.5, "standby": 0.0}
"""What a point is worth in usual places; a standby point only what it brings into reach."""
BETWEEN_S = 300.0
"""Assumed between two stops where only the number of visits a shift holds is to be guessed."""


@dataclass(frozen=True, eq=False)
class Draft:
    """A task with its answer, and which spot each stop of the task is about.

    ``chance`` is that of each lot, ``held`` what the plan keeps to, ``locked`` the stops a person put where they are.
    """

    ground: Ground
    settings: Settings
    seed: int
    starts_at: datetime
    ends_at: datetime
    task: PatrolTask
    spots: tuple[Spotted, ...]
    chance: float
    travel: str
    plan: Plan
    held: dict[str, Any]
    locked: frozenset[int] = frozenset()

    @property
    def covered(self) -> float:
        """The expected demand of the places visited at least once."""
        visited = {(self.spots[stop].lon, self.spots[stop].lat) for stop in self.plan.served}
        return sum(spot.expected for spot in self.ground.spots if (spot.lon, spot.lat) in visited)

    def prize_of(self, stop: int) -> float:
        """What a stop collects of the expected demand; musts and lots collect none."""
        return self.spots[stop].expected

    def with_plan(self, plan: Plan) -> Draft:
        return replace(self, plan=plan)


def draft_make(
    ground: Ground, *, settings: Settings, seed: int, starts_at: datetime, ends_at: datetime, at: datetime
) -> Draft:
    """The task and the engine's first answer. The same ground and seed give the same draft."""
    dice = np.random.default_rng(seed)
    capacity = _capacity(ground, settings)
    lots, chance = _lots(ground, settings, capacity, dice)
    places = [(unit.lon, unit.lat) for unit in ground.units]
    every = (*ground.spots, *lots)
    vehicles = [duty.unit.vehicle for duty in ground.units]
    travel_s, ways, source = travel_by_way([*places, *((spot.lon, spot.lat) for spot in every)], vehicles, at=at)
    stops, spots, caps, held = _stops(ground, every, settings, capacity, (starts_at, ends_at), dice)
    units = tuple(
        Unit(
            k,
            k,
            (duty.starts_at - starts_at).total_seconds(),
            (duty.ends_at - starts_at).total_seconds(),
            way=ways[k],
            most_travel_s=walk_most_s(settings, duty.unit.vehicle),
        )
        for k, duty in enumerate(ground.units)
    )
    task = PatrolTask(travel_s, tuple(stops), units, tuple(caps))
    reach, demand = cells_reached(ground, travel_s)
    task = task_with_cover(task, first_plan(task), reach, demand, weight=settings.cover_weight)
    return Draft(
        ground, settings, seed, starts_at, ends_at, task, tuple(spots), chance, source, first_plan(task), held
    )


def draft_better(draft: Draft, *, go_on: Callable[[Progress], bool], **lanes: Any) -> Draft:
    """The draft with the best routes found while ``go_on`` says so."""
    found = better_plan(draft.task, draft.plan, seed=draft.seed, go_on=go_on, **lanes)
    return draft.with_plan(found)


def _capacity(ground: Ground, settings: Settings) -> int:
    """Visits the shift holds, roughly."""
    on_duty = sum((unit.ends_at - unit.starts_at).total_seconds() for unit in ground.units)
    return max(int(on_duty / (settings.stop_s + BETWEEN_S)), 1)


def _lots(
    ground: Ground, settings: Settings, capacity: int, dice: np.random.Generator
) -> tuple[list[Spotted], float]:
    """Squares drawn by lot, need aside, and the chance each had."""
    wanted = min(round(settings.random_share * capacity), len(ground.squares))
    if not wanted:
        return [], 0.0
    drawn = dice.choice(len(ground.squares), size=wanted, replace=False)
    chance = wanted / len(ground.squares)
    why = {"chance": round(chance, 6), "squares": len(ground.squares)}
    return [replace(ground.squares[int(k)], why=why) for k in sorted(drawn)], chance


def _stops(
    ground: Ground,
    spots: tuple[Spotted, ...],
    settings: Settings,
    capacity: int,
    shift: tuple[datetime, datetime],
    dice: np.random.Generator,
) -> tuple[list[Stop], list[Spotted], list[int], dict[str, Any]]:
    """Each visit that may be paid: a busy place several times, in blocks of the shift, each worth less."""
    caps, group_of = _beat_caps(ground, settings, capacity)
    keeper = _keepers(ground)
    usual = float(np.median([s.expected for s in spots if s.expected > 0] or [1.0]))
    stops: list[Stop] = []
    about: list[Spotted] = []
    whole = (shift[1] - shift[0]).total_seconds()
    for k, spot in enumerate(spots):
        place = len(ground.units) + k
        keep = _kept_apart(ground, spot, keeper)
        if spot.kind != "cell":
            prize = usual * WORTH.get(spot.kind, 1.0)
            hours = _part_of_shift(spot, whole, settings.stop_s)
            stop_s = spot.why.get("stop_s", settings.stop_s)
            stops.append(Stop(place, prize, stop_s, *hours, must=spot.kind in MUSTS))
            about.append(spot)
            continue
        # Which part of the shift has the first visit is drawn too, or every place were best visited early.
        for part, visit in enumerate(dice.permutation(settings.visits).tolist()):
            block = whole / settings.visits
            worth = spot.expected * FALLING**visit
            tilt = 1.0 + NEAR_TIE * float(dice.random())
            stops.append(
                Stop(
                    place,
                    worth * tilt,
                    settings.stop_s,
                    opens_s=part * block,
                    closes_s=(part + 1) * block - settings.stop_s,
                    group=group_of.get(spot.beat_code),
                    units=keep,
                )
            )
            about.append(replace(spot, expected=worth, why={**spot.why, "visit": visit + 1}))
    meals, eaten = _meals(ground, settings, shift)
    held = {
        "caps": {beat: caps[group] for beat, group in group_of.items()},
        "keepers": {str(ground.units[k].unit.pk): beat for beat, k in keeper.items()},
    }
    return [*stops, *meals], [*about, *eaten], caps, held


def _part_of_shift(spot: Spotted, whole_s: float, stop_s: float) -> tuple[float, float]:
    """When a visit that belongs to one part of the shift begins; any time where it belongs to none."""
    parts = spot.why.get("parts", 1)
    if parts < 2:
        return -inf, inf
    block = whole_s / parts
    return spot.why["part"] * block, (spot.why["part"] + 1) * block - stop_s


def _beat_caps(ground: Ground, settings: Settings, capacity: int) -> tuple[list[int], dict[str, int]]:
    """Of the visits no beat gets more than ``area_factor`` times its share of the need."""
    need: dict[str, float] = {}
    for spot in ground.spots:
        if spot.kind == "cell":
            need[spot.beat_code] = need.get(spot.beat_code, 0.0) + spot.expected
    total = sum(need.values()) or 1.0
    caps = [max(2, int(np.ceil(settings.area_factor * share / total * capacity))) for share in need.values()]
    return caps, {beat: k for k, beat in enumerate(need)}


def _keepers(ground: Ground) -> dict[str, int]:
    """The unit of each beat that stays in it: the first whose base lies there."""
    keeper: dict[str, int] = {}
    for k, unit in enumerate(ground.units):
        if unit.beat_code:
            keeper.setdefault(unit.beat_code, k)
    return keeper


def _kept_apart(ground: Ground, spot: Spotted, keeper: Mapping[str, int]) -> frozenset[int] | None:
    """Who may visit a busy place: one unit of each beat stays in its beat, the others go anywhere."""
    kept = set(keeper.values()) - {keeper.get(spot.beat_code, -1)}
    if not kept or len(ground.units) == 1:
        return None
    return frozenset(range(len(ground.units))) - kept


def _meals(ground: Ground, settings: Settings, shift: tuple[datetime, datetime]) -> tuple[list[Stop], list[Spotted]]:
    """A break at the base in the middle third of a long shift, for each unit."""
    stops, about = [], []
    for k, unit in enumerate(ground.units):
        long = unit.ends_at - unit.starts_at
        if not settings.meal_s or long < MEAL_FROM:
            continue
        begin = (unit.starts_at - shift[0]).total_seconds()
        opens, closes = begin + long.total_seconds() / 3, begin + long.total_seconds() * 2 / 3
        stops.append(Stop(k, 0.0, settings.meal_s, opens, closes, must=True, units=frozenset({k})))
        about.append(Spotted("meal", unit.lon, unit.lat, unit.beat_code))
    return stops, about
