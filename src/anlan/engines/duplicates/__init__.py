"""One event told by several callers, and one matter that comes back: two different things."""

from anlan.engines.duplicates.index import THRESHOLD, DuplicateIndex, Limits, duplicate_pairs
from anlan.engines.duplicates.repeats import REPEAT_DAYS, may_come_back, repeat_candidates
from anlan.engines.duplicates.scoring import CallFacts, PairScore, Reason, score_pair

__all__ = [
    "REPEAT_DAYS",
    "THRESHOLD",
    "CallFacts",
    "DuplicateIndex",
    "Limits",
    "PairScore",
    "Reason",
    "duplicate_pairs",
    "may_come_back",
    "repeat_candidates",
    "score_pair",
]
