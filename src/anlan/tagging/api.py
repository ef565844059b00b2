"""JSON doors of this room: the vocabulary in force, and the mapping of other systems' codes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from anlan.core.actor import Actor
from anlan.core.api import actor_of, command
from anlan.tagging import selectors, services

router = Router(tags=["tagging"])


class MappingIn(Schema):
    system: str
    code: str
    maps_to: str


@router.get("/taxonomy", response=dict)
def taxonomy(request: HttpRequest) -> Any:
    """The incident types of the edition in force."""
    actor_of(request, "tagging.view")
    held = selectors.vocabulary()
    return {
        "edition": held.version,
        "groups": list(held.groups),
        "types": [asdict(row) for row in selectors.incident_types()],
    }


@router.get("/tags", response=dict)
def tags(request: HttpRequest) -> Any:
    """Every dimension with its values."""
    actor_of(request, "tagging.view")
    return {name: [asdict(tag) for tag in selectors.tag_values(name)] for name in selectors.dimensions()}


@router.post("/external-codes", response={201: dict})
@command("tagging.manage", status=201)
def external_code(request: HttpRequest, actor: Actor, at: datetime, body: MappingIn) -> Any:
    """Say what another system's code means here."""
    row = services.external_code_map(system=body.system, code=body.code, maps_to=body.maps_to, by=actor, at=at)
    return {"id": row.pk, "system": row.system, "code": row.code, "maps_to": row.maps_to}
