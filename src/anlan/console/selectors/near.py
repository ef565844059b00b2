"""Incidents close to a point."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from anlan.core.actor import Actor
from anlan.engines.geo import cell_neighbours, cell_of, distance_m
from anlan.intake.models import Incident
from anlan.tagging.selectors import incident_type

WITHIN_M = 200.0
LOOKED_BACK = timedelta(days=30)
ROWS_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Near:
    """An incident and how far from the point it was, in metres."""

    incident: Incident
    kind: Any
    distance_m: float


def incidents_near(actor: Actor, lon: float, lat: float, *, at: datetime) -> list[Near]:
    """Incidents of the last 30 days within 200 m that the actor may see, newest first. One query."""
    cells = cell_neighbours(cell_of(lon, lat), rings=2).tolist()
    rows = Incident.objects.visible_to(actor).filter(cell__in=cells, received_at__gt=at - LOOKED_BACK)
    found = []
    for row in rows.exclude(lon=None).defer("narrative").order_by("-received_at")[: 4 * ROWS_SHOWN]:
        away = float(distance_m(lon, lat, row.lon or 0.0, row.lat or 0.0))
        if away <= WITHIN_M:
            found.append(Near(row, incident_type(row.code), away))
    return found[:ROWS_SHOWN]
