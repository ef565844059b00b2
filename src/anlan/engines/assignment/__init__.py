"""Which unit for which incident: the order of units by when they can be there."""

from anlan.engines.assignment.ranking import Ranking, RankRules, line_travel_s, rank_by_times, rank_units, walk_s
from anlan.engines.assignment.slots import slots_fill

__all__ = ["RankRules", "Ranking", "line_travel_s", "rank_by_times", "rank_units", "slots_fill", "walk_s"]
