"""Road network: graph, snapping, travel times to a call, routes a unit can drive.

In one breath: `road_graph_build` (or `graph_from_lines`) makes a `RoadGraph`;
`travel_weights` prices it for a vehicle and mode; a `Snapper` brings coordinates onto
the road; `search_to` looks backward from the call once, and its `travel_s` and
`route_from` answer for every unit.
"""

from anlan.engines.roads.arrival import ArrivalRules, DriveState, Going, drive_state
from anlan.engines.roads.bench import RecommendLatencies, benchmark_recommend
from anlan.engines.roads.build import graph_from_lines, road_graph_build
from anlan.engines.roads.directions import Maneuver, Step, directions
from anlan.engines.roads.graph import Conditions, RoadGraph
from anlan.engines.roads.matching import (
    MatchRules,
    Standing,
    TrackMatch,
    arrived_s,
    match_track,
    metre_weights,
    metres_like,
    standing_spells,
)
from anlan.engines.roads.names import RoadJunction, RoadStretch, road_junctions, road_stretches
from anlan.engines.roads.nearby import CutOff, cut_off, links_within
from anlan.engines.roads.paces import WEEK_BANDS, Driven, Paces, driven_by_class, paces_mean, week_band
from anlan.engines.roads.reach import Reach, reach_areas
from anlan.engines.roads.route import Route, position_along, route, route_from, street_names
from anlan.engines.roads.search import ReverseSearch, search_to, travel_matrix, travel_times_to
from anlan.engines.roads.snap import Snap, SnapCache, Snapper, Snaps
from anlan.engines.roads.speeds import DriveMode, DriveRules, Vehicle
from anlan.engines.roads.turns import FREE_TURNS, TurnRules, hours_running
from anlan.engines.roads.vehicles import VEHICLES, VehicleClass, vehicles_of
from anlan.engines.roads.ways import Access, RoadClass, RoadLine, RoadWays, ways_from_lines
from anlan.engines.roads.weights import TravelWeights, slowed, travel_weights, with_cells

__all__ = [
    "FREE_TURNS",
    "VEHICLES",
    "WEEK_BANDS",
    "Access",
    "ArrivalRules",
    "Conditions",
    "CutOff",
    "DriveMode",
    "DriveRules",
    "DriveState",
    "Driven",
    "Going",
    "Maneuver",
    "MatchRules",
    "Paces",
    "Reach",
    "RecommendLatencies",
    "ReverseSearch",
    "RoadClass",
    "RoadGraph",
    "RoadJunction",
    "RoadLine",
    "RoadStretch",
    "RoadWays",
    "Route",
    "Snap",
    "SnapCache",
    "Snapper",
    "Snaps",
    "Standing",
    "Step",
    "TrackMatch",
    "TravelWeights",
    "TurnRules",
    "Vehicle",
    "VehicleClass",
    "arrived_s",
    "benchmark_recommend",
    "cut_off",
    "directions",
    "drive_state",
    "driven_by_class",
    "graph_from_lines",
    "hours_running",
    "links_within",
    "match_track",
    "metre_weights",
    "metres_like",
    "paces_mean",
    "position_along",
    "reach_areas",
    "road_graph_build",
    "road_junctions",
    "road_stretches",
    "route",
    "route_from",
    "search_to",
    "slowed",
    "standing_spells",
    "street_names",
    "travel_matrix",
    "travel_times_to",
    "travel_weights",
    "vehicles_of",
    "ways_from_lines",
    "week_band",
    "with_cells",
]
