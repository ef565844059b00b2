"""The telephone lines as the desk sees them: who rings, from roughly where, and whether the lines work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from anlan.core.actor import Actor
from anlan.core.purpose import machine_use
from anlan.intake.models import Call, Reporter, Switch
from anlan.intake.rules import REPORTER_KEPT_FOR, SAME_LINE_WINDOW, SWITCH_SILENT_AFTER

SHOWN_HEAD, SHOWN_TAIL = 3, 4
RINGING_SHOWN = 12
_IS_RINGING = "\"intake_call\".\"state\" IN ('ringing', 'answered', 'recorded', 'abandoned')"


@dataclass(frozen=True, slots=True)
class RingingCall:
    """A call that rings now, with its number as a desk may see it."""

    call: Call
    masked: str


@dataclass(frozen=True, slots=True)
class LinesDown:
    """A switch that does not work: by its own word, or because nothing was heard from it."""

    name: str
    since: datetime
    is_silent: bool


def number_masked(phone: str) -> str:
    """A telephone number as a desk may see it without a purpose: ``138****0042``.

    Of a number too short to hide anything in, only stars are left.
    """
    phone = phone.strip()
    if len(phone) <= SHOWN_HEAD + SHOWN_TAIL:
        return "*" * len(phone)
    return phone[:SHOWN_HEAD] + "*" * (len(phone) - SHOWN_HEAD - SHOWN_TAIL) + phone[-SHOWN_TAIL:]


def calls_ringing(actor: Actor) -> list[RingingCall]:
    """Calls that ring now in the actor's reach, longest ringing first."""
    rows = Call.objects.counted_for(actor).extra(where=[_IS_RINGING]).filter(state="ringing")
    calls = list(rows.select_related("station").order_by("ringing_at", "id")[:RINGING_SHOWN])
    with machine_use("mask"):
        phones = dict(Reporter.objects.filter(call__in=calls).values_list("call_id", "phone"))
    return [RingingCall(call, number_masked(phones.get(call.pk, ""))) for call in calls]


def call_masked_number(call: Call) -> str:
    """The number of a call with its middle hidden; empty where none was told."""
    with machine_use("mask"):
        phone = Reporter.objects.filter(call=call).values_list("phone", flat=True).first()
    return number_masked(phone or "")


def call_held(actor: Actor) -> Call | None:
    """The call the actor speaks on or still has to save; None for whoever is free."""
    if actor.id is None:
        return None
    rows = Call.objects.counted_for(actor).extra(where=[_IS_RINGING]).filter(state="answered", taker_id=actor.id)
    found: Call | None = rows.order_by("-answered_at").first()
    return found


def calls_from_line_lately(call: Call, *, at: datetime) -> int | None:
    """How many other calls came from the same number in the last day; None where no number is known.

    A bare count for the one who speaks with this caller now: it says whether they rang before. Nothing
    leads from it to the other calls.
    """
    with machine_use("compare"):
        phone = Reporter.objects.filter(call=call).values_list("phone", flat=True).first()
    if not phone:
        return None
    # The end of keeping is indexed and lies a fixed time after the call.
    since = at - SAME_LINE_WINDOW + REPORTER_KEPT_FOR
    return Reporter.objects.filter(expires_at__gte=since, phone=phone).exclude(call=call).count()


def lines_down(*, at: datetime) -> list[LinesDown]:
    """Switches that said they are down, or were not heard of for a minute; where none reports, none is down."""
    found = []
    for row in Switch.objects.order_by("name"):
        is_silent = row.is_up and at - row.heard_at > SWITCH_SILENT_AFTER
        if is_silent or not row.is_up:
            found.append(LinesDown(row.name, row.heard_at if is_silent else row.since, is_silent))
    return found
