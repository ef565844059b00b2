"""What the interface takes and tells of questions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Field, Schema


class QuestionIn(Schema):
    """A question: two policies as `anlan simulate` reads them (``closest``, ``cover+moveup``), over whole days."""

    organisation: str = Field(max_length=64)
    first_day: date
    last_day: date
    first_policy: str = Field(max_length=64)
    second_policy: str = Field(max_length=64)
    runs: int = 20
    seed: int = Field(1, ge=0, lt=2**31)


class QuestionOut(Schema):
    """A question and how far it is."""

    id: int
    organisation: str
    first_day: date
    last_day: date
    first_policy: str
    second_policy: str
    runs: int
    runs_done: int
    seed: int
    definition: int
    state: str
    asked_at: datetime


class QuestionsOut(Schema):
    """The newest questions first."""

    questions: list[QuestionOut]


class Range(Schema):
    """A figure with its interval of 95 %; ends are missing where there are too few days."""

    value: float | None
    low: float | None
    high: float | None


class FigureOut(Schema):
    """A figure of both policies, the second's difference from the first, and how sure that is in words.

    `best` and `left` tell what nobody could better who knew all calls, and how far the first policy is from it at the
    most; `found` and `sure` the best way of sending found, and what could surely have been gained.
    """

    key: str
    name: str
    definition: str
    unit: str
    first: Range | None
    second: Range | None
    difference: Range | None
    verdict: str
    best: Range | None
    left: Range | None
    found: Range | None
    sure: Range | None


class AnswerOut(QuestionOut):
    """A question with its answer: figures, policies that stopped and why, what it was read from, why it was refused.

    `blocks` are the days the intervals stand on, `calls` those of a run.
    """

    blocks: int
    calls: float
    figures: list[FigureOut]
    failed: dict[str, str]
    read_from: list[str]
    by_day: list[dict[str, Any]]
    refusal: dict[str, Any]
