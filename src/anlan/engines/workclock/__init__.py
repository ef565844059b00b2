"""The work-clock: deadlines over working calendars, and the sum behind each of them.

Make-up working days, holidays, hours, pauses, extensions, warnings and ladders are counted
here and nowhere else. Instants go in with a time zone and come out in UTC.
"""

from anlan.engines.workclock.calendar import (
    CHINA_TIME,
    DayChange,
    HourSpan,
    SpecialDay,
    WorkCalendar,
    around_the_clock,
    calendar_changes,
    parse_hours,
)
from anlan.engines.workclock.clock import (
    Clock,
    ClockTime,
    Duration,
    Extension,
    NaturalDays,
    Pause,
    WorkingDays,
    WorkingTime,
)
from anlan.engines.workclock.deadline import DeadlineChange, deadline, deadline_of, recompute
from anlan.engines.workclock.errors import (
    CalendarError,
    CalendarIncompleteError,
    ClockError,
    ExtensionTooLateError,
    WorkClockError,
)
from anlan.engines.workclock.explain import explain, explain_line
from anlan.engines.workclock.kept import KeptDue, due_kept
from anlan.engines.workclock.reading import (
    LadderStep,
    elapsed,
    ladder_times,
    next_due,
    remaining,
    steps_due,
    warn_at,
)
from anlan.engines.workclock.sums import DeadlineSum, SumLine
from anlan.engines.workclock.years import OFFICE_HOURS, calendar_from_years, office_week

__all__ = [
    "CHINA_TIME",
    "OFFICE_HOURS",
    "CalendarError",
    "CalendarIncompleteError",
    "Clock",
    "ClockError",
    "ClockTime",
    "DayChange",
    "DeadlineChange",
    "DeadlineSum",
    "Duration",
    "Extension",
    "ExtensionTooLateError",
    "HourSpan",
    "KeptDue",
    "LadderStep",
    "NaturalDays",
    "Pause",
    "SpecialDay",
    "SumLine",
    "WorkCalendar",
    "WorkClockError",
    "WorkingDays",
    "WorkingTime",
    "around_the_clock",
    "calendar_changes",
    "calendar_from_years",
    "deadline",
    "deadline_of",
    "due_kept",
    "elapsed",
    "explain",
    "explain_line",
    "ladder_times",
    "next_due",
    "office_week",
    "parse_hours",
    "recompute",
    "remaining",
    "steps_due",
    "warn_at",
]
