"""Putting new rows into the store without asking the object mapper to think each statement out again.

A call taken writes six or more rows, an import thousands. For each of them the mapper builds the same
INSERT anew and asks every field how to store its value, which takes it several times as long as the store
takes to carry it out. Here the statement is built once per model and store, and a field is asked only
where a value is not fit to be stored as it stands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, TypeVar

from django.db import connections, models, router, transaction
from django.db.models.base import ModelState

from anlan.core.asking import ask

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
    """One field: who has a say in its value, which types need no more, and how others are made fit."""

    name: str
    set_by: Any
    fit: frozenset[type]
    make: Callable[[Any], Any]

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
    is_json = type(field) is models.JSONField and field.encoder is None and connections[alias].vendor == "sqlite"
    make: Callable[[Any], Any] = (
        _instant_maker(field, alias)
        if is_instant
        else _json_maker(field, alias)
        if is_json
        else partial(_by_field, field, alias)
    )
    is_plain = type(field).pre_save in (models.Field.pre_save, models.DateTimeField.pre_save) and not (
        getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    )
    return _Column(field.attname, None if is_plain else field, fit, make)


def _by_field(field: Any, alias: str, value: Any) -> Any:
    return field.get_db_prep_save(value, connections[alias])


def _json_maker(field: Any, alias: str) -> Callable[[Any], Any]:
    """SQLite takes lists and mappings as the text the field itself would make of them."""

    def make(value: Any) -> Any:
        return json.dumps(value) if type(value) in (list, dict) else _by_field(field, alias, value)

    return make


def _instant_maker(field: Any, alias: str) -> Callable[[Any], Any]:
    held = _instants(alias)

    def make(value: Any) -> Any:
        aware = type(value) is datetime and value.tzinfo is not None
        return held(value) if aware else _by_field(field, alias, value)

    return make


@lru_cache(maxsize=16)
def _instants(alias: str) -> Callable[[datetime], Any]:
    """The rows of one change carry the same few instants in many columns: each is made fit once."""
    return lru_cache(maxsize=_INSTANTS_HELD)(lambda at: connections[alias].ops.adapt_datetimefield_value(at))


@dataclass(frozen=True, slots=True)
class _Insert:
    """The INSERT of one model up to its values, the placeholders of one row, what gives the ids, and the columns."""

    key: str
    head: str
    places: str
    tail: str
    read: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    set_by: tuple[tuple[int, Any], ...]
    makers: tuple[tuple[frozenset[type], Callable[[Any], Any]], ...]

    def values(self, row: models.Model) -> list[Any]:
        """The values of ``row`` as the store takes them."""
        # What a row holds is looked up at once, past what the model has to say to each asking of a key.
        held = self.read(row.__dict__)
        if self.set_by:
            found = list(held)
            for place, field in self.set_by:
                found[place] = field.pre_save(row, True)
            held = tuple(found)
        return [
            value if type(value) in fit else make(value) for value, (fit, make) in zip(held, self.makers, strict=True)
        ]


@lru_cache(maxsize=256)
def _statement(model: type[models.Model], alias: str) -> _Insert:
    meta, quote = model._meta, connections[alias].ops.quote_name
    assert meta.auto_field is not None, "only for models whose id the store gives"
    fields = [field for field in meta.local_concrete_fields if field is not meta.auto_field]
    names = ", ".join(quote(str(field.column)) for field in fields)
    columns = [_column(field, alias) for field in fields]
    # For a single name a getter gives its value instead of a tuple.
    first, *others = (column.name for column in columns)
    read = itemgetter(first, *others) if others else lambda held: (held[first],)
    return _Insert(
        key=meta.auto_field.attname,
        head=f"INSERT INTO {quote(meta.db_table)} ({names}) VALUES ",
        places=f"({', '.join(['%s'] * len(fields))})",
        tail=f" RETURNING {quote(str(meta.auto_field.column))}",
        read=read,
        set_by=tuple((place, column.set_by) for place, column in enumerate(columns) if column.set_by is not None),
        makers=tuple((column.fit, column.make) for column in columns),
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
    how = _statement(model, alias)
    values: list[Any] = []
    for row in rows:
        if row.pk is not None:
            raise ValueError(f"{model.__name__} {row.pk} is a row already")
        values += how.values(row)
    sql = how.head + ", ".join([how.places] * len(rows)) + how.tail
    ids = sorted(int(found[0]) for found in ask(sql, values, using=alias))
    for row, pk in zip(rows, ids, strict=True):
        row.__dict__[how.key] = pk
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
