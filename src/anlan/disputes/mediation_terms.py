"""The terms of mediation, each with the sum by which anybody can count it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.core.calendars import office_calendar
from anlan.disputes.mediation_rules import FIRST_SESSION_WORKDAYS, PENALTY_DAYS
from anlan.disputes.rules import JUDICIAL_CONFIRMATION_DAYS, MEDIATION_LIMIT_DAYS, SECOND_SESSION_WORKDAYS
from anlan.engines.workclock import Clock, Duration, Extension, NaturalDays, Pause, WorkingDays, deadline_of, explain


@dataclass(frozen=True, slots=True)
class Term:
    """When a term ends, None while it stands still, and its sum: what went in and the lines in both languages."""

    due_at: datetime | None
    total: dict[str, Any]


def term(
    kind: str,
    start: datetime,
    days: int,
    *,
    working: bool = False,
    pauses: Sequence[tuple[datetime, datetime | None, str]] = (),
    extensions: Sequence[tuple[int, str]] = (),
) -> Term:
    """Count ``days`` from ``start``; beyond the announced years provisionally, which the sum says."""
    calendar = office_calendar()
    duration: Duration = WorkingDays(days, until="midnight") if working else NaturalDays(days)
    clock = Clock(
        start,
        duration,
        tuple(Pause(begun, ended, reason) for begun, ended, reason in pauses),
        tuple(Extension(NaturalDays(more), reason) for more, reason in extensions),
    )
    found = deadline_of(clock, calendar, beyond="provisional")
    return Term(
        found.due_at,
        {
            "kind": kind,
            "start": start.isoformat(),
            "days": days,
            "working": working,
            "pauses": [[a.isoformat(), b.isoformat() if b else None, reason] for a, b, reason in pauses],
            "extensions": [[more, reason] for more, reason in extensions],
            "zh": explain(found, calendar, "zh"),
            "en": explain(found, calendar, "en"),
            "calendar": found.calendar_key,
            "version": found.calendar_version,
            "is_provisional": found.calendar_incomplete,
        },
    )


def term_again(total: dict[str, Any]) -> Term:
    """Count a term anew from its sum alone."""
    read = datetime.fromisoformat
    return term(
        total["kind"],
        read(total["start"]),
        total["days"],
        working=total["working"],
        pauses=[(read(a), read(b) if b else None, reason) for a, b, reason in total["pauses"]],
        extensions=[(days, reason) for days, reason in total["extensions"]],
    )


def mediation_limit(
    start: datetime,
    *,
    pauses: Sequence[tuple[datetime, datetime | None, str]] = (),
    extensions: Sequence[tuple[int, str]] = (),
) -> Term:
    """The month within which a mediation is brought to an end; pauses don't count (People's Mediation Law)."""
    return term("mediation_limit", start, MEDIATION_LIMIT_DAYS, pauses=pauses, extensions=extensions)


def first_session_by(accepted_at: datetime) -> Term:
    """Police mediation: the first session, three working days after acceptance."""
    return term("first_session", accepted_at, FIRST_SESSION_WORKDAYS, working=True)


def second_session_by(first_at: datetime) -> Term:
    """Police mediation: the second session, seven working days after the first."""
    return term("second_session", first_at, SECOND_SESSION_WORKDAYS, working=True)


def confirmation_by(effective_at: datetime) -> Term:
    """The joint application for judicial confirmation, thirty days after the agreement took effect."""
    return term("judicial_confirmation", effective_at, JUDICIAL_CONFIRMATION_DAYS)


def penalty_by(failed_at: datetime) -> Term:
    """Police: the case is decided within thirty days, counted only from the failure of the mediation."""
    return term("penalty", failed_at, PENALTY_DAYS)
