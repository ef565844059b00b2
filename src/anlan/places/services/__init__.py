"""Changes to areas, roads, the gazetteer, fixed points, premises notes and what is known of the weather."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.services import event_record
from anlan.engines.geo import AreaIndex, cell_of
from anlan.engines.roads import RoadGraph
from anlan.engines.tiles import ArchiveBroken, MapFeature
from anlan.places import events
from anlan.places.basemap_bureau import TilesNotUsable, tiles_pack
from anlan.places.basemap_draw import SCHEMA, SCHEMA_KEY, basemap_bytes
from anlan.places.basemap_osm import osm_map_features
from anlan.places.basemap_store import StoredArchive, archive_facts, archive_save, basemaps_dir
from anlan.places.errors import AreaFileRefused, NoteAboutPeople, NoteOver, NoteTooLong, TilesRefused
from anlan.places.models import Area, Basemap, Place, PremiseNote, RoadNetwork
from anlan.places.road_store import graph_checksum, graph_save
from anlan.places.rules import note_kept_at_most, word_about_people
from anlan.places.services.points import point_end, point_put
from anlan.places.services.road_conditions import road_condition_lift, road_condition_set
from anlan.places.services.road_paces import road_paces_learn
from anlan.places.services.weather import Reading, WarningTold, WeatherTaken, weather_take

if TYPE_CHECKING:
    from anlan.engines.addresses import GazetteerRecord

__all__ = [
    "Reading",
    "WarningTold",
    "WeatherTaken",
    "area_put",
    "basemap_draw",
    "basemap_draw_osm",
    "basemap_take",
    "basemap_use",
    "gazetteer_replace",
    "network_activate",
    "note_add",
    "note_withdraw",
    "point_end",
    "point_put",
    "road_condition_lift",
    "road_condition_set",
    "road_paces_learn",
    "weather_take",
]


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
    """Bring an area into force from ``at``; the version before it ends then and stays on the record.

    Raises ``AreaFileRefused`` for an outline that is broken or not in degrees ``lon, lat``, and ``BadInput``
    for a kind or setting nobody knows.
    """
    if kind not in Area.Kind.values or setting not in Area.Setting.values:
        raise BadInput(field="kind/setting", problem=f"{kind}/{setting}")
    _outline_check(code, polygon)
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


def _outline_check(code: str, polygon: dict[str, Any]) -> None:
    try:
        AreaIndex([code], [polygon])
    except ValueError as problem:
        reason = format_lazy(_("its outline is no whole polygon ({detail})"), detail=str(problem))
        raise AreaFileRefused(file=code, reason=reason) from problem
    corners = list(_corners(polygon))
    if not all(abs(lon) <= 180 and abs(lat) <= 90 for lon, lat in corners):
        raise AreaFileRefused(file=code, reason=_("its corners are not degrees in the order longitude, latitude"))


def _corners(node: Any) -> Iterator[tuple[float, float]]:
    """The corners of a GeoJSON geometry, however deep they are nested."""
    if isinstance(node, dict):
        node = node.get("coordinates") or node.get("geometry") or []
    if isinstance(node, dict) or not node or isinstance(node[0], list | tuple | dict):
        for part in [node] if isinstance(node, dict) else node:
            yield from _corners(part)
    else:
        yield float(node[0]), float(node[1])


def network_activate(
    *, name: str, source: str, graph: RoadGraph, attribution: str, by: Actor, at: datetime
) -> RoadNetwork:
    """Put a road graph into use. The file is written first, whole and durable; only then does the row name it."""
    sha256 = graph_checksum(graph)
    final = Path(settings.ROADS_DIR) / f"{sha256[:16]}.npz"
    graph_save(graph, final)
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


def basemap_draw(
    *,
    name: str,
    source: str,
    features: Sequence[MapFeature],
    attribution: str,
    by: Actor,
    at: datetime,
    is_synthetic: bool = False,
) -> Basemap:
    """Draw our own map from features and show it. Raises ``TilesRefused`` when there is nothing to draw."""
    try:
        data = basemap_bytes(features, name=name, attribution=attribution)
    except ValueError as problem:
        raise TilesRefused(file=source, reason=_("there is nothing in it to draw")) from problem
    stored = archive_save(lambda file: file.write(data))
    return _basemap_show(
        stored,
        name=name,
        origin=Basemap.Origin.DRAWN,
        source=source,
        attribution=attribution,
        is_synthetic=is_synthetic,
        by=by,
        at=at,
    )


def basemap_draw_osm(*, path: Path, name: str, attribution: str, by: Actor, at: datetime) -> Basemap:
    """Draw our own map from an OpenStreetMap extract and show it. Raises ``TilesRefused`` for a file without any."""
    try:
        features = osm_map_features(path)
    except (RuntimeError, OSError) as problem:
        reason = format_lazy(_("it can't be read ({detail})"), detail=str(problem))
        raise TilesRefused(file=path.name, reason=reason) from problem
    return basemap_draw(name=name, source=path.name, features=features, attribution=attribution, by=by, at=at)


def basemap_take(
    *, name: str, path: Path, datum: str, attribution: str, approval_number: str, by: Actor, at: datetime, tms: bool
) -> Basemap:
    """Take a bureau's own tiles in and show them: a folder of images, an MBTiles or a PMTiles file.

    ``datum`` is wgs84, cgcs2000 (the same within centimetres) or gcj02 (images are cut anew, in WGS 84).
    ``tms`` counts a folder's rows from the south. ``approval_number`` (审图号) is shown with the map.
    Raises ``TilesRefused`` and changes nothing for tiles that are broken, mixed, or that no style draws.
    """
    try:
        write: Callable[[BinaryIO], object] = tiles_pack(path, datum=datum, tms=tms)
        stored = archive_save(write)
    except TilesNotUsable as problem:
        raise TilesRefused(file=path.name, reason=problem.reason) from problem
    except ArchiveBroken as problem:
        reason = format_lazy(_("it is not whole ({detail})"), detail=str(problem))
        raise TilesRefused(file=path.name, reason=reason) from problem
    except OSError as problem:
        raise TilesRefused(file=path.name, reason=_("there is no such file, or it can't be opened")) from problem
    if stored.facts.kind not in Basemap.Kind.values or (
        stored.facts.kind == Basemap.Kind.MVT and stored.facts.metadata.get(SCHEMA_KEY) != SCHEMA
    ):
        raise TilesRefused(file=path.name, reason=_("no style here can draw its layers; give image tiles instead"))
    return _basemap_show(
        stored,
        name=name,
        origin=Basemap.Origin.IMPORTED,
        source=path.name,
        attribution=attribution,
        approval_number=approval_number,
        by=by,
        at=at,
    )


def basemap_use(*, basemap: Basemap, by: Actor, at: datetime) -> Basemap:
    """Show a map that was drawn or taken in before. Raises ``TilesRefused`` when its file is no longer whole."""
    try:
        archive_facts(basemaps_dir() / basemap.file)
    except (ArchiveBroken, OSError) as problem:
        raise TilesRefused(file=basemap.name, reason=_("its file is missing or damaged")) from problem
    with transaction.atomic():
        Basemap.objects.filter(is_active=True).update(is_active=False)
        Basemap.objects.filter(pk=basemap.pk).update(is_active=True)
        event_record(events.BASEMAP_ACTIVATED, subject=basemap, by=by, at=at, sha256=basemap.sha256)
    basemap.refresh_from_db()
    return basemap


def _basemap_show(
    stored: StoredArchive, *, name: str, source: str, attribution: str, by: Actor, at: datetime, **told: Any
) -> Basemap:
    west, south, east, north = stored.facts.bounds
    with transaction.atomic():
        Basemap.objects.filter(is_active=True).update(is_active=False)
        row = Basemap.objects.create(
            name=name[:64],
            source=source[:200],
            attribution=attribution[:200],
            kind=stored.facts.kind,
            sha256=stored.sha256,
            file=stored.file,
            size_bytes=stored.size_bytes,
            min_zoom=stored.facts.min_zoom,
            max_zoom=stored.facts.max_zoom,
            west=west,
            south=south,
            east=east,
            north=north,
            made_at=at,
            is_active=True,
            **told,
        )
        event_record(events.BASEMAP_ACTIVATED, subject=row, by=by, at=at, sha256=row.sha256)
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
    """Note a hazard of a place. Refuses words about occupants, an end too far away, and no place at all."""
    _note_check(hazard=hazard, text=text, address_text=address_text, source=source, lon=lon, lat=lat)
    latest = at + note_kept_at_most(is_dwelling=is_dwelling)
    if expires_at > latest:
        raise NoteTooLong(latest=latest, wanted=expires_at)
    if expires_at <= at:
        raise NoteOver(latest=latest, wanted=expires_at)
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


def _note_check(*, hazard: str, text: str, address_text: str, source: str, lon: float, lat: float) -> None:
    if hazard not in PremiseNote.Hazard.values:
        raise BadInput(field="hazard", problem=hazard[:40])
    for field, told in (("text", text), ("address_text", address_text), ("source", source)):
        longest: int | None = getattr(PremiseNote._meta.get_field(field), "max_length", None)
        if longest is not None and len(told) > longest:
            raise BadInput(field=field, problem=f"{len(told)} > {longest}")
        word = word_about_people(told)
        if word is not None:
            raise NoteAboutPeople(word=word)
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise BadInput(field="lon, lat", problem=f"{lon}, {lat}")


@transaction.atomic
def note_withdraw(*, note: PremiseNote, by: Actor, at: datetime) -> bool:
    """Take a note back; False when it was already."""
    done = PremiseNote.objects.filter(pk=note.pk, withdrawn_at=None).update(withdrawn_at=at)
    if done:
        event_record(events.NOTE_WITHDRAWN, subject=note, by=by, at=at, org_ids=[note.organisation_id])
    return bool(done)
