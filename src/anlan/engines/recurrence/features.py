"""One call against one file, feature by feature: each comes out as one of a few findings.

The findings are levels in the sense of I. P. Fellegi and A. B. Sunter (1969), "A theory for record
linkage", JASA 64:1183-1210: agreement is not yes or no but how far it goes. `FINDINGS` lists all of
them: these are the ids a room translates.
"""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from anlan.engines.duplicates.scenes import scene_likeness
from anlan.engines.geo import distance_m
from anlan.engines.recurrence.causes import compare_causes
from anlan.engines.recurrence.facts import CallFacts, FileFacts
from anlan.engines.recurrence.parties import NAME, PHONE, SOUND
from anlan.engines.recurrence.places import PlaceWords, compare_places, place_in_words, place_of_address
from anlan.engines.recurrence.words import (
    FEW_WORDS,
    CallWords,
    compare_details_told,
    pairs_of,
    read_words,
    shared_share,
    weight_of,
)

_SAME = ("same_room", "same_number", "same_building", "same_whole_place", "same_name")
_PLACES = (*_SAME, "other_room", "other_number", "other_building", "other_group")
FINDINGS: dict[str, tuple[str, ...]] = {
    "place": (*_PLACES, *(f"told_{finding}" for finding in _PLACES), "other_name", "unknown"),
    "metres": ("within_100", "within_300", "within_1000", "farther", "moved", "unknown"),
    "cause": ("same", "related", "worse", "other", "not_a_quarrel", "unknown"),
    "words": ("hardly_any", "few", "some", "many", "most", "too_few_said"),
    "only_here": ("nothing", "little", "something", "much", "no_rival"),
    "details": ("clash", "more_clash", "balance", "one_agrees", "several_agree", "none_named"),
    "scene": ("alike", "partly", "unlike", "unknown"),
    "again": ("says_so", "says_little", "not_said", "no_quarrel"),
    "days": ("within_3", "within_7", "within_14", "within_30", "within_90", "within_200", "longer"),
    "parties": ("phone", "name", "none_of_two", "none_of_many", "none_by_other", "not_asked"),
    "teller": ("party", "onlooker", "for_another"),
    "link": ("tied_by_hand", "none"),
    "others_there": ("alone", "few", "several", "many", "crowd"),
}
"""Every feature and its findings."""
SILENT: dict[str, str] = {
    "metres": "unknown",
    "cause": "unknown",
    "words": "too_few_said",
    "only_here": "no_rival",
    "details": "none_named",
    "scene": "unknown",
    "again": "not_said",
    "days": "within_90",
    "parties": "not_asked",
    "teller": "party",
    "link": "none",
    "others_there": "few",
}
"""The finding of a feature that tells nothing: its weight is 0, the others stand against it."""
BY_PLACE = ("cause", "words", "again")
"""Features that tell more or less by how exactly the place agrees: among the forty quarrels of a building site
shared words and a shared cause say little, at one door nearly all."""
STANDINGS = ("door", "building", "whole_place", "name", "elsewhere")
"""How exactly the place agrees, as far as `BY_PLACE` asks."""
_STANDING = {
    "same_room": "door",
    "same_number": "door",
    "same_building": "building",
    "same_whole_place": "whole_place",
    "same_name": "name",
    "unknown": "",
}
_MANY_PARTIES = 12
_DAYS = (
    (3.0, "within_3"),
    (7.0, "within_7"),
    (14.0, "within_14"),
    (30.0, "within_30"),
    (90.0, "within_90"),
    (200.0, "within_200"),
)
_METRES = ((100.0, "within_100"), (300.0, "within_300"), (1000.0, "within_1000"))
_SHARES = ((0.03, "hardly_any"), (0.1, "few"), (0.2, "some"), (0.4, "many"))
_ONLY = ((0.5, "nothing"), (6.5, "little"), (18.0, "something"))
_CROWDS = ((0.5, "alone"), (2.5, "few"), (6.5, "several"), (20.5, "many"))


@dataclass(frozen=True, slots=True)
class Finding:
    """How one feature came out, with the facts behind it; `standing` is one of `STANDINGS` where that matters."""

    feature: str
    finding: str
    detail: tuple[str, ...] = ()
    standing: str = ""


@dataclass(frozen=True, slots=True)
class ReadCall:
    """A call with its place and words read once."""

    facts: CallFacts
    address: PlaceWords
    in_words: PlaceWords
    words: CallWords


def read_call(call: CallFacts) -> ReadCall:
    """Read a call for many comparisons."""
    return ReadCall(call, place_of_address(call.address), place_in_words(call.text), read_words(call.text))


def cheap_findings(call: ReadCall, file: FileFacts, tokens: Collection[str]) -> list[Finding]:
    """The features that need no reading of the file's narratives."""
    place, shared = compare_places(call.address, call.in_words, place_of_address(file.address))
    age = max(0.0, call.facts.day - file.last_day)
    linked = bool(call.facts.linked_incident_ids & file.incident_ids)
    return [
        Finding("place", place, shared),
        _metres(call.facts, file, moved=place.startswith("told_")),
        _cause(call.facts.code, file.code, standing_of(place)),
        Finding("days", _step(age, _DAYS, "longer"), (f"{age:.1f}",)),
        _parties(file, tokens, call.words.teller),
        Finding("teller", call.words.teller),
        Finding("link", "tied_by_hand" if linked else "none"),
    ]


def standing_of(place: str) -> str:
    """How exactly a finding of the place agrees: one of `STANDINGS`, or empty where no place is known."""
    return _STANDING.get(place.removeprefix("told_"), "elsewhere")


def read_file(file: FileFacts) -> tuple[CallWords, ...]:
    """The words that speak for a file: the first telling and the latest three."""
    return tuple(read_words(text) for text in dict.fromkeys((*file.texts[:1], *file.texts[-3:])))


def only_here(call: ReadCall, told: Collection[CallWords], rivals: Counter[str]) -> Finding:
    """What the call shares with this file and with no other candidate of the place.

    `rivals` counts in how many candidates of the place each pair of characters stands, this one
    included. At a building site all speak of wages; only one file speaks of plasterers.
    """
    if rivals.total() == 0:
        return Finding("only_here", "no_rival")
    alone = frozenset(pair for pair in call.words.pairs & pairs_of(told) if rivals[pair] <= 1)
    weight = weight_of(alone)
    return Finding("only_here", _step(weight, _ONLY, "much"), (f"{weight:.0f}",))


def word_findings(call: ReadCall, told: Sequence[CallWords], standing: str) -> list[Finding]:
    """The features of the words; `told` as `read_file` gives it, `standing` as `standing_of` does."""
    common = shared_share(call.words, told)
    agreeing, clashing, names = compare_details_told(call.words, told)
    findings = [
        Finding("details", _balance(agreeing, clashing), names),
        Finding("scene", _scene(call.words, told)),
        _again(call.words, standing),
    ]
    if common is None:
        return [Finding("words", "too_few_said", standing=standing), *findings]
    return [Finding("words", _step(common, _SHARES, "most"), (f"{common:.2f}",), standing), *findings]


def crowd_finding(others: int) -> Finding:
    """How many further candidates stand at the place as closely: where many do, the place says less."""
    return Finding("others_there", _step(float(others), _CROWDS, "crowd"), (str(others),))


def closeness(findings: Sequence[Finding]) -> int:
    """How closely a file stands to the call by its place: 3 the same door, 2 building, 1 name, 0 not."""
    found = {finding.feature: finding.finding for finding in findings}
    place = found["place"].removeprefix("told_")
    if place == "unknown":
        return 2 if found["metres"] == "within_100" else 0
    return {"same_room": 3, "same_number": 3, "same_building": 2, "same_whole_place": 1, "same_name": 1}.get(place, 0)


def _cause(call: str | None, file: str | None, standing: str) -> Finding:
    return Finding("cause", compare_causes(call, file), (call or "", file or ""), standing)


def _metres(call: CallFacts, file: FileFacts, *, moved: bool) -> Finding:
    """Metres apart at the least, the stated uncertainties taken off."""
    if moved:
        return Finding("metres", "moved")
    if call.lon is None or call.lat is None or file.lon is None or file.lat is None:
        return Finding("metres", "unknown")
    apart = float(distance_m(call.lon, call.lat, file.lon, file.lat))
    apart = max(0.0, apart - math.hypot(call.radius_m, file.radius_m))
    return Finding("metres", _step(apart, _METRES, "farther"), (f"{apart:.0f}",))


def _step(value: float, steps: Sequence[tuple[float, str]], beyond: str) -> str:
    return next((name for limit, name in steps if value <= limit), beyond)


def _parties(file: FileFacts, tokens: Collection[str], teller: str) -> Finding:
    """Agreement of hashes inside one open file; a closed file is not asked.

    Somebody who tells of others need not be a party: not to be one then says little.
    """
    if not file.is_open or not file.party_tokens or not tokens:
        return Finding("parties", "not_asked")
    kinds = {token.partition(":")[0] for token in file.party_tokens & set(tokens)}
    if PHONE in kinds:
        return Finding("parties", "phone")
    if kinds & {NAME, SOUND}:
        return Finding("parties", "name")
    if teller != "party":
        return Finding("parties", "none_by_other")
    return Finding("parties", "none_of_many" if len(file.party_tokens) > _MANY_PARTIES else "none_of_two")


def _balance(agreeing: int, clashing: int) -> str:
    if not agreeing and not clashing:
        return "none_named"
    if not agreeing:
        return "clash"
    if clashing:
        return "more_clash" if clashing > agreeing else "balance"
    return "one_agrees" if agreeing == 1 else "several_agree"


def _scene(call: CallWords, told: Sequence[CallWords]) -> str:
    known = [scene_likeness(call.narrative.scenes, other.narrative.scenes) for other in told]
    likeness = max((value for value in known if value is not None), default=None)
    if likeness is None:
        return "unknown"
    return "alike" if likeness >= 0.6 else "partly" if likeness >= 0.3 else "unlike"


def _again(words: CallWords, standing: str) -> Finding:
    little = len(words.pairs) < FEW_WORDS
    if words.says_again or words.narrative.returns:
        return Finding("again", "says_little" if little else "says_so", standing=standing)
    return Finding("again", "not_said" if words.quarrels else "no_quarrel", standing=standing)
