"""Verdicts set against what the books say: loans, returns, and questions for a human.

What radio says is evidence, what the books say another: an item that lies in the store can't come in, one that
is lent can't go out again. Both are multiplied (Bayes' rule); what stays unsure is asked, never guessed. A controlled
item is never lent or taken back by the door alone: it is proposed, and two people say so. Where people went both ways
at once a thing may have changed hands in the door: radio hears it go through and not with whom, so that is asked too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from anlan.engines.gate.crossings import Crossings
from anlan.engines.gate.verdict import Verdict

IMPOSSIBLE = 0.002
"""How likely the books are wrong about where a thing is."""
BOOKED = 8.0
"""How much more readily somebody takes out what they booked."""
SURE = 0.995
STRONG_READS = 4
LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Known:
    """What the books say of a tag: ``item`` its number, ``holder`` the badge it is lent to (empty: in the store),
    ``booked_by`` badges that booked it for now, ``lent_with`` the name of the taking in which it went out with others
    (empty: alone), ``tid`` its chip (empty: nobody read it), ``is_here``: it belongs in this store, and isn't
    missing, scrapped or on its way."""

    item: str
    is_controlled: bool = False
    holder: str = ""
    booked_by: frozenset[str] = frozenset()
    lent_with: str = ""
    tid: str = ""
    is_here: bool = True


@dataclass(frozen=True, slots=True)
class Claim:
    """``kind`` loan or return with the badge it concerns and how sure it is; ``is_proposal``: a person must say so;
    or ``kind`` one of the questions, told by ``reason``."""

    kind: str
    epc: str
    item: str
    badge: str
    confidence: float
    reason: str = ""

    @property
    def is_proposal(self) -> bool:
        return bool(self.reason)


def weighed(verdict: Verdict, known: Known, badges: frozenset[str]) -> dict[str, float]:
    """Chances of the movements when the books are heard too."""
    prior = dict.fromkeys(verdict.chances, 1.0)
    if known.holder or known.is_here:
        prior["out" if known.holder else "in"] = IMPOSSIBLE
    if not known.holder and known.booked_by & badges:
        prior["out"] = BOOKED
    joint = {name: share * prior[name] for name, share in verdict.chances.items()}
    whole = sum(joint.values())
    return {name: share / whole for name, share in joint.items()}


def reconcile(
    verdicts: Iterable[Verdict],
    badges: Iterable[str],
    books: Mapping[str, Known],
    crossings: Crossings | None = None,
    *,
    sure: float = SURE,
) -> list[Claim]:
    """Loans, returns and questions of one passage; a thing that stayed or only passed by gives nothing.

    ``books`` by tag; ``crossings`` what light barriers told of people. Questions (``reason``): ``unknown_tag``,
    ``doubled_tag``, ``elsewhere``, ``no_badge``, ``two_badges``, ``unsure``, ``weak``, ``controlled``,
    ``two_ways``, ``booked_not_seen``, ``lent_not_seen``.
    """
    shown = frozenset(badges)
    claims: list[Claim] = []
    seen: set[str] = set()
    for verdict in verdicts:
        known = books.get(verdict.epc)
        if known is None:
            if verdict.movement in ("in", "out") and verdict.confidence >= LIKELY:
                kind = "loan" if verdict.movement == "out" else "return"
                claims.append(Claim(kind, verdict.epc, "", "", verdict.confidence, "unknown_tag"))
            continue
        chances = weighed(verdict, known, shown)
        way, kind = _way(known, chances)
        if chances[way] < 1 - sure:
            continue
        badge = known.holder or _taker(known, shown)
        if chances[way] < LIKELY and not (known.booked_by & shown):
            # More likely not than yes: told only where it would be missed.
            if known.is_controlled:
                seen.add(known.item)
                claims.append(Claim(kind, verdict.epc, known.item, badge, chances[way], "unsure"))
            continue
        seen.add(known.item)
        reason = _doubt(verdict, known, shown, badge, chances[way], sure)
        if not reason and crossings is not None and not crossings.is_one_way(way):
            reason = "two_ways"
        claims.append(Claim(kind, verdict.epc, known.item, badge, chances[way], reason))
    return claims + _not_seen(claims, shown, books, seen) + _still_lent(claims, books, seen)


def _way(known: Known, chances: Mapping[str, float]) -> tuple[str, str]:
    """Which movement would change the books: what is lent comes back, what lies here leaves, what shouldn't be here
    at all does either."""
    is_back = bool(known.holder) or (not known.is_here and chances["in"] > chances["out"])
    return ("in", "return") if is_back else ("out", "loan")


def _taker(known: Known, badges: frozenset[str]) -> str:
    mine = known.booked_by & badges
    one = mine if len(mine) == 1 else badges
    return next(iter(one)) if len(one) == 1 else ""


def _doubt(verdict: Verdict, known: Known, badges: frozenset[str], badge: str, chance: float, sure: float) -> str:
    """Why a person must say so; empty where the door may."""
    if len(verdict.tids) > 1 or _is_another_chip(verdict, known):
        return "doubled_tag"
    if not known.is_here:
        return "elsewhere"
    if chance < sure:
        return "unsure"
    if verdict.reads < STRONG_READS:
        return "weak"
    if known.is_controlled:
        return "controlled"
    if not badge:
        return "two_badges" if badges else "no_badge"
    return ""


def _is_another_chip(verdict: Verdict, known: Known) -> bool:
    """Whether the number came from a chip that isn't the thing's; some readers tell only a chip's beginning."""
    own = known.tid
    return bool(own) and any(not own.startswith(tid) and not tid.startswith(own) for tid in verdict.tids)


def _not_seen(claims: list[Claim], badges: frozenset[str], books: Mapping[str, Known], seen: set[str]) -> list[Claim]:
    """Of who takes some of what they booked, the rest is asked after: unread, or left behind."""
    taking = {claim.badge for claim in claims if claim.kind == "loan" and claim.badge}
    return [
        Claim("loan", epc, known.item, next(iter(known.booked_by & taking)), 0.0, "booked_not_seen")
        for epc, known in sorted(books.items())
        if not known.holder and known.item not in seen and known.booked_by & badges & taking
    ]


def _still_lent(claims: list[Claim], books: Mapping[str, Known], seen: set[str]) -> list[Claim]:
    """Of who brings back some of what went out together, the rest is asked after: unread, or still with them."""
    likely = [one for one in claims if one.kind == "return" and one.item and one.confidence >= LIKELY]
    back = {books[one.epc].lent_with for one in likely}
    return [
        Claim("return", epc, known.item, known.holder, 0.0, "lent_not_seen")
        for epc, known in sorted(books.items())
        if known.lent_with and known.lent_with in back and known.item not in seen
    ]
