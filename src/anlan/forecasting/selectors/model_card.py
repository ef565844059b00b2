"""The card of the models in use: what they are for, made from, worth and bad at. Written from numbers, never by hand.

``text_of(facts_of(run))`` is the card of a run; the page shows it, and a test
takes the numbers out of the text again and compares them with the run's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from anlan.forecasting.messages import FAMILY_NAMES
from anlan.forecasting.models import ForecastRun
from anlan.forecasting.rules import (
    BAR,
    CALLS,
    CELL_M,
    LEAST_ADDRESSES,
    LEAST_SHOWN,
    MODELS,
    NEVER,
    PERMITTED_USE,
    SHIFT_HOURS,
    UNSIGNED,
)
from anlan.forecasting.selectors.record import number_day
from anlan.forecasting.selectors.register import held_back


@dataclass(frozen=True, slots=True)
class FamilyFacts:
    """A family's scores on the days tested: the shown model's and the bar's."""

    family: str
    shown: str
    reason: str
    n: int
    days: int
    first: date
    last: date
    capture_5: float | None
    capture_20: float | None
    bar_capture_5: float | None
    bar_capture_20: float | None
    level: float | None
    cover: float | None
    skill: float | None
    skill_lo: float | None
    waits: str = ""
    """The model that would be shown if somebody signed its version."""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """Everything the card says in numbers."""

    day: date
    issued: str
    version: str
    record: str
    seed: int
    days: int
    reports: int
    cells: int
    holes: int
    weather_days: int
    families: tuple[FamilyFacts, ...]


def facts_of(run: ForecastRun) -> CardFacts:
    """The numbers of a run's card, from what was stored when it was issued."""
    families = tuple(_family(name, found, held_back(run.release, name)) for name, found in run.card.items())
    cells = max((found["cells"] for name, found in run.card.items() if name != CALLS), default=0)
    return CardFacts(
        run.day,
        run.issued_at.isoformat(timespec="seconds"),
        run.model_version,
        run.record_sha256,
        run.seed,
        run.facts["days"],
        run.facts["reports"],
        cells,
        len(run.facts["holes"]),
        run.facts["weather_days"],
        families,
    )


def _family(name: str, found: dict[str, Any], held: list[str]) -> FamilyFacts:
    """What is shown at present: the model judged best, or the bar where it was or has been held back since."""
    best = found.get("best", found["shown"])
    title = BAR if held or set(found.get("held_back", ())) - {UNSIGNED} else best
    shown, bar = found["models"][title], found["models"][BAR]
    places = name != CALLS
    return FamilyFacts(
        family=name,
        shown=title,
        reason=found["reason"],
        n=shown["n"],
        days=found["days"],
        first=number_day(found["first_day"]),
        last=number_day(found["last_day"]),
        capture_5=shown["capture_5"] if places else None,
        capture_20=shown["capture_20"] if places else None,
        bar_capture_5=bar["capture_5"] if places else None,
        bar_capture_20=bar["capture_20"] if places else None,
        level=shown["pred_over_actual"],
        cover=shown["coverage_80"],
        skill=found["skill"],
        skill_lo=found["skill_lo"],
        waits=best if UNSIGNED in held else "",
    )


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the card with its paragraphs."""

    title: str
    lines: tuple[str | Promise, ...]


def text_of(facts: CardFacts) -> list[Section]:
    """The card in the active language."""
    blanks = {
        "cell": f"{CELL_M:.0f}",
        "hours": SHIFT_HOURS,
        "days": facts.days,
        "reports": facts.reports,
        "cells": facts.cells,
        "holes": facts.holes,
        "weather": facts.weather_days,
        "least": LEAST_SHOWN,
        "addresses": LEAST_ADDRESSES,
        "never": ", ".join(code if len(code) == 4 else f"{code}xx" for code in NEVER),
        "version": facts.version,
        "seed": facts.seed,
        "record": facts.record[:16],
        "issued": facts.issued,
        "day": facts.day.isoformat(),
    }
    told = [*_purpose(), *_made(facts), *_bounds()]
    return [Section(title, tuple(str(line).format(**blanks) for line in lines)) for title, lines in told]


_Told = list[tuple[str, list[Any]]]


def _purpose() -> _Told:
    """What it is for, and what it is not for."""
    return [
        (
            _("What it is for"),
            [PERMITTED_USE, _("Reports by citizens to expect in cells of {cell} m and shifts of {hours} hours.")],
        ),
        (
            _("What it is not for"),
            [
                _("Statements about persons, addresses or dwellings; deciding whom to stop, search or visit."),
                _("Measuring units or officers; sentences about how dangerous an area is."),
            ],
        ),
    ]


def _made(facts: CardFacts) -> _Told:
    """What it is made from, how it is shown, and what it was worth."""
    return [
        (
            _("Made from"),
            [
                _("{reports} reports by citizens on {days} complete days, in {cells} active cells."),
                _("What officers entered themselves is never among them."),
                _("Never counted: {never} (drugs, gatherings, tips, complaints about policing)."),
                _("0204 (violence at home) counts in station totals only."),
                _("Holes in the record: {holes}. Days with weather measured: {weather}."),
            ],
        ),
        (
            _("Shown as"),
            [
                _("A place stands by itself with {least} reports of the family in a year and {addresses} addresses."),
                _("Others are told together with their station's area."),
            ],
        ),
        (_("Worth"), [line for family in facts.families for line in lines_of(family)]),
    ]


def _bounds() -> _Told:
    """What it cannot do, and which edition it is."""
    return [
        (
            _("Limits"),
            [
                _("Areas whose people rarely call look quiet: calls differ with trust and habit."),
                _("Active cells are those known on the day of issue; a report elsewhere counts as missed."),
                _("An interval speaks of chance and of past scatter, never of what nobody has seen yet."),
            ],
        ),
        (
            _("Edition"),
            [_("Program and models {version}, seed {seed}, record {record}, for {day}, issued {issued}.")],
        ),
    ]


def lines_of(family: FamilyFacts) -> list[str]:
    """A family's worth, and which model waits for a signature."""
    if not family.waits:
        return [line_of(family)]
    waits = _("{family}: {model} did better on these days and is computed, but not shown until a person signs it.")
    model = MODELS.get(family.waits, family.waits)
    return [line_of(family), waits.format(family=FAMILY_NAMES[family.family], model=model)]


def line_of(family: FamilyFacts) -> str:
    """One family's worth in a sentence, with its number of reports and the bar beside it."""
    blanks = {
        "family": FAMILY_NAMES[family.family],
        "model": MODELS.get(family.shown, family.shown),
        "n": family.n,
        "days": family.days,
        "first": family.first.isoformat(),
        "last": family.last.isoformat(),
        "five": _percent(family.capture_5),
        "twenty": _percent(family.capture_20),
        "bar_five": _percent(family.bar_capture_5),
        "bar_twenty": _percent(family.bar_capture_20),
        "level": "–" if family.level is None else f"{family.level:.2f}",
        "cover": _percent(family.cover),
    }
    if family.family == CALLS:
        text = _(
            "{family}: {model}; expected by came {level}, 80 % intervals held {cover} (n = {n}, {days} days, {first} "
            "to {last})."
        )
    else:
        text = _(
            "{family}: {model}; 5 % of cells caught {five} (yearly mean {bar_five}), 20 % caught {twenty} "
            "({bar_twenty}); expected by came {level}, 80 % intervals held {cover} (n = {n}, {days} days, "
            "{first} to {last})."
        )
    return text.format(**blanks)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"
