"""What the JSON interface of this room answers. The sentence on permitted use stands in every answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema


class Told(Schema):
    """Every answer says what it may be used for."""

    permitted_use: str


class ReasonOut(Schema):
    """Why a place stands where it does: a key and the words for it."""

    key: str
    words: str


class PlaceOut(Schema):
    """A place of a shift with its 80 % interval; ``area`` is a station's code.

    ``kind`` is "place" for cells told by themselves (``rings`` are their corners) and "rest" for all else of the
    station's area together. ``chance`` is that of at least one report.
    """

    kind: str
    area: str
    beat: str
    lon: float | None
    lat: float | None
    cells: int
    residents: int | None
    expected: float
    low_80: int
    high_80: int
    chance: float
    reports_in_a_year: int
    reasons: list[ReasonOut]
    rings: list[list[tuple[float, float]]]


class ShiftOut(Schema):
    """A family in one shift: the whole of what is in reach, and its places, most expected first."""

    key: str
    family: str
    starts_at: datetime
    ends_at: datetime
    model: str
    held_back: list[ReasonOut]
    expected: float
    low_80: int
    high_80: int
    places: list[PlaceOut]


class RunOut(Schema):
    """Which forecast this is, and what exactly it was made from."""

    day: date
    issued_at: datetime
    made_afterwards: bool
    model_version: str
    release: str | None
    record_sha256: str
    complete_days: int


class ShiftsOut(Told):
    run: RunOut | None
    shifts: list[ShiftOut]


class ScoreOut(Schema):
    """One family on one day: what was said, what came, and what the flagged places caught beside the bar's."""

    day: date
    family: str
    model: str
    expected: float
    came: int
    caught_5: int | None
    bar_caught_5: int | None
    flagged: int
    flagged_hit: int
    intervals: int
    intervals_held: float


class FigureOut(Schema):
    """A figure of the card with its counts, its 95 % interval, and the bar's on the same days.

    Of a level also how often exactly true numbers would lie within its limits (``chance``), and ``verdict``: within,
    chance (outside, as chance may put it) or beyond.
    """

    key: str
    numerator: float
    denominator: float
    value: float | None
    low: float | None
    high: float | None
    bar: float | None
    difference: list[float] | None
    chance: float | None = None
    verdict: str = ""


class FamilyCardOut(Schema):
    family: str
    days: int
    first: date
    last: date
    models: list[str]
    made_afterwards: int
    figures: list[FigureOut]


class AlarmOut(Schema):
    family: str
    kind: str
    raised_at: datetime
    value: float
    low: float
    high: float
    n: int


class ScoresOut(Told):
    definition: int
    day: date | None
    scores: list[ScoreOut]
    cards: list[FamilyCardOut]
    alarms: list[AlarmOut]


class SectionOut(Schema):
    title: str
    lines: list[str]


class CardOut(Told):
    """The card of the models in use, written from the newest forecast's own numbers."""

    run: RunOut | None
    sections: list[SectionOut]


class StripItemOut(Schema):
    """An area above its own normal level: the last seven days against its fifteen weeks before."""

    area: str
    family: str
    first: date
    last: date
    count: int
    usual: float
    low: int
    high: int
    p: float
    verdict: str


class StripOut(Told):
    run: RunOut | None
    items: list[StripItemOut]


class ReleaseFamilyOut(Schema):
    """A family of a version: the model chosen, the one shown, and the gates that hold it back."""

    family: str
    chosen: str
    shown: str
    reason: str
    skill: float | None
    held_back: list[str]
    audit_tested: dict[str, Any]
    audit_lived: dict[str, Any]


class ReleaseOut(Schema):
    """A version of the models as the register keeps it."""

    version: str
    state: str
    judged_on: date
    judged_at: datetime
    until: date
    model_version: str
    record_sha256: str
    record_days: int
    seed: int
    permitted_use: str
    approved_by: str | None
    approved_at: datetime | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    audited_at: datetime | None
    loop: dict[str, Any]
    lived_days: int
    forecasts: int
    families: list[ReleaseFamilyOut]


class RegisterOut(Told):
    gates: dict[str, str]
    releases: list[ReleaseOut]


class WithdrawIn(Schema):
    """Why a version is taken back; it stands in the register."""

    reason: str
