"""A centre run as it might have been: the same calls, roads and luck under another policy."""

from anlan.engines.simulation.compare import Compared, Told, Trial, compare
from anlan.engines.simulation.draws import CallProcess, Luck, call_process, luck_of
from anlan.engines.simulation.ground import Zones, ground_of, paced, zones_of
from anlan.engines.simulation.hindsight import Bound, bound_of, is_bounded
from anlan.engines.simulation.outcomes import LESS_IS_BETTER, METRICS, Tally, tally_of, values_of
from anlan.engines.simulation.policies import Asked, CoverAware, HomeFirst, Policy, closest
from anlan.engines.simulation.run import Course, PolicyFailed, fleet_for, run
from anlan.engines.simulation.wording import PolicyUnknown, policy_read
from anlan.engines.simulation.world import (
    COMMUNITY,
    POLICE,
    Calls,
    Fleet,
    Ground,
    Need,
    Rules,
    World,
    WorldWrong,
    calls_of,
    fleet_of,
)

__all__ = [
    "COMMUNITY",
    "LESS_IS_BETTER",
    "METRICS",
    "POLICE",
    "Asked",
    "Bound",
    "CallProcess",
    "Calls",
    "Compared",
    "Course",
    "CoverAware",
    "Fleet",
    "Ground",
    "HomeFirst",
    "Luck",
    "Need",
    "Policy",
    "PolicyFailed",
    "PolicyUnknown",
    "Rules",
    "Tally",
    "Told",
    "Trial",
    "World",
    "WorldWrong",
    "Zones",
    "bound_of",
    "call_process",
    "calls_of",
    "closest",
    "compare",
    "fleet_for",
    "fleet_of",
    "ground_of",
    "is_bounded",
    "luck_of",
    "paced",
    "policy_read",
    "run",
    "tally_of",
    "values_of",
    "zones_of",
]
