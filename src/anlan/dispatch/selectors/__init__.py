"""Questions to this room."""

from anlan.dispatch.clocks import RunningClock, arrival_target, most_pressing, worst_state
from anlan.dispatch.recommending import LeftOut, RankedUnit, Recommendation, minutes
from anlan.dispatch.rules import (
    ACTIVE,
    ALONE,
    CLOCKS,
    PRESS_LATE_AFTER,
    TOWN_TEAM_TARGET,
    TRAVELLING,
    unit_is_commanded,
)
from anlan.dispatch.selectors.clocks import clocks_by_incident, clocks_of, clocks_told
from anlan.dispatch.selectors.recommend import alternative_to, recommend
from anlan.dispatch.selectors.rows import (
    assignment_active_of_unit,
    assignment_for,
    assignments_of,
    attachment_for,
    attachments_of,
    checkin_for,
    checkins_of,
    contents_named,
    feedback_for,
    order_for,
    order_open_of,
    revisit_for,
    timers_by_unit,
)
from anlan.dispatch.selectors.town import TownShare, town_shares

__all__ = [
    "ACTIVE",
    "ALONE",
    "CLOCKS",
    "PRESS_LATE_AFTER",
    "TOWN_TEAM_TARGET",
    "TRAVELLING",
    "LeftOut",
    "RankedUnit",
    "Recommendation",
    "RunningClock",
    "TownShare",
    "alternative_to",
    "arrival_target",
    "assignment_active_of_unit",
    "assignment_for",
    "assignments_of",
    "attachment_for",
    "attachments_of",
    "checkin_for",
    "checkins_of",
    "clocks_by_incident",
    "clocks_of",
    "clocks_told",
    "contents_named",
    "feedback_for",
    "minutes",
    "most_pressing",
    "order_for",
    "order_open_of",
    "recommend",
    "revisit_for",
    "timers_by_unit",
    "town_shares",
    "unit_is_commanded",
    "worst_state",
]
