"""Keep score of the pipeline against the truth of simulated doors: shares with intervals, by scenario.

Books are made from the truth as a bureau would have them: what was carried out lay in the store before, what was
carried in was lent to who carried it; where a thing that passed by or turned back was is drawn by lot. Nine in ten
who take things out had booked them; of twenty things that lie near the door one was booked too and is left behind.
What one person carries in went out together; three in ten of them keep one more thing of it that isn't there at all.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from anlan.config.gate_learning import Day, planes_of
from anlan.engines.gate import Claim, Crossings, Known, Trees, Verdict, crossings_of, judge, reconcile
from anlan.engines.gate_simulator import EDITION, TruePassage
from anlan.engines.intervals import poisson_interval, wilson_interval

BOOKS = 0.9
LEFT_BEHIND = 0.05
KEPT = 0.3
CONTROLLED = 0.1
MOST_ITEMS = 10


@dataclass(slots=True)
class Score:
    """Tallies: ``right`` of ``heard`` tags by scenario, what claims came to, seconds the pipeline took."""

    heard: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    claims: Counter[str] = field(default_factory=Counter)
    whole: Counter[str] = field(default_factory=Counter)
    passages: int = 0
    sightings: int = 0
    took_s: float = 0.0


def score(days: Iterable[Day], layout: str, trees: Trees) -> Score:
    """Judge every passage of the days and count."""
    planes, found = planes_of(layout), Score()
    for day in days:
        rng = np.random.default_rng((day.seed, 9))
        found.took_s += day.cut_s
        verdicts: dict[int, list[list[Verdict]]] = defaultdict(list)
        badges: dict[int, set[str]] = defaultdict(set)
        crossings: dict[int, list[Crossings]] = defaultdict(list)
        for passage, truth in day.passages:
            begin = time.process_time()
            told = judge(passage, planes, trees)
            found.took_s += time.process_time() - begin
            found.sightings += len(passage.sightings)
            if truth is not None:
                verdicts[truth.number].append(told)
                badges[truth.number].update(passage.badges)
                crossings[truth.number].append(crossings_of(passage.beams, passage.begin_us))
        for truth in day.truths:
            shown = frozenset(badges[truth.number])
            _count(found, truth, verdicts[truth.number], shown, together(crossings[truth.number]), rng)
    return found


def together(parts: list[Crossings]) -> Crossings:
    """Of one true passage that was cut in several."""
    return Crossings(
        tuple(at for one in parts for at in one.inward),
        tuple(at for one in parts for at in one.outward),
        any(one.is_told for one in parts),
        sum(one.alone for one in parts),
    )


def _count(
    found: Score,
    truth: TruePassage,
    told: list[list[Verdict]],
    badges: frozenset[str],
    crossings: Crossings,
    rng: np.random.Generator,
) -> None:
    """One true passage: how its tags were judged, and what the books made of it."""
    found.passages += 1
    best: dict[str, Verdict] = {}
    for verdict in (one for part in told for one in part):
        if verdict.epc not in best or verdict.reads > best[verdict.epc].reads:
            best[verdict.epc] = verdict
    for thing in truth.things:
        if thing.kind == "reference" or thing.epc not in best:
            continue
        is_right = best[thing.epc].movement == thing.movement
        for name in ("all", f"scenario {truth.scenario}", f"movement {thing.movement}"):
            found.heard[name] += 1
            found.right[name] += is_right
    strays = [t for t in truth.things if t.kind == "resident" and t.epc in best]
    found.heard["stray"] += len(strays)
    found.right["stray"] += sum(best[t.epc].movement not in ("in", "out") for t in strays)
    _reconciled(found, truth, list(best.values()), badges, crossings, rng)


def books_of(truth: TruePassage, rng: np.random.Generator) -> dict[str, Known]:
    """What the books say before the passage, by tag."""
    booking = {badge for badge, _ in truth.people if rng.random() < BOOKS}
    books: dict[str, Known] = {}
    for thing in truth.things:
        is_controlled, lot, left = rng.random() < CONTROLLED, rng.random(), rng.random()
        if thing.kind == "reference":
            continue
        is_out = thing.movement == "in" or (thing.movement in ("back", "by") and lot < 0.5)
        holder = (thing.carrier or "000000") if is_out else ""
        is_booked = thing.movement == "out" or (thing.movement == "static" and left < LEFT_BEHIND)
        owners = {thing.carrier} & booking if thing.carrier else booking
        books[thing.epc] = Known(thing.epc, is_controlled, holder, frozenset(owners if is_booked else ()), holder)
    for badge in sorted({thing.carrier for thing in truth.things if thing.movement == "in" and thing.carrier}):
        if rng.random() < KEPT:
            books[f"kept by {badge}"] = Known(f"kept by {badge}", False, badge, lent_with=badge)
    return books


def _reconciled(
    found: Score,
    truth: TruePassage,
    verdicts: list[Verdict],
    badges: frozenset[str],
    crossings: Crossings,
    rng: np.random.Generator,
) -> None:
    books = books_of(truth, rng)
    claims = reconcile(verdicts, badges, books, crossings)
    movement = {thing.epc: thing.movement for thing in truth.things}
    for claim in claims:
        way = "out" if claim.kind == "loan" else "in"
        fits = movement.get(claim.epc) == way
        kind = "asked" if claim.is_proposal else claim.kind
        found.claims[f"{kind} {'right' if fits else 'false'}"] += 1
        if not claim.is_proposal and books[claim.epc].is_controlled:
            found.claims["controlled by the door alone"] += 1
    moved = {epc for epc, what in movement.items() if what in ("in", "out")}
    if 1 <= len(moved) <= MOST_ITEMS:
        _all_right(found, moved, claims, books)


def _all_right(found: Score, moved: set[str], claims: list[Claim], books: dict[str, Known]) -> None:
    """Was every thing that moved claimed or asked after, and nothing else claimed by the door alone?"""
    made = {claim.epc for claim in claims if not claim.is_proposal}
    asked = {claim.epc for claim in claims if claim.is_proposal}
    plain = {epc for epc in moved if not books[epc].is_controlled}
    found.whole["passages"] += 1
    found.whole["without a question"] += made == plain and not (asked - moved)
    found.whole["with questions answered"] += made <= moved and moved <= made | asked
    known = all(books[epc].holder or books[epc].booked_by for epc in moved)
    found.whole["with bookings"] += known
    found.whole["with bookings, questions answered"] += known and made <= moved and moved <= made | asked


def told(found: Score, layout: str) -> list[dict[str, Any]]:
    """Figures as rows: what, share, n, interval."""
    rows = [
        _share(f"movement right, {layout}, {name}", found.right[name], found.heard[name])
        for name in sorted(found.heard)
        if name != "stray"
    ]
    rows.append(_share(f"stray not taken for a movement, {layout}", found.right["stray"], found.heard["stray"]))
    for name in ("loan", "return"):
        false, low_high = found.claims[f"{name} false"], None
        low_high = poisson_interval(false, exposure=found.passages / 10_000)
        rows.append(
            {"figure": f"false {name}s per 10,000 passages, {layout}", "value": false * 10_000 / found.passages,
             "count": false, "n": found.passages, "interval": [round(x, 2) for x in low_high],
             "right": found.claims[f"{name} right"]}
        )  # fmt: skip
    rows.append({"figure": f"controlled lent by the door alone, {layout}",
                 "value": found.claims["controlled by the door alone"], "n": found.passages})  # fmt: skip
    rows.append({"figure": f"questions, {layout}", "value": found.claims["asked right"] + found.claims["asked false"],
                 "right": found.claims["asked right"], "n": found.passages})  # fmt: skip
    rows += [
        _share(f"all of 1 to 10 right {name}, {layout}", found.whole[name], found.whole["passages"])
        for name in ("without a question", "with questions answered")
    ]
    with_bookings = found.whole["with bookings, questions answered"]
    rows.append(_share(f"all of 1 to 10 right with bookings, questions answered, {layout}", with_bookings,
                       found.whole["with bookings"]))  # fmt: skip
    rows.append({"figure": f"sightings a second of one core, cut and judged, {layout}",
                 "value": round(found.sightings / max(found.took_s, 1e-9)), "n": found.sightings})  # fmt: skip
    return [{**row, "edition": EDITION} for row in rows]


def _share(name: str, right: int, n: int) -> dict[str, Any]:
    if not n:
        return {"figure": name, "value": None, "n": 0}
    low, high = wilson_interval(right, n)
    return {"figure": name, "value": round(right / n, 4), "count": right, "n": n,
            "interval": [round(low, 4), round(high, 4)]}  # fmt: skip
