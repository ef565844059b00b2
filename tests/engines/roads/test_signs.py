"""Signs with hours, for some only, and over more than two roads."""

import math
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from anlan.engines.roads import (
    DriveMode,
    DriveRules,
    RoadLine,
    Snapper,
    TurnRules,
    Vehicle,
    road_graph_build,
    route,
    travel_weights,
    ways_from_lines,
)
from anlan.engines.roads.ways import NO_NODE, WHEELS, Access
from anlan.places.osm_import import signs_of

# Signs know local time only.
MONDAY_8, SUNDAY_8 = datetime.fromisoformat("2026-03-02T08:00"), datetime.fromisoformat("2026-03-01T08:00")
BACK = DriveRules(turns=TurnRules(near_s=0.0, far_s=0.0, back_s=1000.0))
# Names are way numbers too. Two roads come from the west, one leads on, two go off at its end.
ROADS = {
    "before": [(-0.004, 0.0), (-0.002, 0.0)],
    "beside": [(-0.004, 0.001), (-0.002, 0.0)],
    "over": [(-0.002, 0.0), (0.002, 0.0)],
    "after": [(0.002, 0.0), (0.004, 0.001)],
    "straight": [(0.002, 0.0), (0.004, 0.0)],
}
NUMBER = {name: row for row, name in enumerate(ROADS)}


def town(kind="no_left_turn", *, binds=WHEELS, hours="", over=("over",), come_from="before", go_to="after"):
    ways = ways_from_lines([RoadLine(name, "primary", points, speed_kmh=36.0) for name, points in ROADS.items()])
    return road_graph_build(
        replace(
            ways,
            restriction_from=np.array([NUMBER[come_from]]),
            restriction_via=np.array([NO_NODE if over else ways.point_node[5]]),
            restriction_to=np.array([NUMBER[go_to]]),
            restriction_kind=(kind,),
            restriction_for=np.array([int(binds)], dtype=np.uint8),
            restriction_hours=(hours,),
            restriction_via_ways=(tuple(NUMBER[name] for name in over),),
        )
    )


def drive_s(graph, start, end, **how):
    """Seconds from the middle of one road to that of another; turning round costs a quarter of an hour."""
    middle = {name: tuple(np.mean(points, axis=0)) for name, points in ROADS.items()}
    snapper, weights = Snapper(graph), travel_weights(graph, rules=how.pop("rules", BACK), **how)
    way = route(graph, weights, snapper.snap(*middle[start]), snapper.snap(*middle[end]))
    return math.inf if way is None else way.travel_s


def test_a_sign_over_a_road_binds_who_came_from_the_one_it_names_and_nobody_else():
    graph = town()
    assert drive_s(graph, "before", "after") > 900.0
    assert drive_s(graph, "beside", "after") < 100.0
    assert drive_s(graph, "over", "after") < 100.0, "who sets out on the road between came from nowhere"
    assert drive_s(graph, "before", "straight") < 100.0


def test_only_over_a_road_forbids_all_other_ways_on():
    graph = town("only_straight_on", go_to="straight")
    assert drive_s(graph, "before", "straight") < 100.0
    assert drive_s(graph, "before", "after") > 900.0
    assert drive_s(graph, "beside", "after") < 100.0


def test_the_road_between_is_reached_by_whoever_comes_under_its_sign():
    graph = town()
    assert drive_s(graph, "before", "over") == pytest.approx(drive_s(graph, "beside", "over"), rel=0.2)


@pytest.mark.parametrize("over", [(), ("over",)])
def test_a_sign_with_hours_binds_while_they_run(over):
    come_from = "before" if over else "over"
    graph = town(hours="Mo-Fr 07:00-19:00", over=over, come_from=come_from)
    assert drive_s(graph, come_from, "after", local_time=MONDAY_8) > 900.0
    assert drive_s(graph, come_from, "after", local_time=SUNDAY_8) < 100.0
    assert drive_s(graph, come_from, "after") < 100.0


def test_a_sign_for_some_leaves_others_alone():
    graph = town(binds=Access.MOTORCYCLE | Access.MOTORCYCLE_EMERGENCY)
    assert drive_s(graph, "before", "after") < 100.0
    assert drive_s(graph, "before", "after", vehicle=Vehicle.MOTORCYCLE) > 900.0
    assert math.isfinite(drive_s(graph, "before", "after", vehicle=Vehicle.FOOT))
    freed = town(binds=Access.CAR | Access.MOTORCYCLE)
    assert drive_s(freed, "before", "after", mode=DriveMode.EMERGENCY) < 100.0
    assert drive_s(freed, "before", "after") > 900.0


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ({"restriction": "no_left_turn"}, [("no_left_turn", WHEELS, "")]),
        (
            {"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-19:00)"},
            [("no_left_turn", WHEELS, "Mo-Fr 07:00-19:00")],
        ),
        (
            {"restriction:conditional": "no_u_turn @ (Mo-Fr 07:00-09:00; Sa 08:00-12:00)"},
            [("no_u_turn", WHEELS, "Mo-Fr 07:00-09:00; Sa 08:00-12:00")],
        ),
        ({"restriction:conditional": "no_left_turn @ (weight>7.5)"}, []),
        (
            {"restriction": "no_u_turn", "except": "emergency;bicycle"},
            [("no_u_turn", Access.CAR | Access.MOTORCYCLE, "")],
        ),
        ({"restriction:hgv": "no_left_turn"}, []),
        ({"restriction": "no_left_turn", "except": "motor_vehicle"}, []),
        ({"restriction": "give_way"}, []),
    ],
)
def test_what_the_tags_of_a_sign_say(tags, told):
    assert [(sign.kind, sign.binds, sign.hours) for sign in signs_of(tags)] == told
