"""Every unit and every last position, read the short way: what a recommendation waits for first."""

from __future__ import annotations

import json
from datetime import UTC
from functools import lru_cache
from typing import Any

from django.db import models, router

from anlan.core.asking import ask
from anlan.units.models import Unit, UnitPosition

Row = tuple[Any, ...]


def unit_rows(fields: tuple[str, ...]) -> list[Row]:
    """The active units, as ``values_list`` would give them."""
    return _rows(Unit, fields, "capabilities", "state_since", is_active=True)


def position_rows(fields: tuple[str, ...]) -> list[Row]:
    """The last position of every unit that ever had one, as ``values_list`` would give it."""
    return _rows(UnitPosition, fields, "", "fixed_at")


def _rows(model: type[models.Model], fields: tuple[str, ...], listed: str, moment: str, **such: bool) -> list[Row]:
    alias = router.db_for_read(model)
    query, values = _statement(model, fields, alias, tuple(such.items()))
    rows = ask(query, values, using=alias)
    if not rows:
        return rows
    at = fields.index(moment)
    also = fields.index(listed) if listed else -1
    # SQLite keeps lists as text, and times without a zone because all of them are UTC.
    if rows[0][at].tzinfo is None:
        rows = [(*row[:at], row[at].replace(tzinfo=UTC), *row[at + 1 :]) for row in rows]
    if also >= 0 and type(rows[0][also]) is str:
        rows = [(*row[:also], _listed(row[also]), *row[also + 1 :]) for row in rows]
    return rows


@lru_cache(maxsize=32)
def _statement(
    model: type[models.Model], fields: tuple[str, ...], alias: str, such: tuple[tuple[str, bool], ...]
) -> tuple[str, tuple[Any, ...]]:
    """What the object mapper would ask, put into words once."""
    chosen = model._default_manager.using(alias).filter(**dict(such)).values_list(*fields)
    query, values = chosen.query.get_compiler(alias).as_sql()
    return query, tuple(values)


@lru_cache(maxsize=1024)
def _listed(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
