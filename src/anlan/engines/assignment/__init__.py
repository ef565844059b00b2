"""Which unit for which incident: the order of units by when they can be there."""

from anlan.engines.assignment.ranking import Ranking, RankRules, line_travel_s, rank_units

__all__ = ["RankRules", "Ranking", "line_travel_s", "rank_units"]
