"""The door through which readers tell what they heard."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from anlan.core.api import actor_of
from anlan.core.clock import now
from anlan.core.errors import BadInput
from anlan.equipment import selectors, services

router = Router(tags=["equipment"])
MOST_BYTES = 4_000_000


class TakenOut(Schema):
    """How many events were kept; ``known`` if this very message had come before; lines that tell none; how many
    of these were put ``aside`` for a keeper now."""

    taken: int
    known: bool
    bad: int
    bad_lines: list[dict[str, Any]]
    aside: int


class SightingsIn(Schema):
    """Events as lines of JSON, as in a journal."""

    lines: str


@router.post("/gates/{reader}/sightings", response=TakenOut)
def sightings(request: HttpRequest, reader: str, body: SightingsIn) -> Any:
    """Keep what a reader heard. Answered once it is safe; safe to repeat, so it takes no key."""
    actor = actor_of(request, "equipment.gate_feed")
    if len(body.lines) > MOST_BYTES:
        raise BadInput(field="lines", problem=str(len(body.lines)))
    # Of a reader that nobody has entered nothing is taken here: the journal beside it keeps all and tells it again.
    gate = selectors.gate_for(actor, reader)
    return services.batch_take(reader=gate.reader, lines=body.lines, by=actor, at=now())
