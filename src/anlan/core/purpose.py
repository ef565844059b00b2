"""Personal data are read for a purpose, or not at all.

Columns that the field inventory masks by ``purpose`` are ``Protected``: the object mapper refuses to take their
value out of the store unless somebody said what for. A person's look is logged before anything is shown
(``looking``); what the program does by itself, showing nothing, is one of a short list (``machine_use``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import DatabaseError, models

from anlan.core.actor import SYSTEM, Actor
from anlan.core.disk import store_refusal
from anlan.core.errors import LookNotLogged, PurposeMissing
from anlan.core.reach import reaching_as
from anlan.core.services import view_log

MACHINE_USES = {
    "keep": "a value told anew is put beside what is kept already",
    "mask": "all but a few digits is hidden before anybody sees it",
    "compare": "told apart under a file's own key, or held against digits somebody gave; nothing is shown",
    "fits": "whether an address can be written to at all",
}
"""What the program may read by itself, and why nobody sees it."""
_purpose: ContextVar[str] = ContextVar("purpose", default="")


def purpose_now() -> str:
    """What personal data are being read for; empty where nobody said."""
    return _purpose.get()


@contextmanager
def looking(
    purpose: str, *, by: Actor, at: datetime, target: models.Model, incident_id: int | None = None, note: str = ""
) -> Iterator[None]:
    """Within it, protected columns may be read; the look stands in the log first. ``target`` is whose data it is."""
    if not purpose.strip():
        raise PurposeMissing(what=target._meta.label_lower)
    try:
        view_log(by=by, at=at, purpose=purpose, target=target, incident_id=incident_id, note=note)
    except DatabaseError as problem:
        if store_refusal(problem, at=at) is not None:
            raise
        raise LookNotLogged(what=target._meta.label_lower) from problem
    with _read_for(purpose), reaching_as(by):
        yield


@contextmanager
def machine_use(use: str) -> Iterator[None]:
    """Within it, the program may read protected columns for one of ``MACHINE_USES``, and shows nothing of them."""
    if use not in MACHINE_USES:
        raise ValueError(f"{use!r} is no known use; the list in core.purpose is short on purpose")
    if use == "mask":
        # The digits left over are shown: no further than whoever asks reaches.
        with _read_for(use):
            yield
        return
    with _read_for(use), reaching_as(SYSTEM):
        yield


@contextmanager
def _read_for(purpose: str) -> Iterator[None]:
    token = _purpose.set(purpose)
    try:
        yield
    finally:
        _purpose.reset(token)


class _Protected:
    """What makes a column protected. In the store, and to migrations, it is the plain column."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """Refuse to hand out anything but nothing while nobody said what for."""
        if value and not _purpose.get():
            target: Any = self
            raise PurposeMissing(what=f"{target.model._meta.label_lower}.{target.name}")
        return value

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        plain: Any = next(kind for kind in type(self).__mro__ if kind.__module__.startswith("django."))
        return name, f"django.db.models.{plain.__name__}", args, kwargs


class ProtectedCharField(_Protected, models.CharField):  # type: ignore[type-arg]
    """A short text about a citizen, read for a purpose only."""


class ProtectedTextField(_Protected, models.TextField):  # type: ignore[type-arg]
    """A long text about a citizen, read for a purpose only."""


PROTECTED = (ProtectedCharField, ProtectedTextField)
