"""Sessions: noted when somebody comes in, and ended before their time."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import transaction

from anlan.accounts import events
from anlan.accounts.models import Person, SignedIn
from anlan.accounts.profiles import SESSION_LASTS
from anlan.accounts.selectors import ACCOUNTS_CHANGES
from anlan.core.actor import Actor
from anlan.core.services import event_record, number_next

ENDED_WHY = ("password", "factor", "owner", "administrator", "service")


@transaction.atomic
def session_note(
    *,
    person: Person,
    session_key: str,
    at: datetime,
    browser: str = "",
    service_subject: str = "",
    service_session: str = "",
) -> None:
    """Note under which key somebody came in; what is noted of sessions that are over by now is forgotten."""
    SignedIn.objects.filter(since__lt=at - 2 * SESSION_LASTS).delete()
    told = {
        "person": person,
        "since": at,
        "browser": browser[:40],
        "service_subject": service_subject[:255],
        "service_session": service_session[:255],
    }
    SignedIn.objects.update_or_create(session_key=session_key, defaults=told)


@transaction.atomic
def sessions_end(
    *, person: Person, by: Actor, at: datetime, why: str, spared: str = "", only: int | None = None
) -> int:
    """End the person's sessions, at once on pages and on the live stream; how many there were.

    ``spared`` is the key of one to leave, ``only`` the row of the one to end; ``why`` is one of ``ENDED_WHY``.
    """
    if why not in ENDED_WHY:
        raise ValueError(f"{why!r} is no reason a session ends for")
    rows = SignedIn.objects.filter(person=person).exclude(session_key=spared)
    rows = rows if only is None else rows.filter(pk=only)
    return _ended(person, list(rows.values_list("pk", "session_key")), by, at, why)


@transaction.atomic
def sessions_end_by_service(*, subject: str, session: str, before: datetime, by: Actor, at: datetime) -> int:
    """End what was begun by the sign-in service ``before``: for this ``subject`` there, or for its one ``session``.

    Whoever has come in again since stays in, should the same be told twice.
    """
    rows = SignedIn.objects.exclude(service_subject="").filter(since__lte=before).select_related("person")
    rows = rows.filter(service_subject=subject) if subject else rows.exclude(service_session="")
    rows = rows.filter(service_session=session) if session else rows
    found: dict[int, list[tuple[int, str]]] = {}
    people: dict[int, Person] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append((row.pk, row.session_key))
        people[row.person_id] = row.person
    return sum(_ended(people[key], pairs, by, at, "service") for key, pairs in found.items())


def _ended(person: Person, rows: list[tuple[int, str]], by: Actor, at: datetime, why: str) -> int:
    ended, _told = Session.objects.filter(session_key__in=[key for _pk, key in rows], expire_date__gt=at).delete()
    SignedIn.objects.filter(pk__in=[pk for pk, _key in rows]).delete()
    if not ended:
        return 0
    # The live stream looks at everybody again where this number has moved.
    number_next(ACCOUNTS_CHANGES)
    event_record(
        events.SESSIONS_ENDED,
        subject=person,
        by=by,
        at=at,
        org_ids=[person.organisation_id],
        person=person.pk,
        sessions=ended,
        why=why,
    )
    return int(ended)
