"""Which files are worth comparing: keys of place and cause that a store can index.

A room keeps `file_keys` of each file in an indexed table and asks for the files that share one of
`call_keys(...).keys`, latest first. Parties are no key: nobody is looked up across files.
"""

from dataclasses import dataclass

from anlan.engines.geo import cell_neighbours, cell_of
from anlan.engines.recurrence.causes import families_of, may_be_a_quarrel
from anlan.engines.recurrence.facts import CallFacts, FileFacts
from anlan.engines.recurrence.places import cores, doors, place_in_words, place_of_address

REACH_DAYS = 400.0
"""A quarrel that was quiet for longer starts a new file."""
CANDIDATES_AT_MOST = 400
"""More than this a room needs not fetch: the latest ones of the place."""
_FAR_M, _MOST_RINGS = 150.0, 2


@dataclass(frozen=True, slots=True)
class Lookup:
    """What to ask the store for: files with any of these keys, last touched on `not_before_day` or later.

    Files that hold one of the call's linked incidents belong to the candidates too.
    """

    keys: tuple[str, ...]
    not_before_day: float
    at_most: int = CANDIDATES_AT_MOST


def file_keys(file: FileFacts) -> tuple[str, ...]:
    """The keys a file is found by, in order; some ten short texts at most."""
    place = place_of_address(file.address)
    stems = [f"n{core}" for core in cores(place.names)]
    if file.lon is not None and file.lat is not None:
        stems.append(f"c{cell_of(file.lon, file.lat):x}")
    by_cause = (f"{stem}:{family}" for stem in stems for family in families_of(file.code))
    return tuple(sorted((*by_cause, *(f"d{door}" for door in doors(place)))))


def call_keys(call: CallFacts) -> Lookup:
    """The keys to look for: the cells around the call and the places it names, by its families of cause;
    the exact door whatever the cause, because the same quarrel gets different codes.

    Empty for what can be no quarrel (a theft, a lock-out): such a call belongs to no file.
    """
    since = call.day - REACH_DAYS
    if not may_be_a_quarrel(call.code):
        return Lookup((), since)
    place = place_of_address(call.address)
    names = place.names | place_in_words(call.text).names
    stems = [f"n{core}" for core in cores(names)]
    if call.lon is not None and call.lat is not None:
        rings = 1 if call.radius_m <= _FAR_M else _MOST_RINGS
        stems += [f"c{cell:x}" for cell in cell_neighbours(cell_of(call.lon, call.lat), rings=rings).tolist()]
    by_cause = (f"{stem}:{family}" for stem in stems for family in families_of(call.code))
    return Lookup(tuple(sorted((*by_cause, *(f"d{door}" for door in doors(place))))), since)
