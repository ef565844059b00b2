"""The register of models: judged from which record, audited how, signed by whom; and what is shown instead."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from anlan.accounts.selectors import organisations
from anlan.console.screen import screen
from anlan.core.errors import NotFound
from anlan.core.pages import command_post, page_actor
from anlan.forecasting.models import ForecastRelease
from anlan.forecasting.selectors import BAR, FAMILY_NAMES, GATES, MEASURES, MODELS, PERMITTED_USE, register_rows
from anlan.forecasting.services import release_approve, release_withdraw

STATES = {
    "passed": _("in use"),
    "partly": _("in use in part"),
    "blocked": _("held back"),
    "withdrawn": _("taken back"),
    "waiting": _("waits for a signature"),
}
CHOICES = {
    "beats_bar": _("better than the yearly mean"),
    "not_better": _("not better than the yearly mean"),
    "too_little_history": _("too few reports to tell"),
    "no_candidate": _("nothing else tried"),
}


@screen("forecasting.view")
def register(request: HttpRequest) -> HttpResponse:
    """Every version of the models, newest first."""
    page_actor(request)
    context = {
        "rows": register_rows(),
        "states": STATES,
        "choices": CHOICES,
        "gates": GATES,
        "measures": MEASURES,
        "names": FAMILY_NAMES,
        "bar": BAR,
        "models": MODELS,
        "permitted_use": PERMITTED_USE,
        "stations": {row.code: row.name_shown for row in organisations("station")},
        "default_theme": "light",
    }
    return render(request, "console/forecast_register.html", context)


@require_POST
def register_do(request: HttpRequest, version: str, deed: str) -> HttpResponse:
    """Sign a version, or take it back with a reason."""
    page_actor(request, "forecasting.approve")
    release = ForecastRelease.objects.filter(version=version).first()
    if release is None or deed not in ("approve", "withdraw"):
        raise NotFound
    reason = request.POST.get("reason", "")
    command_post(
        request,
        "forecasting.approve",
        lambda by, at: (
            (
                release_approve(release=release, by=by, at=at)
                if deed == "approve"
                else release_withdraw(release=release, reason=reason, by=by, at=at)
            ).version
        ),
    )
    return HttpResponseRedirect(reverse("console:forecast_register"))
