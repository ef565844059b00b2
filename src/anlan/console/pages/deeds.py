"""What may be done to an incident from its page: each button's permission and the service behind it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from anlan.accounts.models import Organisation
from anlan.console.pages import by_hand, checkins, many, plans
from anlan.console.pages.incident_view import incident_context
from anlan.console.pages.press import Deed, Press
from anlan.console.screen import wants_part
from anlan.console.selectors.incident import incident_for
from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.core.pages import command_post, page_actor
from anlan.dispatch import services as dispatch
from anlan.dispatch.selectors import ALONE, feedback_for, order_for, revisit_for
from anlan.intake import services as intake
from anlan.intake.models import Call, CallBack, Transfer
from anlan.units.models import Unit

SAID = {**ALONE, "asked_above": _("The desk above was asked; what it answers stands in the timeline.")}
"""What a button answers beside the incident as it then is."""
MOST_RANKED, MOST_ROWS, DAY_S = 10_000, 2**53, 86_400


def send(press: Press) -> None:
    """Send a unit: the first as lead, others in support."""
    dispatch.unit_assign(**_chosen(press))


def joint(press: Press) -> str:
    """On the joint track: send the unit and ask the town room at once. Says why if the unit goes alone."""
    sent = dispatch.joint_send(**_chosen(press))
    return sent.alone


def _chosen(press: Press) -> dict[str, Any]:
    """Who is sent to what, and how it stood in the list it was chosen from."""
    rank, advised = press.shown("rank", MOST_RANKED), press.shown("advised_unit", MOST_ROWS)
    is_known = advised is not None and Unit.objects.filter(pk=int(advised)).exists()
    return {
        "incident": press.incident,
        "unit": press.unit(),
        "by": press.by,
        "at": press.at,
        "rank": int(rank) if rank else None,
        "travel_s": press.shown("travel_s", DAY_S),
        "eta_p90_s": press.shown("eta_p90_s", DAY_S),
        "fix_age_s": press.shown("fix_age_s", 366 * DAY_S),
        "advised_unit": int(advised) if advised and is_known else None,
        "advice": press.text("advice")[:12] if is_known else "",
        "eta_s": press.shown("eta_s", DAY_S),
        "eta_source": press.text("eta_source")[:8],
        "reason": press.text("reason")[:200],
    }


def ask(press: Press) -> str:
    """A unit of next door is asked for at the desk above both; that desk sends it."""
    dispatch.unit_ask(incident=press.incident, unit=press.unit(), by=press.by, at=press.at)
    return "asked_above"


def reassign(press: Press) -> None:
    dispatch.unit_reassign(
        assignment=press.assignment(), unit=press.unit(), reason=press.text("reason"), by=press.by, at=press.at
    )


def step(service: Callable[..., Any]) -> Deed:
    """A step of one assignment that needs nothing typed."""

    def press_step(press: Press) -> None:
        service(assignment=press.assignment(), by=press.by, at=press.at)

    return press_step


def step_with_reason(service: Callable[..., Any]) -> Deed:
    """A step of one assignment that needs a reason."""

    def press_step(press: Press) -> None:
        service(assignment=press.assignment(), reason=press.text("reason"), by=press.by, at=press.at)

    return press_step


def route(press: Press) -> None:
    dispatch.order_route(incident=press.incident, by=press.by, at=press.at)


def track(press: Press) -> None:
    intake.incident_track_override(
        incident=press.incident, track=press.text("track"), reason=press.text("reason"), by=press.by, at=press.at
    )


def correct(press: Press) -> None:
    """Type first, then priority if a person chose another one than the new type brings."""
    incident, code, level = press.incident, press.text("code"), press.text("priority")
    wanted_other = level and level != incident.priority
    if code and code != incident.code:
        incident = intake.incident_code_correct(
            incident=incident, code=code, by=press.by, at=press.at, is_confirmed=False, reason=press.text("reason")
        )
    if wanted_other and level != incident.priority:
        intake.incident_priority_set(
            incident=incident, priority=level, reason=press.text("reason"), by=press.by, at=press.at
        )


def merge(press: Press) -> None:
    intake.incident_merge(
        incident=press.incident, into=press.other("into"), by=press.by, at=press.at, score=press.decimal("score")
    )


def unmerge(press: Press) -> None:
    intake.incident_unmerge(incident=press.other("other"), by=press.by, at=press.at)


def repeat(press: Press) -> None:
    intake.repeat_link(incident=press.incident, earlier=press.other("earlier"), by=press.by, at=press.at)


def unrepeat(press: Press) -> None:
    intake.repeat_unlink(incident=press.incident, by=press.by, at=press.at)


def unlink(press: Press) -> None:
    intake.call_unlink(call=press.call(), by=press.by, at=press.at)


def transfer(press: Press) -> None:
    intake.transfer_offer(
        incident=press.incident,
        partner=press.text("partner"),
        is_three_way=bool(press.text("is_three_way")),
        reason=press.text("reason"),
        by=press.by,
        at=press.at,
    )


def transfer_accept(press: Press) -> None:
    intake.transfer_accept(transfer=press.transfer(), receipt=press.text("receipt"), by=press.by, at=press.at)


def transfer_return(press: Press) -> None:
    intake.transfer_return(transfer=press.transfer(), reason=press.text("reason"), by=press.by, at=press.at)


def transfer_withdraw(press: Press) -> None:
    intake.transfer_withdraw(transfer=press.transfer(), by=press.by, at=press.at)


def feedback(press: Press) -> None:
    details: dict[str, Any] = {
        "injuries": press.number("injuries") or 0,
        "people_helped": press.number("people_helped") or 0,
    }
    for name in ("narrative", "transferred_to", "case_number"):
        if press.text(name):
            details[name] = press.text(name)
    dispatch.feedback_file(
        incident=press.incident,
        result=press.text("result"),
        assignment=press.assignment() if press.text("assignment") else None,
        code=press.text("code"),
        by=press.by,
        at=press.at,
        **details,
    )


def review(press: Press) -> None:
    dispatch.feedback_review(feedback=feedback_for(press.by, press.number("feedback") or 0), by=press.by, at=press.at)


def return_(press: Press) -> None:
    dispatch.feedback_return(
        feedback=feedback_for(press.by, press.number("feedback") or 0),
        reason=press.text("note"),
        by=press.by,
        at=press.at,
    )


def close(press: Press) -> None:
    dispatch.incident_close(incident=press.incident, reason=press.text("reason"), by=press.by, at=press.at)


DEEDS: dict[str, tuple[str, Deed]] = {
    "send": ("dispatch.send", send),
    "joint": ("dispatch.send", joint),
    "ask": ("dispatch.send", ask),
    "level": ("dispatch.send", plans.level),
    "reassign": ("dispatch.send", reassign),
    "divert": ("dispatch.send", many.divert),
    "sign": ("dispatch.step", step(dispatch.assignment_sign)),
    "depart": ("dispatch.step", step(dispatch.assignment_depart)),
    "arrive": ("dispatch.step", step(dispatch.assignment_arrive)),
    "report": ("dispatch.step", step(dispatch.first_report_give)),
    "finish": ("dispatch.step", step(dispatch.assignment_finish)),
    "support": ("dispatch.step", step(dispatch.support_request)),
    "refuse": ("dispatch.step", step_with_reason(dispatch.assignment_refuse)),
    "cancel": ("dispatch.cancel", step_with_reason(dispatch.assignment_cancel)),
    "route": ("dispatch.order_route", route),
    "track": ("intake.track", track),
    "correct": ("intake.correct", correct),
    "merge": ("intake.link", merge),
    "unmerge": ("intake.link", unmerge),
    "repeat": ("intake.link", repeat),
    "unrepeat": ("intake.link", unrepeat),
    "unlink": ("intake.link", unlink),
    "transfer": ("intake.transfer", transfer),
    "transfer_accept": ("intake.transfer_answer", transfer_accept),
    "transfer_return": ("intake.transfer_answer", transfer_return),
    "transfer_withdraw": ("intake.transfer", transfer_withdraw),
    "reopen": ("intake.reopen", by_hand.reopen),
    "tags": ("intake.tags", by_hand.tags),
    "note": ("places.note_add", by_hand.note),
    "feedback": ("dispatch.feedback", feedback),
    "review": ("dispatch.review", review),
    "return": ("dispatch.review", return_),
    "close": ("dispatch.close", close),
    "safe": ("dispatch.checkin_confirm", checkins.confirm),
    "safe_set": ("dispatch.checkin_set", checkins.begin),
    "safe_end": ("dispatch.checkin_set", checkins.end),
}


@require_POST
def incident_do(request: HttpRequest, number: str, deed: str) -> HttpResponse:
    """One button on the incident; the answer is the incident as it then is."""
    if deed not in DEEDS:
        raise NotFound
    action, do = DEEDS[deed]

    def act(by: Actor, at: datetime) -> str:
        return do(Press(by, at, incident_for(by, number), request.POST)) or ""

    alone = command_post(request, action, act)
    if wants_part(request) and not request.POST.get("next"):
        context = {**incident_context(request, number), "said": SAID.get(alone or "")}
        return render(request, "console/parts/incident.html", context)
    return HttpResponseRedirect(next_page(request, reverse("console:incident", args=[number])))


def next_page(request: HttpRequest, fallback: str) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if target and safe else fallback


ORDER_DEEDS: dict[str, tuple[str, Callable[[Any, Press], Any]]] = {
    "sign": ("dispatch.order_work", lambda order, p: dispatch.order_sign(order=order, by=p.by, at=p.at)),
    "contact": ("dispatch.order_work", lambda order, p: dispatch.order_contact(order=order, by=p.by, at=p.at)),
    "assign": (
        "dispatch.order_work",
        lambda order, p: dispatch.order_assign(order=order, unit=p.unit(), by=p.by, at=p.at),
    ),
    "settle": (
        "dispatch.order_field",
        lambda order, p: dispatch.order_settle(
            order=order, result=p.text("result") or "settled_on_site", by=p.by, at=p.at
        ),
    ),
    "move_on": (
        "dispatch.order_field",
        lambda order, p: dispatch.order_move_on(order=order, moved_on_to=p.text("moved_on_to"), by=p.by, at=p.at),
    ),
    "bounce": (
        "dispatch.order_work",
        lambda order, p: dispatch.order_bounce(order=order, reason=p.text("reason"), by=p.by, at=p.at),
    ),
    "escalate": (
        "dispatch.order_escalate",
        lambda order, p: dispatch.order_escalate(order=order, reason=p.text("reason"), by=p.by, at=p.at),
    ),
    "close": ("dispatch.order_work", lambda order, p: dispatch.order_close(order=order, by=p.by, at=p.at)),
    "decide": (
        "dispatch.order_decide",
        lambda order, p: dispatch.order_decide(
            order=order, town_room=_town_room(p.text("town_room")), reason=p.text("reason"), by=p.by, at=p.at
        ),
    ),
}


def _town_room(code: str) -> Organisation:
    found = Organisation.objects.filter(code=code, kind="town_room", is_active=True).first()
    if found is None:
        raise NotFound
    return found


@require_POST
def order_do(request: HttpRequest, order_id: int, deed: str) -> HttpResponse:
    """One button on a town room's order."""
    if deed not in ORDER_DEEDS:
        raise NotFound
    action, do = ORDER_DEEDS[deed]

    def act(by: Actor, at: datetime) -> None:
        order = order_for(by, order_id)
        do(order, Press(by, at, order.incident, request.POST))

    command_post(request, action, act)
    return HttpResponseRedirect(next_page(request, reverse("console:town")))


@require_POST
def transfer_do(request: HttpRequest, transfer_id: int, deed: str) -> HttpResponse:
    """The partner desk's own answer to what was handed to it."""
    if deed not in ("accept", "return"):
        raise NotFound

    def act(by: Actor, at: datetime) -> None:
        row = Transfer.objects.select_related("incident", "partner").one_for(by, pk=transfer_id)
        if deed == "accept":
            intake.transfer_accept(transfer=row, receipt=request.POST.get("receipt", ""), by=by, at=at)
        else:
            intake.transfer_return(transfer=row, reason=request.POST.get("reason", ""), by=by, at=at)

    command_post(request, "intake.transfer_answer", act)
    return HttpResponseRedirect(next_page(request, reverse("console:partner")))


@require_POST
def revisit_do(request: HttpRequest, revisit_id: int) -> HttpResponse:
    """What the caller said when asked again."""

    def act(by: Actor, at: datetime) -> None:
        revisit = revisit_for(by, revisit_id)
        press = Press(by, at, revisit.incident, request.POST)
        dispatch.revisit_record(
            revisit=revisit,
            outcome=press.text("outcome"),
            rating=press.number("rating"),
            note=press.text("note"),
            by=by,
            at=at,
        )

    command_post(request, "dispatch.revisit", act)
    return HttpResponseRedirect(next_page(request, reverse("console:station")))


@require_POST
def call_answer(request: HttpRequest, number: str) -> HttpResponse:
    """Take a ringing call; of two who reach for it one gets it."""

    def act(by: Actor, at: datetime) -> None:
        intake.call_answer(call=Call.objects.one_for(by, number=number), by=by, at=at)

    command_post(request, "intake.call_take", act)
    return HttpResponseRedirect(reverse("console:call_edit", args=[number]))


@require_POST
def call_reopen(request: HttpRequest, number: str) -> HttpResponse:
    """An invalid call that led to nothing was valid after all: it has an incident now."""

    def act(by: Actor, at: datetime) -> str:
        call: Call = Call.objects.one_for(by, number=number)
        return intake.call_reopen(call=call, reason=request.POST.get("reason", ""), by=by, at=at).number

    incident = command_post(request, "intake.reopen", act)
    return HttpResponseRedirect(reverse("console:incident", args=[incident]))


@require_POST
def call_back_do(request: HttpRequest, call_back_id: int) -> HttpResponse:
    """How calling back went. Danger opens an incident at once."""

    def act(by: Actor, at: datetime) -> str | None:
        task = CallBack.objects.select_related("call").filter(pk=call_back_id).first()
        if task is None:
            raise NotFound
        Call.objects.one_for(by, pk=task.call_id)
        incident = intake.call_back_done(
            call_back=task,
            outcome=request.POST.get("outcome", ""),
            danger=tuple(request.POST.getlist("danger")),
            by=by,
            at=at,
        )
        return incident.number if incident else None

    number = command_post(request, "intake.call_back", act)
    return HttpResponseRedirect(reverse("console:incident", args=[number]) if number else reverse("console:queue"))


@require_POST
def reporter(request: HttpRequest, number: str) -> HttpResponse:
    """Who called: shown after the purpose is on the log."""
    page_actor(request, "intake.reporter")

    def act(by: Actor, at: datetime) -> int:
        call: Call = Call.objects.one_for(by, number=number)
        request.reporter = intake.reporter_reveal(  # type: ignore[attr-defined]
            call=call, purpose=request.POST.get("purpose", ""), by=by, at=at
        )
        return int(call.pk)

    command_post(request, "intake.reporter", act)
    shown = getattr(request, "reporter", None)
    return render(request, "console/parts/reporter.html", {"reporter": shown, "number": number})
