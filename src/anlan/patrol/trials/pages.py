"""Trials as pages: the list and the form, one trial, its days and calls; and the register anybody may read."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.core.pages import command_post, day_posted, page_actor
from anlan.core.permissions import permitted
from anlan.patrol.models import PatrolTrial
from anlan.patrol.selectors import plan_for, plans_for
from anlan.patrol.trials import services, words
from anlan.patrol.trials.analysing import visits_by_arm
from anlan.patrol.trials.drafting import Wish
from anlan.patrol.trials.drawing import blocks_drawing
from anlan.patrol.trials.records import MOST, records_of
from anlan.patrol.trials.rules import (
    BLOCKS,
    BY_PERSON,
    DAYS,
    DESIGNS,
    PERIOD_DAYS,
    STOPPED,
    USUAL_BLOCKS,
    USUAL_DAYS,
    USUAL_VISITS,
    VISITS,
)
from anlan.patrol.trials.selectors import days_of, register_entry, register_public, trial_for, trials_for

SEEDS = 2**31
NOTICE = timedelta(days=3)


def trials(request: HttpRequest) -> HttpResponse:
    """The newest trials, and the form that drafts one from a patrol plan."""
    actor = page_actor(request, "patrol.view")
    context = {
        "trials": [{"row": row, "counted": words.COUNTED.get(row.family)} for row in trials_for(actor)],
        "plans": [row for row in plans_for(actor) if row.state != "dropped"],
        "designs": DESIGNS,
        "counted": words.COUNTED,
        "first_day": timezone.localdate(now()) + NOTICE,
        "limits": {"days": DAYS, "blocks": BLOCKS, "visits": VISITS, "period_days": PERIOD_DAYS},
        "usual": {"days": USUAL_DAYS, "blocks": USUAL_BLOCKS, "visits": USUAL_VISITS},
        "default_theme": "light",
    }
    return _answer(request, "patrol/trials.html", context)


@require_POST
def trial_new(request: HttpRequest) -> HttpResponse:
    """Work out what is to be fixed, with its power; then keep the draft."""
    actor, at = page_actor(request, "patrol.trial"), now()
    plan = plan_for(actor, _number(request, "plan"))
    wish = Wish(
        design=request.POST.get("design", ""),
        family=request.POST.get("family", ""),
        first_day=day_posted(request, "first_day"),
        days=_number(request, "days"),
        blocks=_number(request, "blocks"),
        visits=_number(request, "visits"),
        period_days=_number(request, "period_days", usual=1),
        washout_days=_number(request, "washout_days", usual=0),
    )
    lot: dict[str, Any] = {"seed": secrets.randbelow(SEEDS), "nonce": secrets.token_hex(16)}
    protocol = services.trial_draw(plan=plan, wish=wish, **lot, by=actor, at=at)

    def keep(by: Actor, at: datetime) -> int:
        return services.patrol_trial_make(plan=plan, protocol=protocol, by=by, at=at).pk

    return redirect("patrol:trial", command_post(request, "patrol.trial", keep))


def _number(request: HttpRequest, field: str, *, usual: int | None = None) -> int:
    text = request.POST.get(field, "").strip()
    if not text and usual is not None:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadInput(field=field, problem=text[:40] or "–")
    return int(text)


def trial(request: HttpRequest, trial_id: int) -> HttpResponse:
    """One trial: what was fixed, what it can find, how it runs, and what came of it."""
    actor = page_actor(request, "patrol.view")
    row = trial_for(actor, trial_id)
    days = days_of(row)
    lived = [day for day in days if day.counted_at]
    visits = row.result.get("visits") or visits_by_arm(lived)
    looks = [day.look for day in lived if day.look]
    context = {
        **_shared(row),
        "drawing": blocks_drawing(row.protocol),
        "days_done": len(lived),
        "undriven": visits["undriven"],
        "visits": {
            arm: {"paid": words.visits_told(visits[arm]), "block_days": visits[arm]["block_days"]}
            for arm in ("extra", "usual")
        },
        "unknown": sum(day.is_known is False for day in lived),
        "look": looks[-1] if looks else None,
        "may_approve": permitted(actor, "patrol.trial_approve") and actor.id != row.drafted_by_id,
        "is_mine": actor.id == row.drafted_by_id,
        "reasons": {code: STOPPED[code] for code in BY_PERSON},
        "stopped": STOPPED.get(row.stopped_reason, ""),
        "default_theme": "light",
    }
    return _answer(request, "patrol/trial.html", context)


def _shared(row: PatrolTrial) -> dict[str, Any]:
    """What the trial's page and its entry in the register both tell."""
    found = row.result
    return {
        "trial": row,
        "counted": words.COUNTED.get(row.family, row.family),
        "design": DESIGNS[row.design],
        "blocks": len(row.protocol["blocks"]),
        "lot": words.lot_told(row),
        "area_km2": words.area_km2(row),
        "power": words.power_told(row),
        "harm": words.harm_told(row),
        "analysis": words.analysis_told(row),
        "verdict": words.verdict_told(row),
        "parts": [
            {
                "name": name,
                "arm": arm,
                "ratio": words.ratio_told(found[part], found["edition"]),
                "extra": words.rate_told(found[part]["extra"], found[part]["block_days"], found["edition"]),
                "usual": words.rate_told(found[part]["usual"], found[part]["block_days"], found["edition"]),
                "p": found[part]["p"],
            }
            for part, name, arm in (("blocks", _("blocks"), ""), ("ring", _("ring around them"), "ring_"))
            if part in found
        ],
        "left_out": len(found.get("left_out", ())),
    }


def trial_days(request: HttpRequest, trial_id: int) -> HttpResponse:
    """Day by day: which side had how many calls and visits, and what the harm rule saw."""
    actor = page_actor(request, "patrol.view")
    row = trial_for(actor, trial_id)
    context = {"trial": row, "days": words.day_rows(days_of(row)), "default_theme": "light"}
    return _answer(request, "patrol/trial_days.html", context)


def trial_calls(request: HttpRequest, trial_id: int) -> HttpResponse:
    """The calls behind a figure, those in reach."""
    actor = page_actor(request, "patrol.view")
    row, arm = trial_for(actor, trial_id), request.GET.get("arm", "extra")
    if arm not in words.ARMS:
        raise NotFound
    records, total = records_of(actor, row, arm)
    context = {
        "trial": row,
        "records": records,
        "total": total,
        "most": MOST,
        "arm": words.ARMS[arm],
        "default_theme": "light",
    }
    return _answer(request, "patrol/trial_calls.html", context)


DEEDS: dict[str, tuple[str, Callable[..., Any]]] = {
    "approve": ("patrol.trial_approve", services.patrol_trial_approve),
    "drop": ("patrol.trial", services.patrol_trial_drop),
    "stop": ("patrol.trial_approve", services.patrol_trial_stop),
}


@require_POST
def trial_do(request: HttpRequest, trial_id: int, deed: str) -> HttpResponse:
    """Approve a trial, drop it, or stop it with a reason."""
    if deed not in DEEDS:
        raise NotFound
    action, serve = DEEDS[deed]

    def act(by: Actor, at: datetime) -> int:
        row: PatrolTrial = trial_for(by, trial_id)
        more = {"reason": request.POST.get("reason", "")} if deed == "stop" else {}
        serve(trial=row, by=by, at=at, **more)
        return row.pk

    return redirect("patrol:trial", command_post(request, action, act))


@never_cache
def register(request: HttpRequest) -> HttpResponse:
    """Every trial that was ever approved, for anybody: without sign-in, before it begins and whatever came of it."""
    rows = [
        {"row": row, "counted": words.COUNTED.get(row.family), "verdict": words.verdict_told(row)}
        for row in register_public()
    ]
    return render(request, "patrol/register.html", {"rows": rows, "default_theme": "light"})


@never_cache
def entry(request: HttpRequest, number: str) -> HttpResponse:
    """One entry of the register. Where and when visits are paid isn't told, or people would plan by it."""
    row = register_entry(number)
    context = {**_shared(row), "stopped": STOPPED.get(row.stopped_reason, ""), "default_theme": "light"}
    return render(request, "patrol/register_entry.html", context)


def _answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


urlpatterns = [
    path("patrol/trials", trials, name="trials"),
    path("patrol/trials/new", trial_new, name="trial_new"),
    path("patrol/trials/<int:trial_id>", trial, name="trial"),
    path("patrol/trials/<int:trial_id>/days", trial_days, name="trial_days"),
    path("patrol/trials/<int:trial_id>/calls", trial_calls, name="trial_calls"),
    path("patrol/trials/<int:trial_id>/do/<str:deed>", trial_do, name="trial_do"),
    path("register/trials", register, name="register"),
    path("register/trials/<str:number>", entry, name="register_entry"),
]
