"""The kinds of noise: how each makes a later call out of a file, and which file it truly belongs to.

Kinds in `RETURNS` bring a file back; those in `OTHERS` only look like it, most of them standing at
the same door or using the same words.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from anlan.engines.county.chance import WordPicker
from anlan.engines.match_set.matter import LIVING
from anlan.engines.match_set.matters import FEW_WORDS, HELP_EVENTS, MATTERS, OTHER_EVENTS
from anlan.engines.match_set.people import (
    person_from,
    spelt_otherwise,
    with_emoji_and_dialect,
    with_id_numbers,
    with_new_number,
    with_slips,
)
from anlan.engines.match_set.places import (
    BUSY,
    Spot,
    address_of,
    building_of,
    detail_of,
    next_door,
    other_floor,
    spot_in,
    written_otherwise,
)
from anlan.engines.match_set.records import Person
from anlan.engines.match_set.world import MANY, Quarrel, World, fresh_details, matters_in, tell

_ANY_CODES = ("0402", "0499", "0405", "0410", "0406")


@dataclass(frozen=True, slots=True)
class Draft:
    """A call in the making. `spot` is where it is told to be; `returns` whether it is the file's own."""

    text: str
    spot: Spot
    code: str | None
    people: tuple[Person, ...]
    returns: bool
    address: str | None = None
    reach_m: float = 40.0
    located: float = 0.85
    days: float | None = None


Builder = Callable[[World, WordPicker, Quarrel], Draft]


def suggested(words: WordPicker, codes: tuple[str, ...]) -> str | None:
    """The code a tagger would suggest: mostly right, sometimes a neighbour's, sometimes none."""
    if words.chance(0.78):
        return codes[0]
    return words.pick(codes) if words.chance(0.7) else None


def usual_address(words: WordPicker, spot: Spot) -> str:
    """What a caller gives: the whole address, the building, or only the place."""
    if words.chance(0.62):
        return address_of(spot) if words.chance(0.7) else written_otherwise(words, spot)
    if spot.setting in LIVING and words.chance(0.65):
        return spot.name + building_of(spot)
    return address_of(spot, fully=False)


def _again(world: World, words: WordPicker, quarrel: Quarrel) -> str:
    phrases = quarrel.matter.again if words.chance(0.75) else quarrel.matter.first
    return tell(world, words, phrases, quarrel.details)


def _back(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    people = (quarrel.file.people[0],) if words.chance(0.7) else ()
    code = suggested(words, quarrel.matter.codes)
    return Draft(_again(world, words, quarrel), quarrel.spot, code, people, True)


def _three_spellings(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    person = spelt_otherwise(words, quarrel.file.people[0])
    return replace(_back(world, words, quarrel), people=(person,))


def _parties_swapped(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    text = tell(world, words, quarrel.matter.other_side, quarrel.details)
    return replace(_back(world, words, quarrel), text=text, people=(quarrel.file.people[1],))


def _anonymous(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    return replace(_back(world, words, quarrel), people=())


def _phone_changed(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    return replace(_back(world, words, quarrel), people=(with_new_number(words, quarrel.file.people[0]),))


def _party_moved(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    elsewhere = [p for p in world.places if p.setting in LIVING and p.name != quarrel.spot.name]
    new_home = spot_in(words, words.pick(elsewhere))
    where = address_of(quarrel.spot, fully=words.chance(0.6))
    text = words.pick((f"以前住{where}，现在搬走了，", f"我是原来{where}的，")) + _again(world, words, quarrel)
    return replace(_back(world, words, quarrel), text=text, spot=new_home, address=address_of(new_home))


def _many_parties(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    one = words.pick(quarrel.file.people) if words.chance(0.5) else person_from(words)
    return replace(_back(world, words, quarrel), people=(one,))


def _address_otherwise(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    address = written_otherwise(words, quarrel.spot)
    return replace(_back(world, words, quarrel), address=address, reach_m=150.0, located=0.5)


def _address_split(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    text = f"{detail_of(quarrel.spot)}这里，{_again(world, words, quarrel)}"
    address = address_of(quarrel.spot, fully=False)
    return replace(_back(world, words, quarrel), text=text, address=address, reach_m=250.0)


def _no_position(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    return replace(_back(world, words, quarrel), address=address_of(quarrel.spot), located=0.0)


def _typing_slips(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    draft = _back(world, words, quarrel)
    return replace(draft, text=with_slips(words, draft.text))


def _emoji_and_dialect(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    draft = _back(world, words, quarrel)
    return replace(draft, text=with_emoji_and_dialect(words, draft.text))


def _few_words(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    # Who says so little is known by number or says where.
    draft = _back(world, words, quarrel)
    return replace(draft, text=words.pick(world.words_of(FEW_WORDS)), address=address_of(quarrel.spot), code=None)


def _coded_otherwise(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    code = None if words.chance(0.3) else words.pick((*quarrel.matter.codes[1:], *_ANY_CODES))
    return replace(_back(world, words, quarrel), code=code)


def _grown_worse(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    text = tell(world, words, quarrel.matter.worse, quarrel.details)
    code = words.pick(("0201", "0202", "0204", quarrel.matter.codes[0]))
    return replace(_back(world, words, quarrel), text=text, code=code)


def _onlooker(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    text = tell(world, words, quarrel.matter.onlooker, quarrel.details)
    return replace(_back(world, words, quarrel), text=text, people=(person_from(words),), reach_m=90.0)


def _heir_or_child(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    opening = words.pick(("我爸过世了，这事现在归我管，", "我是他家小孩，大人出去了，", "我是他女儿，老人走了以后，"))
    text = opening + _again(world, words, quarrel)
    return replace(_back(world, words, quarrel), text=text, people=(person_from(words),))


def _numbers_in_text(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    draft = _back(world, words, quarrel)
    return replace(draft, text=with_id_numbers(words, draft.text))


def _after_200_days(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    return replace(_back(world, words, quarrel), days=180.0 + words.below(50))


def _other(world: World, words: WordPicker, quarrel: Quarrel, spot: Spot, *, same_matter: bool) -> Draft:
    """A quarrel of other people at `spot`: of the same matter, or of another that fits the setting."""
    fitting = [m for m in matters_in(spot.setting) if m.key != quarrel.matter.key]
    matter = quarrel.matter if same_matter or not fitting else words.pick(fitting)
    phrases = matter.first if words.chance(0.85) else matter.again
    text = tell(world, words, phrases, fresh_details(words, matter))
    return Draft(text, spot, suggested(words, matter.codes), (person_from(words),), False)


def _other_quarrel_same_place(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    return _other(world, words, quarrel, quarrel.spot, same_matter=False)


def _same_cause_next_door(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    spot = next_door(words, world.place_of(quarrel.spot), quarrel.spot)
    draft = _other(world, words, quarrel, spot, same_matter=True)
    return replace(draft, address=address_of(spot))


def _other_floor(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    spot = other_floor(words, quarrel.spot)
    draft = _other(world, words, quarrel, spot, same_matter=True)
    return replace(draft, address=address_of(spot))


def _same_caller_other_matter(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    draft = _other(world, words, quarrel, quarrel.spot, same_matter=False)
    return replace(draft, people=(quarrel.file.people[0],))


def _namesake(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    place = world.place_of(quarrel.spot)
    spot = next_door(words, place, next_door(words, place, quarrel.spot))
    draft = _other(world, words, quarrel, spot, same_matter=words.chance(0.5))
    namesake = with_new_number(words, quarrel.file.people[0])
    return replace(draft, people=(namesake,), address=address_of(spot))


def _busy_place(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    spot = spot_in(words, world.place_of(quarrel.spot))
    return _other(world, words, quarrel, spot, same_matter=words.chance(0.5))


def _offence_at_the_place(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    code, text = words.pick(world.words_of(OTHER_EVENTS))
    return Draft(text, quarrel.spot, code, (person_from(words),), False)


def _help_at_the_place(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    code, text = words.pick(world.words_of(HELP_EVENTS))
    return Draft(text, quarrel.spot, code, (person_from(words),), False)


def _same_words_elsewhere(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    others = [p for p in world.places if p.setting == quarrel.spot.setting and p.name != quarrel.spot.name]
    spot = spot_in(words, words.pick(others))
    people = (person_from(words),)
    return Draft(quarrel.file.tellings[-1].text, spot, suggested(words, quarrel.matter.codes), people, False)


def _brand_new(world: World, words: WordPicker, quarrel: Quarrel) -> Draft:
    matter = words.pick(MATTERS)
    spot = spot_in(words, words.pick([p for p in world.places if p.setting in matter.settings]))
    text = tell(world, words, matter.first, fresh_details(words, matter))
    return Draft(text, spot, suggested(words, matter.codes), (person_from(words),), False)


RETURNS: dict[str, Builder] = {
    "plain_return": _back,
    "same_caller_three_spellings": _three_spellings,
    "parties_swapped": _parties_swapped,
    "anonymous_caller": _anonymous,
    "phone_changed": _phone_changed,
    "party_moved": _party_moved,
    "many_parties": _many_parties,
    "address_written_otherwise": _address_otherwise,
    "address_split": _address_split,
    "no_position": _no_position,
    "typing_slips": _typing_slips,
    "emoji_and_dialect": _emoji_and_dialect,
    "few_words": _few_words,
    "coded_otherwise": _coded_otherwise,
    "grown_worse": _grown_worse,
    "onlooker_calls": _onlooker,
    "heir_or_child_calls": _heir_or_child,
    "numbers_in_text": _numbers_in_text,
    "after_200_days": _after_200_days,
}
OTHERS: dict[str, Builder] = {
    "other_quarrel_same_place": _other_quarrel_same_place,
    "same_cause_next_door": _same_cause_next_door,
    "same_building_other_floor": _other_floor,
    "same_caller_other_matter": _same_caller_other_matter,
    "namesake_near_by": _namesake,
    "busy_place": _busy_place,
    "offence_not_the_quarrel": _offence_at_the_place,
    "help_call_at_the_place": _help_at_the_place,
    "same_words_elsewhere": _same_words_elsewhere,
    "brand_new": _brand_new,
}
_HOMES = (*LIVING, "village", "street")
_ONLY: dict[str, Callable[[Quarrel], bool]] = {
    # No caller of a hospital or a market is known by "the next door".
    "party_moved": lambda q: (
        q.matter.key in ("rent_deposit", "rent_arrears", "couple", "loan", "wages", "injury_pay")
    ),
    "many_parties": lambda q: len(q.file.people) == MANY,
    "same_cause_next_door": lambda q: q.spot.setting in _HOMES,
    "same_building_other_floor": lambda q: q.spot.setting in LIVING and q.matter.key != "square_dance",
    "other_quarrel_same_place": lambda q: q.spot.setting in (*_HOMES, "market", "factory", "work_site"),
    "same_caller_other_matter": lambda q: q.spot.setting in (*_HOMES, "market"),
    "namesake_near_by": lambda q: q.spot.setting in _HOMES,
    "busy_place": lambda q: q.spot.setting in BUSY,
    "address_written_otherwise": lambda q: q.spot.setting in (*_HOMES, "market"),
    "address_split": lambda q: q.spot.setting in (*_HOMES, "market"),
}


def fits(kind: str, quarrel: Quarrel) -> bool:
    """Whether a kind of noise can be made out of this file at all."""
    return kind not in _ONLY or _ONLY[kind](quarrel)
