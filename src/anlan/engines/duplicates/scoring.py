"""How likely two calls tell of one event, as a sum of reasons.

Each reason adds to or takes from the log-odds. The weights are judgements about the trade, set
by hand, rounded, and checked against pairs of calls written for the tests: not learned.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

from anlan.engines.duplicates.details import DIMENSIONS, compare_details
from anlan.engines.duplicates.narrative import Narrative, read_narrative
from anlan.engines.duplicates.scene_words import CODE_SCENES
from anlan.engines.duplicates.scenes import OWN_SCENES, scene_likeness

_PRIOR = -4.0
_EARTH_M_PER_DEGREE = 111_195.0
_CONTRADICTION_CAP = -7.0
# Upper bounds used to leave hopeless pairs out early: shared words, a named place and a cue;
# code and scene with every detail agreeing.
_MOST_BY_THE_REST = 2.0 + 0.8 + 1.5
_MOST_BY_KIND = 1.0 + 2.5 + sum(dimension.agree for dimension in DIMENSIONS.values())
_MINUTE_WEIGHTS = (
    (0, 2.8),
    (3, 2.5),
    (6, 1.8),
    (10, 1.3),
    (20, 0.7),
    (40, -0.3),
    (90, -2.0),
    (360, -5.0),
    (1440, -8.0),
)
_METRE_WEIGHTS = ((0, 1.5), (200, 1.2), (500, 0.4), (900, -1.5), (1500, -3.5), (4000, -8.0))
# Weights are rounded to two places one by one when they are told.
_ROUNDING = 0.05
# Own matters that neighbours, guards and passers-by tell of as well.
_TOLD_BY_OTHERS = frozenset({"missing", "leak", "nuisance", "vice", "land", "wages"})
_SCENE_WEIGHTS = ((0.0, -2.4), (0.3, -0.8), (0.5, 0.8), (1.0, 2.5))


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call while it is being taken.

    `minute` counts from any common origin. `lon`/`lat` (WGS 84) are None when no place is
    known; `radius_m` is the stated uncertainty of the place. `code` is a suggested or
    confirmed level-2 code, or None; `place_id` a known premises, used for repeats only.
    """

    id: str
    text: str
    minute: float
    lon: float | None = None
    lat: float | None = None
    radius_m: float = 0.0
    code: str | None = None
    place_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: `kind` names it, `weight` is its share of the log-odds, `detail` its facts."""

    kind: str
    weight: float
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PairScore:
    """The judgement on two calls: a score from 0 to 1 and the reasons, weightiest first."""

    first_id: str
    second_id: str
    score: float
    reasons: tuple[Reason, ...]


def score_pair(first: CallFacts, second: CallFacts) -> PairScore:
    """Judge whether two calls tell of one event. Their order does not matter."""
    earlier, later = sorted((first, second), key=lambda call: (call.minute, call.id))
    a, b = read_narrative(earlier.text), read_narrative(later.text)
    minutes = later.minute - earlier.minute
    details = _detail_reasons(a, b, _scenes(earlier.code, a) | _scenes(later.code, b))
    reasons = [
        _time_reason(minutes),
        *_distance_reasons(earlier, later),
        *_kind_reasons(earlier.code, later.code, a, b),
        *_place_reasons(a, b),
        _word_reason(a, b, differs=any(r.kind == "detail_differs" for r in details)),
        *details,
        *_cue_reasons(a, b, minutes),
    ]
    total = _PRIOR + sum(reason.weight for reason in reasons)
    told = sorted((r for r in reasons if r.weight), key=lambda r: -abs(r.weight))
    return PairScore(first.id, second.id, 1.0 / (1.0 + math.exp(-total)), tuple(told))


def may_reach(first: CallFacts, second: CallFacts, threshold: float) -> bool:
    """Whether the pair can score `threshold` at all, from time, place and kind alone.

    A quick look that spares the rest of the comparison for most pairs; never says no to a
    pair that `score_pair` would put at or above the threshold.
    """
    if not 0.0 < threshold < 1.0:
        return True
    needed = math.log(threshold / (1.0 - threshold)) - _PRIOR - _MOST_BY_THE_REST - _ROUNDING
    near = interpolate(abs(first.minute - second.minute), *_MINUTE_WEIGHTS)
    metres = distance_m(first, second)
    if metres is not None:
        near += interpolate(max(0.0, metres - first.radius_m - second.radius_m), *_METRE_WEIGHTS)
    if near + _MOST_BY_KIND < needed:
        return False
    a, b = read_narrative(first.text), read_narrative(second.text)
    agreeing = sum(DIMENSIONS[name].agree for name in a.details.keys() & b.details.keys())
    return near + _kind_at_most(first.code, second.code, a, b) + agreeing >= needed


def _kind_at_most(code_a: str | None, code_b: str | None, a: Narrative, b: Narrative) -> float:
    likeness = scene_likeness(_scenes(code_a, a), _scenes(code_b, b))
    by_scene = -0.2 if likeness is None else interpolate(likeness, *_SCENE_WEIGHTS)
    return by_scene + (1.0 if code_a and code_a == code_b else 0.0)


def distance_m(first: CallFacts, second: CallFacts) -> float | None:
    """Metres between two calls on a local plane; None when a place is missing."""
    if first.lon is None or first.lat is None or second.lon is None or second.lat is None:
        return None
    shrink = math.cos(math.radians((first.lat + second.lat) / 2.0))
    east = (first.lon - second.lon) * shrink
    return math.hypot(east, first.lat - second.lat) * _EARTH_M_PER_DEGREE


def _time_reason(minutes: float) -> Reason:
    """Callers of one event call within minutes; hours later it is seldom the same one."""
    weight = interpolate(minutes, *_MINUTE_WEIGHTS)
    return Reason("minutes_apart", round(weight, 2), (f"{minutes:g}",))


def _distance_reasons(first: CallFacts, second: CallFacts) -> list[Reason]:
    metres = distance_m(first, second)
    if metres is None:
        return []
    # Uncertain places can be nearer than they look.
    apart = max(0.0, metres - first.radius_m - second.radius_m)
    weight = interpolate(apart, *_METRE_WEIGHTS)
    return [Reason("metres_apart", round(weight, 2), (f"{metres:.0f}",))]


def interpolate(value: float, *points: tuple[float, float]) -> float:
    """The value of a broken line through `points` (x rising), flat beyond its last point."""
    for (x0, y0), (x1, y1) in pairwise(points):
        if value <= x1:
            return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
    return points[-1][1]


def _kind_reasons(code_a: str | None, code_b: str | None, a: Narrative, b: Narrative) -> list[Reason]:
    """Same kind of event? By the codes where both are given, and by what the words show."""
    scenes_a, scenes_b = _scenes(code_a, a), _scenes(code_b, b)
    likeness = scene_likeness(scenes_a, scenes_b)
    reasons: list[Reason] = []
    if likeness is None:
        reasons.append(Reason("kind_unknown", -0.2))
    else:
        kind = "same_scene" if likeness >= 0.5 else "other_scene"
        shared = tuple(sorted(scenes_a & scenes_b))
        reasons.append(Reason(kind, round(interpolate(likeness, *_SCENE_WEIGHTS), 2), shared))
    # Look-alikes share a code too: it says most where the words say little.
    if code_a and code_a == code_b:
        reasons.append(Reason("same_code", 1.0 if likeness is not None and likeness < 0.3 else 0.2, (code_a,)))
    own = [_is_own(code_a, a), _is_own(code_b, b)]
    if all(own):
        reasons.append(Reason("own_matter", -4.5))
    elif any(own) and likeness is None:
        # The caller with a loss of their own has seldom seen what the other one tells of.
        reasons.append(Reason("own_matter", -1.2))
    return reasons


def _scenes(code: str | None, narrative: Narrative) -> frozenset[str]:
    """The scenes the words show, and the one the code stands for."""
    if not code or code not in CODE_SCENES:
        return narrative.scenes
    return narrative.scenes | {CODE_SCENES[code]}


def _is_own(code: str | None, narrative: Narrative) -> bool:
    """A matter the caller reports for themselves, by its words or by its code."""
    scenes = narrative.scenes or _scenes(code, narrative)
    by_code = CODE_SCENES.get(code or "") in OWN_SCENES - _TOLD_BY_OTHERS
    return (bool(scenes) and scenes <= OWN_SCENES) or by_code


def _place_reasons(a: Narrative, b: Narrative) -> list[Reason]:
    if not a.places or not b.places:
        return []
    shared = a.places & b.places
    if shared:
        return [Reason("same_place_named", 0.8, tuple(sorted(shared)))]
    return [Reason("other_place_named", -0.4)]


def _word_reason(a: Narrative, b: Narrative, *, differs: bool) -> Reason:
    """Share of the shorter text's character pairs that the other one has too.

    Where a detail differs, alike words are no evidence: people put two like matters alike.
    """
    if len(a.grams) < 3 or len(b.grams) < 3:
        return Reason("few_words", 0.0)
    overlap = len(a.grams & b.grams) / min(len(a.grams), len(b.grams))
    weight = interpolate(overlap, (0, -0.4), (0.15, 0.4), (0.4, 1.2), (1.0, 2.0))
    return Reason("shared_words", round(min(weight, 0.0) if differs else weight, 2), (f"{overlap:.2f}",))


def _detail_reasons(a: Narrative, b: Narrative, scenes: frozenset[str]) -> list[Reason]:
    agreeing, clashing = compare_details(a.details, b.details, scenes)
    reasons = [Reason("detail_agrees", DIMENSIONS[name].agree, (name,)) for name in agreeing]
    for name in clashing:
        told = ("/".join(sorted(a.details[name])), "/".join(sorted(b.details[name])))
        reasons.append(Reason("detail_differs", -DIMENSIONS[name].clash, (name, *told)))
    too_much = _CONTRADICTION_CAP - sum(r.weight for r in reasons if r.kind == "detail_differs")
    return [*reasons, Reason("differences_capped", round(too_much, 2))] if too_much > 0 else reasons


def _cue_reasons(earlier: Narrative, later: Narrative, minutes: float) -> list[Reason]:
    reasons = []
    if earlier.is_past != later.is_past:
        reasons.append(Reason("other_time_told", -1.5))
    if later.continues:
        reasons.append(Reason("goes_on_with_earlier_call", 1.5 if minutes <= 60 else 0.5))
    if later.returns:
        # Minutes later "again" only means that it goes on.
        reasons.append(Reason("comes_back_after_earlier_visit", -3.0 if minutes > 60 else -0.3))
    return reasons
