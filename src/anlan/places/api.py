"""Places over HTTP: address search, who answers for a point, notes about premises. Shapes only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.api import REFUSALS, actor_of, command
from anlan.core.clock import now
from anlan.core.errors import NotFound
from anlan.places.models import PremiseNote
from anlan.places.selectors import address_search, locate, notes_near
from anlan.places.services import note_add, note_withdraw

router = Router(tags=["places"])


class CandidateOut(Schema):
    """A place the words may mean, with how sure that is (0 to 1)."""

    id: int
    kind: str
    name_zh: str
    lon: float
    lat: float
    radius_m: float
    confidence: float
    how: list[str]


class LocatedOut(Schema):
    """Who answers for a point."""

    cell: int
    station_id: int | None
    town_room_id: int | None
    zone_id: int | None
    beat_code: str
    setting: str


class NoteIn(Schema):
    hazard: str
    address_text: str
    lon: float
    lat: float
    source: str
    expires_at: datetime
    text: str = ""
    is_dwelling: bool = False


class NoteOut(Schema):
    id: int
    hazard: str
    text: str
    address_text: str
    source: str
    expires_at: datetime


@router.get("/places", response={200: list[CandidateOut], **REFUSALS})
def search(request: HttpRequest, q: str, lon: float | None = None, lat: float | None = None, limit: int = 8) -> Any:
    """Places the text may mean, best first; near ``lon, lat`` when given."""
    actor_of(request, "places.search")
    near = (lon, lat) if lon is not None and lat is not None else None
    found = address_search(q[:200], near=near, limit=max(1, min(limit, 50)))
    return [
        {
            "id": each.record.id,
            "kind": each.kind,
            "name_zh": each.record.name_zh,
            "lon": each.lon,
            "lat": each.lat,
            "radius_m": each.radius_m,
            "confidence": each.confidence,
            "how": list(each.how),
        }
        for each in found
    ]


@router.get("/places/at", response={200: LocatedOut, **REFUSALS})
def at_point(request: HttpRequest, lon: float, lat: float) -> Any:
    """Station, town room, zone, beat and setting of a point."""
    actor_of(request, "places.search")
    return locate(lon, lat)


@router.get("/places/notes", response={200: list[NoteOut], **REFUSALS})
def notes(request: HttpRequest, lon: float, lat: float) -> Any:
    """Notes about the premises at a point in your reach; the look is logged."""
    actor = actor_of(request, "places.note_view")
    return notes_near(lon, lat, by=actor, at=now())


@router.post("/places/notes", response={201: NoteOut, **REFUSALS})
@command("places.note_add", status=201)
def add_note(request: HttpRequest, actor: Actor, at: datetime, body: NoteIn) -> Any:
    """Note a hazard of a place (never a word about who lives there)."""
    organisation = Organisation.objects.get(pk=actor.org_id or 0)
    row = note_add(organisation=organisation, by=actor, at=at, **body.model_dump())
    return NoteOut.model_validate(row, from_attributes=True).model_dump(mode="json")


@router.post("/places/notes/{note_id}/withdraw", response={200: dict[str, bool], **REFUSALS})
@command("places.note_add")
def withdraw_note(request: HttpRequest, actor: Actor, at: datetime, note_id: int) -> Any:
    """Take a note back."""
    row = PremiseNote.objects.filter(pk=note_id).first()
    if row is None or not (actor.sees_all or row.organisation_id in actor.org_ids):
        raise NotFound
    return {"withdrawn": note_withdraw(note=row, by=actor, at=at)}
