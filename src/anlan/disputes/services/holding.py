"""One step of a file: it is one transaction, reads its file once, and has in hand what stands in the store.

A step is made of smaller ones, and each of them holds the file. Nobody else changes a held file before the
transaction ends, so it is read with the first of them and kept up with each change; a second object of the same
row, or a change made past it, is noticed and the file read anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

from anlan.core.row_changes import row_change, row_reread
from anlan.disputes.models import DisputeFile

P = ParamSpec("P")
R = TypeVar("R")
_held: ContextVar[dict[int, DisputeFile] | None] = ContextVar("disputes_files_held", default=None)


def step(service: Callable[P, R]) -> Callable[P, R]:
    """A service that is one transaction; called by another step it is a part of that one.

    A part makes no savepoint of its own: when it refuses, the whole step is undone. Who wants to go on after
    a refusal inside a step sets a savepoint.
    """

    @wraps(service)
    def whole_or_part(*args: P.args, **kwargs: P.kwargs) -> R:
        if _held.get() is not None:
            return service(*args, **kwargs)
        begun = _held.set({})
        try:
            with transaction.atomic():
                return service(*args, **kwargs)
        finally:
            _held.reset(begun)

    return whole_or_part


def file_hold(file: DisputeFile) -> DisputeFile:
    """Have the file as it stands, and keep others from changing it until the transaction ends."""
    if is_held(file):
        return file
    if connection.features.has_select_for_update:
        DisputeFile.objects.select_for_update().filter(pk=file.pk).values_list("pk").first()
    row_reread(file)
    if (held := _held.get()) is not None:
        held[file.pk] = file
    return file


def file_change(file: DisputeFile, changes: Mapping[str, Any], *, where: Mapping[str, Any] | None = None) -> bool:
    """Set columns of the file, in the store and in hand, if it is still as ``where`` says; returns whether it was."""
    in_hand = is_held(file)
    won = row_change(file, changes, where=where)
    if won and in_hand:
        for name, value in changes.items():
            setattr(file, name, value.astimezone(UTC) if isinstance(value, datetime) else value)
    else:
        file_reread(file)
    return won


def is_held(file: DisputeFile) -> bool:
    """Whether this very object is the one the running step holds."""
    held = _held.get()
    return held is not None and held.get(file.pk) is file


def file_reread(file: DisputeFile) -> None:
    """The file was changed past the object in hand: it is read now, and by whoever holds it next."""
    held = _held.get()
    if held is not None and held.get(file.pk) is not file:
        held.pop(file.pk, None)
    row_reread(file)
