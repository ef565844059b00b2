"""The drives that roads' paces were learned from, as records a reader may open: who drove to what, when, how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from anlan.core.actor import Actor
from anlan.dispatch.models import Assignment
from anlan.places.selectors import band_of

DRIVE_LEAST, DRIVE_MOST = timedelta(seconds=45), timedelta(hours=1)
URGENT = ("P1", "P2")


@dataclass(frozen=True, slots=True)
class DriveThere:
    """One drive to a matter: from setting off until being there, by positions where they say so, else by button."""

    number: str
    call_sign: str
    began_at: datetime
    drove_s: float
    vehicle: str
    mode: str
    band: str


def drives_there(actor: Actor, *, start: datetime, end: datetime) -> list[DriveThere]:
    """Drives of cars and motorcycles that began from ``start`` to ``end``, of matters in reach, newest first.

    Those a night's learning is handed, as far as the reader may see their matters; a drive whose positions said
    nothing of any class of road is among them.
    """
    rows = (
        Assignment.objects.visible_to(actor)
        .filter(sent_at__gt=start - DRIVE_MOST, sent_at__lte=end, arrived_at__isnull=False)
        .filter(unit__vehicle__in=("car", "motorcycle"))
        .order_by("-sent_at", "-id")
        .values_list(
            "incident__number",
            "unit__call_sign",
            "unit__vehicle",
            "incident__priority",
            "sent_at",
            "departed_at",
            "moved_inferred_at",
            "arrived_at",
            "arrived_inferred_at",
        )
    )
    found = []
    for number, sign, vehicle, priority, sent, departed, moved, arrived, seen_there in rows:
        begin, there = moved or departed or sent, seen_there or arrived
        if start <= begin <= end and DRIVE_LEAST <= there - begin <= DRIVE_MOST:
            mode = "emergency" if priority in URGENT else "normal"
            drove_s = (there - begin).total_seconds()
            found.append(DriveThere(number, sign, begin, drove_s, vehicle, mode, band_of(timezone.localtime(begin))))
    return found
