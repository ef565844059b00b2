"""One sentence to every unit in a ring or of an organisation, and who has seen it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.permissions import require
from anlan.dispatch.errors import NobodyInReach
from anlan.dispatch.messages import BROADCAST
from anlan.engines.geo import distance_m
from anlan.notices.models import Notice
from anlan.notices.services import Receiver, Rung, notice_send
from anlan.units.selectors import UnitOnBoard, units_for_board

CREW = "crew"
OFF = ("off", "out_of_service")
LEAST_RADIUS_M, MOST_RADIUS_M = 50.0, 100_000.0
STANDS_FOR = timedelta(hours=1)
LONGEST = timedelta(hours=24)


Ring = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class BroadcastSent:
    """What was sent: the notice, the units it is for, those of them without a crew, and those not found.

    ``lost`` are units on duty whose position is unknown or older than ten minutes: nobody can say whether
    they are in the ring.
    """

    notice: Notice
    units: list[UnitOnBoard]
    without_crew: list[UnitOnBoard]
    lost: list[UnitOnBoard]


def broadcast_send(
    *,
    text: str,
    by: Actor,
    at: datetime,
    lon: float | None = None,
    lat: float | None = None,
    radius_m: float | None = None,
    organisation: Organisation | None = None,
    urgent: bool = False,
    stands_for: timedelta = STANDS_FOR,
) -> BroadcastSent:
    """Send ``text`` (at most 200 characters) to the crews of units on duty in the ring, or of an organisation.

    With both, to the organisation's units in the ring. Only units in the sender's reach. It runs out after
    ``stands_for``. Raises ``NobodyInReach``, ``BadInput``, or what a notice refuses.
    """
    require(by, "dispatch.broadcast")
    if not text.strip():
        raise BadInput(field="text", problem="–")
    if not timedelta(minutes=1) <= stands_for <= LONGEST:
        raise BadInput(field="expires_in_s", problem=str(stands_for))
    ring = _ring(lon, lat, radius_m)
    if ring is None and organisation is None:
        raise BadInput(field="lon, lat, radius_m", problem="–")
    if organisation is not None and not (by.sees_all or organisation.pk in by.org_ids):
        raise NotFound
    there, lost = _found(by, at, ring, organisation)
    if not there:
        raise NobodyInReach(lost=len(lost))
    notice = notice_send(
        message=BROADCAST,
        chain=[Rung(tuple(crew_of(unit) for unit in there), within=stands_for, counts="clock")],
        organisation=by.org_id or there[0].organisation_id,
        text=text,
        urgency="urgent" if urgent else "routine",
        asks="each",
        expires_at=at + stands_for,
        by=by,
        at=at,
    )
    return BroadcastSent(notice, there, [unit for unit in there if not unit.crew], lost)


def crew_of(unit: UnitOnBoard) -> Receiver:
    """The crew of a unit, whoever is on it when it looks."""
    return Receiver(unit.organisation_id, group_kind=CREW, group_id=unit.id, group_name=unit.call_sign)


def _ring(lon: float | None, lat: float | None, radius_m: float | None) -> Ring | None:
    given = [value for value in (lon, lat, radius_m) if value is not None]
    if not given:
        return None
    if lon is None or lat is None or radius_m is None:
        raise BadInput(field="lon, lat, radius_m", problem=f"{lon}, {lat}, {radius_m}")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadInput(field="lon, lat", problem=f"{lon}, {lat}")
    if not LEAST_RADIUS_M <= radius_m <= MOST_RADIUS_M:
        raise BadInput(field="radius_m", problem=f"{radius_m:g}")
    return lon, lat, radius_m


def _found(
    by: Actor, at: datetime, ring: Ring | None, org: Organisation | None
) -> tuple[list[UnitOnBoard], list[UnitOnBoard]]:
    """Units on duty that are meant, and those of which nobody knows where they are."""
    rows = [row for row in units_for_board(by, at=at) if row.state not in OFF]
    if org is not None:
        beneath = set(Organisation.objects.filter(path__startswith=org.path).values_list("id", flat=True))
        rows = [row for row in rows if row.organisation_id in beneath]
    if ring is None:
        return rows, []
    lon, lat, radius_m = ring
    seen = [row for row in rows if row.seen is not None and not row.seen.is_lost]
    lost = [row for row in rows if row.seen is None or row.seen.is_lost]
    there = [row for row in seen if row.seen and distance_m(lon, lat, row.seen.lon, row.seen.lat) <= radius_m]
    return there, lost
