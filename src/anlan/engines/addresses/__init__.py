"""Addresses: read what a caller says, and find it in a gazetteer, offline.

Nothing is guessed silently: every answer is a list of candidates with a confidence each, and
`best_of` names one only where it is sure and clear of the others.
"""

from anlan.engines.addresses.index import GazetteerIndex
from anlan.engines.addresses.numerals import parse_numeral
from anlan.engines.addresses.parts import AddressParts, normalise, read_parts
from anlan.engines.addresses.records import CLEAR_BY, CONFIDENT, KINDS, Candidate, GazetteerRecord, best_of

__all__ = [
    "CLEAR_BY",
    "CONFIDENT",
    "KINDS",
    "AddressParts",
    "Candidate",
    "GazetteerIndex",
    "GazetteerRecord",
    "best_of",
    "normalise",
    "parse_numeral",
    "read_parts",
]
