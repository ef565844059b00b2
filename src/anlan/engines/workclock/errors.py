"""What the work-clock refuses, each with the facts a room needs to say so politely."""

from datetime import date, datetime


class WorkClockError(ValueError):
    """Base of every refusal of the work-clock."""


class CalendarError(WorkClockError):
    """Calendar data that contradict themselves or cannot be read."""


class ClockError(WorkClockError):
    """A start, pause, extension or duration that cannot be."""


class CalendarIncompleteError(WorkClockError):
    """The count needs a day for which no calendar has been announced.

    Attributes: `calendar_key`, `calendar_version`, `known_from`, `known_until` (the first and
    last local dates the calendar speaks for) and `needed` (the date that was asked for).
    """

    def __init__(
        self, *, calendar_key: str, calendar_version: str, known_from: date, known_until: date, needed: date
    ) -> None:
        super().__init__(
            f"calendar {calendar_key} {calendar_version} speaks for {known_from} to {known_until}; "
            f"{needed} is needed: load the announced calendar for {needed.year} and compute again"
        )
        self.calendar_key = calendar_key
        self.calendar_version = calendar_version
        self.known_from = known_from
        self.known_until = known_until
        self.needed = needed


class ExtensionTooLateError(WorkClockError):
    """An extension granted after the deadline it was to move had passed.

    Attributes: `granted_at` and `due_at`.
    """

    def __init__(self, *, granted_at: datetime, due_at: datetime) -> None:
        super().__init__(f"granted at {granted_at.isoformat()}, after the deadline {due_at.isoformat()}")
        self.granted_at = granted_at
        self.due_at = due_at
