"""The keeper's day, what is lent, and one thing's story."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.core.permissions import permitted
from anlan.equipment import selectors, services
from anlan.equipment.care_reading import care_of_item
from anlan.equipment.kit_reading import kit_standing
from anlan.equipment.life_reading import end_of
from anlan.equipment.pages.forms import command, number_posted, whole
from anlan.equipment.selectors_day import day_of, loans_of
from anlan.equipment.selectors_register import papers_of, tags_told
from anlan.equipment.selectors_sharing import stores_in_reach
from anlan.equipment.story_reading import story_of

A_PAGE = 50
COUNTS: list[tuple[str, Any, str, str, bool]] = [
    ("questions", _("What doors ask"), "equipment:day", "#questions", True),
    ("proposed", _("Waits for a second person"), "equipment:lent", "?show=proposed", True),
    ("overdue", pgettext_lazy("equipment", "Overdue"), "equipment:lent", "?show=overdue", True),
    ("care_over", _("Care overdue"), "equipment:care", "", True),
    ("care_soon", _("Care due in 14 days"), "equipment:care", "", False),
    ("inspection", _("To be inspected"), "equipment:repairs", "#inspection", True),
    ("repairs", _("In repair"), "equipment:repairs", "#open", False),
    ("scrap_proposed", _("Scrapping to decide"), "equipment:scrapping", "#proposed", True),
    ("scrap_approved", _("To be destroyed"), "equipment:scrapping", "#approved", False),
    ("bookings", _("Bookings to decide"), "equipment:bookings", "", True),
    ("transfers", _("Transfers under way"), "equipment:transfers", "", False),
    ("short", _("Kits that are short"), "equipment:plan", "#fielded", True),
    ("longer", _("Longer loans asked for"), "equipment:lent", "?show=longer", True),
    ("fault", _("Faults told by holders"), "equipment:lent", "?show=fault", True),
    ("out", pgettext_lazy("equipment", "Out"), "equipment:lent", "?show=out", False),
    ("strays", _("Readers put aside"), "equipment:strays", "", True),
]
NEEDED = {"bookings": "equipment.keep", "strays": "equipment.register"}
"""What the strip tells only to those who may do something about it."""
"""What the strip counts: name in ``Day.counts``, word, where its records stand, whether any is too many."""
ROUNDS = ("rounds_back", "rounds_fired", "rounds_lost")
SHOWS = {name: word for name, word, url, *_rest in COUNTS if url == "equipment:lent"}


def day(request: HttpRequest) -> HttpResponse:
    """What waits for a keeper."""
    actor = page_actor(request, "equipment.view")
    told = day_of(actor, at=now())
    strip = [
        {"name": name, "word": word, "n": told.counts[name], "url": reverse(url) + more, "hot": hot}
        for name, word, url, more, hot in COUNTS
        if name not in NEEDED or permitted(actor, NEEDED[name])
    ]
    return render(request, "equipment/day.html", {"day": told, "strip": strip, "default_theme": "light"})


def lent(request: HttpRequest) -> HttpResponse:
    """What is overdue, waits for a second person, or is out, a page at a time."""
    actor, at = page_actor(request, "equipment.view"), now()
    show = request.GET.get("show", "")
    show = show if show in SHOWS else "overdue"
    page = max(1, whole(request.GET.get("page", "")) or 1)
    rows = loans_of(actor, show, at=at)
    start = (page - 1) * A_PAGE
    found = list(rows[start : start + A_PAGE + 1]) if page < 10_000 else []
    context = {
        "show": show,
        "shows": SHOWS,
        "loans": found[:A_PAGE],
        "total": rows.count(),
        "first": start + 1,
        "last": start + len(found[:A_PAGE]),
        "newer": page - 1,
        "older": page + 1 if len(found) > A_PAGE else 0,
    }
    return render(request, "equipment/lent.html", {**context, "default_theme": "light"})


def item(request: HttpRequest, number: str) -> HttpResponse:
    """One thing: whose, where, who has it, what care it needs, and its story."""
    actor, at = page_actor(request, "equipment.view"), now()
    row = selectors.item_for(actor, number)
    open_loan = row.loans.filter(state__in=("proposed", "out")).select_related("holder").first()
    context = {
        "item": row,
        "tags": tags_told(row),
        "papers": papers_of(row),
        "parts": kit_standing(row),
        "stores": stores_in_reach(actor),
        "loan": open_loan,
        "ends_on": end_of(row),
        "care": care_of_item(row, actor, at=at),
        "repair": row.repairs.filter(state="open").first(),
        "scrapping": row.scrappings.exclude(state="refused").first(),
        "story": story_of(row, before=whole(request.GET.get("before", ""))),
        "is_older": "before" in request.GET,
    }
    return render(request, "equipment/item.html", {**context, "default_theme": "light"})


@require_POST
def answer(request: HttpRequest, question_id: int) -> HttpResponse:
    """A keeper answers what a door asked."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        question = selectors.question_for(actor, question_id)
        is_so = request.POST.get("so") == "yes"
        return {"question": services.question_answer(question=question, is_so=is_so, by=actor, at=at).pk}

    command(request, "equipment.keep", act)
    return HttpResponseRedirect(reverse("equipment:day"))


@require_POST
def confirm(request: HttpRequest, loan_id: int) -> HttpResponse:
    """The second person of a controlled loan."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        return {"loan": services.loan_confirm(loan=selectors.loan_for(actor, loan_id), by=actor, at=at).pk}

    command(request, "equipment.confirm", act)
    return HttpResponseRedirect(reverse("equipment:day"))


@require_POST
def give_back(request: HttpRequest, loan_id: int) -> HttpResponse:
    """Taken back at the counter, whole or damaged."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        loan = selectors.loan_for(actor, loan_id)
        damaged = request.POST.get("damaged") == "yes"
        back, fired, lost = (number_posted(request, name) or 0 for name in ROUNDS)
        loan = services.loan_return(
            loan=loan, is_damaged=damaged, rounds_back=back, rounds_fired=fired, rounds_lost=lost, by=actor, at=at
        )
        return {"loan": loan.pk}

    command(request, "equipment.lend", act)
    return HttpResponseRedirect(reverse("equipment:day"))


urlpatterns = [
    path("equipment", day, name="day"),
    path("equipment/lent", lent, name="lent"),
    path("equipment/items/<str:number>", item, name="item"),
    path("equipment/questions/<int:question_id>", answer, name="answer"),
    path("equipment/loans/<int:loan_id>/confirm", confirm, name="confirm"),
    path("equipment/loans/<int:loan_id>/return", give_back, name="return"),
]
