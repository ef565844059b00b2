"""Putting new rows into the store without asking the object mapper to think the statement out again.

A call taken writes six or more rows. For each of them the mapper builds the same INSERT anew, which
takes it several times as long as the store takes to carry it out. Here the statement is built once per
model and store; the values go through the very same preparation of the fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import connections, models, router


@lru_cache(maxsize=256)
def _statement(model: type[models.Model], alias: str) -> tuple[str, str, tuple[Any, ...]]:
    """The INSERT up to its values, the placeholders of one row, and the fields in their order."""
    meta, quote = model._meta, connections[alias].ops.quote_name
    fields = tuple(field for field in meta.local_concrete_fields if field is not meta.auto_field)
    columns = ", ".join(quote(str(field.column)) for field in fields)
    return (
        f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ",
        f"({', '.join(['%s'] * len(fields))})",
        fields,
    )


def rows_insert(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model, each getting its id, in the caller's transaction.

    The same as ``bulk_create`` for a model with an automatic id and no parents; sends no signals.
    Raises ``ValueError`` for a row that has an id already, and what the store says (``IntegrityError``).
    """
    if not rows:
        return
    model = type(rows[0])
    auto = model._meta.auto_field
    assert auto is not None, "only for models whose id the store gives"
    alias = router.db_for_write(model)
    connection = connections[alias]
    head, places, fields = _statement(model, alias)
    values: list[Any] = []
    for row in rows:
        if row.pk is not None:
            raise ValueError(f"{model.__name__} {row.pk} is a row already")
        values += [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    sql = f"{head}{', '.join([places] * len(rows))} RETURNING {connection.ops.quote_name(str(auto.column))}"
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        ids = sorted(int(found[0]) for found in cursor.fetchall())
    for row, pk in zip(rows, ids, strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, alias


def row_insert(row: models.Model) -> None:
    """``rows_insert`` for a single row."""
    rows_insert((row,))
