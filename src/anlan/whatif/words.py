"""Policies, figures and what the past was read from, in words."""

from __future__ import annotations

from math import ceil
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from anlan.core.templatetags.anlan import percent
from anlan.whatif.models import Question
from anlan.whatif.rules import FEW_DAYS, FIGURES, OFFERED, WAITING, Figure

Row = list[float | None]
SCALE = {"share": 1000.0, "time": 1.0, "km": 1.0}
"""Of the last digit that is shown: a tenth of a per cent, a second, a kilometre."""


def policy_words(text: str) -> str:
    """A policy as a sentence: who goes, where free units wait, how many more, whether lesser calls give units up."""
    first, *changes = text.split("+")
    parts = [str(OFFERED.get(first, first))]
    for change in changes:
        name, _colon, value = change.partition(":")
        if name == "units":
            number = int(value)
            n = abs(number)
            more = ngettext("{n} police unit more", "{n} police units more", n)
            fewer = ngettext("{n} police unit fewer", "{n} police units fewer", n)
            parts.append((more if number > 0 else fewer).format(n=n))
        elif name == "divert":
            parts.append(_("nobody is taken from a lesser call"))
        else:
            parts.append(str(WAITING.get(name, change)))
    return _("; ").join(parts)


def shown(value: float | None, kind: str, *, signed: bool = False) -> str:
    """A figure as it is read: per cent, minutes and seconds, kilometres; a dash where there is none."""
    if value is None:
        return "–"
    sign = ("+" if value > 0 else "−" if value < 0 else "") if signed else ""
    size = abs(value) if signed else value
    if signed and size and round(size * SCALE[kind]) == 0:
        # "+0.0" would say that there is something and that there is nothing.
        return f"{sign}<{shown(1 / SCALE[kind], kind)}"
    if kind == "share":
        return f"{sign}{100 * size:.1f} %" if signed else percent(size)
    if kind == "time":
        # A bound of what could be saved may lie below nothing: a minute and its seconds bear one sign.
        whole = abs(round(size))
        below = "−" if round(size) < 0 else ""
        return f"{sign}{below}{whole // 60}:{whole % 60:02d}"
    return f"{sign}{size:.0f} km"


def figure_rows(question: Question) -> list[dict[str, Any]]:
    """One row for each figure: both policies, the difference with its interval, and how sure it is in words."""
    answer = question.answer
    return [_row(figure, answer) for figure in FIGURES if _known(figure, answer)]


def bound_rows(question: Question) -> list[dict[str, Any]]:
    """What anybody could have had who knew all calls, and how much the first policy lies above it: at most, and by
    the best way found (answers kept before there was one have none)."""
    told = question.answer.get("bound", {})
    best, found = told.get("best", {}), told.get("found", {})
    rows = []
    for figure in FIGURES:
        if best.get(figure.key, [None])[0] is None:
            continue
        parts = {"best": best, "left": told["left"]} | ({"found": found, "sure": told["sure"]} if found else {})
        sides = {
            part: _side(rows_of[figure.key], figure.kind, least=0.0 if part in ("best", "found") else None)
            for part, rows_of in parts.items()
        }
        rows.append({"name": figure.name, **sides, "words": _between(figure, told) if found else ""})
    return rows


def _between(figure: Figure, told: dict[str, Any]) -> str:
    """How much could have been saved, from both sides, in words."""
    low, high = (max(told[part][figure.key][0], 0.0) for part in ("sure", "left"))
    nothing, least, most = (shown(value, figure.kind) for value in (0.0, low, high))
    if most == nothing:
        return _("nothing could have been saved")
    if least == nothing:
        return _("at most {high} could have been saved").format(high=most)
    if least == most:
        return _("about {high} could have been saved").format(high=most)
    return _("between {low} and {high} could have been saved").format(low=least, high=most)


def _known(figure: Figure, answer: dict[str, Any]) -> bool:
    return any(figures.get(figure.key, [None])[0] is not None for figures in answer.get("figures", {}).values())


def _row(figure: Figure, answer: dict[str, Any]) -> dict[str, Any]:
    figures, told = answer["figures"], answer["difference"].get(figure.key)
    sides = {
        side: _side(figures[side][figure.key], figure.kind, least=0.0) if side in figures else None for side in "ab"
    }
    return {
        "key": figure.key,
        "name": figure.name,
        "definition": figure.definition,
        **sides,
        "difference": _side(told, figure.kind, signed=True) if told else None,
        "verdict": verdict(told, figure) if told else "",
        "tone": _tone(told, figure) if told else "",
    }


def _side(row: Row, kind: str, *, signed: bool = False, least: float | None = None) -> dict[str, str]:
    """A figure with its interval as read; it can't be below ``least``, whatever the interval's formula says."""
    value, low, high = (one if one is None or least is None else max(one, least) for one in row)
    between = (
        ""
        if low is None or high is None
        else f"{shown(low, kind, signed=signed)} … {shown(high, kind, signed=signed)}"
    )
    return {"value": shown(value, kind, signed=signed), "between": between}


def _tone(row: Row, figure: Figure) -> str:
    value, low, high = row
    if value is None or low is None or high is None or not (low > 0 or high < 0):
        return "unsure"
    return "better" if (value < 0) == figure.less_is_better else "worse"


def verdict(row: Row, figure: Figure) -> str:
    """How sure the difference is, as one would say it."""
    value, low, high = row
    if value is None:
        return ""
    if low is None or high is None:
        return _("one day alone tells nothing of how sure this is")
    tone = _tone(row, figure)
    if tone != "unsure":
        return _("better with the second") if tone == "better" else _("worse with the second")
    if low == high == 0.0:
        return _("the same on every one of these days")
    # Upwards, so that what is said to be excluded is, as it is shown.
    most = ceil(max(abs(low), abs(high)) * SCALE[figure.kind]) / SCALE[figure.kind]
    return _("no difference can be told; one above {most} is excluded").format(most=shown(most, figure.kind))


def few_days(question: Question) -> bool:
    """Whether the intervals stand on so few days that they may be far too narrow."""
    return bool(0 < question.answer.get("blocks", 0) < FEW_DAYS)


def fact_lines(facts: dict[str, Any]) -> list[str]:
    """What the past was read from and what was taken as usual, as sentences."""
    if not facts:
        return []
    read = _(
        "{calls} calls of {days} days, {units} units, {zones} places (calls lie {off} m from theirs on average)."
    )
    spot = _("Times on the spot: medians of {seen} closed assignments by type; too few of a type: {scene} minutes.")
    sent = _("From call to sending {delay} s, turn-out {turnout} s, roads {pace} times the network's times, as seen.")
    told = {
        **facts,
        "off": facts["within_zone_m"],
        "seen": facts["scenes_seen"],
        "scene": round(facts["scene_s"] / 60),
    }
    told |= {"delay": facts["delay_s"], "turnout": facts["turnout_s"]}
    lines = [text.format(**told) for text in (read, spot, sent)]
    if not facts["shifts"]:
        lines.append(_("No shift of those days is on record: all units were taken to be on duty throughout."))
    if not facts["roads"]:
        lines.append(_("No road network is in use: ways are straight lines times 1.3."))
    return lines


def refusal_words(question: Question) -> str:
    """Why it could not be answered, in the active language."""
    told = question.refusal.get("detail_i18n", {})
    language = "zh-hans" if (get_language() or "").startswith("zh") else "en"
    return str(told.get(language, ""))


def day_rows(question: Question) -> list[dict[str, Any]]:
    """Day by day: calls and the share late of both."""
    rows = []
    for row in question.answer.get("by_day", []):
        told = {side: _day(row[side]) for side in "ab" if side in row}
        rows.append({"day": row["day"], "calls": f"{row['calls']:.0f}", **told})
    return rows


def _day(values: dict[str, float | None]) -> dict[str, str]:
    return {key: shown(value, "time" if key == "p90_s" else "share") for key, value in values.items()}
