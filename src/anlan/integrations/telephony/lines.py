"""Line events on their way to intake, each once."""

from __future__ import annotations

from datetime import datetime

from anlan.core.actor import Actor
from anlan.intake.models import Call
from anlan.intake.selectors import call_on_line
from anlan.intake.services import call_answer, call_hang_up, call_ring
from anlan.integrations.telephony.port import ANSWER, HANG_UP, RING, LineEvent, TelephonyPort


def line_event_take(event: LineEvent, *, by: Actor) -> Call | None:
    """Bring one event to intake; returns its call, or None where no call is on that line (told too late)."""
    if event.kind == RING:
        return call_ring(
            line=event.line,
            phone=event.phone,
            lon=event.lon,
            lat=event.lat,
            radius_m=event.radius_m,
            recording_ref=event.recording_ref,
            by=by,
            at=event.at,
        )
    call = call_on_line(event.line)
    if call is None:
        return None
    if event.kind == ANSWER and call.state == "ringing":
        return call_answer(call=call, seat=event.seat, by=by, at=event.at)
    if event.kind == HANG_UP:
        call_hang_up(call=call, recording_ref=event.recording_ref, by=by, at=event.at)
        call.refresh_from_db()
    return call


def switch_follow(switch: TelephonyPort, *, until: datetime, by: Actor) -> list[Call]:
    """Take everything the switch has to tell up to ``until``; nothing while it is down."""
    if not switch.is_up:
        return []
    calls = (line_event_take(event, by=by) for event in switch.events(until=until))
    return [call for call in calls if call is not None]
