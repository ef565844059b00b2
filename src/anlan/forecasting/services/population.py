"""How many people live where: figures by area or cell, by which cells are told together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.services import event_record
from anlan.forecasting import events
from anlan.forecasting.models import Population


@dataclass(frozen=True, slots=True)
class Residents:
    """Residents of one area (``area_kind``, ``code``) or of one cell ``cell_m`` wide around ``lon``, ``lat``."""

    residents: int
    area_kind: str = ""
    code: str = ""
    lon: float | None = None
    lat: float | None = None
    cell_m: float | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What it is of: the same again takes the older figure's place."""
        return (self.area_kind, self.code) if self.code else (self.lon, self.lat)


@transaction.atomic
def population_take(*, rows: Sequence[Residents], source: str, by: Actor, at: datetime) -> list[bool]:
    """Keep the figures of a file; whether each was news. The last figure of a place stands."""
    held = {_told(row).key: row for row in Population.objects.all()}
    fresh = []
    for told in rows:
        standing = held.get(told.key)
        is_news = standing is None or (standing.residents, standing.cell_m) != (told.residents, told.cell_m)
        fresh.append(is_news)
        if not is_news:
            continue
        row = standing or Population(area_kind=told.area_kind, code=told.code, lon=told.lon, lat=told.lat)
        row.residents, row.cell_m, row.source, row.taken_at = told.residents, told.cell_m, source[:200], at
        row.save()
        held[told.key] = row
    if any(fresh):
        last = Population.objects.filter(taken_at=at).latest("pk")
        event_record(events.POPULATION_TAKEN, subject=last, by=by, at=at, n=sum(fresh), source=source[:200])
    return fresh


def _told(row: Population) -> Residents:
    return Residents(row.residents, row.area_kind, row.code, row.lon, row.lat, row.cell_m)
