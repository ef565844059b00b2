"""The command box: pages and commands by their words or initials, incidents, units, places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from anlan.console.selectors.queue import open_incidents
from anlan.core.actor import Actor
from anlan.core.context import navigation_for
from anlan.core.permissions import permitted
from anlan.intake.models import Call, Incident
from anlan.places.models import Place
from anlan.places.selectors import address_search
from anlan.tagging.selectors import incident_type
from anlan.units.models import Unit

LIMIT = 6
KINDS = dict(Place.Kind.choices)


@dataclass(frozen=True, slots=True)
class Found:
    """One line the box offers."""

    group: str | Promise
    title: str | Promise
    note: str
    href: str
    priority: str = ""
    state: tuple[str, str] | None = None


def find(actor: Actor, text: str, *, at: datetime) -> list[Found]:
    """What ``text`` may mean for ``actor``: pages first, then incidents, then units."""
    found = _pages(actor, text)
    if text:
        found += _incidents(actor, text)
        found += _units(actor, text) if permitted(actor, "units.view") else []
        found += _places(text) if permitted(actor, "places.search") else []
        found += _calls(actor, text) if permitted(actor, "intake.call_view") else []
    return found


def initials(text: str) -> str:
    """新建接警 → xjjj: the first letter of each syllable, as people type commands."""
    from pypinyin import Style, lazy_pinyin  # its dictionary is slow to load: by the first word, not at every start

    return "".join(part[:1] for part in lazy_pinyin(text, style=Style.NORMAL)).lower()


def _pages(actor: Actor, text: str) -> list[Found]:
    wanted = text.lower().lstrip("/")
    found = []
    for entry in navigation_for(actor):
        names = []
        for language in ("zh-hans", "en"):
            with override(language):
                names.append(str(entry["label"]))
        keys = [name.lower() for name in names] + [initials(names[0])]
        if not wanted or any(key.startswith(wanted) for key in keys):
            found.append(Found(_("Pages"), entry["label"], initials(names[0]), entry["url"]))
    return found


def _incidents(actor: Actor, text: str) -> list[Found]:
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 3 and re.fullmatch(r"[\d\s-]+", text):
        matches = Q(number__endswith=digits[-5:]) if len(digits) <= 5 else Q(number=_number(digits))
        rows = (
            Incident.objects.visible_to(actor).filter(matches)
            if len(digits) > 5
            else open_incidents(actor).filter(matches)
        )
    elif len(text) >= 2:
        rows = open_incidents(actor).filter(address_text__icontains=text)
    else:
        return []
    return [
        Found(
            _("Incidents"),
            _name(row),
            f"{row.number} {row.address_text}",
            reverse("console:incident", args=[row.number]),
            row.priority,
            ("intake.incident", row.state),
        )
        for row in rows.order_by("-received_at")[:LIMIT]
    ]


def _name(row: Incident) -> str:
    return incident_type(row.code).name(get_language() or "zh-hans")


def _number(digits: str) -> str:
    return f"{digits[:6]}-{digits[6:]}"


def _places(text: str) -> list[Found]:
    """What the gazetteer takes the words for, each with how sure it is; the reader decides."""
    if len(text) < 2 or text.startswith("/"):
        return []
    is_zh = (get_language() or "").startswith("zh")
    found = []
    for each in address_search(text, limit=LIMIT):
        record = each.record
        name = record.name_zh if is_zh or not record.name_en else record.name_en
        told = f"{KINDS.get(record.kind, record.kind)} {each.confidence:.0%}"
        where = f"{reverse('console:place', args=[record.id])}?lon={each.lon:.6f}&lat={each.lat:.6f}"
        found.append(Found(_("Places"), name, told, where))
    return found


def _calls(actor: Actor, text: str) -> list[Found]:
    """Calls by their number (J261122-00412), the invalid ones with them."""
    digits = re.sub(r"\D", "", text)
    if not re.fullmatch(r"[jJ][\d-]+", text) or len(digits) < 5:
        return []
    wanted = Q(number=f"J{_number(digits)}") if len(digits) > 6 else Q(number__endswith=f"-{digits[-5:]}")
    return [
        Found(
            _("Calls"),
            row.number,
            row.address_text,
            reverse("console:incident", args=[row.filed_under.number])
            if row.filed_under
            else reverse("console:call_edit", args=[row.number]),
            state=("intake.call", row.state),
        )
        for row in Call.objects.visible_to(actor).filter(wanted).select_related("filed_under").order_by("-id")[:LIMIT]
    ]


def _units(actor: Actor, text: str) -> list[Found]:
    rows = Unit.objects.visible_to(actor).filter(is_active=True, call_sign__icontains=text)
    return [
        Found(
            _("Units"),
            row.call_sign,
            "",
            reverse("console:units") + f"?q={row.call_sign}",
            state=("units.status", row.state),
        )
        for row in rows[:LIMIT]
    ]
