"""Patrol routes: which unit visits which places in which order, so that the shift does the most good.

In one breath: a `PatrolTask` says what may be visited, by whom and when; `first_plan` answers at once; `better_plan`
goes on as long as it is let; `faults_of` reckons independently whether a plan can be driven; `unmet` says what could
not be done and why; `cover_curve` says how much of the expected demand is in reach while it is driven.
"""

from anlan.engines.patrol_route.checker import CANT_BE_DRIVEN, Broken, Fault, Visit, faults_of, visits_of
from anlan.engines.patrol_route.cover import NOWHERE, cover_curve, cover_worth, whereabouts
from anlan.engines.patrol_route.greedy import filled, first_plan
from anlan.engines.patrol_route.lane import is_compiled
from anlan.engines.patrol_route.reasons import Unmet, Why, never_possible, unmet
from anlan.engines.patrol_route.search import Progress, better_plan
from anlan.engines.patrol_route.task import PatrolTask, Plan, Stop, Unit

__all__ = [
    "CANT_BE_DRIVEN",
    "NOWHERE",
    "Broken",
    "Fault",
    "PatrolTask",
    "Plan",
    "Progress",
    "Stop",
    "Unit",
    "Unmet",
    "Visit",
    "Why",
    "better_plan",
    "cover_curve",
    "cover_worth",
    "faults_of",
    "filled",
    "first_plan",
    "is_compiled",
    "never_possible",
    "unmet",
    "visits_of",
    "whereabouts",
]
