"""Codes of this room as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from anlan.patrol.models import PatrolStop
from anlan.patrol.rules import ALLOWED, KINDS, Settings

FAMILIES: dict[str, str | Promise] = {
    "theft": _("theft"),
    "fraud": _("fraud"),
    "dispute": _("dispute"),
    "help": _("help"),
    "traffic": _("traffic"),
}
UNMET: dict[str, str | Promise] = {
    "no_units": _("No unit is on duty in this shift."),
    "no_prizes": _("Calls are expected nowhere: every place weighs nothing."),
    "no_unit_may": _("{stop}: no unit may go there."),
    "no_road": _("{stop}: no road leads there and back. Look at road closures, or move the point."),
    "shift_too_short": _("{stop}: the shift is shorter than the way there, the stop and the way back."),
    "outside_shift": _("{stop}: its hours lie outside every unit's shift."),
    "group_full": _("{stop}: its area has as many visits as one area may get."),
    "against_others": _(
        "{stop} and {others} can't both be visited, in any order. Give one of them up or add a unit."
    ),
    "no_time": _("{stop}: no time is left beside {others}. Add a unit, or make stops shorter."),
}
SETTINGS: dict[str, str | Promise] = {
    "stop_s": _("length of a stop (s)"),
    "meal_s": _("meal break (s)"),
    "random_share": _("share of visits drawn by lot"),
    "visits": _("visits to one place at most"),
    "area_factor": _("visits of a beat, times its share of need at most"),
    "search_s": _("time to look for better routes (s)"),
}


def settings_told(settings: Settings) -> list[dict[str, Any]]:
    """Each setting with its word, value and range."""
    return [
        {
            "name": name,
            "word": word,
            "value": getattr(settings, name),
            "low": ALLOWED[name][0],
            "high": ALLOWED[name][1],
        }
        for name, word in SETTINGS.items()
    ]


def unmet_told(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a plan leaves out, each as a sentence."""
    return [
        str(UNMET[row["why"]]).format(
            stop=_place(row["stop"]), others=" / ".join(_place(other) for other in row["others"])
        )
        for row in rows
    ]


def _place(stop: Mapping[str, Any] | None) -> str:
    if stop is None:
        return ""
    is_english = (get_language() or "").startswith("en")
    name = (stop["name_en"] if is_english else "") or stop["name_zh"]
    return name or f"{KINDS[stop['kind']]} {stop['lon']:.4f}, {stop['lat']:.4f}"


def why_told(stop: PatrolStop) -> str:
    """Why a unit goes there."""
    why = stop.why
    if stop.kind == "random":
        return gettext("Drawn by lot among {squares} squares, whatever is expected there.").format(**why)
    if stop.kind == "cell" and "family" in why:
        family = FAMILIES.get(why["family"], why["family"])
        return gettext("{expected} calls are forecast here for the shift, most of them {family}.").format(
            expected=why["expected"], family=family
        )
    if stop.kind == "cell":
        return gettext("{year} calls came from here in the past year: {expected} a shift.").format(**why)
    return {
        "must": gettext("A point that every shift must cover."),
        "booth": gettext("A police booth: people know to come here."),
        "meal": gettext("Break at the base."),
    }[stop.kind]
