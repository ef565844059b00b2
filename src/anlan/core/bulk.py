"""Thousands of new rows of one table at once: for imports of the past, where an object per row costs too much.

For the few rows of a live change, which are wanted as objects with their ids, there is ``core.rows``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connections, models, router, transaction


def values_insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert ``rows`` of values for ``columns`` (attribute names, ``station_id`` for a key); the rest get defaults.

    Values are put in as they are, so they must be of the field's own type: no full model is made of a row, and
    neither ``save`` nor signals see it. What the database itself checks is checked. Raises ``ValueError`` for a
    column the model hasn't, ``IntegrityError`` as any insert does.
    """
    connection = connections[router.db_for_write(model)]
    fields = {field.attname: field for field in model._meta.concrete_fields if not field.primary_key}
    if unknown := set(columns) - set(fields):
        raise ValueError(f"{model._meta.label} has no column {', '.join(sorted(unknown))}")
    others = [field for name, field in fields.items() if name not in columns]
    fixed = tuple(field.get_db_prep_save(field.get_default(), connection) for field in others)
    prepare = [_preparer(fields[name], connection) for name in columns]
    names = [str(field.column) for field in (*(fields[name] for name in columns), *others)]
    quote = connection.ops.quote_name
    # Only names of our own tables and columns are put into the text; every value is a parameter.
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(map(quote, names))}) "
        f"VALUES ({', '.join(['%s'] * len(names))})"
    )
    values = [
        (*(make(value) if make else value for make, value in zip(prepare, row, strict=True)), *fixed) for row in rows
    ]
    if values:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.executemany(statement, values)


def _preparer(field: Any, connection: Any) -> Callable[[Any], Any] | None:
    """What makes a value of ``field`` fit for the store; None where it is fit as it stands."""
    if isinstance(field, models.DateTimeField):
        adapt = cache(connection.ops.adapt_datetimefield_value)

        def instant(value: datetime | None) -> Any:
            return None if value is None else adapt(value)

        return instant
    if isinstance(field, models.CharField | models.TextField | models.FloatField | models.IntegerField):
        return None
    if isinstance(field, models.BooleanField | models.ForeignKey):
        return None
    return lambda value: field.get_db_prep_save(value, connection)
