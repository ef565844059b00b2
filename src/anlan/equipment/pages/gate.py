"""The screen at a door: what was just taken or brought back, what is asked, and corrections on the spot."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from anlan.core.clock import now
from anlan.core.errors import BadInput
from anlan.core.pages import page_actor
from anlan.equipment import selectors, selectors_gate, selectors_sharing, services
from anlan.equipment.pages.forms import command, whole
from anlan.equipment.voice import wav_of


def _live(request: HttpRequest, reader: str) -> selectors_gate.Live:
    actor = page_actor(request, "equipment.view")
    gate = selectors.gate_for(actor, reader)
    return selectors_gate.gate_live(actor, gate, at=now(), language=get_language() or "zh-hans")


def gate_live(request: HttpRequest, reader: str) -> HttpResponse:
    """The door's screen; asked for by itself (htmx) only what changes."""
    live = _live(request, reader)
    template = "equipment/gate_now.html" if request.headers.get("HX-Request") else "equipment/gate_live.html"
    return render(request, template, {"live": live, "default_theme": "light"})


def gate_speech(request: HttpRequest, reader: str) -> HttpResponse:
    """What is to be said now, spoken by this machine; nothing to say is an empty answer."""
    live = _live(request, reader)
    if live.prompt is None:
        return HttpResponse(status=204)
    sound = HttpResponse(wav_of(live.prompt.spoken, get_language() or "zh"), content_type="audio/wav")
    sound["Cache-Control"] = "no-store"
    return sound


@require_POST
def gate_answer(request: HttpRequest, question_id: int) -> HttpResponse:
    """A keeper at the door answers what it asks."""

    def act(actor: Any, at: Any) -> dict[str, str]:
        question = selectors.question_for(actor, question_id)
        name = request.POST.get("holder", "").strip()
        person = selectors.holder_named(name) if name else None
        is_so = request.POST.get("so") == "yes"
        services.question_answer(question=question, is_so=is_so, person=person, by=actor, at=at)
        return {"reader": question.passage.gate.reader}

    reader = command(request, "equipment.keep", act)["reader"]
    return HttpResponseRedirect(reverse("equipment:gate_live", args=[reader]))


@require_POST
def gate_deny(request: HttpRequest, loan_id: int) -> HttpResponse:
    """A keeper takes a loan back that the door made and that was none."""

    def act(actor: Any, at: Any) -> dict[str, str]:
        loan = services.door_loan_deny(loan=selectors.loan_for(actor, loan_id), by=actor, at=at)
        passage = loan.passage_out
        return {"reader": passage.gate.reader if passage else ""}

    reader = command(request, "equipment.keep", act)["reader"]
    return HttpResponseRedirect(reverse("equipment:gate_live", args=[reader]))


@require_POST
def gate_more(request: HttpRequest, reader: str) -> HttpResponse:
    """One more was carried out than the door heard: the keeper scans its number."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        gate = selectors.gate_for(actor, reader)
        passage = selectors_gate.passage_last(gate, at)
        if passage is None:
            raise BadInput(field="number", problem=request.POST.get("number", "")[:40] or "–")
        item = selectors.item_for(actor, request.POST.get("number", "").strip())
        holder = selectors.holder_named(request.POST.get("holder", ""))
        return {"loan": services.door_loan_add(passage=passage, item=item, holder=holder, by=actor, at=at).pk}

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:gate_live", args=[reader]))


@require_POST
def mine_deny(request: HttpRequest) -> HttpResponse:
    """Whoever is said to have taken a thing at a door says just after it that they didn't."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        loan = selectors_sharing.loan_own(actor, whole(request.POST.get("loan", "")) or 0)
        return {"loan": services.door_loan_deny(loan=loan, by=actor, at=at).pk}

    command(request, "equipment.own", act)
    return HttpResponseRedirect(reverse("equipment:mine"))


urlpatterns = [
    path("equipment/gates/<str:reader>/live", gate_live, name="gate_live"),
    path("equipment/gates/<str:reader>/speech", gate_speech, name="gate_speech"),
    path("equipment/gates/<str:reader>/more", gate_more, name="gate_more"),
    path("equipment/gates/questions/<int:question_id>", gate_answer, name="gate_answer"),
    path("equipment/gates/loans/<int:loan_id>", gate_deny, name="gate_deny"),
    path("equipment/mine/deny", mine_deny, name="mine_deny"),
]
