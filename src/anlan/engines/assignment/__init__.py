"""Which unit for which incident: the order of units by when they can be there, and all calls served at once."""

from anlan.engines.assignment.batch import NEVER_S, Batch, batch_assign, batch_total, lateness, one_by_one
from anlan.engines.assignment.homes import home_ahead_s
from anlan.engines.assignment.ranking import Ranking, RankRules, line_travel_s, rank_by_times, rank_units, walk_s
from anlan.engines.assignment.slots import slots_fill

__all__ = [
    "NEVER_S",
    "Batch",
    "RankRules",
    "Ranking",
    "batch_assign",
    "batch_total",
    "home_ahead_s",
    "lateness",
    "line_travel_s",
    "one_by_one",
    "rank_by_times",
    "rank_units",
    "slots_fill",
    "walk_s",
]
