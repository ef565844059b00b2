"""What an address asks for, as anybody may have typed it: what can't be is as if it had not been asked."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
"""Beyond these no record lies, and a day more could not be counted from the last of all dates."""
LONGEST_NUMBER, MOST_SHOWN = 18, 40
"""Digits a store can hold; letters of what was typed that a refusal repeats."""


NOTHING = "\0"
"""A letter that stands for none: one store keeps it, the other takes no text that has it."""


def typed(query: QueryDict, name: str) -> str:
    """What was typed into ``name``, without blanks around it and without what no key writes."""
    return str(query.get(name, "")).replace(NOTHING, "").strip()


def cleaned(query: QueryDict) -> QueryDict:
    """The same without letters that no key writes."""
    if not any(NOTHING in value for _name, values in query.lists() for value in values):
        return query
    clean = QueryDict(mutable=True)
    for name, values in query.lists():
        clean.setlist(name.replace(NOTHING, ""), [str(value).replace(NOTHING, "") for value in values])
    return clean


def day_asked(request: HttpRequest, name: str) -> date | None:
    """The day of the query's ``name``; None where there is none or it can't be one."""
    try:
        day = parse_date(request.GET.get(name, ""))
    except ValueError:
        return None
    return day if day and FIRST_DAY <= day <= LAST_DAY else None


def number_asked(request: HttpRequest, name: str) -> int | None:
    """The whole number, not below zero, of the query's ``name``; None where there is none or it can't be one."""
    return whole(request.GET.get(name, ""))


def whole(text: str) -> int | None:
    """The whole number, not below zero, that ``text`` is; None where it is none, or longer than a store can hold."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def moment(text: str) -> datetime | None:
    """A moment as a form or another page writes it: milliseconds since 1970, or local date and time."""
    try:
        ms = whole(text)
        found = parse_datetime(text) if ms is None else datetime.fromtimestamp(ms / 1000, UTC)
        if found is None or not FIRST_DAY.year <= found.year <= LAST_DAY.year:
            return None
        return timezone.make_aware(found) if timezone.is_naive(found) else found
    except (ValueError, OverflowError, OSError):
        return None
