"""Places over HTTP: address search, who answers for a point, notes, fixed points, weather. Shapes only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Field, Router, Schema

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.api import REFUSALS, actor_of, command
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.engines.roads import DriveMode
from anlan.places.models import Point, PremiseNote, RoadCondition
from anlan.places.road_routes import distance_words, road_route, step_words
from anlan.places.selectors import (
    address_search,
    conditions_in_force,
    locate,
    notes_near,
    points_in_force,
    road_access,
    weather_known,
)
from anlan.places.services import (
    Reading,
    WarningTold,
    note_add,
    note_withdraw,
    point_end,
    point_put,
    road_condition_lift,
    road_condition_set,
    weather_take,
)

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


class PointOut(Schema):
    """A booth, a must-cover or a standby point."""

    id: int
    kind: str
    code: str
    name_zh: str
    name_en: str
    lon: float
    lat: float
    source: str
    valid_from: datetime
    valid_to: datetime | None


class PointIn(Schema):
    """A point to bring into force; the same kind and code again replaces it."""

    kind: str
    code: str
    name_zh: str
    lon: float
    lat: float
    name_en: str = ""
    organisation: str = ""
    source: str = "api"
    valid_from: datetime | None = None


class WeatherFigures(Schema):
    """Any of the four figures; what a station doesn't measure is left out."""

    temperature_c: float | None = None
    rain_mm_h: float | None = None
    wind_mps: float | None = None
    visibility_m: float | None = None


class HourIn(WeatherFigures):
    at: datetime


class ObservationIn(HourIn):
    area: str = ""
    lon: float | None = None
    lat: float | None = None


class ForecastIn(Schema):
    """A forecast as it was issued, hour by hour."""

    issued_at: datetime
    area: str = ""
    hours: list[HourIn]


class WarningIn(Schema):
    number: str = Field(min_length=1, max_length=64)
    kind: str
    level: str
    issued_at: datetime
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    area: str = ""
    text: str = ""
    lifted: bool = False


class WeatherIn(Schema):
    """What a weather feed has to tell. ``synthetic`` marks invented weather, and it is shown as such."""

    source: str
    observations: list[ObservationIn] = []
    forecasts: list[ForecastIn] = []
    warnings: list[WarningIn] = []
    synthetic: bool = False


class WeatherTakenOut(Schema):
    """Counts; rows put aside stand in quarantine with their reason."""

    taken: int
    repeated: int
    put_aside: int
    warnings: int
    lifted: int
    reasons: list[str]


class ReadingOut(WeatherFigures):
    source: str
    area: str = Field(alias="spot")
    issued_at: datetime
    valid_at: datetime
    received_at: datetime
    is_synthetic: bool


class WarningOut(Schema):
    source: str
    number: str
    kind: str
    level: str
    area: str = Field(alias="spot")
    text: str
    issued_at: datetime
    starts_at: datetime
    ends_at: datetime
    is_synthetic: bool


class WeatherOut(Schema):
    """What is known now. ``is_fed`` is false where no feed has ever told anything."""

    is_fed: bool
    is_old: bool
    measured: ReadingOut | None
    hours: list[ReadingOut]
    warnings: list[WarningOut]


class LocatedOut(Schema):
    """Who answers for a point."""

    cell: int
    station_id: int | None
    town_room_id: int | None
    zone_id: int | None
    beat_code: str
    setting: str


class RoadConditionOut(Schema):
    """A closure or slow-down: where, how much, why, by which desk, from when until when."""

    id: int
    kind: str
    cause: str
    text: str
    lon: float
    lat: float
    radius_m: float
    factor: float | None
    heading_deg: float | None
    hours: str
    organisation_id: int | None
    set_at: datetime
    starts_at: datetime
    ends_at: datetime
    lifted_at: datetime | None


class RoadConditionIn(Schema):
    """A road to close (``closed``) or slow (``slow`` with a ``factor``). Without a radius the road at the point."""

    kind: str
    cause: str
    lon: float
    lat: float
    ends_at: datetime
    starts_at: datetime | None = None
    radius_m: float = 0.0
    factor: float | None = None
    heading_deg: float | None = Field(None, description="Compass degrees: only who drives that way at the point.")
    hours: str = ""
    text: str = Field("", max_length=120)


class RoadStepOut(Schema):
    """One instruction: what to do at this point and how far one drives then, in the language of the reader."""

    maneuver: str
    road: str
    said: str
    length_m: float
    travel_s: float
    lon: float
    lat: float


class RoadRouteOut(Schema):
    """The quickest way by road now: its line (lon, lat), and its steps; nothing but ``said`` where there is none."""

    has_way: bool
    length_m: float | None = None
    travel_s: float | None = None
    off_road_m: float | None = None
    line: list[tuple[float, float]] = []
    steps: list[RoadStepOut] = []
    said: str


class RoadAccessOut(Schema):
    """Whether a place can be driven to now; if not, the nearest point that can, and the metres from there."""

    has_access: bool
    lon: float | None = None
    lat: float | None = None
    on_foot_m: float | None = None
    said: str


class PremiseNoteIn(Schema):
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
def add_note(request: HttpRequest, actor: Actor, at: datetime, body: PremiseNoteIn) -> Any:
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


@router.get("/places/points", response={200: list[PointOut], **REFUSALS})
def points(request: HttpRequest, kind: str | None = None) -> Any:
    """Booths, must-cover and standby points in force."""
    actor_of(request, "places.map_view")
    return points_in_force(at=now(), kind=kind)


@router.post("/places/points", response={201: PointOut, **REFUSALS})
@command("places.point_set", status=201)
def set_point(request: HttpRequest, actor: Actor, at: datetime, body: PointIn) -> Any:
    """Bring a point into force; what was in force under its kind and code ends then."""
    told = body.model_dump(exclude={"organisation"})
    owner = Organisation.objects.filter(code=body.organisation, is_active=True).first() if body.organisation else None
    if body.organisation and owner is None:
        raise BadInput(field="organisation", problem=body.organisation[:40])
    row, _is_news = point_put(organisation=owner, by=actor, at=at, **told)
    return PointOut.model_validate(row, from_attributes=True).model_dump(mode="json")


@router.post("/places/points/{point_id}/end", response={200: PointOut, **REFUSALS})
@command("places.point_set")
def end_point(request: HttpRequest, actor: Actor, at: datetime, point_id: int) -> Any:
    """Take a point out of force; it stays on the record."""
    row = Point.objects.filter(pk=point_id).first()
    if row is None:
        raise NotFound
    ended = point_end(point=row, by=actor, at=at)
    return PointOut.model_validate(ended, from_attributes=True).model_dump(mode="json")


@router.get("/places/roads", response={200: list[RoadConditionOut], **REFUSALS})
def road_conditions(request: HttpRequest) -> Any:
    """Closures and slow-downs in force at this moment."""
    actor_of(request, "places.map_view")
    return conditions_in_force(at=now())


@router.post("/places/roads", response={201: RoadConditionOut, **REFUSALS})
@command("places.road_set", status=201)
def set_road_condition(request: HttpRequest, actor: Actor, at: datetime, body: RoadConditionIn) -> Any:
    """Close or slow roads for a while; every search reckons with it from now on."""
    row = road_condition_set(by=actor, at=at, **body.model_dump())
    return RoadConditionOut.model_validate(row, from_attributes=True).model_dump(mode="json")


@router.post("/places/roads/{condition_id}/lift", response={200: RoadConditionOut, **REFUSALS})
@command("places.road_set")
def lift_road_condition(request: HttpRequest, actor: Actor, at: datetime, condition_id: int) -> Any:
    """Open a road again before its time."""
    row = RoadCondition.objects.filter(pk=condition_id).first()
    if row is None:
        raise NotFound
    lifted = road_condition_lift(condition=row, by=actor, at=at)
    return RoadConditionOut.model_validate(lifted, from_attributes=True).model_dump(mode="json")


@router.get("/places/roads/access", response={200: RoadAccessOut, **REFUSALS})
def access_by_road(request: HttpRequest, lon: float, lat: float) -> Any:
    """Whether closures have cut a place off, and from where one walks."""
    actor_of(request, "places.search")
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise BadInput(field="lon, lat", problem=f"{lon}, {lat}")
    ends = road_access(lon, lat, at=now())
    if ends is None:
        return {"has_access": True, "said": gettext("Roads lead there.")}
    said = gettext("No road access; the nearest point a car can reach is {metres} m away on foot.")
    told = {"lon": ends.lon, "lat": ends.lat, "on_foot_m": round(ends.on_foot_m, 1)}
    return {"has_access": False, **told, "said": said.format(metres=round(ends.on_foot_m))}


@router.get("/places/roads/route", response={200: RoadRouteOut, **REFUSALS})
def way_by_road(
    request: HttpRequest, from_lon: float, from_lat: float, to_lon: float, to_lat: float, urgent: bool = False
) -> Any:
    """The quickest way for a car under what is closed now, turn by turn; urgent: under blue light."""
    actor_of(request, "places.search")
    for lon, lat in ((from_lon, from_lat), (to_lon, to_lat)):
        if not (abs(lon) <= 180 and abs(lat) <= 90):
            raise BadInput(field="lon, lat", problem=f"{lon}, {lat}")
    mode = DriveMode.EMERGENCY if urgent else DriveMode.NORMAL
    found = road_route((from_lon, from_lat), (to_lon, to_lat), mode=mode, at=now())
    if found is None:
        return {"has_way": False, "said": gettext("No way by road is known between these places.")}
    way = found.way
    steps = [
        RoadStepOut(
            maneuver=step.maneuver,
            road=step.road,
            said=step_words(step),
            length_m=round(step.length_m, 1),
            travel_s=round(step.travel_s, 1),
            lon=step.lon,
            lat=step.lat,
        )
        for step in found.steps
    ]
    return RoadRouteOut(
        has_way=True,
        length_m=round(way.length_m, 1),
        travel_s=round(way.travel_s, 1),
        off_road_m=round(found.off_road_m, 1),
        line=way.line(),
        steps=steps,
        said=gettext("{distance} by road.").format(distance=distance_words(way.length_m)),
    )


@router.post("/weather", response={200: WeatherTakenOut, **REFUSALS})
@command("places.weather_feed")
def take_weather(request: HttpRequest, actor: Actor, at: datetime, body: WeatherIn) -> Any:
    """Measurements, forecasts as issued and warnings of one source; told twice they count once."""
    readings = [_reading(row, row.area, lon=row.lon, lat=row.lat) for row in body.observations]
    for forecast in body.forecasts:
        readings += [_reading(hour, forecast.area, issued_at=forecast.issued_at) for hour in forecast.hours]
    warnings = [
        WarningTold(spot=row.area[:32], is_lifted=row.lifted, **row.model_dump(exclude={"area", "lifted"}))
        for row in body.warnings
    ]
    taken = weather_take(
        source=body.source, readings=readings, warnings=warnings, is_synthetic=body.synthetic, by=actor, at=at
    )
    return WeatherTakenOut.model_validate(taken, from_attributes=True).model_dump(mode="json")


def _reading(row: HourIn, area: str, **more: Any) -> Reading:
    figures = {name: getattr(row, name) for name in WeatherFigures.model_fields}
    return Reading(valid_at=row.at, spot=area[:32], **figures, **more)


@router.get("/weather", response={200: WeatherOut, **REFUSALS})
def weather(request: HttpRequest, area: str = "", hours: int = 12) -> Any:
    """The last measurement, the coming hours and the warnings in force."""
    actor_of(request, "places.map_view")
    return weather_known(at=now(), spot=area[:32], hours=max(0, min(hours, 72)))
