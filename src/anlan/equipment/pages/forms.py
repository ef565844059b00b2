"""What forms and addresses of these pages name: a command once, whole numbers, days and kinds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest

from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.pages import command_post, page_actor
from anlan.equipment.models import ItemModel


def whole(text: str) -> int | None:
    """A whole number as an address or a form bears it; None for none, or one too long to be meant."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def command(request: HttpRequest, action: str, act: Callable[[Actor, Any], Any]) -> Any:
    """A form's command, once; what holds a byte that no store keeps as text is refused with its field's name."""
    page_actor(request, action)
    for field, values in request.POST.lists():
        if any("\0" in value for value in values):
            raise BadInput(field=field.replace("\0", "")[:40], problem="NUL")
    return command_post(request, action, act)


def number_posted(request: HttpRequest, field: str) -> int | None:
    """A whole number or nothing; anything else is refused."""
    text = request.POST.get(field, "").strip()
    found = whole(text)
    if text and found is None:
        raise BadInput(field=field, problem=text[:40])
    return found


def kind_posted(request: HttpRequest) -> ItemModel:
    """The kind a form names by its code; ``BadInput`` where there is none."""
    code = request.POST.get("kind", "")[:40]
    found = ItemModel.objects.filter(code=code).first()
    if found is None:
        raise BadInput(field="kind", problem=code or "–")
    return found


def day_named(text: str) -> date | None:
    """The day a form named; none where there is no such day."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
