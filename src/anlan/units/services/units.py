"""A unit enters the books, changes its status, is taken for an incident and set free."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.row_changes import row_change, row_reread
from anlan.core.rows import row_insert
from anlan.core.services import event_record
from anlan.units import events
from anlan.units.errors import CallSignTaken, UnitNotAvailable, UnitStillSent
from anlan.units.models import StatusLog, Unit
from anlan.units.rules import CAPABILITIES, ON_INCIDENT, UNIT_STATUS


@transaction.atomic
def unit_add(
    *,
    call_sign: str,
    track: str,
    organisation: Organisation,
    by: Actor,
    at: datetime,
    vehicle: str = Unit.Vehicle.CAR,
    capabilities: Iterable[str] = (),
    base_lon: float | None = None,
    base_lat: float | None = None,
) -> Unit:
    """Enter a unit, off duty. ``base_lon, base_lat`` is its post, from which it is ranked unseen.

    Raises ``CallSignTaken`` or ``BadInput`` (a track, vehicle or capability nobody knows).
    """
    if track not in Unit.Track.values or vehicle not in Unit.Vehicle.values:
        raise BadInput(field="track/vehicle", problem=f"{track}/{vehicle}")
    if Unit.objects.filter(call_sign=call_sign).exists():
        raise CallSignTaken(call_sign=call_sign)
    unit = Unit.objects.create(
        call_sign=call_sign,
        track=track,
        vehicle=vehicle,
        organisation=organisation,
        capabilities=_known(capabilities),
        state_since=at,
        base_lon=base_lon,
        base_lat=base_lat,
    )
    event_record(
        events.UNIT_ADDED,
        subject=unit,
        by=by,
        at=at,
        org_ids=[organisation.pk],
        unit=call_sign,
        track=track,
        vehicle=vehicle,
    )
    return unit


def _known(capabilities: Iterable[str]) -> list[str]:
    wanted = sorted(set(capabilities))
    unknown = [name for name in wanted if name not in CAPABILITIES]
    if unknown:
        raise BadInput(field="capabilities", problem=", ".join(unknown))
    return wanted


@transaction.atomic
def unit_capabilities_set(*, unit: Unit, capabilities: Iterable[str], by: Actor, at: datetime) -> None:
    """Say what the unit can do (boat, drone, interpreter …); replaces what was said before."""
    wanted = _known(capabilities)
    Unit.objects.filter(pk=unit.pk).update(capabilities=wanted)
    unit.capabilities = wanted
    event_record(
        events.CAPABILITIES_SET,
        subject=unit,
        by=by,
        at=at,
        org_ids=[unit.organisation_id],
        unit=unit.call_sign,
        capabilities=wanted,
    )


@transaction.atomic
def unit_claim(*, unit: Unit, incident_id: int, by: Actor, at: datetime, incident_number: str = "") -> None:
    """Take an available unit for an incident, or raise ``UnitNotAvailable``.

    The look and the change are one UPDATE: of two dispatchers at the same instant one wins, and the
    other is told who sent the unit where and since when.
    """
    sent = {"state": "assigned", "state_since": at, "incident_id": incident_id, "incident_number": incident_number}
    won = row_change(unit, sent, where={"state": "available", "is_active": True})
    row_reread(unit)
    if not won:
        raise _not_available(unit)
    _log(unit, "available", by=by, at=at, incident_id=incident_id)
    event_record(
        events.UNIT_CLAIMED,
        subject=unit,
        by=by,
        at=at,
        incident_id=incident_id,
        org_ids=[unit.organisation_id],
        unit=unit.call_sign,
    )


def _not_available(unit: Unit) -> UnitNotAvailable:
    sender: str | Promise = ""
    if unit.state in ON_INCIDENT:
        sender = _("the system")
        claim = StatusLog.objects.filter(unit=unit, state_to="assigned").order_by("-at", "-id").first()
        if claim is not None and claim.actor_kind == "person" and claim.actor_id is not None:
            sender = Person.objects.filter(pk=claim.actor_id).values_list("name", flat=True).first() or sender
    return UnitNotAvailable(
        call_sign=unit.call_sign,
        state=UNIT_STATUS.labels[unit.state],
        since=unit.state_since,
        incident=unit.incident_number,
        incident_id=unit.incident_id,
        sender=sender,
    )


@transaction.atomic
def unit_state_set(*, unit: Unit, to: str, by: Actor, at: datetime, incident_id: int | None = None) -> str:
    """Bring the unit to another status, on the record; returns the one it left.

    A unit that is on an incident moves only for that incident (``incident_id``), so that its status and
    its assignment stay together; otherwise ``UnitStillSent``. Taking a unit is ``unit_claim``, setting
    it free ``unit_release``. Raises ``WrongState`` for a move the table doesn't have.
    """
    row_reread(unit)
    if unit.incident_id is not None and unit.incident_id != incident_id:
        raise UnitStillSent(
            call_sign=unit.call_sign,
            state=UNIT_STATUS.labels[unit.state],
            incident=unit.incident_number or unit.incident_id,
            since=unit.state_since,
        )
    if to == "assigned":
        raise BadInput(field="state", problem="assigned")
    return _move(unit, to, by=by, at=at, keeps_incident=to in ON_INCIDENT)


@transaction.atomic
def unit_release(
    *, unit: Unit, by: Actor, at: datetime, to: str = "available", incident_id: int | None = None
) -> bool:
    """Set the unit free of its incident; False when it was free already.

    With ``incident_id`` only if it is still that incident's: a late click must not free a unit that has
    been sent elsewhere meanwhile. ``to`` is "available" or "busy" (still occupied, e.g. at the station).
    """
    row_reread(unit)
    if unit.state not in ON_INCIDENT or (incident_id is not None and unit.incident_id != incident_id):
        return False
    _move(unit, to, by=by, at=at, keeps_incident=False)
    return True


def _move(unit: Unit, to: str, *, by: Actor, at: datetime, keeps_incident: bool) -> str:
    incident_id = unit.incident_id
    freed: dict[str, Any] = {} if keeps_incident else {"incident_id": None, "incident_number": ""}
    left = UNIT_STATUS.move(unit, to, at=at, subject=unit.call_sign, **freed)
    _log(unit, left, by=by, at=at, incident_id=incident_id)
    event_record(
        events.STATUS_CHANGED,
        subject=unit,
        by=by,
        at=at,
        incident_id=incident_id,
        org_ids=[unit.organisation_id],
        unit=unit.call_sign,
        state_from=left,
        state=to,
    )
    return left


def _log(unit: Unit, left: str, *, by: Actor, at: datetime, incident_id: int | None) -> None:
    row_insert(
        StatusLog(
            unit=unit,
            state_from=left,
            state_to=unit.state,
            at=at,
            incident_id=incident_id,
            actor_kind=by.kind,
            actor_id=by.id,
        )
    )
