"""Response plans: those in force as a page, and the alarm level of a matter as a button."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from anlan.accounts.models import Person
from anlan.console.pages.plan_edit import told
from anlan.console.pages.press import Press
from anlan.console.screen import screen
from anlan.console.words import DANGER
from anlan.core.pages import page_actor
from anlan.dispatch.selectors import PlanWrong, plan_read, plan_versions, plans_in_force, proposals_waiting
from anlan.dispatch.services import response_level_set
from anlan.intake.models import Incident
from anlan.places.models import Area
from anlan.tagging.selectors import incident_types
from anlan.units.models import Unit
from anlan.units.selectors import capability_labels


def level(press: Press) -> None:
    """Answer the matter at another alarm level."""
    response_level_set(incident=press.incident, level=press.number("level") or 0, by=press.by, at=press.at)


@screen("dispatch.plan_view")
def plans(request: HttpRequest) -> HttpResponse:
    """Every plan in force: for what, with what at each alarm level, since when."""
    types = {row.code: row for row in incident_types()}
    rows: list[dict[str, Any]] = [
        {
            "plan": plan,
            "types": [types.get(code, code) for code in plan.codes],
            "danger": [DANGER.get(flag, flag) for flag in plan.danger],
            "areas": [dict(Area.Setting.choices).get(area, area) for area in plan.areas],
            "versions": plan_versions(plan.key),
        }
        for plan in plans_in_force()
    ]
    context = {
        "rows": rows,
        "proposals": _proposals(),
        "actor": page_actor(request),
        "capabilities": capability_labels(),
        "vehicles": dict(Unit.Vehicle.choices),
        "priorities": dict(Incident._meta.get_field("priority").flatchoices),
        "default_theme": "light",
    }
    return render(request, "console/plans.html", context)


def _proposals() -> list[dict[str, Any]]:
    """Versions that wait for a second person: by whom, and what differs from the one in force."""
    waiting = proposals_waiting()
    names = dict(Person.objects.filter(pk__in=[row.proposed_by for row in waiting]).values_list("pk", "name"))
    in_force = {plan.key: plan for plan in plans_in_force()}
    able = capability_labels()
    told_: list[dict[str, Any]] = []
    for row in waiting:
        try:
            plan = plan_read(row.content, capabilities=able)
        except PlanWrong:  # an ability was taken out of the vocabulary since: it can be taken back and no more
            told_.append({"row": row, "plan": None, "by": names.get(row.proposed_by, ""), "differs": []})
            continue
        told_.append(
            {
                "row": row,
                "plan": plan,
                "by": names.get(row.proposed_by, ""),
                "differs": told(in_force.get(row.key), plan),
            }
        )
    return told_
