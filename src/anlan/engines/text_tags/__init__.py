"""Suggestions from the words of a call: incident type, danger, priority, track and tags.

Pure: the data (lexicon, rules, model, taxonomy) are handed in as plain objects. ``Tagger`` is
built once and asked for every narrative.
"""

from anlan.engines.text_tags.results import (
    CodeSuggestion,
    Evidence,
    FlagSuggestion,
    Suggestion,
    TagSuggestion,
)
from anlan.engines.text_tags.tagger import Tagger, TaggerData

__all__ = [
    "CodeSuggestion",
    "Evidence",
    "FlagSuggestion",
    "Suggestion",
    "TagSuggestion",
    "Tagger",
    "TaggerData",
]
