"""States of a notice, how long its receivers may take, and when the house keeps quiet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from string import Formatter
from typing import Any

from django.utils.translation import gettext_lazy as _

from anlan.core.calendars import office_calendar
from anlan.core.state_machine import StateMachine
from anlan.engines.workclock import WorkCalendar, WorkingTime, deadline, parse_hours

NOTICE = StateMachine(
    "notices.notice",
    labels={
        "sent": _("not seen yet"),
        "delivered": _("shown"),
        "acknowledged": _("acknowledged"),
        "withdrawn": _("withdrawn"),
        "expired": _("run out"),
    },
    moves={
        "sent": ("delivered", "acknowledged", "withdrawn", "expired"),
        "delivered": ("acknowledged", "withdrawn", "expired"),
    },
)
OPEN = ("sent", "delivered")

URGENCIES = {"routine": _("routine"), "urgent": _("urgent")}
ASKS = {"one": _("one answer is enough"), "each": _("each receiver answers")}
KINDS = {"person": _("person"), "role": _("role at an organisation"), "group": _("crew or team")}
COUNTS = {"clock": _("by the clock"), "awake": _("outside quiet hours"), "office": _("in office hours")}

TEXT_CHARS = 200
BLANK_CHARS = 64
AWAKE_HOURS = "07:00-22:00"
"""Outside of these a routine notice makes no sound and its clock stands still."""
ANSWER_WITHIN = {"urgent": timedelta(minutes=2), "routine": timedelta(minutes=30)}
RUNS_OUT_AFTER = {"urgent": timedelta(hours=12), "routine": timedelta(hours=72)}
WORDS_KEPT_FOR = timedelta(days=90)
LONGEST_WAIT = timedelta(days=7)

# A telephone number in any shape; an incident's number has no seven digits in a row.
_MANY_DIGITS = re.compile(r"\d[\d \-]{5,}\d")
_INCIDENT_NUMBER = re.compile(r"\b\d{6}-\d{5}\b")
_PRIVATE = frozenset({"name", "caller", "reporter", "phone", "address", "narrative"})


@lru_cache(maxsize=1)
def awake_calendar() -> WorkCalendar:
    """Every day from seven to ten in the evening, holidays included: a centre never closes, people sleep."""
    return WorkCalendar(
        key="awake",
        version="1",
        weekly_hours=(parse_hours(AWAKE_HOURS),) * 7,
        special_days={},
        known_from=date(2000, 1, 1),
        known_until=date(2199, 12, 31),
    )


def is_quiet(at: datetime, urgency: str) -> bool:
    """Whether a notice of this urgency should make no sound at ``at``; an urgent one always may."""
    if urgency == "urgent":
        return False
    calendar = awake_calendar()
    day = calendar.local_date(at)
    return not any(
        calendar.instant(day, span.start_minute) <= at < calendar.instant(day, span.end_minute)
        for span in calendar.hours_on(day)
    )


def answer_due(start: datetime, within: timedelta, counts: str) -> datetime:
    """When an answer is due: ``within`` counted from ``start`` by the clock, outside quiet hours, or in office hours.

    Years not announced yet are counted by their week days.
    """
    if counts == "clock":
        return start + within
    calendar = awake_calendar() if counts == "awake" else office_calendar()
    found = deadline(start, WorkingTime(within), calendar, beyond="provisional").due_at
    assert found is not None, "a clock without pauses has an end"
    return found


def usual_count(urgency: str) -> str:
    """How the wait for an answer is counted where nothing else is said."""
    return "clock" if urgency == "urgent" else "awake"


def blanks_of(msgid: str) -> frozenset[str]:
    """The names of the blanks in a sentence."""
    return frozenset(name for _text, name, _spec, _conv in Formatter().parse(msgid) if name)


def blanks_problem(wanted: frozenset[str], given: Mapping[str, Any]) -> str:
    """What is wrong with what shall stand in a sentence's blanks; empty when nothing is.

    A notice is read aloud and lies open on screens: it names incidents, units and times, never who called.
    """
    if wanted != set(given):
        return f"{', '.join(sorted(wanted ^ set(given)))}"
    for name, value in given.items():
        if name in _PRIVATE:
            return name
        if not isinstance(value, str | int | float):
            return f"{name}: {type(value).__name__}"
        if isinstance(value, str) and (len(value) > BLANK_CHARS or holds_number_of_a_person(value)):
            return name
    return ""


def holds_number_of_a_person(text: str) -> bool:
    """Whether ``text`` holds what could be a telephone or identity number; incident numbers and times are none."""
    return any(
        sum(letter.isdigit() for letter in found) >= 7
        for found in _MANY_DIGITS.findall(_INCIDENT_NUMBER.sub(" ", text))
        if not re.match(r"\d{4}-\d{2}-\d{2}", found)
    )
