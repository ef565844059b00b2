"""The files of the set: places, quarrels with their details fixed, people, earlier reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from anlan.engines.county.chance import WordPicker
from anlan.engines.match_set.matter import Matter
from anlan.engines.match_set.matters import MATTERS
from anlan.engines.match_set.people import person_from
from anlan.engines.match_set.places import (
    Place,
    Spot,
    address_of,
    places_of_county,
    shifted,
    spot_in,
    written_otherwise,
)
from anlan.engines.match_set.records import LabelledFile, Person, Telling

_T = TypeVar("_T")
SPAN_DAYS = 400
MANY = 40
"""So many people stand in the file of a wage quarrel of a whole site."""
_POPULAR = 3


@dataclass(frozen=True, slots=True)
class Quarrel:
    """The hidden truth of a file: the matter, its details, where it stands and who quarrels."""

    file: LabelledFile
    matter: Matter
    details: Mapping[str, str]
    spot: Spot


@dataclass(frozen=True, slots=True)
class World:
    """Places, the quarrels among them, and which half of the wordings is spoken here."""

    book: int
    places: tuple[Place, ...]
    quarrels: tuple[Quarrel, ...]

    def place_of(self, spot: Spot) -> Place:
        """The place a spot belongs to."""
        return next(place for place in self.places if place.name == spot.name)

    def words_of(self, phrases: tuple[_T, ...]) -> tuple[_T, ...]:
        """Those of the phrases that stand in this world's book."""
        return phrases[self.book :: 2]


def world_from(seed: int, *, book: int, files: int) -> World:
    """A county with `files` dispute files over 400 days."""
    places = places_of_county(WordPicker(seed, 1))
    bare = World(book, places, ())
    return World(book, places, tuple(_quarrel(bare, WordPicker(seed, 2, number), number) for number in range(files)))


def fresh_details(words: WordPicker, matter: Matter) -> dict[str, str]:
    """Details of one quarrel: which room leaks, how much is owed."""
    return {blank: words.pick(choices) for blank, choices in matter.details.items()}


def tell(world: World, words: WordPicker, phrases: tuple[str, ...], details: Mapping[str, str]) -> str:
    """One wording of this world's book with its blanks filled."""
    return words.pick(world.words_of(phrases)).format_map(details)


def matters_in(setting: str) -> tuple[Matter, ...]:
    """The matters that arise in a setting."""
    return tuple(matter for matter in MATTERS if setting in matter.settings)


def _quarrel(world: World, words: WordPicker, number: int) -> Quarrel:
    matter = words.pick(MATTERS)
    fitting = [place for place in world.places if place.setting in matter.settings]
    # Some places see far more quarrels than others.
    place = fitting[min(words.below(len(fitting)) for _ in range(1 + words.below(_POPULAR)))]
    spot, details = spot_in(words, place), fresh_details(words, matter)
    opened = words.below(SPAN_DAYS * 24) / 24.0
    tellings = [Telling(f"I{number}-0", opened, tell(world, words, matter.first, details))]
    for again in range(words.below(3)):
        day = tellings[-1].day + 0.5 + words.below(12 * 24) / 24.0
        tellings.append(Telling(f"I{number}-{again + 1}", day, tell(world, words, matter.again, details)))
    lon, lat = shifted(words, spot, 25)
    file = LabelledFile(
        id=f"F{number}",
        code=matter.codes[0] if words.chance(0.9) else words.pick(matter.codes),
        tellings=tuple(tellings),
        closed_day=tellings[-1].day + 7 + words.below(60),
        address=address_of(spot) if words.chance(0.75) else written_otherwise(words, spot),
        lon=lon,
        lat=lat,
        radius_m=float(15 + words.below(40)),
        people=_people(words, matter),
        matter=matter.key,
    )
    return Quarrel(file, matter, details, spot)


def _people(words: WordPicker, matter: Matter) -> tuple[Person, ...]:
    count = MANY if matter.key == "wages" and words.chance(0.5) else 2
    return tuple(person_from(words) for _ in range(count))
