"""Small parts of pages, made once: clocks, badges, figures, why-chips, form keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.errors import LANGUAGES, DomainError
from anlan.core.permissions import permitted
from anlan.core.state_machine import REGISTRY

register = template.Library()

# Each shape is drawn in a 16 x 16 box with the text's own colour, so no font has to have it.
SHAPES = {
    "triangle-up": '<path d="M8 1.5 15 14.5H1z"/>',
    "diamond": '<path d="M8 .8 15.2 8 8 15.2.8 8z"/>',
    "disc": '<circle cx="8" cy="8" r="6.5"/>',
    "ring": '<circle cx="8" cy="8" r="5.75" fill="none" stroke="currentColor" stroke-width="2"/>',
    "square": '<path d="M2 2h12v12H2z"/>',
    "square-ring": '<path d="M3 3h10v10H3z" fill="none" stroke="currentColor" stroke-width="2"/>',
    "play": '<path d="M3 1.5 14.5 8 3 14.5z"/>',
    "play-ring": '<path d="M4 3.2 12.4 8 4 12.8z" fill="none" stroke="currentColor" stroke-width="2"/>',
    "half": '<path d="M2 2h6v12H2z"/><path d="M3 3h10v10H3z" fill="none" stroke="currentColor" stroke-width="2"/>',
    "cross": '<path d="m3 3 10 10M13 3 3 13" stroke="currentColor" stroke-width="2.5"/>',
    "tick": '<path d="m2 8.5 4 4L14 4" fill="none" stroke="currentColor" stroke-width="2.5"/>',
    "arrow": '<path d="M1 8h12M9 3l5 5-5 5" fill="none" stroke="currentColor" stroke-width="2"/>',
    "return": '<path d="M15 8H3m4-5L2 8l5 5" fill="none" stroke="currentColor" stroke-width="2"/>',
    "pen": '<path d="m2 14 1-4 8-8 3 3-8 8z" fill="none" stroke="currentColor" stroke-width="1.8"/>',
    "letter": '<path d="M1.5 3h13v10h-13zM2 4l6 5 6-5" fill="none" stroke="currentColor" stroke-width="1.6"/>',
    "bell": '<path d="M8 1.5a4.5 4.5 0 0 1 4.5 4.5v4l1.5 2H2l1.5-2V6A4.5 4.5 0 0 1 8 1.5zM6 13.5h4a2 2 0 0 1-4 0z"/>',
}

PRIORITY_SHAPES = {"P1": "triangle-up", "P2": "diamond", "P3": "disc", "P4": "ring"}

# (machine, state) to (shape, tone). A state without an entry is a quiet ring.
BADGES = {
    "units.status": {
        "available": ("disc", "ok"),
        "assigned": ("play-ring", "blue"),
        "en_route": ("play", "blue"),
        "on_scene": ("square", "violet"),
        "busy": ("half", "slate"),
        "off": ("cross", "grey"),
        "out_of_service": ("cross", "grey"),
    },
    "intake.incident": {
        "open": ("triangle-up", "amber"),
        "dispatched": ("play", "blue"),
        "on_scene": ("square", "violet"),
        "feedback_due": ("pen", "slate"),
        "in_review": ("half", "slate"),
        "transferred": ("arrow", "slate"),
        "closed": ("tick", "grey"),
        "merged": ("return", "grey"),
        "invalid": ("cross", "grey"),
    },
    "intake.call": {
        "ringing": ("bell", "amber"),
        "answered": ("disc", "blue"),
        "recorded": ("pen", "amber"),
        "incident_open": ("tick", "ok"),
        "linked_duplicate": ("return", "slate"),
        "transferred": ("arrow", "slate"),
        "invalid": ("cross", "grey"),
        "abandoned": ("cross", "amber"),
    },
    "dispatch.assignment": {
        "sent": ("play-ring", "amber"),
        "signed": ("play-ring", "blue"),
        "en_route": ("play", "blue"),
        "arrived": ("square", "violet"),
        "finished": ("pen", "slate"),
        "feedback_done": ("half", "slate"),
        "reviewed": ("tick", "ok"),
        "closed": ("tick", "grey"),
        "refused": ("return", "red"),
        "reassigned": ("return", "grey"),
        "cancelled": ("cross", "grey"),
    },
    "dispatch.handover": {"open": ("pen", "amber"), "signed": ("half", "blue"), "taken": ("tick", "ok")},
    "notices.notice": {
        "sent": ("ring", "amber"),
        "delivered": ("half", "blue"),
        "acknowledged": ("tick", "ok"),
        "withdrawn": ("return", "grey"),
        "expired": ("cross", "grey"),
    },
    "disputes.level": {
        "red": ("triangle-up", "red"),
        "yellow": ("diamond", "amber"),
        "blue": ("disc", "blue"),
    },
    "disputes.file": {
        "open": ("ring", "amber"),
        "on_site_settled": ("tick", "blue"),
        "follow_up": ("play-ring", "blue"),
        "pushed": ("arrow", "amber"),
        "accepted": ("disc", "blue"),
        "triaged": ("disc", "blue"),
        "assigned": ("play", "blue"),
        "mediating": ("square", "violet"),
        "agreement": ("half", "ok"),
        "no_agreement": ("return", "amber"),
        "performed": ("tick", "ok"),
        "defaulted": ("triangle-up", "red"),
        "closed": ("tick", "ok"),
        "revisited": ("tick", "ok"),
        "rated": ("tick", "ok"),
        "archived": ("tick", "grey"),
        "with_police": ("triangle-up", "red"),
        "merged": ("return", "grey"),
    },
    "disputes.push": {
        "sent": ("play-ring", "amber"),
        "received": ("half", "blue"),
        "acted": ("play", "blue"),
        "closed": ("tick", "ok"),
        "returned": ("return", "amber"),
        "superseded": ("cross", "grey"),
    },
    "dispatch.work_order": {
        "routed": ("play-ring", "amber"),
        "signed": ("play-ring", "blue"),
        "contacted": ("disc", "blue"),
        "assigned": ("play", "blue"),
        "on_site": ("square", "violet"),
        "settled": ("tick", "ok"),
        "moved_on": ("arrow", "slate"),
        "closed": ("tick", "grey"),
        "bounced": ("return", "amber"),
        "escalated": ("triangle-up", "red"),
    },
}


LABELS: dict[tuple[str, str], Any] = {}
"""Words of what has badges but is no state machine; rooms above put theirs in when they start."""


@register.simple_tag
@lru_cache(maxsize=64)
def icon(name: str) -> SafeString:
    """One of the drawn shapes, for the eye only."""
    # The drawings are this file's own constants.
    drawing = mark_safe(SHAPES[name])
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">{}</svg>', drawing
    )


@register.simple_tag
@lru_cache(maxsize=16)
def priority(level: str) -> SafeString:
    """A priority as block, shape and word: told apart without colour too."""
    return format_html(
        '<span class="prio {}">{}{}</span>', level.lower(), icon(PRIORITY_SHAPES.get(level, "ring")), level
    )


@register.simple_tag
def state(machine: str, value: str, *, hollow: bool = False) -> SafeString:
    """The badge of a state: shape, colour and the machine's own word. ``hollow`` marks stale knowledge."""
    return _badge(machine, value, hollow, get_language())


@lru_cache(maxsize=512)
def _badge(machine: str, value: str, hollow: bool, language: str | None) -> SafeString:
    """The badge in the language that is active; a queue shows the same few a hundred times."""
    shape, tone = BADGES.get(machine, {}).get(value, ("ring", "slate"))
    if hollow:
        shape = {"disc": "ring", "square": "square-ring", "play": "play-ring"}.get(shape, shape)
    label = REGISTRY[machine].labels.get(value, value) if machine in REGISTRY else LABELS.get((machine, value), value)
    return format_html('<span class="badge tone-{}">{}{}</span>', tone, icon(shape), label)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def span(seconds: float) -> str:
    """A duration as people say it: 3:20, from an hour on 2 h 10 min, from two days on 3 d."""
    whole = max(0, int(seconds))
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    hours = whole // 3600
    if hours < 48:
        return gettext("%(h)s h %(m)s min") % {"h": hours, "m": whole % 3600 // 60}
    return gettext("%(d)s d") % {"d": hours // 24}


def _seconds(value: float | timedelta | None) -> float | None:
    return value.total_seconds() if isinstance(value, timedelta) else value


@register.simple_tag
def age(
    since: datetime | None, amber: float | timedelta | None = None, red: float | timedelta | None = None
) -> SafeString:
    """How long since ``since``, ticking; amber and red from those seconds on."""
    if since is None:
        return format_html('<span class="age">{}</span>', "–")
    limits = {"amber": _seconds(amber), "red": _seconds(red)}
    return _clock(since, "since", (now() - since).total_seconds(), limits, "")


@register.simple_tag
def countdown(due: datetime | None, warn: float | timedelta | None = None) -> SafeString:
    """Time left to ``due``, then time over with a plus; amber ``warn`` before it, red from it on."""
    if due is None:
        return format_html('<span class="age">{}</span>', "–")
    over = (now() - due).total_seconds()
    before = _seconds(warn)
    return _clock(
        due, "due", over, {"amber": None if before is None else -before, "red": 0.0}, "+" if over > 0 else ""
    )


def _clock(at: datetime, kind: str, seconds: float, limits: Mapping[str, float | None], sign: str) -> SafeString:
    level, extra = "", ""
    for name in ("amber", "red"):
        limit = limits[name]
        if limit is not None:
            extra += f' data-{name}="{limit:g}"'
            level = name if seconds >= limit else level
    if level:
        extra += f' data-level="{level}"'
    # Numbers and instants need no escaping, only the translated words; a queue shows a hundred of these.
    return mark_safe(
        f'<time class="age" datetime="{at.isoformat()}" data-{kind}="{_ms(at)}"{extra} '
        f'title="{escape(moment(at, seconds=True))}">{sign}{escape(span(abs(seconds)))}</time>'
    )


@register.filter
def duration(value: float | timedelta | None) -> str:
    """A duration in seconds (or a timedelta) as words; a dash for none."""
    seconds = _seconds(value)
    return "–" if seconds is None else span(round(seconds))


@register.filter
def moment(at: datetime | None, seconds: bool = False) -> str:
    """14:05 today, yesterday 14:05, else the date with the time."""
    if at is None:
        return "–"
    local, today = timezone.localtime(at), timezone.localtime(now()).date()
    clock = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    days = (today - local.date()).days
    if days == 0:
        return clock
    if days == 1:
        return gettext("yesterday %(time)s") % {"time": clock}
    if local.year == today.year:
        return f"{local:%m-%d} {clock}"
    return f"{local:%Y-%m-%d} {clock}"


@register.filter
def day(at: datetime | None) -> str:
    """The local date in the reader's own form."""
    return "–" if at is None else str(date_format(timezone.localtime(at), "DATE_FORMAT"))


@register.filter
def epoch_ms(at: datetime) -> int:
    """Milliseconds since 1970, as scripts count."""
    return _ms(at)


@register.filter
def named(row: Any) -> str:
    """The row's name in the reader's language (``name_zh``/``name_en`` or ``zh``/``en``)."""
    if row is None:
        return "–"
    zh, en = _pick(row, "zh"), _pick(row, "en")
    if not zh and not en:
        return str(row)
    return str((zh or en) if (get_language() or "").startswith("zh") else (en or zh))


def _pick(row: Any, language: str) -> Any:
    if isinstance(row, Mapping):
        return row.get(f"name_{language}") or row.get(language) or ""
    return getattr(row, f"name_{language}", "") or getattr(row, language, "")


@register.filter
def get(mapping: Mapping[Any, Any], key: Any) -> Any:
    """A value of a mapping by a key that is itself a variable."""
    return mapping.get(key)


@register.filter
def may(actor: Actor | None, action: str) -> bool:
    """Whether to offer a button. The service checks again."""
    return actor is not None and actor.kind != "anonymous" and permitted(actor, action)


@register.simple_tag
def idempotency_key() -> SafeString:
    """The hidden key by which a form takes effect once, however often it is sent."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', str(uuid4()))


@register.inclusion_tag("core/parts/why.html")
def why(text: Any, rule: str = "", version: str = "", label: Any = None, side: str = "") -> dict[str, Any]:
    """A chip that opens the rule or the evidence behind a decision."""
    return {"text": text, "rule": rule, "version": version, "label": label or _("why?"), "side": side}


@register.inclusion_tag("core/parts/deadline.html")
def deadline(due: datetime | None, sum_: Any = None, warn: float | None = None) -> dict[str, Any]:
    """A countdown that opens its sum: start + working time - pauses = due.

    ``sum_`` is a mapping ``{"zh": [line, …], "en": [line, …]}`` or a list of ``(label, value)`` pairs.
    """
    lines: list[Any] = []
    if isinstance(sum_, Mapping):
        text = sum_.get("zh" if (get_language() or "").startswith("zh") else "en", [])
        lines = [(line, "") for line in (text.splitlines() if isinstance(text, str) else text)]
    elif sum_:
        lines = [tuple(line) for line in sum_]
    return {"due": due, "lines": lines, "warn": warn}


@register.inclusion_tag("core/parts/figure.html")
def figure(value: Any, href: str = "") -> dict[str, Any]:
    """A figure with its counts, its interval and its version; a link opens the records it counts."""
    return {"f": value, "href": href}


@register.inclusion_tag("core/parts/timeline.html")
def timeline(entries: Any) -> dict[str, Any]:
    """Sentences with who and when, newest first. Entries have ``at, text, who, tone, detail``."""
    return {"entries": entries}


@register.inclusion_tag("core/parts/empty.html")
def empty(title: Any, how: Any = "") -> dict[str, Any]:
    """Nothing here: what would fill it, and how."""
    return {"title": title, "how": how}


@register.filter
def percent(value: float | None, digits: int = 1) -> str:
    """A share as a percentage with a thin space."""
    return "–" if value is None else f"{100 * value:.{digits}f}\N{THIN SPACE}%"


@register.filter
def other_language(refusal: DomainError) -> str:
    """The same refusal in the language the page is not in."""
    here = (get_language() or "").lower()
    return refusal.detail(next(language for language in LANGUAGES if language != here))


@register.simple_block_tag(takes_context=True, end_name="endcommand")
def command(
    context: template.Context, content: str, url: str, target: str = "", css: str = "", draft: str = "", **hidden: Any
) -> SafeString:
    """A form that is one command: its CSRF word, its key, its hidden values, and where the answer goes.

    With ``target`` htmx puts the answer there; without it the page follows the answer. ``draft`` names
    the copy of what is typed that the browser keeps until the form is taken.
    """
    values = mark_safe("")
    for name, value in hidden.items():
        values += format_html('<input type="hidden" name="{}" value="{}">', name, "" if value is None else value)
    attributes = format_html(' class="{}"', css) if css else mark_safe("")
    if target:
        attributes += format_html(
            ' hx-post="{}" hx-target="{}" hx-swap="outerHTML" hx-disabled-elt="find button"', url, target
        )
    if draft:
        attributes += format_html(' data-draft="{}"', draft)
    return format_html(
        '<form method="post" action="{}"{}><input type="hidden" name="csrfmiddlewaretoken" value="{}">{}{}{}</form>',
        url,
        attributes,
        context.get("csrf_token", ""),
        idempotency_key(),
        values,
        mark_safe(content),
    )


@register.inclusion_tag("core/parts/deadline.html")
def clock(running: Any) -> dict[str, Any]:
    """A running clock (``due_at, allows, label, total``): time left, and its sum when opened."""
    lines = [(running.label, ""), (running.total, "")]
    return {"due": running.due_at, "lines": lines, "warn": running.allows.total_seconds() / 3}


@register.filter
def third(seconds: float) -> float:
    """The last third of a clock, in which it is amber."""
    return seconds / 3
