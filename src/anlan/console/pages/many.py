"""Many calls at once: who goes where if all waiting matters are served together, confirmed by a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from anlan.console.pages.press import Press
from anlan.console.screen import screen
from anlan.console.selectors.incident import incident_for
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput
from anlan.core.pages import command_post, page_actor
from anlan.dispatch.selectors import RankedUnit, batch_propose
from anlan.dispatch.selectors.batch import BATCH_VERSION
from anlan.dispatch.services import Pair, many_send, unit_divert, unit_to_send
from anlan.tagging.selectors import incident_type

SHOWN = ("eta_s", "eta_p90_s", "travel_s", "fix_age_s")
MARK = "|"


@screen("dispatch.send")
def many(request: HttpRequest) -> HttpResponse:
    """The proposal, every line ticked; nothing is sent before the button."""
    return render(request, "console/many.html", _context(page_actor(request), at=now()))


def _context(actor: Actor, *, at: datetime) -> dict[str, Any]:
    found = batch_propose(by=actor, at=at)
    rows = [
        {
            "row": row,
            "kind": incident_type(row.incident.code),
            "places": [
                {"going": going, "value": _value(row.incident.number, row.sent, going.choice)} for going in row.going
            ],
        }
        for row in found.rows
        if row.going
    ]
    return {"found": found, "rows": rows, "version": BATCH_VERSION, "default_theme": "light"}


def _value(number: str, on_it: int, choice: RankedUnit | None) -> str:
    """What a ticked line says: the matter, the unit, and what was shown of it."""
    if choice is None:
        return ""
    times = ["" if (told := getattr(choice, name)) is None else f"{told:.1f}" for name in SHOWN]
    return MARK.join([number, str(choice.unit.id), str(on_it), str(choice.rank), choice.eta_source, *times])


@require_POST
def many_send_do(request: HttpRequest) -> HttpResponse:
    """Send what is ticked; the page as it then is says who went and what could not."""

    def act(by: Actor, at: datetime) -> dict[str, Any]:
        done = many_send(pairs=[_pair(value, by) for value in request.POST.getlist("pair")], by=by, at=at)
        return {
            "sent": [[row.incident.number, row.unit.call_sign] for row in done.sent],
            "refused": [[pair.incident.number, refusal.detail()] for pair, refusal in done.refused],
        }

    done = command_post(request, "dispatch.send", act)
    return render(request, "console/many.html", {**_context(page_actor(request), at=now()), "done": done})


def _pair(value: str, by: Actor) -> Pair:
    parts = value.split(MARK)
    if len(parts) != 5 + len(SHOWN) or not all(part.isdecimal() and len(part) < 10 for part in parts[1:4]):
        raise BadInput(field="pair", problem=value[:40])
    number, unit, on_it, rank, source, *times = parts
    try:
        seconds = {name: float(told) if told else None for name, told in zip(SHOWN, times, strict=True)}
    except ValueError:
        raise BadInput(field="pair", problem=value[:40]) from None
    shown = {**seconds, "rank": min(int(rank), 10_000), "eta_source": source if source in ("road", "line") else ""}
    return Pair(incident_for(by, number), unit_to_send(int(unit)), on_it=int(on_it), shown=shown)


def divert(press: Press) -> None:
    """Take a unit from the lesser matter it travels to; the one named goes there instead."""
    instead = press.number("instead")
    unit_divert(
        assignment=press.assignment(),
        incident=press.incident,
        instead=unit_to_send(instead) if instead is not None else None,
        reason=press.text("reason"),
        by=press.by,
        at=press.at,
        eta_s=press.decimal("eta_s"),
        eta_p90_s=press.decimal("eta_p90_s"),
        travel_s=press.decimal("travel_s"),
        fix_age_s=press.decimal("fix_age_s"),
        eta_source=press.text("eta_source")[:12],
    )
