"""The telephone side of a call: it rings, is answered, is hung up. By the switch, or by hand when it is down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.purpose import machine_use
from anlan.core.row_changes import row_reread
from anlan.core.services import event_record
from anlan.intake import events
from anlan.intake.errors import CallNotRinging
from anlan.intake.models import Call, CallBack, Reporter, Switch
from anlan.intake.parts import call_number, reporter_keep, taker_id
from anlan.intake.reporting import aside_keep
from anlan.intake.rules import CALL, CALL_BACK_WITHIN
from anlan.intake.selectors.location import place_of_point
from anlan.intake.sheet import CallSheet, Unreadable, sheet_clean

SAME_NUMBER_DIGITS = 8


@transaction.atomic
def call_ring(
    *,
    line: str,
    by: Actor,
    at: datetime,
    phone: str = "",
    lon: float | None = None,
    lat: float | None = None,
    radius_m: float | None = None,
    recording_ref: str = "",
    unreadable: Sequence[Unreadable] = (),
) -> Call:
    """A call rings on ``line``, with its number and rough position as far as the switch knows them.

    The same ring told twice (same line, still ringing) is one call; with another number it is another caller, and
    whoever rang there before has hung up without the switch saying so: they are called back. What of it can't be
    is put aside with its reason; the call rings all the same.
    """
    clean, aside = sheet_clean(
        CallSheet(line=line, reporter_phone=phone, lon=lon, lat=lat, radius_m=radius_m, recording_ref=recording_ref)
    )
    standing = Call.objects.filter(line=clean.line, state="ringing").exclude(line="").first()
    if standing is not None:
        if not _is_of_another(standing, clean.reporter_phone):
            return cast(Call, standing)
        call_hang_up(call=standing, by=by, at=at)
    where = place_of_point(clean, aside)
    call = Call.objects.create(
        number=call_number(at),
        state="ringing",
        state_since=at,
        line=clean.line,
        ringing_at=at,
        lon=where.lon,
        lat=where.lat,
        location_radius_m=where.radius_m,
        cell=where.located.cell if where.located else None,
        station_id=where.located.station_id if where.located else None,
        recording_ref=clean.recording_ref,
    )
    reporter = ""
    if clean.reporter_phone:
        reporter = reporter_keep(call=call, name="", phone=clean.reporter_phone, is_confidential=False, at=at)
    aside_keep([*unreadable, *aside], call.number, at=at)
    event_record(
        events.CALL_RANG,
        subject=call,
        by=by,
        at=at,
        org_ids=(call.station_id, by.org_id),
        schema=2,
        call=call.number,
        station=call.station_id,
        line=clean.line,
        radius_m=where.radius_m,
        reporter=reporter,
    )
    return call


def _is_of_another(call: Call, phone: str) -> bool:
    """Whether the number told now is surely not the one that rings there; the same may come with a prefix."""
    with machine_use("compare"):
        known = Reporter.objects.filter(call=call).values_list("phone", flat=True).first() or ""
    one, other = _digits(known), _digits(phone)
    return bool(one and other and one != other)


def _digits(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdecimal())[-SAME_NUMBER_DIGITS:]


@transaction.atomic
def call_answer(*, call: Call, by: Actor, at: datetime, seat: str = "") -> Call:
    """Somebody answers; of two who reach for the same call one gets it. Raises ``CallNotRinging``."""
    won = Call.objects.filter(pk=call.pk, state="ringing").update(
        state="answered", state_since=at, answered_at=at, taker_id=taker_id(by), seat=seat[:16]
    )
    row_reread(call)
    if not won:
        raise CallNotRinging(call=call.number, state=CALL.labels[call.state], since=call.state_since)
    event_record(
        events.CALL_ANSWERED,
        subject=call,
        by=by,
        at=at,
        org_ids=(call.station_id, by.org_id),
        call=call.number,
        rang_s=(at - call.ringing_at).total_seconds() if call.ringing_at else None,
        seat=seat[:16],
    )
    return call


@transaction.atomic
def call_hang_up(*, call: Call, by: Actor, at: datetime, recording_ref: str = "") -> CallBack | None:
    """The line is free again. Who hung up before an answer is called back: returns that task, else None.

    Told a second time it changes nothing.
    """
    row_reread(call)
    if call.ended_at is not None:
        return CallBack.objects.filter(call=call, done_at=None).first()
    is_abandoned = call.state == "ringing"
    changes: dict[str, Any] = {"ended_at": at, "recording_ref": recording_ref[:120] or call.recording_ref}
    call_back = None
    if is_abandoned:
        CALL.move(call, "abandoned", at=at, subject=call.number, **changes)
        call_back = CallBack.objects.create(call=call, reason="cut_off", due_at=at + CALL_BACK_WITHIN)
    else:
        Call.objects.filter(pk=call.pk).update(**changes)
        row_reread(call)
    event_record(
        events.CALL_ENDED,
        subject=call,
        by=by,
        at=at,
        incident_id=call.incident_id,
        org_ids=(call.station_id, by.org_id),
        call=call.number,
        state=call.state,
        due_at=call_back.due_at.isoformat() if call_back else None,
        has_recording=bool(call.recording_ref),
    )
    return call_back


@transaction.atomic
def switch_report(*, name: str, is_up: bool, by: Actor, at: datetime) -> bool:
    """A switch says whether its lines work; True when that is news.

    Told again and again (a heartbeat) only the moment it was last heard moves on, and nothing is recorded.
    """
    row, is_new = Switch.objects.get_or_create(name=name[:32], defaults={"is_up": is_up, "since": at, "heard_at": at})
    turned = Switch.objects.filter(pk=row.pk, is_up=not is_up).update(is_up=is_up, since=at, heard_at=at)
    if not (turned or is_new):
        Switch.objects.filter(pk=row.pk, heard_at__lt=at).update(heard_at=at)
        return False
    event_record(
        events.SWITCH_UP if is_up else events.SWITCH_DOWN,
        subject=row,
        by=by,
        at=at,
        org_ids=(by.org_id,),
        switch=row.name,
    )
    return True
