"""A trial in words and figures, as its pages and the public register tell it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.engines.intervals import poisson_interval
from anlan.patrol.figures import Told, share_told
from anlan.patrol.models import PatrolTrial, PatrolTrialDay
from anlan.patrol.trials.protocol import layout_of
from anlan.patrol.trials.rules import EDITION, EVERYTHING, OVER
from anlan.patrol.words import FAMILIES

COUNTED: dict[str, str | Promise] = {EVERYTHING: _("all calls"), **FAMILIES}
NOT_EVALUABLE: dict[str, str | Promise] = {
    "no_counted_days": _("No day of both sides is wholly on record."),
    "": _("No citizen called from the blocks on the days counted."),
}
ARMS: dict[str, str | Promise] = {
    "extra": _("extra visits"),
    "usual": _("usual practice"),
    "ring_extra": _("around extra visits"),
    "ring_usual": _("around usual practice"),
}


def verdict_told(trial: PatrolTrial) -> str:
    """The result as one sentence, with what the interval excludes."""
    found = trial.result
    if not found:
        return ""
    if found["verdict"] == "not_evaluable":
        why = NOT_EVALUABLE.get(found.get("why", ""), NOT_EVALUABLE[""])
        return gettext("Not evaluable.") + " " + str(why)
    told = found["blocks"]
    change = 100 * ((told["ratio"] or 0.0) - 1)
    if found["verdict"] == "none":
        return gettext("No effect seen.") + " " + excluded_told(told)
    if found["verdict"] == "fewer":
        return gettext("Fewer citizens' calls on extra visits: {percent} % ({low} to {high} %).").format(
            percent=_signed(change), low=_signed(_change(told["low"])), high=_signed(_change(told["high"]))
        )
    return gettext("More citizens' calls on extra visits: {percent} % ({low} to {high} %).").format(
        percent=_signed(change) if told["ratio"] is not None else "–",
        low=_signed(_change(told["low"])),
        high=_signed(_change(told["high"])),
    )


def excluded_told(told: dict[str, Any]) -> str:
    """Which effects the interval excludes; nothing where it is open to a side."""
    fall = rise = ""
    if told["low"]:
        fall = gettext("falls of more than {percent} %").format(percent=_plain(-_change(told["low"])))
    if told["high"] is not None:
        rise = gettext("rises of more than {percent} %").format(percent=_plain(_change(told["high"])))
    if fall and rise:
        return gettext("Effects larger than these are excluded (95 %): {fall}, {rise}.").format(fall=fall, rise=rise)
    if fall or rise:
        return gettext("Excluded (95 %): {what}. Nothing can be said of the other side.").format(what=fall or rise)
    return gettext("Too few calls to exclude any effect.")


def _change(ratio: float | None) -> float:
    return float("inf") if ratio is None else 100 * (ratio - 1)


def _plain(value: float) -> str:
    return f"{max(value, 0.0):.0f}"


def _signed(value: float) -> str:
    return "∞" if value == float("inf") else f"{value:+.0f}".replace("-", "−")


def ratio_told(told: dict[str, Any], edition: int = EDITION) -> Told:
    """The ratio of calls with its counts and interval."""
    text = "–" if told["ratio"] is None else f"{told['ratio']:.2f}"
    high = "∞" if told["high"] is None else f"{told['high']:.2f}"
    return Told(text, f"{told['extra']}/{told['usual']}", f"{told['low']:.2f}–{high}", "", edition)


def rate_told(calls: int, block_days: int, edition: int = EDITION) -> Told:
    """Calls a block and day, with the 95 % interval of a Poisson count."""
    if not block_days:
        return Told("–", f"{calls}/0", "", "", edition)
    low, high = poisson_interval(calls)
    spread = f"{low / block_days:.2f}–{high / block_days:.2f}"
    return Told(f"{calls / block_days:.2f}", f"{calls}/{block_days}", spread, "", edition)


def visits_told(sums: dict[str, Any]) -> Told:
    """Visits paid of those planned."""
    return share_told(sums["paid"], sums["planned"])


def power_told(trial: PatrolTrial) -> list[str]:
    """What the trial can find, fixed before its start, as sentences."""
    power = trial.protocol["power"]
    days = trial.protocol["days"]
    if power["fall"] >= 1.0:
        first = gettext("With {days} days and these blocks no fall could be found: too few calls come.")
        first = first.format(days=days)
    else:
        first = gettext(
            "With {days} days and these {blocks} blocks, a fall of {percent} % would be found with {share} %."
        ).format(
            days=days,
            blocks=len(trial.protocol["blocks"]),
            percent=f"{100 * power['fall']:.0f}",
            share=f"{100 * power['share']:.0f}",
        )
    alarms, finds = power["alarms"], power["finds"]
    return [
        first,
        gettext(
            "Laid on {past} past days with such a fall planted, it was found in {found} of {runs} runs "
            "({low}–{high} %)."
        ).format(past=power["past_days"], **_run(finds)),
        gettext("Without any effect it told one in {found} of {runs} runs ({low}–{high} %); 5 % is meant.").format(
            **_run(alarms)
        ),
        gettext(
            "About {expected} calls are to be expected; they scatter {scatter} times as much as chance alone."
        ).format(expected=f"{power['expected']:.0f}", scatter=f"{power['scatter']:.1f}"),
    ]


def _run(found: dict[str, Any]) -> dict[str, str]:
    return {
        "found": str(found["found"]),
        "runs": str(found["runs"]),
        "low": f"{100 * found['low']:.0f}",
        "high": f"{100 * found['high']:.0f}",
    }


def harm_told(trial: PatrolTrial) -> str:
    """The harm rule as it was fixed."""
    rule = trial.protocol["harm"]
    return gettext(
        "Looked at daily from day {first} on: the trial stops at the first day on which more calls came on extra "
        "visits than chance allows. Over the whole trial that happens by chance alone in at most {percent} % of "
        "trials without effect."
    ).format(first=rule["first_look"], percent=f"{100 * rule['alpha']:.0f}")


def analysis_told(trial: PatrolTrial) -> str:
    """The analysis as it was fixed."""
    percent = f"{100 * trial.protocol['analysis']['alpha']:.0f}"
    return gettext(
        "Counted are citizens' calls alone ({family}), never stops, arrests or what officers find themselves. The "
        "ratio of calls on extra visits to usual practice is tested by throwing the trial's own coins anew (exact, "
        "two-sided, {percent} %); the interval is where that test begins to reject. The ring of cells around each "
        "block is judged the same way, for calls that only move. Days are judged as they were drawn, driven or not."
    ).format(family=COUNTED.get(trial.family, trial.family), percent=percent)


def lot_told(trial: PatrolTrial) -> dict[str, Any]:
    """The lot as the register tells it: its hash from the beginning; seed, number and every throw once it is over.

    A throw is told by pair of blocks: + where the first of the two had extra visits first.
    """
    lot = trial.protocol.get("lot", {})
    told: dict[str, Any] = {"sha256": lot.get("sha256", "")}
    if trial.state not in OVER:
        return told
    coins = layout_of(trial).coins
    throws = ["".join("+" if one > 0 else "−" for one in pair) for pair in coins]
    return {**told, "seed": trial.protocol["seed"], "nonce": lot.get("nonce", ""), "throws": throws}


def area_km2(trial: PatrolTrial) -> float:
    """How large all blocks are together."""
    side_km = trial.protocol["grid"]["cell_m"] / 1000
    return float(sum(len(block["cells"]) for block in trial.protocol["blocks"]) * side_km * side_km)


def day_rows(days: Sequence[PatrolTrialDay]) -> list[dict[str, Any]]:
    """Each day with calls and visits by side, and what the harm rule saw."""
    rows = []
    for row in days:
        extra = {number - 1 for number in row.extra}
        told: dict[str, Any] = {"row": row, "blocks": len(row.extra)}
        held = {
            "calls": row.counts.get("blocks"),
            "ring": row.counts.get("ring"),
            "planned": row.visits.get("planned"),
            "paid": row.visits.get("paid"),
        }
        for what, values in held.items():
            for arm in ("extra", "usual"):
                told[f"{what}_{arm}"] = (
                    None
                    if values is None
                    else sum(n for k, n in enumerate(values) if (k in extra) == (arm == "extra"))
                )
        rows.append(told)
    return rows
