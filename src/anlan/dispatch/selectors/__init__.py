"""Questions to this room."""

from anlan.dispatch.clocks import RunningClock, arrival_target, most_pressing, worst_state
from anlan.dispatch.cover_ground import Demand, cover_is_ready, demand_source_add
from anlan.dispatch.plan_compare import Difference, plan_differences, plan_lacks
from anlan.dispatch.plan_rules import Plan, PlanWrong, plan_content, plan_read
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
from anlan.dispatch.selectors.batch import BatchProposal, batch_propose
from anlan.dispatch.selectors.clocks import clocks_by_incident, clocks_of, clocks_told
from anlan.dispatch.selectors.cover import (
    Advised,
    CoverNow,
    MoveUp,
    advice_for,
    cover_now,
    moves_proposed,
    waiting_posts,
)
from anlan.dispatch.selectors.diverting import Diversion, diversions_for
from anlan.dispatch.selectors.plans import plan_of, plan_versions, plans_in_force, proposal_for, proposals_waiting
from anlan.dispatch.selectors.recommend import alternative_to, recommend
from anlan.dispatch.selectors.response import Response, equipment_asked, level_of, response_out, response_propose
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
    "Advised",
    "BatchProposal",
    "CoverNow",
    "Demand",
    "Difference",
    "Diversion",
    "LeftOut",
    "MoveUp",
    "Plan",
    "PlanWrong",
    "RankedUnit",
    "Recommendation",
    "Response",
    "RunningClock",
    "TownShare",
    "advice_for",
    "alternative_to",
    "arrival_target",
    "assignment_active_of_unit",
    "assignment_for",
    "assignments_of",
    "attachment_for",
    "attachments_of",
    "batch_propose",
    "checkin_for",
    "checkins_of",
    "clocks_by_incident",
    "clocks_of",
    "clocks_told",
    "contents_named",
    "cover_is_ready",
    "cover_now",
    "demand_source_add",
    "diversions_for",
    "equipment_asked",
    "feedback_for",
    "level_of",
    "minutes",
    "most_pressing",
    "moves_proposed",
    "order_for",
    "order_open_of",
    "plan_content",
    "plan_differences",
    "plan_lacks",
    "plan_of",
    "plan_read",
    "plan_versions",
    "plans_in_force",
    "proposal_for",
    "proposals_waiting",
    "recommend",
    "response_out",
    "response_propose",
    "revisit_for",
    "timers_by_unit",
    "town_shares",
    "unit_is_commanded",
    "waiting_posts",
    "worst_state",
]
