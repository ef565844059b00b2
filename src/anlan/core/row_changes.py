"""Reading a row anew and changing it in place, without having the object mapper think each statement out again.

Every step of a matter reads its incident, its assignment and its unit again before it changes them. The
statements are always the same; the mapper builds each of them anew, which takes it many times as long as
the store takes to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, TypeVar

from django.db import connections, models, router

M = TypeVar("M", bound=models.Model)
_PLAIN = (str, int, float, bool, type(None))


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a row of one model is read by its id: the statement, the names, and what makes stored values fit."""

    sql: str
    names: tuple[str, ...]
    makers: tuple[tuple[int, Callable[[Any], Any]], ...]
    relations: Mapping[str, str]


@lru_cache(maxsize=256)
def _reading(model: type[models.Model], alias: str) -> _Reading:
    meta, connection = model._meta, connections[alias]
    quote = connection.ops.quote_name
    makers = []
    for place, field in enumerate(meta.concrete_fields):
        expression = field.get_col(meta.db_table)
        steps = [
            *connection.ops.get_db_converters(expression),
            *expression.get_db_converters(connection),
        ]
        if steps:
            makers.append((place, partial(_made, steps, expression, alias)))
    columns = ", ".join(quote(str(field.column)) for field in meta.concrete_fields)
    return _Reading(
        sql=f"SELECT {columns} FROM {quote(meta.db_table)} WHERE {quote(str(meta.pk.column))} = %s",
        names=tuple(field.attname for field in meta.concrete_fields),
        makers=tuple(makers),
        relations={field.name: field.attname for field in meta.concrete_fields if field.is_relation},
    )


def _made(steps: list[Callable[..., Any]], expression: Any, alias: str, value: Any) -> Any:
    for step in steps:
        value = step(value, expression, connections[alias])
    return value


def _fit(how: _Reading, found: Sequence[Any]) -> list[Any]:
    values = list(found)
    for place, make in how.makers:
        if values[place] is not None:
            values[place] = make(values[place])
    return values


def row_reread(row: models.Model) -> None:
    """Bring ``row`` up to date with the store, as ``refresh_from_db`` does.

    What hangs on it by a key (``assignment.unit``) stays where the key is still the same; it is not read
    again. Raises the model's ``DoesNotExist`` when the row is gone.
    """
    model = type(row)
    alias = row._state.db or router.db_for_read(model)
    how = _reading(model, alias)
    with connections[alias].cursor() as cursor:
        cursor.execute(how.sql, [row.pk])
        found = cursor.fetchone()
    if found is None:
        raise model.DoesNotExist(f"{model.__name__} {row.pk} is not there any more")  # type: ignore[attr-defined]
    held = row.__dict__
    before = {name: held.get(key) for name, key in how.relations.items()}
    held.update(zip(how.names, _fit(how, found), strict=True))
    # What was fetched by a key that has changed, or from the other side of one, is of yesterday.
    cache = row._state.fields_cache
    for name in list(cache):
        if name not in before or before[name] != held[how.relations[name]]:
            del cache[name]
    held.pop("_prefetched_objects_cache", None)
    row._state.db = alias


def rows_read(model: type[M], *, order: tuple[str, ...] = ("id",), limit: int | None = None, **tests: Any) -> list[M]:
    """The rows of which every column named in ``tests`` has that value (or, for a tuple, one of those values).

    The same rows as ``filter(…).order_by(…)`` would give, for questions that every step asks. ``order``
    names columns, each with a ``-`` before it for the other way round.
    """
    if () in tests.values():
        return []
    alias = router.db_for_read(model)
    how = _reading(model, alias)
    kinds = tuple((name, _kind_of(value)) for name, value in tests.items())
    sql, fields = _asking(model, alias, kinds, order, limit)
    given = [(field, one) for field, value in zip(fields, tests.values(), strict=True) for one in _each(value)]
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, [_stored(field, value, alias) for field, value in given])
        found = cursor.fetchall()
    return [model.from_db(alias, how.names, _fit(how, values)) for values in found]


def _kind_of(value: Any) -> int:
    """How many blanks a condition has; -1 for a single value."""
    return len(value) if isinstance(value, tuple) else 0 if value is None else -1


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)


@lru_cache(maxsize=512)
def _asking(
    model: type[models.Model],
    alias: str,
    kinds: tuple[tuple[str, int], ...],
    order: tuple[str, ...],
    limit: int | None,
) -> tuple[str, tuple[Any, ...]]:
    fields, quote = _fields(model), connections[alias].ops.quote_name
    conditions = " AND ".join(_condition(quote(str(fields[name].column)), blanks) for name, blanks in kinds)
    places = ", ".join(
        quote(str(fields[name.removeprefix("-")].column)) + (" DESC" if name.startswith("-") else "")
        for name in order
    )
    head = _reading(model, alias).sql.partition(" WHERE ")[0]
    ending = f" LIMIT {limit:d}" if limit is not None else ""
    return f"{head} WHERE {conditions} ORDER BY {places}{ending}", tuple(fields[name] for name, _ in kinds)


def _condition(column: str, blanks: int) -> str:
    if blanks == 0:
        return f"{column} IS NULL"
    return f"{column} = %s" if blanks < 0 else f"{column} IN ({', '.join(['%s'] * blanks)})"


def _fields(model: type[models.Model]) -> dict[str, Any]:
    fields: dict[str, Any] = {field.attname: field for field in model._meta.concrete_fields}
    return fields | {field.name: field for field in model._meta.concrete_fields}


@lru_cache(maxsize=512)
def _changing(
    model: type[models.Model], alias: str, names: tuple[str, ...], where: tuple[tuple[str, int], ...]
) -> tuple[str, tuple[Any, ...]]:
    """The UPDATE of these columns on these conditions, and the fields of all its values in their order."""
    fields, quote = _fields(model), connections[alias].ops.quote_name
    key = str(model._meta.pk.attname)
    sets = ", ".join(f"{quote(str(fields[name].column))} = %s" for name in names)
    tests = " AND ".join(_condition(quote(str(fields[name].column)), blanks) for name, blanks in ((key, -1), *where))
    return (
        f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE {tests}",
        tuple(fields[name] for name in (*names, key, *(name for name, blanks in where if blanks))),
    )


def row_change(row: models.Model, changes: Mapping[str, Any], *, where: Mapping[str, Any] | None = None) -> bool:
    """Set columns of the stored row, only if it is still as ``where`` says; returns whether it was.

    One conditional UPDATE, as ``filter(pk=…, **where).update(**changes)``: of two at the same instant one
    wins. Names are fields or their columns (``holder`` with a row, ``holder_id`` with its id). ``row``
    itself is left as it is.
    """
    model, tests = type(row), where or {}
    alias = router.db_for_write(model)
    sql, fields = _changing(model, alias, tuple(changes), tuple((name, _kind_of(tests[name])) for name in tests))
    given = (*changes.values(), row.pk, *(value for value in tests.values() if value is not None))
    values = [_stored(field, value, alias) for field, value in zip(fields, given, strict=True)]
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, values)
        return bool(cursor.rowcount)


def _stored(field: Any, value: Any, alias: str) -> Any:
    if isinstance(value, models.Model):
        value = value.pk
    if type(value) in _PLAIN and not isinstance(field, models.JSONField | models.DateTimeField):
        return value
    return field.get_db_prep_save(value, connections[alias])
