"""How long closings hold: counted by day in the store, judged by the engines, never by person.

A closing is watched from its day until the quarrel came back, until something made that impossible (a case, the
file opened for another reason), or until today. Closings by mistake are left out; so is what went to court or became
a case by its closing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db.models import Count, Q, QuerySet
from numpy.typing import NDArray

from anlan.core.actor import Actor
from anlan.disputes.closing_rules import CAME_BACK, OUTCOME_OF_END, QUIET
from anlan.disputes.closing_rules import FOLLOWED_RESULTS as FOLLOWED_RESULTS
from anlan.disputes.models import FileClosing
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


def closings_asked(asked: Asked) -> QuerySet[FileClosing]:
    """The closings themselves."""
    rows: QuerySet[FileClosing] = FileClosing.objects.visible_to(asked.actor).filter(
        closed_day__gte=asked.start, closed_day__lt=asked.end, result__in=FOLLOWED_RESULTS
    )
    rows = rows.exclude(end_kind="void")
    if asked.org_ids is not None:
        named = Q()
        for column in ("station_id", "town_room_id", "holder_id", "mediating_id"):
            named |= Q(**{f"{column}__in": asked.org_ids})
        rows = rows.filter(named)
    return rows


def day_counts(asked: Asked, *columns: str) -> list[tuple[tuple[Hashable, ...], int, int, int]]:
    """(values of ``columns``, days watched, outcome, how many closings): one grouped query, a row for each day."""
    rows = closings_asked(asked).order_by().values_list(*columns, "closed_day", "ended_day", "end_kind")
    return _followed(asked, rows.annotate(n=Count("pk")), range(len(columns)))


WHOLE = ("track", "push_level", "mediating_id")


def whole_counts(
    asked: Asked, *columns: str, until: date | None = None
) -> list[tuple[tuple[Hashable, ...], int, int, int]]:
    """``day_counts`` for columns of ``WHOLE``, all out of one grouped query; ``until`` leaves out later closings."""
    if "whole" not in asked.known:
        by_day = closings_asked(asked).order_by().values_list(*WHOLE, "closed_day", "ended_day", "end_kind")
        asked.known["whole"] = list(by_day.annotate(n=Count("pk")))
    rows: list[Any] = asked.known["whole"]
    if until is not None:
        rows = [row for row in rows if row[len(WHOLE)] < until]
    return _followed(asked, rows, [WHOLE.index(column) for column in columns])


def _followed(
    asked: Asked, rows: Iterable[Sequence[Any]], places: Sequence[int]
) -> list[tuple[tuple[Hashable, ...], int, int, int]]:
    """Counted rows by the values at ``places``, the days watched, and what ended the watching."""
    found: dict[tuple[tuple[Hashable, ...], int, int], int] = defaultdict(int)
    for row in rows:
        closed, ended, kind, count = row[-4:]
        # An end after today is one that today does not know.
        known = ended is not None and ended <= asked.today
        days = max(0, ((ended if known else asked.today) - closed).days)
        found[tuple(row[k] for k in places), days, OUTCOME_OF_END[kind] if known else QUIET] += count
    return [(values, days, outcome, count) for (values, days, outcome), count in found.items()]


def _arrays(counts: Iterable[tuple[int, int, int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Days and outcomes, one entry for each closing."""
    table = np.array(list(counts), dtype=np.int64).reshape(-1, 3)
    return np.repeat(table[:, 0], table[:, 2]), np.repeat(table[:, 1], table[:, 2])


def quiet_of(asked: Asked) -> Quiet:
    """All closings asked for in one curve."""
    return _quiet([(days, outcome, n) for _values, days, outcome, n in whole_counts(asked)])


def quiet_by(asked: Asked, grouping: str) -> dict[Hashable, Quiet]:
    """One curve for each group of at least thirty closings, in the order of their names."""
    parts: dict[Hashable, list[tuple[int, int, int]]] = defaultdict(list)
    for (value,), days, outcome, n in whole_counts(asked, GROUPINGS[grouping]):
        parts[value].append((days, outcome, n))
    large = {name: rows for name, rows in parts.items() if sum(row[2] for row in rows) >= SMALLEST_GROUP}
    return {name: _quiet(large[name]) for name in sorted(large, key=str) if name not in ("", None)}


def _quiet(counts: Sequence[tuple[int, int, int]]) -> Quiet:
    days, outcomes = _arrays(counts)
    if not days.size:
        return Quiet(0, 0, 0, None, None)
    curve = kaplan_meier(days, outcomes)
    back = int((outcomes == CAME_BACK).sum())
    return Quiet(
        n=int(days.size),
        back=back,
        others=int((outcomes > CAME_BACK).sum()),
        curve=curve,
        incidence=cumulative_incidence(days, outcomes),
        readouts=curve.readouts(),
        rates=window_rates(days, outcomes, WINDOWS),
    )


def compared(asked: Asked, grouping: str) -> Compared:
    """Groups on the ninetieth day with the same mix of colours and types of quarrel.

    Where so fine a mix leaves out more than half of the closings, colours alone are held equal.
    """
    if "latest" not in asked.known:
        asked.known["latest"] = _latest(asked)
    latest: Asked = asked.known["latest"]
    rows = day_counts(latest, GROUPINGS[grouping], "level", "code")
    rows = [row for row in rows if row[0][0] not in ("", None)]
    n = sum(row[3] for row in rows)
    found = _compare(rows, fine=True)
    mix = "level_type"
    if found.groups and _covered(found) < COVERED_ENOUGH:
        found, mix = _compare(rows, fine=False), "level"
    return Compared(grouping, mix, n, latest.start > asked.start, found)


def _latest(asked: Asked) -> Asked:
    """The same period, from as late on as leaves so many closings as can be compared at once."""
    by_day = closings_asked(asked).order_by("-closed_day").values_list("closed_day").annotate(n=Count("pk"))
    total = 0
    for day, count in by_day:
        total += count
        if total > COMPARED_AT_MOST:
            return Asked(asked.actor, day + timedelta(days=1), asked.end, asked.today, asked.org_ids)
    return asked


def _compare(rows: Sequence[tuple[tuple[Hashable, ...], int, int, int]], *, fine: bool) -> Comparison:
    files = [
        Followed(float(days), outcome, values[0], values[1:] if fine else values[1:2])
        for values, days, outcome, count in sorted(rows, key=lambda row: str(row[0]))
        for _each in range(count)
    ]
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
    watched = asked.today - timedelta(days=COMPARE_DAY) + timedelta(days=1)
    sizes: dict[Hashable, list[int]] = defaultdict(lambda: [0, 0])
    for (body,), days, outcome, count in whole_counts(asked, "mediating_id", until=watched):
        if body is None:
            continue
        sizes[body][1] += count
        sizes[body][0] += count * (outcome == CAME_BACK and days <= COMPARE_DAY)
    units = tuple(Unit(name, back, float(n), n) for name, (back, n) in sorted(sizes.items(), key=str))
    return Bodies(funnel(units, kind="share"), rank_or_refuse(units, kind="share"), units)
