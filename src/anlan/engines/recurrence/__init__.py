"""Whether a new call brings an old quarrel back: candidates, scores, evidence; a person decides.

Place, cause, words and linked incidents speak. People enter only inside a file that is open, as
hashes under that file's own key, so that nobody can be looked up across files.

Fitting the weights (`fitting`) is asked for by its own name: it alone loads a learning library.
"""

from anlan.engines.recurrence.blocking import CANDIDATES_AT_MOST, REACH_DAYS, Lookup, call_keys, file_keys
from anlan.engines.recurrence.causes import may_be_a_quarrel
from anlan.engines.recurrence.facts import CallFacts, Evidence, FileFacts, Match
from anlan.engines.recurrence.features import FINDINGS, Finding
from anlan.engines.recurrence.match import CURRENT, THRESHOLD, Weights, compare_all, match_call
from anlan.engines.recurrence.parties import party_keys
from anlan.engines.recurrence.weights import VERSION

__all__ = [
    "CANDIDATES_AT_MOST",
    "CURRENT",
    "FINDINGS",
    "REACH_DAYS",
    "THRESHOLD",
    "VERSION",
    "CallFacts",
    "Evidence",
    "FileFacts",
    "Finding",
    "Lookup",
    "Match",
    "Weights",
    "call_keys",
    "compare_all",
    "file_keys",
    "match_call",
    "may_be_a_quarrel",
    "party_keys",
]
