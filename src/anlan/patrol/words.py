"""Codes of this room as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from anlan.core.templatetags.anlan import named, span
from anlan.patrol.adding import Offer
from anlan.patrol.models import PatrolEdit, PatrolPlan, PatrolRoute, PatrolStop
from anlan.patrol.rules import ADDED, ALLOWED, KINDS, Settings

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
    "too_far": _("{stop}: too far for a unit on foot, and no other may go there."),
    "outside_shift": _("{stop}: its hours lie outside every unit's shift."),
    "group_full": _("{stop}: its area has as many visits as one area may get."),
    "against_others": _(
        "{stop} and {others} can't both be visited, in any order. Give one of them up or add a unit."
    ),
    "no_time": _("{stop}: no time is left beside {others}. Add a unit, or make stops shorter."),
}
BROKEN: dict[str, str | Promise] = {
    "routes": _("The plan has other units than the shift."),
    "twice": _("{stop} of {unit} is visited twice."),
    "group_over": _("{beat} gets more visits than its share of need allows ({most})."),
    "no_road": _("{unit}: no road leads to {stop}."),
    "too_late": _("{unit} begins {stop} {late} after its hours."),
    "not_this_unit": _("{unit} may not go to {stop}: it keeps to its own beat."),
    "past_end": _("{unit} is back {late} after its shift ends."),
    "too_far": _("{unit} walks {late} longer than a shift's walk may be."),
    "must_out": _("{stop} is to be covered in every shift and was taken out."),
    "lot_out": _(
        "{stop} was taken out: visits drawn by lot say what patrols change only where they are driven as drawn."
    ),
}
"""What a changed plan no longer holds."""
EDITS: dict[str, str | Promise] = {
    "move": _("a stop was moved"),
    "lock": _("a stop was locked"),
    "unlock": _("a stop was unlocked"),
    "swap": _("two units were swapped"),
    "add": _("a stop was added"),
    "remove": _("a stop was taken out"),
}
OFFERED: dict[str, str | Promise] = {
    "out": _("taken out before"),
    "cell": _("where calls are expected"),
    "point": _("points of the area"),
}
SETTINGS: dict[str, str | Promise] = {
    "stop_s": _("length of a stop (s)"),
    "meal_s": _("meal break (s)"),
    "random_share": _("share of visits drawn by lot"),
    "visits": _("visits to one place at most"),
    "area_factor": _("visits of a beat, times its share of need at most"),
    "search_s": _("time to look for better routes (s)"),
    "cover_weight": _("a call in reach, counted in calls at visited places"),
    "walk_s": _("longest walk of a unit on foot in a shift (s)"),
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


def faults_told(plan: PatrolPlan, stops: Mapping[int, PatrolStop], beats: Mapping[str, Any]) -> list[str]:
    """What no longer holds after changes by hand, each as a sentence; ``stops`` by key, ``beats`` by code."""
    told = []
    for fault in plan.faults:
        row = stops.get(fault["stop"]) if fault["stop"] is not None else None
        beat = beats.get(fault["beat"])
        late_s = fault["late_s"]
        told.append(
            str(BROKEN[fault["broken"]]).format(
                unit=fault["call_sign"] or "",
                stop=stop_told(row) if row is not None else _place(fault.get("place")),
                beat=named(beat) if beat is not None else fault["beat"] or gettext("An area outside every beat"),
                most=plan.held.get("caps", {}).get(fault["beat"], ""),
                late="" if late_s is None else span(late_s),
            )
        )
    return told


def stop_told(stop: PatrolStop) -> str:
    """A stop by name, or by number and kind."""
    return (named(stop) if stop.name_zh else "") or gettext("stop {number} ({kind})").format(
        number=stop.position, kind=KINDS[stop.kind]
    )


def offers_told(offers: Sequence[Offer]) -> list[dict[str, Any]]:
    """Places that may be put into a plan, by group, each with its key and a line of words."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for offer in offers:
        groups.setdefault(offer.group, []).append({"key": offer.key, "told": _offer(offer)})
    return [{"word": OFFERED[group], "offers": rows} for group, rows in groups.items()]


def _offer(offer: Offer) -> str:
    record = offer.record
    if record["kind"] != "cell":
        return f"{_place(record)} · {KINDS[record['kind']]}" if record.get("name_zh") else _place(record)
    visit = gettext("{expected} calls expected, visit {visit}").format(
        expected=f"{record['prize']:.2f}", visit=record["why"].get("visit", 1)
    )
    return f"{record['lon']:.4f}, {record['lat']:.4f} · {visit}"


def cost_told(plan: PatrolPlan, edit: PatrolEdit, routes: Sequence[PatrolRoute]) -> str:
    """What the last change cost: the road, the calls at visited places and those in reach, before and after it."""
    was = edit.before.get("figures")
    if not was:
        return ""
    curve = plan.cover.get("planned") or [0.0]
    more_s = sum(route.travel_s for route in routes) - was["travel_s"]
    return gettext(
        "What it costs: {minutes} min on the road; calls expected at visited places {was} → {now}; expected calls in "
        "reach {reach_was} → {reach_now} %."
    ).format(
        minutes=f"{more_s / 60:+.0f}".replace("-", "−"),
        was=f"{was['covered']:.2f}",
        now=f"{plan.covered:.2f}",
        reach_was=f"{100 * was['cover']:.1f}",
        reach_now=f"{100 * sum(curve) / len(curve):.1f}",
    )


def _place(stop: Mapping[str, Any] | None) -> str:
    if stop is None:
        return ""
    is_english = (get_language() or "").startswith("en")
    name = (stop.get("name_en") if is_english else "") or stop.get("name_zh")
    return name or f"{KINDS[stop['kind']]} {stop['lon']:.4f}, {stop['lat']:.4f}"


def why_told(stop: PatrolStop) -> str:
    """Why a unit goes there."""
    why = stop.why
    if stop.kind == "standby" and "for" in why:
        return gettext("{unit} is on a call: from here {percent} % more of the expected calls are in reach.").format(
            unit=why["for"], percent=round(100 * why["share"])
        )
    if stop.kind == "random":
        return gettext("Drawn by lot among {squares} squares, whatever is expected there.").format(**why)
    if stop.kind == "hand":
        return gettext("Added by hand: {why}.").format(why=ADDED.get(why.get("hand", ""), ADDED["other"]))
    if stop.kind == "cell" and "family" not in why and not why.get("year"):
        return gettext("{expected} calls are expected here for the shift.").format(expected=why["expected"])
    if stop.kind == "cell" and "family" in why:
        family = FAMILIES.get(why["family"], why["family"])
        return gettext("{expected} calls are forecast here for the shift, most of them {family}.").format(
            expected=why["expected"], family=family
        )
    if stop.kind == "cell":
        return gettext("{year} calls came from here in the past year: {expected} a shift.").format(**why)
    if "trial" in why:
        return gettext("An extra visit of a trial: drawn by lot for today, whatever is expected here.")
    return {
        "must": gettext("A point that every shift must cover."),
        "booth": gettext("A police booth: people know to come here."),
        "meal": gettext("Break at the base."),
        "standby": gettext("A standby point: calls nearby are in reach from here."),
    }[stop.kind]
