"""A labelled set of dispute files and later calls, made from a seed, to measure matching with.

Everybody and everything in it is invented. It knows nothing of the matcher.
"""

from anlan.engines.match_set.generate import BOOKS, match_set
from anlan.engines.match_set.kinds import OTHERS, RETURNS
from anlan.engines.match_set.records import LabelledCall, LabelledFile, MatchSet, Person, Telling

__all__ = ["BOOKS", "OTHERS", "RETURNS", "LabelledCall", "LabelledFile", "MatchSet", "Person", "Telling", "match_set"]
