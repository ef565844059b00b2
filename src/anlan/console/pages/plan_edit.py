"""A new version of a response plan: written from the one in force, checked, and approved by another person."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from anlan.accounts.models import Organisation
from anlan.console.screen import screen
from anlan.console.words import DANGER
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, DomainError, NotFound
from anlan.core.pages import command_post, page_actor
from anlan.dispatch.selectors import Plan, plan_content, plan_differences, plan_lacks, plans_in_force, proposal_for
from anlan.dispatch.services import plan_check, plan_decide, plan_propose
from anlan.intake.models import Incident
from anlan.units.models import Unit
from anlan.units.selectors import capability_labels, equipment_kinds, kind_named

LEVELS, NEEDS = 4, 4
"""So many alarm levels and kinds of unit the form has room for at least; where a plan has as many, one more."""
MOST_READ = 40
_COUNT_BEFORE = re.compile(r"(?P<count>\d{1,4})\s*[x×*]?\s*(?P<name>\D.*)")
_COUNT_BEHIND = re.compile(r"(?P<name>.*?\D)\s*[x×*]?\s*(?P<count>\d{1,4})")
FIELDS = {
    "name_zh": _("Chinese name"),
    "name_en": _("English name"),
    "home_first_s": _("Home station first, seconds"),
    "zone_first_s": _("Zone first, seconds"),
    "codes": _("Types"),
    "danger": _("Dangers"),
    "priorities": _("Priorities"),
    "areas": _("Areas"),
    "needs": _("Units"),
    "partners": _("Partner desks"),
    "equipment": _("Equipment"),
}


@screen("dispatch.plan_set")
def plan_edit(request: HttpRequest, key: str) -> HttpResponse:
    """The form as the plan in force has it; ``new`` for a plan of a new key."""
    return render(request, "console/plan_edit.html", _form(_in_force(key), key, _typed_of(_in_force(key))))


@require_POST
def plan_edit_do(request: HttpRequest, key: str) -> HttpResponse:
    """Check what was typed and show what differs; with ``propose`` write it down for another person."""
    page_actor(request, "dispatch.plan_set")
    old = _in_force(key)
    content = _content(request.POST, old, key)
    try:
        plan = plan_check(content)
    except DomainError as refusal:
        context = _form(old, key, content)
        return render(request, "console/plan_edit.html", {**context, "refusal": refusal}, status=refusal.status)
    if "propose" in request.POST:

        def act(by: Actor, at: datetime) -> int:
            return int(plan_propose(content=content, by=by, at=at).pk)

        command_post(request, "dispatch.plan_set", act)
        return HttpResponseRedirect(reverse("console:plans"))
    checked = {"checked": True, "differences": told(old, plan), **_missing(plan)}
    return render(request, "console/plan_edit.html", {**_form(old, key, plan_content(plan)), **checked})


@require_POST
def proposal_do(request: HttpRequest, proposal_id: int, deed: str) -> HttpResponse:
    """Approve a version somebody else wrote, or refuse it."""
    page_actor(request, "dispatch.plan_set")
    row = proposal_for(proposal_id)
    if deed not in ("approve", "refuse"):
        raise NotFound

    def act(by: Actor, at: datetime) -> str:
        return plan_decide(proposal=row, approve=deed == "approve", by=by, at=at).outcome

    command_post(request, "dispatch.plan_set", act)
    return HttpResponseRedirect(reverse("console:plans"))


def _in_force(key: str) -> Plan | None:
    """The plan in force; None for a new one. ``NotFound`` for a key nobody has."""
    found = next((plan for plan in plans_in_force() if plan.key == key), None)
    if found is None and key != "new":
        raise NotFound
    return found


def told(old: Plan | None, new: Plan) -> list[dict[str, Any]]:
    """The differences with their fields in words, and abilities and vehicles too."""
    words = {**dict(Unit.Vehicle.choices), **capability_labels(), **DANGER}
    rows = []
    for each in plan_differences(old, new):
        *level, name = each.field.split(".")
        before, after = (
            ", ".join(" ".join(str(words.get(part, part)) for part in one.split(" ")) for one in value.split(", "))
            if name in ("needs", "danger")
            else value
            for value in (each.before, each.after)
        )
        shown = {"level": level[1] if level else "", "field": FIELDS.get(name, name)}
        rows.append({**shown, "before": before, "after": after})
    return rows


def _missing(plan: Plan) -> dict[str, Any]:
    """What the whole fleet and the desks here can't answer: said before anybody approves it."""
    fleet = Unit.objects.filter(is_active=True).values_list("capabilities", "vehicle")
    desks = set(Organisation.objects.filter(kind="partner", is_active=True).values_list("code", flat=True))
    asked = dict.fromkeys(code for level in plan.levels for code in level.partners)
    return {
        "lacks": [
            {
                "level": level,
                "able": capability_labels().get(able, able) or _("any unit"),
                "drives": drives,
                "count": count,
                "there": there,
            }
            for level, able, drives, count, there in plan_lacks(plan, fleet)
        ],
        "unknown_desks": [code for code in asked if code not in desks],
    }


def _typed_of(plan: Plan | None) -> dict[str, Any]:
    return plan_content(plan) if plan is not None else {"key": "", "levels": []}


def _form(old: Plan | None, key: str, content: dict[str, Any]) -> dict[str, Any]:
    """What the form shows: the content, with empty rows behind."""
    levels = [dict(level) for level in content.get("levels", [])]
    levels += [{"needs": [], "partners": [], "equipment": []} for _each in range(max(LEVELS - len(levels), 1))]
    for level in levels:
        level["needs"] = [*level["needs"], *({} for _each in range(max(NEEDS - len(level["needs"]), 1)))]
        level["equipment"] = [_thing_typed(each) for each in level["equipment"]]
    return {
        "old": old,
        "key": key,
        "c": content,
        "levels": levels,
        "dangers": DANGER.items(),
        "priorities": [value for value, _word in Incident._meta.get_field("priority").flatchoices],
        "capabilities": capability_labels().items(),
        "vehicles": Unit.Vehicle.choices,
        "kinds": equipment_kinds().values(),
        "default_theme": "light",
    }


def _thing_typed(thing: dict[str, Any]) -> str:
    """As a hand would write it: count and kind, or a free word in both languages."""
    kind = equipment_kinds().get(thing.get("kind", ""))
    return f"{thing['count']} {kind.name}" if kind is not None else f"{thing['zh']}/{thing['en']}"


def _content(typed: QueryDict, old: Plan | None, key: str) -> dict[str, Any]:
    """The plan as data, from what was typed."""
    levels = [level for number in range(1, MOST_READ + 1) if (level := _level(typed, number))["needs"]]
    return {
        "key": old.key if old is not None else typed.get("key", "").strip(),
        "name_zh": typed.get("name_zh", "").strip(),
        "name_en": typed.get("name_en", "").strip(),
        "levels": levels,
        "codes": _words(typed.get("codes", "")),
        "danger": [flag for flag in typed.getlist("danger") if flag in DANGER],
        "priorities": typed.getlist("priorities"),
        "areas": _words(typed.get("areas", "")),
        "home_first_s": _whole(typed.get("home_first_s", ""), "home_first_s"),
        "zone_first_s": _whole(typed.get("zone_first_s", ""), "zone_first_s"),
        "source": typed.get("source", "").strip()[:120],
    }


def _level(typed: QueryDict, number: int) -> dict[str, Any]:
    needs = []
    for row in range(1, MOST_READ + 1):
        count = typed.get(f"count-{number}-{row}", "").strip()
        if count and count != "0":
            able, drives = typed.get(f"able-{number}-{row}", ""), typed.get(f"drives-{number}-{row}", "")
            needs.append({"count": _whole(count, "count"), "capability": able, "vehicle": drives})
    told_ = typed.get(f"equipment-{number}", "").replace("；", ";").split(";")
    things = [_thing(each.strip()) for each in told_ if each.strip()]
    return {"needs": needs, "partners": _words(typed.get(f"partners-{number}", "")), "equipment": things}


def _thing(text: str) -> dict[str, Any]:
    """A kind of the list with its count, written before or behind it; any other word as it stands."""
    counted = _COUNT_BEFORE.fullmatch(text) or _COUNT_BEHIND.fullmatch(text)
    name = (counted["name"] if counted else text).strip()
    zh, _slash, en = name.partition("/")
    kind = kind_named(zh) or kind_named(en)
    if kind is not None:
        return {"kind": kind.code, "count": int(counted["count"]) if counted else 1}
    zh, _slash, en = text.partition("/")
    return {"zh": zh.strip(), "en": (en or zh).strip()}


def _words(text: str) -> list[str]:
    for mark in "，、;；\n":
        text = text.replace(mark, ",")
    return [word for part in text.split(",") if (word := part.strip())]


def _whole(text: str, field: str) -> int:
    told_ = text.strip() or "0"
    if not told_.isdecimal() or len(told_) > 6:
        raise BadInput(field=field, problem=told_[:40])
    return int(told_)
