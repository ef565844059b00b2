"""The figures behind the charts of the wall board, as a file for a spreadsheet."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.console.screen import screen
from anlan.console.selectors import wall as day
from anlan.console.selectors.wall_live import LOAD_STATES, actor_within, unit_load
from anlan.core.clock import now
from anlan.core.pages import page_actor
from anlan.core.state_machine import REGISTRY
from anlan.reports.selectors import Sheet, figures_sheet, organisation_asked, sheets_csv


@screen("console.wall")
def figures(request: HttpRequest) -> HttpResponse:
    """Today against the same weekday, reports by hour, shares and unit load as the board draws them, as CSV."""
    actor = page_actor(request, "reports.export")
    organisation = organisation_asked(actor, request.GET.get("organisation", ""))
    period = day.Period(now(), organisation)
    past = day.past_of(actor, period)
    sheets = [
        _compared(day.compared(actor, past, period)),
        _hours(day.heat(actor, past, period)),
        figures_sheet(rate.figure for rate in day.rates(actor, period)),
        _loads(unit_load(actor_within(actor, organisation))),
    ]
    response = HttpResponse(sheets_csv(sheets), content_type="text/csv; charset=utf-8")
    name = f"wall-{timezone.localtime(period.at):%Y-%m-%d-%H%M}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _compared(rows: list[day.Compared]) -> Sheet:
    head = ["", _("Today"), _("Mean"), *_interval(), _("Usual from"), _("Usual to"), "n", _("Version")]
    told = [
        [
            each.label,
            against.now,
            against.mean,
            against.low,
            against.high,
            against.usual_low,
            against.usual_high,
            against.n,
            each.version,
        ]
        for each, against in ((each, each.against) for each in rows)
    ]
    return Sheet(_("Against the same weekday"), head, told)


def _interval() -> list[str]:
    return [_("Interval from"), _("Interval to")]


def _hours(heat: dict[str, Any]) -> Sheet:
    """Hours to come are left empty: nothing was counted in them."""
    head = [_("Hour"), _("Today"), _("Mean"), _("Usual from"), _("Usual to"), "n", _("On the map")]
    told = [
        [
            f"{each['hour']:02d}:00",
            each["now"] if each["hour"] <= heat["hour_now"] else None,
            each["mean"],
            each["low"],
            each["high"],
            heat["n"],
            each["drawn"] if each["hour"] <= heat["hour_now"] else None,
        ]
        for each in heat["hours"]
    ]
    return Sheet(_("Citizens' reports by hour"), head, told)


def _loads(loads: list[Any]) -> Sheet:
    labels = REGISTRY["units.status"].labels
    head = [_("Zone"), _("On duty"), *(str(labels[state]) for state in LOAD_STATES)]
    told = [[load.name, load.on_duty, *(load.states[state] for state in LOAD_STATES)] for load in loads]
    return Sheet(_("Unit load by zone"), head, told)
