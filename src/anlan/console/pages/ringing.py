"""Lines that ring: the strip over queue and call form, answering with one key, and the screen-pop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from anlan.console.prompter import SECONDS_A_LINE, Prompt, prompt_of
from anlan.console.screen import screen
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.pages import command_post, page_actor
from anlan.core.permissions import permitted
from anlan.intake import services as intake
from anlan.intake.errors import CallNotRinging
from anlan.intake.models import Call
from anlan.intake.selectors import (
    RingingCall,
    call_held,
    call_masked_number,
    calls_from_line_lately,
    calls_ringing,
    lines_down,
)
from anlan.places.selectors import areas_in_force, locate

TAKES_CALLS = "console.call"
# A ring is late in the third round: amber then, red when half a minute is over.
RING_AMBER_S, RING_RED_S = 10, 20


@dataclass(frozen=True, slots=True)
class Ring:
    """One ringing line on the strip; ``left_until`` is set in a demo, where a simulated taker waits that long."""

    ringing: RingingCall
    beat: Any
    left_until: datetime | None


def ringing_context(actor: Actor) -> dict[str, Any]:
    """The strip: who rings, whether this desk is free, which lines are down. Empty for who takes no calls."""
    if not permitted(actor, TAKES_CALLS):
        return {"takes_calls": False}
    held = call_held(actor)
    return {
        "takes_calls": True,
        "rings": [Ring(one, _beat(one.call), _left_until(one.call)) for one in calls_ringing(actor)],
        "held": held,
        "lines_down": lines_down(at=now()),
        "ring_amber_s": RING_AMBER_S,
        "ring_red_s": RING_RED_S,
    }


def _beat(call: Call) -> Any:
    """The beat or station area the rough position lies in, for its name; None where nothing is known."""
    if call.lon is None or call.lat is None:
        return None
    code = locate(call.lon, call.lat).beat_code
    return next((area for area in areas_in_force("beat") if area.code == code), None)


def _left_until(call: Call) -> datetime | None:
    prompt = prompt_of(call.number)
    return parse_datetime(prompt.left_until) if prompt and prompt.left_until else None


@screen(TAKES_CALLS)
def ringing_part(request: HttpRequest) -> HttpResponse:
    """The strip anew."""
    return render(request, "console/parts/ringing.html", ringing_context(page_actor(request)))


@require_POST
def answer_next(request: HttpRequest) -> HttpResponse:
    """Take the call that rings longest, and open its sheet. Of two who press at once each gets another call."""

    def act(by: Actor, at: datetime) -> str:
        for one in calls_ringing(by):
            try:
                return str(intake.call_answer(call=one.call, by=by, at=at).number)
            except CallNotRinging:
                continue
        return ""

    number = command_post(request, "intake.call_take", act)
    return HttpResponseRedirect(
        reverse("console:call_edit", args=[number]) if number else reverse("console:call_new")
    )


def screen_pop(call: Call | None) -> dict[str, Any]:
    """What the form shows of the line it belongs to: masked number, rough place, earlier calls as a bare count."""
    if call is None or call.ringing_at is None:
        return {}
    return {
        "pop": {
            "masked": call_masked_number(call),
            "lately": calls_from_line_lately(call, at=now()),
            "beat": _beat(call),
            "rang": (call.answered_at - call.ringing_at) if call.answered_at else None,
        },
        "prompt": _prompt(call),
    }


def _prompt(call: Call) -> dict[str, Any] | None:
    """The simulated caller's words, where there is one, with the pace they are said at."""
    prompt: Prompt | None = prompt_of(call.number) if settings.DEMO else None
    if prompt is None or call.answered_at is None or call.state != "answered":
        return None
    return {"lines": prompt.lines, "every_s": SECONDS_A_LINE, "since": call.answered_at}
