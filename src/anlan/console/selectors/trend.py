"""The last eight weeks of every figure, as a line to glance at and a table to read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.utils import timezone

from anlan.core.actor import Actor
from anlan.reports.errors import FigureUnknown
from anlan.reports.selectors import Figure, kpi_find, kpi_some

WEEKS = 8
WIDTH, HEIGHT, MARGIN = 96.0, 24.0, 3.0


@dataclass(frozen=True, slots=True)
class Week:
    """A figure in one local week from Monday; the running one is not over yet."""

    first: date
    last: date
    figure: Figure
    is_running: bool

    @property
    def query(self) -> str:
        """The period as the records page takes it."""
        return urlencode({"from": self.first, "to": self.last})


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure over the weeks, oldest first."""

    key: str
    weeks: tuple[Week, ...]

    @property
    def now(self) -> Week:
        return self.weeks[-1]

    @property
    def lines(self) -> list[str]:
        """Point lists of the drawn line, broken where a week has no value."""
        return spark_lines([week.figure.value for week in self.weeks])

    @property
    def dot(self) -> tuple[float, float] | None:
        """Where the last week stands, if it has a value."""
        return spark_points([week.figure.value for week in self.weeks])[-1]


def spark_points(values: list[float | None]) -> list[tuple[float, float] | None]:
    """Values as points in a box of 96 by 24, larger ones higher, None where there is none.

    Zero is the foot of the box: a change looks as large as it is.
    """
    known = [value for value in values if value is not None]
    top = max([*known, 0.0]) or 1.0
    step = (WIDTH - 2 * MARGIN) / max(1, len(values) - 1)
    room = HEIGHT - 2 * MARGIN
    return [
        None if value is None else (round(MARGIN + k * step, 1), round(HEIGHT - MARGIN - room * value / top, 1))
        for k, value in enumerate(values)
    ]


def spark_lines(values: list[float | None]) -> list[str]:
    """The points joined, ``x,y x,y …``, one list for each unbroken run of at least two."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in spark_points(values):
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [" ".join(f"{x:g},{y:g}" for x, y in run) for run in runs if len(run) > 1]


def trends(actor: Actor, keys: Iterable[str], *, at: datetime) -> list[Trend]:
    """Each of these figures in each of the last eight weeks, the running one last."""
    today = timezone.localtime(at).date()
    monday = today - timedelta(days=today.weekday())
    found: dict[str, list[Week]] = {}
    for back in range(WEEKS - 1, -1, -1):
        first = monday - timedelta(weeks=back)
        last = min(first + timedelta(days=6), today)
        start, end = _midnight(first), _midnight(last + timedelta(days=1))
        known = [key for key in keys if _is_known(key, start)]
        for figure in kpi_some(actor, known, start=start, end=end, at=at).values():
            if figure.kind != "missing":
                found.setdefault(figure.key, []).append(Week(first, last, figure, is_running=back == 0))
    return [Trend(key, tuple(weeks)) for key, weeks in found.items()]


def _is_known(key: str, on: datetime) -> bool:
    """Whether there was such a figure on that day: definitions have a first day."""
    try:
        kpi_find(key, on=on)
    except FigureUnknown:
        return False
    return True


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
