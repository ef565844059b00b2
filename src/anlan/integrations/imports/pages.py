"""A keeper's table of things: looked at as it would be read, then taken in."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput
from anlan.core.files import content_open, content_put
from anlan.core.models import QuarantinedRow
from anlan.core.pages import page_actor
from anlan.integrations.imports.errors import TableRefused
from anlan.integrations.imports.reading import FileRefused
from anlan.integrations.imports.things import COLUMNS, NEEDED, things_import, things_look

MOST_BYTES = 5_000_000
ENDINGS = (".csv", ".xlsx", ".txt")
PARKED_SHOWN = 200
KEPT_S = 3600
"""So long a table that was looked at can be taken in without being sent again."""
SALT = "imports.things"


def things(request: HttpRequest) -> HttpResponse:
    """What a table must say, and the form that sends one."""
    page_actor(request, "equipment.register")
    return _shown(request)


@require_POST
def things_sent(request: HttpRequest) -> HttpResponse:
    """A table was sent: its first rows as they would be read. Nothing is taken yet."""
    actor = page_actor(request, "equipment.register")
    sent = request.FILES.get("file")
    if sent is None or sent.name is None:
        raise BadInput(field="file", problem="–")
    name, raw = Path(sent.name.replace("\0", "")).name[-120:], sent.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES or Path(name).suffix.lower() not in ENDINGS:
        raise BadInput(field="file", problem=name)
    with _as_file(name, raw) as file:
        try:
            looked = things_look(file, by=actor, at=now())
        except FileRefused as why:
            raise TableRefused(problem=str(why)) from why
    word = signing.dumps({"sha256": content_put(raw), "name": name, "by": actor.id}, salt=SALT)
    return _shown(request, looked=[_row(one) for one in looked], word=word, file=name)


@require_POST
def things_take(request: HttpRequest) -> HttpResponse:
    """What was looked at is taken in, a row a transaction; the same table again changes nothing."""
    actor = page_actor(request, "equipment.register")
    name, raw = _kept(request.POST.get("word", ""), actor)
    with _as_file(name, raw) as file:
        try:
            told = things_import(file, by=actor, clock=now)
        except FileRefused as why:
            raise TableRefused(problem=str(why)) from why
    parked = QuarantinedRow.objects.filter(batch_id=told["batch"]).order_by("line")
    rows = [{"line": row.line, "raw": row.raw, "reason": _in_language(row)} for row in parked[:PARKED_SHOWN]]
    return _shown(request, told=told, parked=rows, file=name)


def _kept(word: str, actor: Actor) -> tuple[str, bytes]:
    """The table that this person looked at within the hour. Raises ``BadInput``."""
    try:
        told = signing.loads(word, salt=SALT, max_age=KEPT_S)
    except signing.BadSignature as wrong:
        raise BadInput(field="word", problem="–") from wrong
    found = content_open(told["sha256"]) if told["by"] == actor.id else None
    if found is None:
        raise BadInput(field="word", problem="–")
    with found:
        return told["name"], found.read()


@contextmanager
def _as_file(name: str, raw: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="anlan-table-") as folder:
        file = Path(folder) / f"table{Path(name).suffix.lower()}"
        file.write_bytes(raw)
        yield file


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _in_language(row: QuarantinedRow) -> str:
    return row.reason_zh if _is_chinese() else row.reason_en


def _row(one: Any) -> dict[str, Any]:
    reason = one.reason and one.reason[0 if _is_chinese() else 1]
    return {"line": one.line, "fields": [one.fields.get(name, "") for name in COLUMNS], "is_new": one.is_new,
            "reason": reason}  # fmt: skip


def _shown(request: HttpRequest, **context: Any) -> HttpResponse:
    columns = [
        {"name": words[1] if _is_chinese() else field, "words": "、".join(words), "needed": field in NEEDED}
        for field, words in COLUMNS.items()
    ]
    answer = render(
        request, "integrations/things_import.html", {**context, "columns": columns, "default_theme": "light"}
    )
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


app_name = "imports"
urlpatterns = [
    path("equipment/import", things, name="things"),
    path("equipment/import/look", things_sent, name="things_sent"),
    path("equipment/import/take", things_take, name="things_take"),
]
