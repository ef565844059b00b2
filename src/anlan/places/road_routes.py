"""The way to a place as a driver is told it: its line, and each turn in the language of whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, gettext, gettext_lazy, pgettext, pgettext_lazy

from anlan.engines.roads import DriveMode, Maneuver, Route, Step, Vehicle, directions, route
from anlan.places.selectors import road_graph

FULL_CIRCLE_DEG = 360.0
_COMPASS = (
    gettext_lazy("north"),
    gettext_lazy("north-east"),
    gettext_lazy("east"),
    gettext_lazy("south-east"),
    gettext_lazy("south"),
    gettext_lazy("south-west"),
    gettext_lazy("west"),
    gettext_lazy("north-west"),
)
_INTO = {
    Maneuver.DEPART: gettext_lazy("Set out {heading} on {road} and drive {distance}."),
    Maneuver.STRAIGHT: gettext_lazy("Go straight on into {road} and drive {distance}."),
    Maneuver.SLIGHT_LEFT: gettext_lazy("Bear left into {road} and drive {distance}."),
    Maneuver.LEFT: gettext_lazy("Turn left into {road} and drive {distance}."),
    Maneuver.SHARP_LEFT: gettext_lazy("Turn sharp left into {road} and drive {distance}."),
    Maneuver.SLIGHT_RIGHT: gettext_lazy("Bear right into {road} and drive {distance}."),
    Maneuver.RIGHT: gettext_lazy("Turn right into {road} and drive {distance}."),
    Maneuver.SHARP_RIGHT: gettext_lazy("Turn sharp right into {road} and drive {distance}."),
    Maneuver.TURN_BACK: gettext_lazy("Turn back on {road} and drive {distance}."),
    Maneuver.ROUNDABOUT: gettext_lazy("At the roundabout take the {exit} exit into {road} and drive {distance}."),
}
_STAYING = {
    Maneuver.SLIGHT_LEFT: gettext_lazy("Bear left, stay on {road} and drive {distance}."),
    Maneuver.LEFT: gettext_lazy("Turn left, stay on {road} and drive {distance}."),
    Maneuver.SHARP_LEFT: gettext_lazy("Turn sharp left, stay on {road} and drive {distance}."),
    Maneuver.SLIGHT_RIGHT: gettext_lazy("Bear right, stay on {road} and drive {distance}."),
    Maneuver.RIGHT: gettext_lazy("Turn right, stay on {road} and drive {distance}."),
    Maneuver.SHARP_RIGHT: gettext_lazy("Turn sharp right, stay on {road} and drive {distance}."),
    Maneuver.ROUNDABOUT: gettext_lazy("At the roundabout take the {exit} exit, stay on {road} and drive {distance}."),
}
_NAMELESS = {
    Maneuver.DEPART: gettext_lazy("Set out {heading} and drive {distance}."),
    Maneuver.STRAIGHT: gettext_lazy("Go straight on and drive {distance}."),
    Maneuver.SLIGHT_LEFT: gettext_lazy("Bear left and drive {distance}."),
    Maneuver.LEFT: gettext_lazy("Turn left and drive {distance}."),
    Maneuver.SHARP_LEFT: gettext_lazy("Turn sharp left and drive {distance}."),
    Maneuver.SLIGHT_RIGHT: gettext_lazy("Bear right and drive {distance}."),
    Maneuver.RIGHT: gettext_lazy("Turn right and drive {distance}."),
    Maneuver.SHARP_RIGHT: gettext_lazy("Turn sharp right and drive {distance}."),
    Maneuver.TURN_BACK: gettext_lazy("Turn back and drive {distance}."),
    Maneuver.ROUNDABOUT: gettext_lazy("At the roundabout take the {exit} exit and drive {distance}."),
}
_ENDS_WITHIN = gettext_lazy("Enter the roundabout and drive {distance}.")
_EXITS = (
    pgettext_lazy("exit of a roundabout", "first"),
    pgettext_lazy("exit of a roundabout", "second"),
    pgettext_lazy("exit of a roundabout", "third"),
    pgettext_lazy("exit of a roundabout", "fourth"),
    pgettext_lazy("exit of a roundabout", "fifth"),
    pgettext_lazy("exit of a roundabout", "sixth"),
    pgettext_lazy("exit of a roundabout", "seventh"),
    pgettext_lazy("exit of a roundabout", "eighth"),
)


@dataclass(frozen=True, eq=False)
class RoadRoute:
    """A drivable way and its steps; `off_road_m` is how far the goal is from the road the way ends on."""

    way: Route
    steps: list[Step]
    off_road_m: float


def road_route(
    start: tuple[float, float],
    goal: tuple[float, float],
    *,
    vehicle: Vehicle = Vehicle.CAR,
    mode: DriveMode = DriveMode.NORMAL,
    at: datetime | None = None,
) -> RoadRoute | None:
    """The quickest way between two places (lon, lat) under what holds at ``at``; None without a network or a way."""
    roads = road_graph(at=at)
    if roads is None:
        return None
    weights = roads.weights(vehicle, mode)
    if not weights.usable.any():
        return None
    source, target = (roads.snapper.snap(*place, usable=weights.usable) for place in (start, goal))
    way = route(roads.graph, weights, source, target)
    return None if way is None else RoadRoute(way, directions(roads.graph, way), target.distance_m)


def step_words(step: Step) -> str:
    """The sentence of one step in the language in force: what to do, into which road, how far."""
    if step.maneuver is Maneuver.ARRIVE:
        return gettext("You have arrived.")
    road = step.road_en or step.road if (get_language() or "").startswith("en") else step.road or step.road_en
    sentence = _INTO[step.maneuver] if road else _NAMELESS[step.maneuver]
    if road and step.is_same_road:
        sentence = _STAYING.get(step.maneuver, sentence)
    if step.maneuver is Maneuver.ROUNDABOUT and not step.exit_number:
        sentence = _ENDS_WITHIN
    return str(sentence).format(
        road=road,
        distance=distance_words(step.length_m),
        heading=_COMPASS[_eighth(step.heading_deg)],
        exit=exit_words(step.exit_number),
    )


def exit_words(number: int) -> str:
    """Which exit of a roundabout, as one counts them aloud."""
    if 1 <= number <= len(_EXITS):
        return str(_EXITS[number - 1])
    return pgettext("exit of a roundabout", "{number}th").format(number=number)


def _eighth(heading_deg: float) -> int:
    return round(heading_deg / (FULL_CIRCLE_DEG / len(_COMPASS))) % len(_COMPASS)


def distance_words(metres: float) -> str:
    """A distance as one says it on the road: to ten metres below one kilometre, then to a tenth of it."""
    # 995 m and more would be said as "1000 m".
    if metres < 995.0:
        return gettext("{metres} m").format(metres=max(10, round(metres / 10.0) * 10))
    return gettext("{kilometres} km").format(kilometres=f"{metres / 1000.0:.1f}")
