"""How long closings hold: counted by day in the store, judged by the engines, never by person.

A closing is watched from its day until the quarrel came back, until something made that impossible (a case, the
file opened for another reason), or until today. Closings by mistake are left out; so is what went to court or became
a case by its closing.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np

from anlan.core.actor import Actor
from anlan.disputes.closing_rules import CAME_BACK, OUTCOME_OF_END, QUIET
from anlan.disputes.closing_rules import FOLLOWED_RESULTS as FOLLOWED_RESULTS
from anlan.disputes.selectors.closing_sums import Closings, Ints, closings_counted
from anlan.disputes.selectors.day_sheets import Unread
from anlan.engines.funnel import Funnel, Ranking, Unit, funnel, rank_or_refuse
from anlan.engines.survival import (
    SMALLEST_GROUP,
    Comparison,
    Curve,
    Followed,
    Readout,
    WindowRate,
    compare_groups,
    cumulative_incidence,
    kaplan_meier,
    window_rates,
)

WINDOWS = (0.0, 7.0, 30.0, 60.0, 90.0, 180.0)
COMPARE_DAY = 90
COMPARED_AT_MOST = 20_000
"""So many of the latest closings are set side by side; the curve takes all."""
GROUPINGS = {"track": "track", "push": "push_level", "organisation": "mediating_id"}
COVERED_ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """Which closings: of whose reach, from which local day (included) to which (not), as seen on ``today``."""

    actor: Actor
    start: date
    end: date
    today: date
    org_ids: frozenset[int] | None = None
    known: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What has been counted for it already: one page asks for the same closings in several ways."""
    unread: Unread = field(default_factory=Unread, compare=False, repr=False)

    @property
    def as_of(self) -> datetime | None:
        """Since when changes may not be in what was counted; None where all are, or nothing was."""
        found: Closings | None = self.known.get("closings")
        return found.as_of if found is not None else None


@dataclass(frozen=True, slots=True)
class Quiet:
    """What can be said of the closings asked for. ``incidence`` takes ends that rule a return out as what they are.

    ``others`` are those ends; ``back`` the returns. Without any closing there is no curve.
    """

    n: int
    back: int
    others: int
    curve: Curve | None
    incidence: Curve | None
    readouts: tuple[Readout, ...] = ()
    rates: tuple[WindowRate, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """Groups side by side on the ninetieth day; ``mix`` says what was held equal.

    ``is_cut``: there were too many to be set side by side at once, so only the latest are in it.
    """

    grouping: str
    mix: str
    n: int
    is_cut: bool
    comparison: Comparison


def _counted(asked: Asked) -> Closings:
    """All closings asked for, counted once for a page."""
    if "closings" not in asked.known:
        asked.known["closings"] = closings_counted(asked.actor, asked.start, asked.end, asked.org_ids, asked.unread)
    found: Closings = asked.known["closings"]
    return found


def _followed(asked: Asked, rows: Closings) -> tuple[Ints, Ints]:
    """Days watched, and what ended the watching, of each kind of closing."""
    today = asked.today.toordinal()
    # An end after today is one that today does not know.
    known = (rows.ended > 0) & (rows.ended <= today)
    days = np.maximum(0, np.where(known, rows.ended, today) - rows.closed)
    outcomes = np.array([OUTCOME_OF_END[str(kind)] for kind in rows.names["end_kind"]], dtype=np.int64)
    return days, np.where(known, outcomes[rows.of["end_kind"]] if outcomes.size else QUIET, QUIET)


def quiet_of(asked: Asked) -> Quiet:
    """All closings asked for in one curve."""
    rows = _counted(asked)
    return _quiet(*_followed(asked, rows), rows.n)


def quiet_by(asked: Asked, grouping: str) -> dict[Hashable, Quiet]:
    """One curve for each group of at least thirty closings, in the order of their names."""
    rows = _counted(asked)
    days, outcomes = _followed(asked, rows)
    column = GROUPINGS[grouping]
    found: dict[Hashable, Quiet] = {}
    for number, name in sorted(enumerate(rows.names[column]), key=lambda one: str(one[1])):
        mine = rows.of[column] == number
        if name not in ("", None) and int(rows.n[mine].sum()) >= SMALLEST_GROUP:
            found[name] = _quiet(days[mine], outcomes[mine], rows.n[mine])
    return found


def _quiet(days: Ints, outcomes: Ints, n: Ints) -> Quiet:
    if not days.size:
        return Quiet(0, 0, 0, None, None)
    # Equal days with equal ends are one entry: a year of files is a few hundred of them.
    alike, place = np.unique(days * len(OUTCOME_OF_END) + outcomes, return_inverse=True)
    counts = np.bincount(place, weights=n).astype(np.int64)
    days, outcomes = alike // len(OUTCOME_OF_END), alike % len(OUTCOME_OF_END)
    curve = kaplan_meier(days, outcomes, counts=counts)
    return Quiet(
        n=int(counts.sum()),
        back=int(counts[outcomes == CAME_BACK].sum()),
        others=int(counts[outcomes > CAME_BACK].sum()),
        curve=curve,
        incidence=cumulative_incidence(days, outcomes, counts=counts),
        readouts=curve.readouts(),
        rates=window_rates(days, outcomes, WINDOWS, counts=counts),
    )


def compared(asked: Asked, grouping: str) -> Compared:
    """Groups on the ninetieth day with the same mix of colours and types of quarrel.

    Where so fine a mix leaves out more than half of the closings, colours alone are held equal.
    """
    latest, is_cut = _latest(_counted(asked))
    column = GROUPINGS[grouping]
    named = np.array([name not in ("", None) for name in latest.names[column]], dtype=bool)
    rows = latest.only(named[latest.of[column]] if named.size else np.zeros(latest.n.size, dtype=bool))
    found, mix = _compare(asked, rows, column, ("level", "code")), "level_type"
    if found.groups and _covered(found) < COVERED_ENOUGH:
        found, mix = _compare(asked, rows, column, ("level",)), "level"
    return Compared(grouping, mix, int(rows.n.sum()), is_cut, found)


def _latest(rows: Closings) -> tuple[Closings, bool]:
    """From as late a day on as leaves so many closings as can be compared at once; whether that left some out."""
    if int(rows.n.sum()) <= COMPARED_AT_MOST:
        return rows, False
    days, place = np.unique(rows.closed, return_inverse=True)
    by_day = np.bincount(place, weights=rows.n)
    since_then = np.cumsum(by_day[::-1])[::-1]
    kept = days[since_then <= COMPARED_AT_MOST]
    return rows.only(rows.closed >= (kept[0] if kept.size else days[-1] + 1)), True


def _compare(asked: Asked, rows: Closings, group: str, mix: tuple[str, ...]) -> Comparison:
    days, outcomes = _followed(asked, rows)
    kinds = np.stack([rows.of[name] for name in (group, *mix)] + [days, outcomes])
    alike, place = np.unique(kinds, axis=1, return_inverse=True)
    counts = np.bincount(np.asarray(place).ravel(), weights=rows.n)
    files = [
        Followed(
            float(watched),
            outcome,
            rows.names[group][one],
            tuple(rows.names[name][number] for name, number in zip(mix, case, strict=True)),
            int(count),
        )
        for (one, *case, watched, outcome), count in zip(alike.T.tolist(), counts.tolist(), strict=True)
    ]
    files.sort(key=lambda file: (str(file.group), str(file.stratum)))
    return compare_groups(files, day=float(COMPARE_DAY))


def _covered(found: Comparison) -> float:
    total = sum(group.n for group in found.groups)
    return sum(group.n * group.covered for group in found.groups) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Bodies:
    """The organisations that mediate in a funnel, and the order that is mostly refused."""

    funnel: Funnel | None
    ranking: Ranking
    units: tuple[Unit, ...]


def bodies_of(asked: Asked) -> Bodies:
    """Of each mediating organisation: closings that came back within ninety days, of those watched that long."""
    whole = _counted(asked)
    # Watched ninety days, whether or not it came back before.
    rows = whole.only(whole.closed <= asked.today.toordinal() - COMPARE_DAY)
    days, outcomes = _followed(asked, rows)
    back = (outcomes == CAME_BACK) & (days <= COMPARE_DAY)
    sizes: dict[Hashable, tuple[int, int]] = {}
    for number, body in enumerate(rows.names["mediating_id"]):
        mine = rows.of["mediating_id"] == number
        if body is not None and mine.any():
            sizes[body] = int(rows.n[mine & back].sum()), int(rows.n[mine].sum())
    units = tuple(Unit(name, back, float(n), n) for name, (back, n) in sorted(sizes.items(), key=str))
    return Bodies(funnel(units, kind="share"), rank_or_refuse(units, kind="share"), units)
