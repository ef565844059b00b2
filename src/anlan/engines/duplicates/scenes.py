"""What kind of scene a call tells of, read from its words.

A scene decides nothing about the incident code: it only tells whether two callers can be
looking at the same thing.
"""

import re
from functools import lru_cache

from anlan.engines.duplicates.scene_words import BROAD, OWN, PUBLIC, READILY

OWN_SCENES = frozenset(OWN)
_PATTERNS = {name: re.compile("|".join(words.split())) for name, words in (PUBLIC | OWN).items()}
_RELATED = {frozenset(pair.split("+")): weight for weight, pairs in READILY.items() for pair in pairs.split()}


def scenes_of(text: str) -> frozenset[str]:
    """The scenes a normalised narrative tells of; empty when its words are in no list."""
    found = {name for name, pattern in _PATTERNS.items() if pattern.search(text)}
    if "land" in found and "crowd" not in found:
        found -= {"facility"}
    return frozenset(found)


@lru_cache(maxsize=4096)
def scene_likeness(first: frozenset[str], second: frozenset[str]) -> float | None:
    """How well two sets of scenes can be one event, 0 to 1; None when either is unknown.

    The mean over all scenes told of how well the other caller's words bear each one out.
    Broad scenes (a quarrel, a parked car) go with many events and weigh half.
    """
    if not first or not second:
        return None
    mass = borne_out = 0.0
    for told, other in ((first, second), (second, first)):
        for scene in told:
            weight = 0.5 if scene in BROAD else 1.0
            best = 1.0 if scene in other else max(_RELATED.get(frozenset((scene, o)), 0.0) for o in other)
            mass += weight
            borne_out += weight * best
    return borne_out / mass
