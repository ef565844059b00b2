"""What the live console knows beside queue and units: weather, fixed points, who has taken a unit meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.dispatch.models import Assignment
from anlan.places.models import Point, WeatherReading, WeatherWarning
from anlan.places.selectors import points_in_force, weather_known
from anlan.units.models import Unit

HOURS_SHOWN = 6


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def weather(*, at: datetime) -> dict[str, Any]:
    """The strip: what is measured, the coming hours, the warnings, each with its source and its time."""
    known = weather_known(at=at, hours=HOURS_SHOWN)
    return {
        "fed": known.is_fed,
        "old": known.is_old,
        "measured": _reading(known.measured) if known.measured else None,
        "hours": [_reading(row) for row in known.hours],
        "issued": _ms(known.hours[0].issued_at) if known.hours else None,
        "warnings": [_warning(row) for row in known.warnings],
    }


def _reading(row: WeatherReading) -> dict[str, Any]:
    return {
        "at": _ms(row.valid_at),
        "temperature_c": row.temperature_c,
        "rain_mm_h": row.rain_mm_h,
        "wind_mps": row.wind_mps,
        "visibility_m": row.visibility_m,
        "source": row.source,
        "synthetic": row.is_synthetic,
    }


def _warning(row: WeatherWarning) -> dict[str, Any]:
    return {
        "number": row.number,
        "kind": str(row.get_kind_display()),
        "level": row.level,
        "level_word": str(row.get_level_display()),
        "text": row.text,
        "issued": _ms(row.issued_at),
        "ends": _ms(row.ends_at),
        "source": row.source,
        "synthetic": row.is_synthetic,
    }


def points(*, at: datetime) -> list[dict[str, Any]]:
    """Booths, must-cover and standby points in force, as GeoJSON features beside the areas."""
    english = (get_language() or "").startswith("en")
    return [_point(row, english=english) for row in points_in_force(at=at)]


def _point(row: Point, *, english: bool) -> dict[str, Any]:
    owner = row.organisation
    properties = {
        "kind": row.kind,
        "code": row.code,
        "name": (row.name_en if english else "") or row.name_zh,
        "word": str(row.get_kind_display()),
        "org": ((owner.name_en if english else "") or owner.name_zh) if owner else "",
    }
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
        "properties": properties,
    }


def unit_taken(actor: Actor, unit_id: int) -> dict[str, Any]:
    """Who sent a unit where, and since when: for the desk that had chosen it. Raises ``NotFound`` out of reach."""
    unit: Unit = Unit.objects.visible_to(actor).filter(pk=unit_id).first() or _nothing()
    row = Assignment.objects.filter(unit=unit, ended_at=None).select_related("incident").order_by("-sent_at").first()
    if row is None:
        return {"since": _ms(unit.state_since), "by": "", "number": ""}
    sender = Person.objects.filter(pk=row.sent_by).first() if row.sent_by else None
    return {"since": _ms(row.sent_at), "by": sender.name if sender else "", "number": row.incident.number}


def _nothing() -> Unit:
    raise NotFound
