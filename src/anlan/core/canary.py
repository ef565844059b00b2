"""Is it really gone? A search for words in every table and in the bytes of files.

For words planted on purpose (canaries) and for what a citizen asks to have erased: it looks where nobody would,
columns of every kind, and what a store leaves behind in its own files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connections, models, router

_READ_AT_ONCE = 1 << 20


def tables_with(words: Iterable[str]) -> list[str]:
    """The columns (``app.model.column``) in which one of the words stands, whole or within a longer text.

    Columns of every kind are looked through as text; JSON also in the way it writes signs that are not ASCII. Says
    where and never what, so it may be run by who may see nothing.
    """
    needles = _as_stored(words)
    found = []
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            found += _columns_with(model, needles)
    return sorted(found)


def _as_stored(words: Iterable[str]) -> list[str]:
    return sorted({form for word in words for form in (word, json.dumps(word)[1:-1])})


def _columns_with(model: type[models.Model], needles: list[str]) -> list[str]:
    connection = connections[router.db_for_read(model)]
    quote, name = connection.ops.quote_name, model._meta.label_lower
    fields: list[Any] = [field for field in model._meta.concrete_fields if not _is_number(field)]
    if not fields:
        return []
    table, found = quote(model._meta.db_table), []
    with connection.cursor() as cursor:
        for field in fields:
            column = f"CAST({quote(field.column)} AS TEXT)"
            tests = " OR ".join([f"{column} LIKE %s ESCAPE '!'"] * len(needles))
            # Names of tables and columns come from our own models; the words are handed over as values.
            cursor.execute(f"SELECT 1 FROM {table} WHERE {tests} LIMIT 1", [_like(word) for word in needles])
            if cursor.fetchone():
                found.append(f"{name}.{field.name}")
    return found


def _is_number(field: Any) -> bool:
    return isinstance(field, models.IntegerField | models.AutoField | models.BooleanField | models.ForeignKey)


def _like(word: str) -> str:
    plain = word.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{plain}%"


def files_with(words: Iterable[str], folder: Path) -> list[str]:
    """The files beneath ``folder`` in whose bytes one of the words stands (UTF-8), relative to it.

    Finds what a store has deleted and not overwritten. A word that a store cuts in two (a text longer than a
    page) is found by its longer half only if that is planted as a word too.
    """
    needles = [word.encode() for word in _as_stored(words)]
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [str(path.relative_to(folder)) for path in files if _stands_in(path, needles)]


def _stands_in(path: Path, needles: list[bytes]) -> bool:
    overlap, tail = max(map(len, needles)) - 1, b""
    with path.open("rb") as file:
        while block := file.read(_READ_AT_ONCE):
            piece = tail + block
            if any(needle in piece for needle in needles):
                return True
            tail = piece[-overlap:] if overlap else b""
    return False
