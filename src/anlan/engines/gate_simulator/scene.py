"""What happens at the door once: who walks, what they carry, what lies about; and the truth of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from anlan.engines.gate_simulator import walking
from anlan.engines.gate_simulator.layout import Floats
from anlan.engines.gate_simulator.radio import Room, Tags
from anlan.engines.gate_simulator.walking import STEP_S, Walk

SCENARIOS = {
    "alone": 0.5,
    "turns_back": 0.1,
    "passes_by": 0.12,
    "abreast": 0.06,
    "crossing": 0.04,
    "shielded": 0.06,
    "held_door": 0.04,
    "hand_over": 0.03,
    "trolley": 0.02,
    "empty_handed": 0.03,
}
"""How often each occurs. ``shielded``: everything close to the body, a third of it unread."""
ROUND_A_CORNER_S = 0.4
GONE_DB = 45.0
# Where on a body things are carried, as (forward, left, height), metres.
_PLACES = {
    "hand": ((0.05, 0.33, 0.75), (0.05, -0.33, 0.75)),
    "belt": ((0.08, 0.2, 1.0), (0.08, -0.2, 1.0), (-0.16, 0.08, 1.0)),
    "chest": ((0.17, 0.08, 1.35), (0.17, -0.08, 1.35)),
    "bag": ((-0.24, 0.0, 1.2), (-0.24, 0.05, 1.05)),
    "case": ((0.1, 0.36, 0.55), (0.1, -0.36, 0.55)),
}


@dataclass(frozen=True, slots=True)
class Thing:
    """A tag in the scene: ``item`` names it, ``movement`` is what it truly did, ``carrier`` who had it (-1: nobody;
    a thing handed over names who had it last), ``kind`` item, resident or reference."""

    item: str
    kind: str
    movement: str
    carrier: int
    scenario: str


@dataclass(slots=True)
class Scene:
    """One passage: ``walks`` on one grid of ``steps``, ``away`` what each loses by not being there yet or any more
    (people, steps); ``things`` and their places row by row."""

    scenario: str
    steps: int
    walks: list[Walk]
    things: list[Thing] = field(default_factory=list)
    at: list[Floats] = field(default_factory=list)
    axis: list[Floats] = field(default_factory=list)
    loss_db: list[Floats] = field(default_factory=list)
    away: list[Floats] = field(default_factory=list)
    wakes_dbm: list[float] = field(default_factory=list)

    @property
    def tags(self) -> Tags:
        return Tags(np.array(self.at), np.array(self.axis), np.array(self.loss_db))

    @property
    def bodies(self) -> Floats:
        """Places of the bodies (people, steps, 2); before and after their walk they are out of reach."""
        return np.array([w.xy for w in self.walks]).reshape(-1, self.steps, 2)

    def add(self, thing: Thing, at: Floats, axis: Floats, loss_db: Floats, wakes_dbm: float) -> None:
        self.things.append(thing)
        self.at.append(at)
        self.axis.append(axis)
        self.loss_db.append(loss_db)
        self.wakes_dbm.append(wakes_dbm)


@dataclass(frozen=True, slots=True)
class Standing:
    """A tag that doesn't move: a resident on a shelf near the door, or the reference tag of an antenna."""

    item: str
    kind: str
    at: tuple[float, float, float]
    axis: tuple[float, float, float]
    loss_db: float
    wakes_dbm: float


def room_of(rng: np.random.Generator) -> Room:
    """One door's surroundings, the same for all its days."""
    return Room(
        (-rng.uniform(0.9, 1.6), rng.uniform(0.9, 1.6)),
        tuple(rng.uniform(0.1, 0.35, 3)),
        float(rng.uniform(0.08, 0.2)),
    )


def residents_of(rng: np.random.Generator, count: int) -> list[Standing]:
    """What lies within reach of the door all night."""
    found = []
    for number in range(count):
        side = 1.0 if rng.random() < 0.75 else -1.0
        at = (side * rng.uniform(1.2, 3.2), rng.uniform(-1.6, 1.6), rng.uniform(0.3, 1.9))
        found.append(Standing(f"resident-{number}", "resident", at, _direction(rng), _loss(rng), _wakes(rng)))
    return found


def scene_of(rng: np.random.Generator, standing: list[Standing], names: list[str], scenario: str) -> Scene:
    """A passage of the ``scenario``; the things carried take their names off the end of ``names``."""
    walks, carried = _PLOTS[scenario](rng)
    scene = _on_one_grid(scenario, walks)
    for person, how_many in enumerate(carried):
        for _ in range(min(how_many, len(names))):
            _carry(rng, scene, person, names.pop())
    if scenario == "hand_over":
        _hand_over(rng, scene)
    for thing in standing:
        still = np.repeat([thing.at], scene.steps, axis=0)
        axis = np.repeat([thing.axis], scene.steps, axis=0)
        loss = np.full(scene.steps, thing.loss_db)
        scene.add(Thing(thing.item, thing.kind, "static", -1, scenario), still, axis, loss, thing.wakes_dbm)
    return scene


def _on_one_grid(scenario: str, walks: list[tuple[float, Walk]]) -> Scene:
    """Everybody's walk, begun when they begin, on one grid; they come from and go round a corner."""
    offsets = [int(after / STEP_S) for after, _ in walks]
    steps = max(offset + len(walk.xy) for offset, (_, walk) in zip(offsets, walks, strict=True))
    placed, away = [], []
    for offset, (_, one) in zip(offsets, walks, strict=True):
        pad = (offset, steps - offset - len(one.xy))
        xy = np.column_stack([np.pad(one.xy[:, axis], pad, mode="edge") for axis in (0, 1)])
        placed.append(Walk(xy, np.pad(one.heading, pad, mode="edge"), one.movement))
        own = np.arange(steps) - offset
        shown = np.minimum(own, len(one.xy) - 1 - own) * STEP_S / ROUND_A_CORNER_S
        away.append(GONE_DB * (1 - np.clip(shown, 0.0, 1.0)))
    return Scene(scenario, steps, placed, away=away)


def _carry(rng: np.random.Generator, scene: Scene, person: int, item: str) -> None:
    walk = scene.walks[person]
    shielded = scene.scenario == "shielded"
    place = "case" if scene.scenario == "trolley" else rng.choice(["belt", "chest"] if shielded else list(_PLACES))
    places = _PLACES[str(place)]
    forward, left, height = np.array(places[rng.integers(len(places))]) + rng.normal(0, 0.03, 3)
    if scene.scenario == "trolley":
        forward, left, height = 0.75 + rng.uniform(-0.3, 0.3), rng.uniform(-0.25, 0.25), rng.uniform(0.3, 1.0)
    swing = (
        0.12 * np.sin(2 * np.pi * 0.9 * np.arange(scene.steps) * STEP_S + rng.uniform(0, 6))
        if place == "hand"
        else 0.0
    )
    cos, sin = np.cos(walk.heading), np.sin(walk.heading)
    ahead = forward + swing
    x = walk.xy[:, 0] + cos * ahead - sin * left
    y = walk.xy[:, 1] + sin * ahead + cos * left
    at = np.column_stack([x, y, np.full(scene.steps, height)])
    ax, ay, az = _direction(rng)
    axis = np.column_stack([cos * ax - sin * ay, sin * ax + cos * ay, np.full(scene.steps, az)])
    loss = scene.away[person] + _loss(rng) + (rng.uniform(6.5, 11) if shielded else 0.0)
    thing = Thing(item, "item", walk.movement, person, scene.scenario)
    scene.add(thing, at, axis, loss, _wakes(rng))


def _hand_over(rng: np.random.Generator, scene: Scene) -> None:
    """The first one's last thing goes to the other where they meet; it truly does what that one does."""
    mine = [row for row, thing in enumerate(scene.things) if thing.carrier == 0]
    theirs = [row for row, thing in enumerate(scene.things) if thing.carrier == 1]
    if not mine or not theirs:
        return
    given, model = mine[-1], theirs[0]
    gap = np.hypot(*(scene.walks[0].xy - scene.walks[1].xy).T)
    meet = int(gap.argmin())
    scene.at[given] = np.concatenate([scene.at[given][:meet], scene.at[model][meet:] + rng.normal(0, 0.04, 3)])
    scene.loss_db[given] = np.concatenate([scene.loss_db[given][:meet], scene.loss_db[model][meet:]])
    scene.axis[given] = np.concatenate([scene.axis[given][:meet], scene.axis[model][meet:]])
    # Carried in and handed out (or the other way round) it ends where it began.
    scene.things[given] = Thing(scene.things[given].item, "item", "back", 1, scene.scenario)


def _direction(rng: np.random.Generator) -> tuple[float, float, float]:
    x, y, z = rng.normal(size=3)
    long = float(np.sqrt(x * x + y * y + z * z))
    return x / long, y / long, z / long


def _loss(rng: np.random.Generator) -> float:
    """Detuning by what the tag sticks to: cloth a little, radios and batteries more."""
    return float(rng.gamma(2.0, 1.2))


def _wakes(rng: np.random.Generator) -> float:
    return float(rng.normal(-17.5, 1.0))


_Walks = list[tuple[float, Walk]]


def _either(rng: np.random.Generator) -> str:
    return "in" if rng.random() < 0.5 else "out"


def _things(rng: np.random.Generator) -> int:
    return int(np.clip(rng.geometric(0.3), 1, 10))


def _alone(rng: np.random.Generator) -> tuple[_Walks, list[int]]:
    return [(0.0, walking.through(rng, _either(rng)))], [_things(rng)]


def _turns_back(rng: np.random.Generator) -> tuple[_Walks, list[int]]:
    return [(0.0, walking.turning_back(rng))], [_things(rng)]


def _passes_by(rng: np.random.Generator) -> tuple[_Walks, list[int]]:
    return [(0.0, walking.passing_by(rng))], [_things(rng)]


def _abreast(rng: np.random.Generator) -> tuple[_Walks, list[int]]:
    way = _either(rng)
    pair = [walking.through(rng, way, lane_m=lane) for lane in (-0.28, 0.28)]
    return [(0.0, pair[0]), (float(rng.exponential(0.4)), pair[1])], [_things(rng), _things(rng)]


def _crossing(rng: np.random.Generator) -> tuple[_Walks, list[int]]:
    pair = walking.through(rng, "in", lane_m=-0.28), walking.through(rng, "out", lane_m=0.28)
    return [(0.0, pair[0]), (float(rng.exponential(0.8)), pair[1])], [_things(rng), _things(rng)]


def _held_door(rng: np.random.Generator) -> tuple[_Walks, list[int]]:
    holder = walking.lingering(rng, float(rng.uniform(3, 12)))
    other = walking.through(rng, _either(rng), lane_m=0.25)
    return [(0.0, holder), (float(rng.uniform(1, 4)), other)], [int(rng.integers(0, 3)), _things(rng)]


def _trolley(rng: np.random.Generator) -> tuple[_Walks, list[int]]:
    return [(0.0, walking.through(rng, _either(rng), wait_s=1.0))], [int(rng.integers(30, 81))]


def _empty(rng: np.random.Generator) -> tuple[_Walks, list[int]]:
    return [(0.0, walking.through(rng, _either(rng)))], [0]


_PLOTS = {
    "alone": _alone,
    "shielded": _alone,
    "turns_back": _turns_back,
    "passes_by": _passes_by,
    "abreast": _abreast,
    "crossing": _crossing,
    "hand_over": _crossing,
    "held_door": _held_door,
    "trolley": _trolley,
    "empty_handed": _empty,
}
