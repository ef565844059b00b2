"""JSON doors of this room: the unit list, status buttons, and positions in batches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Literal

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from ninja.decorators import decorate_view
from pydantic import BaseModel

from anlan.core.actor import Actor
from anlan.core.api import actor_of, command
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.units import selectors, services
from anlan.units.loads import loads_of_units
from anlan.units.models import Unit
from anlan.units.rules import UNIT_STATUS

router = Router(tags=["units"])


class StateIn(Schema):
    state: str


class CapabilitiesIn(Schema):
    capabilities: list[str]


class LoadIn(Schema):
    """Kinds of equipment by code, with counts."""

    load: dict[str, int]


class FixIn(BaseModel):
    """One fix. The unit is named by id or call sign; without either it is the sender's own."""

    unit_id: int | None = None
    call_sign: str = ""
    boot: str
    seq: int
    lon: float
    lat: float
    fixed_at: datetime
    speed_mps: float | None = None
    heading_deg: float | None = None


class PositionsIn(Schema):
    """A batch in one datum."""

    fixes: list[FixIn]
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"


class _Fix(msgspec.Struct):
    """``FixIn`` in the form devices send, read at a tenth of the cost."""

    boot: str
    seq: int
    lon: float
    lat: float
    fixed_at: datetime
    unit_id: int | None = None
    call_sign: str = ""
    speed_mps: float | None = None
    heading_deg: float | None = None


class _Positions(msgspec.Struct):
    """``PositionsIn`` likewise."""

    fixes: list[_Fix]
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"


_usual = msgspec.json.Decoder(_Positions)


def _short(raw: bytes) -> _Positions:
    """A batch in the usual form. Text first: the decoder looks into no name it doesn't know, be it text or not."""
    return _usual.decode(raw.decode("utf-8"))


class AcknowledgedOut(BaseModel):
    """All fixes of this device run up to ``seq`` are kept: it may forget them."""

    unit_id: int
    boot: str
    seq: int


class PositionsOut(Schema):
    accepted: int
    repeated: int
    quarantined: int
    acknowledged: list[AcknowledgedOut]


@router.get("/units", response=list[dict])
def units(request: HttpRequest) -> Any:
    """The units in reach with status, crew, and the age of their last position."""
    rows = selectors.units_for_board(actor_of(request, "units.view"), at=now())
    return [unit_out(row) for row in rows]


def unit_out(row: selectors.UnitOnBoard) -> dict[str, Any]:
    """A unit of the board."""
    seen = row.seen
    return {
        "id": row.id,
        "call_sign": row.call_sign,
        "track": row.track,
        "vehicle": row.vehicle,
        "organisation": row.organisation,
        "capabilities": list(row.capabilities),
        "state": row.state,
        "state_label": row.state_label,
        "state_since": row.state_since,
        "incident_id": row.incident_id,
        "incident_number": row.incident_number,
        "crew": list(row.crew),
        "position": None
        if seen is None
        else {
            "lon": seen.lon,
            "lat": seen.lat,
            "fixed_at": seen.fixed_at,
            "age_s": seen.age_s,
            "is_stale": seen.is_stale,
            "is_lost": seen.is_lost,
        },
    }


@router.post("/units/{unit_id}/state", response=dict)
@command("units.status")
def unit_state(request: HttpRequest, actor: Actor, at: datetime, unit_id: int, body: StateIn) -> Any:
    """Change a unit's status; what it is sent to is changed by the steps of its assignment."""
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None or not selectors.may_press_for(actor, unit):
        raise NotFound
    if body.state not in UNIT_STATUS.labels:
        raise BadInput(field="state", problem=body.state[:40])
    left = services.unit_state_set(unit=unit, to=body.state, by=actor, at=at)
    return {"id": unit.pk, "state": unit.state, "state_from": left, "state_since": unit.state_since.isoformat()}


@router.post("/units/{unit_id}/capabilities", response=dict)
@command("units.manage")
def unit_capabilities(request: HttpRequest, actor: Actor, at: datetime, unit_id: int, body: CapabilitiesIn) -> Any:
    """Say what a unit can do."""
    unit = selectors.unit_for(actor, unit_id)
    services.unit_capabilities_set(unit=unit, capabilities=body.capabilities, by=actor, at=at)
    return {"id": unit.pk, "capabilities": unit.capabilities}


@router.get("/units/{unit_id}/load", response=dict)
def unit_load(request: HttpRequest, unit_id: int) -> Any:
    """What a unit carries, as its keeper last said."""
    unit = selectors.unit_for(actor_of(request, "units.view"), unit_id)
    load = loads_of_units([unit.pk]).get(unit.pk, [])
    return {"id": unit.pk, "load": {each.kind.code: each.count for each in load}}


@router.post("/units/{unit_id}/load", response=dict)
@command("units.manage")
def unit_load_keep(request: HttpRequest, actor: Actor, at: datetime, unit_id: int, body: LoadIn) -> Any:
    """Say what a unit carries; replaces what was said before."""
    unit = selectors.unit_for(actor, unit_id)
    return {"id": unit.pk, "load": services.unit_load_set(unit=unit, load=body.load, by=actor, at=at)}


def _read_fast(read: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Read a batch in the usual form the short way; any other is read, or refused, the way of all endpoints."""

    @wraps(read)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            body = _short(request.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RequestDataTooBig):
            return read(request, *args, **kwargs)
        return _taken(request, body)

    return run


@router.post("/positions", response=PositionsOut)
@decorate_view(_read_fast)
def positions(request: HttpRequest, body: PositionsIn) -> Any:
    """Keep a batch of fixes. Sending it again changes nothing, so no key is needed."""
    return _taken(request, body)


def _taken(request: HttpRequest, body: PositionsIn | _Positions) -> HttpResponse:
    actor = actor_of(request)
    taken = services.positions_take(fixes=_reports(body, actor), by=actor, at=now())
    told = {
        "accepted": taken.accepted,
        "repeated": taken.repeated,
        "quarantined": taken.quarantined,
        "acknowledged": [
            {"unit_id": unit_id, "boot": boot, "seq": seq}
            for (unit_id, boot), seq in sorted(taken.acknowledged.items())
        ],
    }
    # As it is: checking hundreds of rows made just here against the schema would cost more than making them.
    return HttpResponse(msgspec.json.encode(told), content_type="application/json; charset=utf-8")


def _reports(body: PositionsIn | _Positions, actor: Actor) -> list[services.PositionReport]:
    names = {fix.call_sign for fix in body.fixes if fix.call_sign and not fix.unit_id}
    by_name = dict(Unit.objects.filter(call_sign__in=names).values_list("call_sign", "id")) if names else {}
    is_own = any(not fix.unit_id and not fix.call_sign for fix in body.fixes)
    own = selectors.units_crewed_by(actor) if is_own else ()
    alone = next(iter(own)) if len(own) == 1 else 0
    return [
        services.PositionReport(
            unit_id=fix.unit_id or (by_name.get(fix.call_sign, 0) if fix.call_sign else alone),
            boot=fix.boot[:32],
            seq=fix.seq,
            lon=fix.lon,
            lat=fix.lat,
            # A time without an offset is taken as UTC: devices that leave it out mean that.
            fixed_at=fix.fixed_at if fix.fixed_at.tzinfo else fix.fixed_at.replace(tzinfo=UTC),
            speed_mps=fix.speed_mps,
            heading_deg=fix.heading_deg,
            datum=body.datum,
        )
        for fix in body.fixes
    ]
