"""Changes to areas, roads, the gazetteer and premises notes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.services import event_record
from anlan.engines.geo import AreaIndex, cell_of
from anlan.engines.roads import RoadGraph
from anlan.places import events
from anlan.places.errors import AreaFileRefused, NoteAboutPeople, NoteTooLong
from anlan.places.models import Area, Place, PremiseNote, RoadNetwork
from anlan.places.road_store import graph_save
from anlan.places.rules import note_kept_at_most, word_about_people

if TYPE_CHECKING:
    from anlan.engines.addresses import GazetteerRecord


@transaction.atomic
def area_put(
    *,
    kind: str,
    code: str,
    name_zh: str,
    polygon: dict[str, Any],
    by: Actor,
    at: datetime,
    name_en: str = "",
    setting: str = "town",
    organisation: Organisation | None = None,
) -> Area:
    """Bring an area into force from ``at``; the version before it ends then and stays on the record."""
    try:
        AreaIndex([code], [polygon])
    except ValueError as problem:
        raise AreaFileRefused(file=code, reason=str(problem)) from problem
    Area.objects.filter(kind=kind, code=code, valid_to=None).update(valid_to=at)
    row = Area.objects.create(
        kind=kind,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        setting=setting,
        organisation=organisation,
        polygon=polygon,
        valid_from=at,
    )
    orgs = [organisation.pk] if organisation else []
    event_record(events.AREA_ADDED, subject=row, by=by, at=at, org_ids=orgs, area_kind=kind, code=code)
    return row


def network_activate(
    *, name: str, source: str, graph: RoadGraph, attribution: str, by: Actor, at: datetime
) -> RoadNetwork:
    """Put a road graph into use. The file is written first and whole; only then does the row name it."""
    folder = Path(settings.ROADS_DIR)
    draft = folder / f"draft-{os.getpid()}.npz"
    sha256 = graph_save(graph, draft)
    final = folder / f"{sha256[:16]}.npz"
    draft.replace(final)
    with transaction.atomic():
        RoadNetwork.objects.filter(is_active=True).update(is_active=False)
        row = RoadNetwork.objects.create(
            name=name,
            source=source,
            sha256=sha256,
            file=final.name,
            nodes=graph.n_nodes,
            edges=graph.n_links,
            attribution=attribution,
            imported_at=at,
            is_active=True,
        )
        event_record(events.NETWORK_ACTIVATED, subject=row, by=by, at=at, sha256=sha256, nodes=row.nodes)
    return row


@transaction.atomic
def gazetteer_replace(*, records: Iterable[GazetteerRecord], source: str, by: Actor, at: datetime) -> int:
    """Add the places of one source; those of it that are known (same kind, name, road, number) stay."""
    known = set(Place.objects.filter(source=source).values_list("kind", "name_zh", "road", "number", "area_code"))
    fresh = [
        Place(
            kind=r.kind,
            name_zh=r.name_zh,
            name_en=r.name_en,
            aliases=list(r.aliases),
            road=r.road,
            number=r.number,
            area_code=r.area_code,
            lon=r.lon,
            lat=r.lat,
            cell=int(cell_of(r.lon, r.lat)),
            source=source,
        )
        for r in records
        if (r.kind, r.name_zh, r.road, r.number, r.area_code) not in known
    ]
    Place.objects.bulk_create(fresh, batch_size=500)
    if fresh:
        last = Place.objects.filter(source=source).latest("pk")
        event_record(events.GAZETTEER_IMPORTED, subject=last, by=by, at=at, source=source, n=len(fresh))
    return len(fresh)


@transaction.atomic
def note_add(
    *,
    hazard: str,
    address_text: str,
    lon: float,
    lat: float,
    organisation: Organisation,
    source: str,
    expires_at: datetime,
    by: Actor,
    at: datetime,
    text: str = "",
    is_dwelling: bool = False,
    place: Place | None = None,
) -> PremiseNote:
    """Note a hazard of a place. Refuses words about occupants and an end too far away."""
    word = word_about_people(text)
    if word is not None:
        raise NoteAboutPeople(word=word)
    latest = at + note_kept_at_most(is_dwelling=is_dwelling)
    if expires_at > latest:
        raise NoteTooLong(latest=latest, wanted=expires_at)
    row = PremiseNote.objects.create(
        hazard=PremiseNote.Hazard(hazard),
        text=text,
        address_text=address_text,
        place=place,
        organisation=organisation,
        is_dwelling=is_dwelling,
        lon=lon,
        lat=lat,
        cell=int(cell_of(lon, lat)),
        source=source,
        created_at=at,
        created_by_id=by.id if by.kind == "person" else None,
        expires_at=expires_at,
    )
    event_record(events.NOTE_ADDED, subject=row, by=by, at=at, org_ids=[organisation.pk], hazard=hazard)
    return row


@transaction.atomic
def note_withdraw(*, note: PremiseNote, by: Actor, at: datetime) -> bool:
    """Take a note back; False when it was already."""
    done = PremiseNote.objects.filter(pk=note.pk, withdrawn_at=None).update(withdrawn_at=at)
    if done:
        event_record(events.NOTE_WITHDRAWN, subject=note, by=by, at=at, org_ids=[note.organisation_id])
    return bool(done)
