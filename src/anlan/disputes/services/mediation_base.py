"""What every step at the mediating table does: hold the file, move it, tell it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Model

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.calendars import office_calendar
from anlan.disputes.due import Due, due_on
from anlan.disputes.mediation_errors import PartyOfAnotherFile
from anlan.disputes.mediation_models import Mediation
from anlan.disputes.mediation_terms import Term
from anlan.disputes.models import DisputeFile, Party
from anlan.disputes.services.parts import due_set
from anlan.disputes.services.parts import tell as file_tell

SIDES = ("a", "b", "more")
LOOK_AGAIN = timedelta(days=14)
"""While a limit stands still, somebody looks this often whether the reason still holds."""
_DUE_KINDS = {
    "mediation_limit": "mediation",
    "first_session": "mediation",
    "second_session": "second_session",
    "penalty": "police",
}


def due_of(term: Term, at: datetime) -> Due:
    """A term as what the file waits for; while it stands still, the day to look again."""
    kind = _DUE_KINDS[term.total["kind"]]
    return due_on(kind, term.due_at or at + LOOK_AGAIN, zh=term.total["zh"], en=term.total["en"])


def file_due(file: DisputeFile, term: Term, *, by: Actor, at: datetime) -> None:
    """The file waits for this term, as long as it is being mediated."""
    if file.state == "mediating":
        due_set(file, due_of(term, at), by=by, at=at)


def person_of(pk: int) -> Person:
    """The row of somebody who works here."""
    return Person.objects.get(pk=pk)


def sides_of(file: DisputeFile) -> list[Party]:
    """The parties who quarrel, without helpers and witnesses, as far as they are still in it."""
    return list(Party.objects.filter(file=file, role__in=SIDES, left_at=None))


def parties_named(file: DisputeFile, ids: Iterable[int]) -> dict[int, Party]:
    """The parties of these ids; raises ``PartyOfAnotherFile`` where one is not of this file or has left it."""
    wanted = set(ids)
    found = {row.pk: row for row in Party.objects.filter(file=file, pk__in=wanted, left_at=None)}
    if set(found) != wanted:
        raise PartyOfAnotherFile(field="party", problem="", file=file.number)
    return found


def day_of(at: datetime) -> date:
    """The local date of an instant."""
    return office_calendar().local_date(at)


def day_end(day: date) -> datetime:
    """The midnight that ends a local date."""
    return office_calendar().instant(day, 1440)


def tell(kind: str, row: Model, mediation: Mediation, *, by: Actor, at: datetime, **data: Any) -> None:
    """Put a step on the record: numbers, codes and times."""
    file_tell(
        kind,
        mediation.file,
        by=by,
        at=at,
        subject=row,
        orgs=(mediation.body.organisation_id,),
        round=mediation.round,
        method=mediation.method,
        **data,
    )
