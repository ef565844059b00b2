"""Questions to this room."""

from anlan.dispatch.recommending import LeftOut, RankedUnit, Recommendation, minutes
from anlan.dispatch.selectors.recommend import alternative_to, recommend
from anlan.dispatch.selectors.rows import (
    assignment_active_of_unit,
    assignment_for,
    assignments_of,
    feedback_for,
    order_for,
    revisit_for,
)

__all__ = [
    "LeftOut",
    "RankedUnit",
    "Recommendation",
    "alternative_to",
    "assignment_active_of_unit",
    "assignment_for",
    "assignments_of",
    "feedback_for",
    "minutes",
    "order_for",
    "recommend",
    "revisit_for",
]
