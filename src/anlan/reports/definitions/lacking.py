"""Figures of the trade that this platform can't compute yet, each with what it lacks."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.reports.definitions.shape import Kind, Kpi, Records


def _missing(key: str, name: Promise, formula: Promise, lacking: Promise) -> Kpi:
    return Kpi(
        key=key,
        group="beyond",
        kind=Kind.MISSING,
        records=Records.INCIDENT,
        name=name,
        formula=formula,
        lacking=lacking,
    )


LACKING: tuple[Kpi, ...] = (
    _missing(
        "per_10k",
        _("Valid incidents per 10,000 residents"),
        _("Valid incidents of a family x 10,000 / resident population."),
        _("Needs the residents of every area calls are counted by; they are held only of the places a file told of."),
    ),
    _missing(
        "hit@2",
        _("Incidents in the top 2 % of cells"),
        _("Incidents in the 2 % of cells forecast highest / all incidents."),
        _(
            "Needs a list of the calls that lay in the cells forecast highest. How many did is kept and told, family "
            "by family, on the page of forecasts."
        ),
    ),
    _missing(
        "pai@2",
        _("Forecast accuracy index at 2 % of cells"),
        _("Share of incidents in the 2 % of cells forecast highest / 0.02."),
        _(
            "Needs a list of the calls that lay in the cells forecast highest. How many did is kept and told, family "
            "by family, on the page of forecasts."
        ),
    ),
    _missing(
        "alert_precision",
        _("Alerts that were right"),
        _("Published alerts that came true / alerts published."),
        _(
            "Needs alerts, and none are published. How often a place forecast highest met a call is told, family by "
            "family, on the page of forecasts."
        ),
    ),
    _missing(
        "cover_5",
        _("Expected demand reachable within 5 min"),
        _("Expected incidents that a unit can reach within 5 min / all expected incidents."),
        _("Needs the forecast of demand joined with the plan of standby points; they are kept apart as yet."),
    ),
    _missing(
        "fast_48",
        _("Fast-track cases decided within 48 h"),
        _("Fast-track cases decided within 48 h / fast-track cases."),
        _("Needs case files with acceptance and decision times; cases are not kept here."),
    ),
    _missing(
        "quick_30",
        _("Quick accidents with the claim taken within 30 min"),
        _("Quickly handled accidents whose claim was accepted within 30 min / quickly handled accidents."),
        _("Needs the insurers' times of claims; no insurer is connected."),
    ),
    _missing(
        "kit_ready",
        _("Required equipment that is ready"),
        _("Required items that are ready / items required."),
        _("Needs the register of equipment with what each post requires; it is not kept here yet."),
    ),
    _missing(
        "cam_ok",
        _("Cameras online"),
        _("Cameras online / cameras installed."),
        _("Needs the register of cameras with their state; it is not kept here."),
    ),
    _missing(
        "did_effect",
        _("Effect of a measure against areas without it"),
        _("Difference in differences of incidents with its 95 % interval: before and after, with and without."),
        _("Needs measures with place and first day, and areas to compare; they are not kept here yet."),
    ),
)
