"""Dispute files: the queue by what is due, and one file with its three pushes."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from anlan.accounts.models import Organisation
from anlan.console.asked import number_asked
from anlan.console.dispute_words import evidence_words, level_reason
from anlan.console.screen import screen, wants_part
from anlan.console.selectors import disputes as read
from anlan.core.clock import now
from anlan.core.errors import NotFound
from anlan.core.pages import page_actor
from anlan.disputes.rules import (
    AMOUNT_BANDS,
    EXCLUSIONS,
    FILE,
    LEFT_REASONS,
    LEVELS,
    METHODS,
    OUTCOMES_OF,
    PARTY_PURPOSES,
    PUSH_OPEN,
    PUSH_OUTCOMES,
    PUSH_REASONS,
    RELATIONS,
    REOPEN_REASONS,
    RESULTS,
    ROLES,
    TERM_LABELS,
)

RECEIVER_KINDS = ("mediation_centre", "town_room", "station", "partner", "brigade")


@screen("disputes.view")
def disputes(request: HttpRequest) -> HttpResponse:
    """The queue of files: in our hands, overdue, all that run, come back, over."""
    actor, at = page_actor(request), now()
    step = _step(request)
    tab = request.GET.get("tab", "ours") if step is None else ""
    if step is None and tab not in dict(read.TABS):
        raise NotFound
    wanted = {name: request.GET.get(name, "").strip() for name in ("level", "state", "beat", "q")}
    start = number_asked(request, "after") or 0
    files = read.files_of_step(actor, step, at=at) if step is not None else read.files_of_tab(actor, tab, at=at)
    rows, more = read.files_shown(files, after=start, **wanted)
    further = {key: value for key, value in wanted.items() if value}
    further |= {"push": str(step.seq), "part": step.part} if step is not None else {"tab": tab}
    context = {
        "rows": rows,
        "more": more,
        "next_query": urlencode({**further, "after": start + read.ROWS_SHOWN}),
        "tab": tab,
        "step": step,
        "tabs": read.TABS,
        "wanted": wanted,
        "levels": LEVELS.items(),
        "states": FILE.choices,
        "funnel": read.FUNNEL_UNREAD,
        "is_unread": True,
        "openings": read.openings_shown(actor),
        "default_theme": "light",
        "refresh_url": request.get_full_path(),
    }
    template = "console/parts/disputes.html" if wants_part(request) else "console/disputes.html"
    return render(request, template, context)


def _step(request: HttpRequest) -> read.Step | None:
    """Which number of the three pushes was opened, if one was."""
    if "push" not in request.GET:
        return None
    seq, part = request.GET["push"], request.GET.get("part", "files")
    if seq not in ("1", "2", "3") or part not in read.STEP_PARTS:
        raise NotFound
    return read.Step(int(seq), part)


@screen("disputes.view")
def funnel_part(request: HttpRequest) -> HttpResponse:
    """The three pushes of the last days: it counts a month of files, so that the queue does not wait for it."""
    return render(
        request, "console/parts/dispute_funnel.html", {"funnel": read.funnel(page_actor(request), at=now())}
    )


@screen("disputes.view")
def dispute(request: HttpRequest, number: str) -> HttpResponse:
    """One file: who has it and until when, its three pushes, what was promised, and what may be done."""
    context = {**dispute_context(request, number), "default_theme": "light"}
    template = "console/parts/dispute.html" if wants_part(request) else "console/dispute.html"
    return render(request, template, context)


def dispute_context(request: HttpRequest, number: str) -> dict[str, Any]:
    """What the file's template shows."""
    actor = page_actor(request)
    told = read.file_told(read.file_for(actor, number), by=actor)
    running = told.running
    outcomes = OUTCOMES_OF.get(running.seq, ()) if running else ()
    return {
        "d": told,
        "file": told.file,
        "refresh_url": request.path,
        "warn_s": read.warn_before(told.file),
        "outcomes": [(key, PUSH_OUTCOMES[key]) for key in outcomes],
        "moves": FILE.moves.get(told.file.state, ()),
        "results": [(key, word) for key, word in RESULTS.items() if key],
        "purposes": PARTY_PURPOSES.items(),
        "roles": ROLES.items(),
        "left_reasons": [(key, word) for key, word in LEFT_REASONS.items() if key],
        "relations": RELATIONS,
        "reopen_reasons": REOPEN_REASONS.items(),
        "bands": AMOUNT_BANDS,
        "methods": [(key, word) for key, word in METHODS.items() if key],
        "push_reasons": PUSH_REASONS,
        "push_open": PUSH_OPEN,
        "term_labels": TERM_LABELS,
        "exclusions": EXCLUSIONS.items(),
        "level_reasons": {row.pk: [level_reason(kept) for kept in row.reasons] for row in told.levels},
        "evidence": {row.pk: evidence_words(row.evidence) for row in told.suggestions},
        "bodies": receivers(),
        "chosen": read.choices_for(actor, told.file, at=now()),
    }


def receivers() -> list[Organisation]:
    """Who can be asked to handle a file: the mediating bodies first, then the others."""
    rows = list(Organisation.objects.filter(kind__in=RECEIVER_KINDS, is_active=True).order_by("code"))
    return sorted(rows, key=lambda row: (RECEIVER_KINDS.index(row.kind), row.code))
