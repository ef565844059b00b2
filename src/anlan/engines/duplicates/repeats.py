"""The same matter coming back: a repeat is a new event with a history, never a duplicate.

A duplicate is one event told again within the hour. A repeat is the neighbours' quarrel of
last week at the same door: it gets its own incident and a link to the earlier one.
"""

import math
from collections.abc import Collection, Iterable

from anlan.engines.duplicates.details import DIMENSIONS, compare_details
from anlan.engines.duplicates.narrative import Narrative, read_narrative
from anlan.engines.duplicates.scenes import scene_likeness
from anlan.engines.duplicates.scoring import CallFacts, PairScore, Reason, distance_m, interpolate

REPEAT_DAYS = 30
_SOONEST_MINUTES = 60.0
_MINUTES_A_DAY = 1440.0
_PRIOR = -3.5
# Disputes and calls for help come back; so do the public-order kinds that grow out of them.
_FAMILIES = frozenset({"04", "05"})
_CODES = frozenset({"0201", "0204", "0207", "0208", "0209", "0210"})
_SCENES = frozenset(
    {"quarrel", "home", "fight", "noise", "leak", "land", "nuisance", "property", "parking", "debt", "wages"}
    | {"consumer", "animal", "vandalism", "drunk"}
)
_DAY_WEIGHTS = ((0.0, 0.5), (7.0, 0.3), (30.0, -0.3), (365.0, -3.0))
_METRE_WEIGHTS = ((0.0, 2.2), (60.0, 1.8), (150.0, 0.6), (300.0, -1.5), (600.0, -4.0))
_SCENE_WEIGHTS = ((0.0, -2.5), (0.3, -0.8), (0.5, 0.6), (1.0, 2.0))


def repeat_candidates(
    call: CallFacts,
    earlier: Iterable[CallFacts],
    *,
    linked_ids: Collection[str] = (),
    days: int = REPEAT_DAYS,
    threshold: float = 0.5,
    limit: int = 5,
) -> list[PairScore]:
    """Earlier matters that this call may bring back, likeliest first; `first_id` is the call.

    Looks at disputes and calls for help between an hour and `days` days old, at the same
    place: the same `place_id`, or near by. `linked_ids` are matters somebody has already tied
    to this one (the same dispute file): they count wherever they are.
    """
    if not may_come_back(call):
        return []
    scores = []
    for past in earlier:
        minutes = call.minute - past.minute
        if past.id == call.id or not _SOONEST_MINUTES <= minutes <= days * _MINUTES_A_DAY:
            continue
        if may_come_back(past):
            scores.append(_score(call, past, linked=past.id in linked_ids))
    likely = [score for score in scores if score.score >= threshold]
    return sorted(likely, key=lambda score: (-score.score, score.second_id))[:limit]


def may_come_back(call: CallFacts) -> bool:
    """Whether this kind of matter is one that returns: by its code, else by its words."""
    if call.code:
        return call.code[:2] in _FAMILIES or call.code in _CODES
    return bool(read_narrative(call.text).scenes & _SCENES)


def _score(call: CallFacts, past: CallFacts, *, linked: bool) -> PairScore:
    now, then = read_narrative(call.text), read_narrative(past.text)
    age_days = (call.minute - past.minute) / _MINUTES_A_DAY
    reasons = [Reason("days_ago", round(interpolate(age_days, *_DAY_WEIGHTS), 2), (f"{age_days:.1f}",))]
    if linked:
        reasons.append(Reason("linked_by_hand", 4.0))
    reasons += _place(call, past)
    reasons += _kind(call, past, now, then)
    agreeing, clashing = compare_details(now.details, then.details, now.scenes | then.scenes)
    reasons += [Reason("detail_agrees", DIMENSIONS[name].agree, (name,)) for name in agreeing]
    reasons += [Reason("detail_differs", -DIMENSIONS[name].clash, (name,)) for name in clashing]
    if now.returns:
        reasons.append(Reason("says_it_is_again", 1.5))
    total = _PRIOR + sum(reason.weight for reason in reasons)
    told = tuple(sorted((r for r in reasons if r.weight), key=lambda r: -abs(r.weight)))
    return PairScore(call.id, past.id, 1.0 / (1.0 + math.exp(-total)), told)


def _place(call: CallFacts, past: CallFacts) -> list[Reason]:
    if call.place_id and call.place_id == past.place_id:
        return [Reason("same_place", 3.0, (call.place_id,))]
    metres = distance_m(call, past)
    if metres is None:
        return [Reason("place_unknown", -1.0)]
    apart = max(0.0, metres - call.radius_m - past.radius_m)
    return [Reason("metres_apart", round(interpolate(apart, *_METRE_WEIGHTS), 2), (f"{metres:.0f}",))]


def _kind(call: CallFacts, past: CallFacts, now: Narrative, then: Narrative) -> list[Reason]:
    if call.code and call.code == past.code:
        return [Reason("same_code", 2.0, (call.code,))]
    likeness = scene_likeness(now.scenes, then.scenes)
    if likeness is None:
        return []
    kind = "same_scene" if likeness >= 0.5 else "other_scene"
    return [Reason(kind, round(interpolate(likeness, *_SCENE_WEIGHTS), 2), tuple(sorted(now.scenes & then.scenes)))]
