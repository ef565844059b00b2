"""Handing the bureau's own drives to the learning of how long roads take at each time of the week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from anlan.core.actor import SYSTEM, Actor
from anlan.dispatch.models import Assignment
from anlan.dispatch.selectors.road_drives import DRIVE_LEAST, DRIVE_MOST, URGENT
from anlan.places.models import RoadPace
from anlan.places.selectors import RoadDrive
from anlan.places.services import road_paces_learn
from anlan.units.selectors import tracks_between, tracks_kept_from

AT_HOUR = 3
"""Once a night, when nobody waits for the machine."""
MOST_DRIVES = 400
"""The newest so many: laying a drive on the roads takes some hundredths of a second."""
MOST_FIXES = 600
LATE_FIXES = timedelta(minutes=30)
"""A device without signal hands its positions over later."""
_COLUMNS = (
    "unit_id",
    "unit__vehicle",
    "incident__priority",
    "sent_at",
    "departed_at",
    "moved_inferred_at",
    "arrived_at",
    "arrived_inferred_at",
)


def road_paces_nightly(*, at: datetime, by: Actor = SYSTEM) -> RoadPace | None:
    """Learn from the drives whose positions are still kept, in the night; None at other hours and without news."""
    if timezone.localtime(at).hour != AT_HOUR:
        return None
    return road_paces_learn(drives=drives_kept(at=at), at=at, by=by)


def drives_kept(*, at: datetime) -> Iterator[RoadDrive]:
    """The newest drives to a matter that ended there, as positions tell them: from setting off until being there.

    Where positions say when the unit moved and was there, they stand before the buttons. Which unit drove and to what
    is not handed on.
    """
    rows = (
        Assignment.objects.filter(sent_at__gt=tracks_kept_from(at), sent_at__lte=at, arrived_at__isnull=False)
        .filter(unit__vehicle__in=("car", "motorcycle"))
        .order_by("-sent_at", "-id")
        .values_list(*_COLUMNS)[:MOST_DRIVES]
    )
    for unit, vehicle, priority, sent, departed, moved, arrived, seen_there in rows:
        begin, end = moved or departed or sent, seen_there or arrived
        if not DRIVE_LEAST <= end - begin <= DRIVE_MOST:
            continue
        track = tracks_between([unit], start=begin, end=end + LATE_FIXES, at_most=MOST_FIXES)
        fixes = sorted(
            (fixed_at, lon, lat)
            for _received, _unit, lon, lat, _speed, _heading, fixed_at in track.fixes
            if begin <= fixed_at <= end
        )
        if len(fixes) > 1:
            told = [(lon, lat, (fixed_at - begin).total_seconds()) for fixed_at, lon, lat in fixes]
            yield RoadDrive(vehicle, priority in URGENT, begin, told)
