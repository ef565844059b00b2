"""Putting new rows into the store without asking the object mapper to think each statement out again.

A call taken writes six or more rows, an import thousands. For each of them the mapper builds the same
INSERT anew and asks every field how to store its value, which takes it several times as long as the store
takes to carry it out. Here the statement is built once per model and store, and a field is asked only
where a value is not fit to be stored as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connections, models, router, transaction
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=models.Model)
_NOTHING = type(None)
_FIT: dict[type[models.Field[Any, Any]], frozenset[type]] = {
    models.CharField: frozenset({str, _NOTHING}),
    models.TextField: frozenset({str, _NOTHING}),
    models.IntegerField: frozenset({int, _NOTHING}),
    models.FloatField: frozenset({float, _NOTHING}),
    models.BooleanField: frozenset({bool, _NOTHING}),
    models.ForeignKey: frozenset({int, _NOTHING}),
}
"""Values of exactly these types are stored as they are by every store; subclasses go through the field."""
_INSTANTS_HELD = 4096


@dataclass(frozen=True, slots=True)
class _Column:
    """One field: how its value is read off a row, which types need no more, and how others are made fit."""

    name: str
    read: Callable[[models.Model], Any]
    fit: frozenset[type]
    make: Callable[[Any], Any]

    def of(self, row: models.Model) -> Any:
        """The value of ``row`` as the store takes it."""
        value = self.read(row)
        return value if type(value) in self.fit else self.make(value)

    def stored(self, value: Any) -> Any:
        """``value`` as the store takes it."""
        return value if type(value) in self.fit else self.make(value)


@lru_cache(maxsize=1024)
def _column(field: Any, alias: str) -> _Column:
    """How ``field`` is stored; made once, because asking the field takes longer than storing the value."""
    fit = next((types for kind, types in _FIT.items() if isinstance(field, kind)), frozenset({_NOTHING}))
    if isinstance(field, models.ForeignKey) and not isinstance(field.target_field, models.AutoField):
        fit = frozenset({_NOTHING})
    is_instant = isinstance(field, models.DateTimeField)
    make = _instant_maker(field, alias) if is_instant else lambda value: _by_field(field, value, alias)
    is_plain = type(field).pre_save in (models.Field.pre_save, models.DateTimeField.pre_save) and not (
        getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    )
    read = attrgetter(field.attname) if is_plain else partial(_set_by_field, field)
    return _Column(field.attname, read, fit, make)


def _by_field(field: Any, value: Any, alias: str) -> Any:
    return field.get_db_prep_save(value, connections[alias])


def _set_by_field(field: Any, row: models.Model) -> Any:
    """The value of a field that has a say in it (the moment of saving, a file's name)."""
    return field.pre_save(row, True)


def _instant_maker(field: Any, alias: str) -> Callable[[Any], Any]:
    held = _instants(alias)

    def make(value: Any) -> Any:
        aware = type(value) is datetime and value.tzinfo is not None
        return held(value) if aware else _by_field(field, value, alias)

    return make


@lru_cache(maxsize=16)
def _instants(alias: str) -> Callable[[datetime], Any]:
    """The rows of one change carry the same few instants in many columns: each is made fit once."""
    return lru_cache(maxsize=_INSTANTS_HELD)(lambda at: connections[alias].ops.adapt_datetimefield_value(at))


@lru_cache(maxsize=256)
def _statement(model: type[models.Model], alias: str) -> tuple[str, str, str, tuple[_Column, ...]]:
    """The INSERT up to its values, the placeholders of one row, what gives the ids, and the columns."""
    meta, quote = model._meta, connections[alias].ops.quote_name
    assert meta.auto_field is not None, "only for models whose id the store gives"
    fields = [field for field in meta.local_concrete_fields if field is not meta.auto_field]
    names = ", ".join(quote(str(field.column)) for field in fields)
    return (
        f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES ",
        f"({', '.join(['%s'] * len(fields))})",
        f" RETURNING {quote(str(meta.auto_field.column))}",
        tuple(_column(field, alias) for field in fields),
    )


@lru_cache(maxsize=256)
def _defaults(model: type[models.Model]) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[], Any]], ...]]:
    """What a new row holds where nothing is said: plain values, and those to be made anew for each row."""
    fields = model._meta.concrete_fields
    made = tuple((f.attname, f.get_default) for f in fields if f.has_default() and callable(f.default))
    plain = {f.attname: f.get_default() for f in fields}
    return plain, made


def row_new(model: type[Row], **columns: Any) -> Row:
    """A new row, not stored, from values by column (``station_id`` for a key); the rest gets its defaults.

    The same as calling the model, which takes some ten times as long: it goes through every field and
    signal. Raises ``TypeError`` for a column the model hasn't.
    """
    plain, made = _defaults(model)
    if not columns.keys() <= plain.keys():
        raise TypeError(f"{model.__name__} has no column {', '.join(sorted(columns.keys() - plain.keys()))}")
    row = model.__new__(model)
    row._state = ModelState()
    row.__dict__ |= plain
    for name, make in made:
        if name not in columns:
            row.__dict__[name] = make()
    row.__dict__ |= columns
    return row


def rows_insert(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model, each getting its id, in the caller's transaction.

    The same as ``bulk_create`` for a model with an automatic id and no parents; sends no signals.
    Raises ``ValueError`` for a row that has an id already, and what the store says (``IntegrityError``).
    """
    if not rows:
        return
    model = type(rows[0])
    alias = router.db_for_write(model)
    head, places, tail, columns = _statement(model, alias)
    values: list[Any] = []
    for row in rows:
        if row.pk is not None:
            raise ValueError(f"{model.__name__} {row.pk} is a row already")
        values += [column.of(row) for column in columns]
    sql = head + ", ".join([places] * len(rows)) + tail
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, values)
        ids = sorted(int(found[0]) for found in cursor.fetchall())
    for row, pk in zip(rows, ids, strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, alias


def row_insert(row: models.Model) -> None:
    """``rows_insert`` for a single row."""
    rows_insert((row,))


def values_insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert ``rows`` of values for the columns ``names`` (attribute names, ``station_id`` for a key).

    For thousands of rows, where an object each costs too much; columns that are not named get their
    defaults. Neither ``save`` nor signals see a row; what the store itself checks is checked. Raises
    ``ValueError`` for a column the model hasn't, ``IntegrityError`` as any insert does.
    """
    alias = router.db_for_write(model)
    connection = connections[alias]
    fields = {field.attname: field for field in model._meta.concrete_fields if not field.primary_key}
    if unknown := set(names) - set(fields):
        raise ValueError(f"{model._meta.label} has no column {', '.join(sorted(unknown))}")
    named = [_column(fields[name], alias) for name in names]
    others = [field for name, field in fields.items() if name not in names]
    fixed = tuple(field.get_db_prep_save(field.get_default(), connection) for field in others)
    quote = connection.ops.quote_name
    listed = ", ".join(quote(str(field.column)) for field in (*(fields[name] for name in names), *others))
    # Only names of our own tables and columns are put into the text; every value is a parameter.
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({listed}) "
        f"VALUES ({', '.join(['%s'] * (len(named) + len(others)))})"
    )
    values = [(*(column.stored(value) for column, value in zip(named, row, strict=True)), *fixed) for row in rows]
    if values:
        with transaction.atomic(using=alias), connection.cursor() as cursor:
            cursor.executemany(statement, values)
