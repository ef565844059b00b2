"""The response plan on the incident page, its alarm level as a button, and the page of plans in both languages."""

from __future__ import annotations

import pytest
from django.urls import reverse

from anlan.accounts.services import role_grant
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.dispatch.models import Assignment, PlanProposal, ResponsePlan
from anlan.dispatch.selectors import plans_in_force
from console.conftest import press

pytestmark = pytest.mark.django_db(databases="__all__")


def test_the_incident_shows_who_goes_by_which_plan_and_another_level_asks_for_more(desk, take):
    incident = take("饭店门口有人拿菜刀追人，已经有人流血了")
    ada = desk("ada")
    part = ada.get(reverse("console:incident_units", args=[incident.number])).content.decode()
    assert "Weapon" in part
    assert "+ Somebody hurt" in part
    assert "P-01" in part
    press(ada, reverse("console:incident_do", args=[incident.number, "level"]), level="2")
    part = ada.get(reverse("console:incident_units", args=[incident.number])).content.decode()
    assert "negotiator" in part.split('id="inc-response"')[1].split("</section>")[0]


def test_what_was_shown_is_kept_with_the_sending(desk, take, town):
    incident = take("饭店门口有人打架")
    ada = desk("ada")
    url = reverse("console:incident_do", args=[incident.number, "send"])
    press(
        ada, url, unit=town.units["P-01"].pk, rank=1, eta_s="66.5", eta_p90_s="90.5", travel_s="36.5", fix_age_s="4"
    )
    row = Assignment.objects.get()
    assert (row.eta_s, row.eta_p90_s, row.travel_s, row.fix_age_s) == (66.5, 90.5, 36.5, 4.0)


def test_the_page_of_plans_speaks_both_languages(desk, town):
    ida = desk("ida")
    assert "Response plans" in ida.get(reverse("console:plans")).content.decode()
    ida.cookies["anlan_language"] = "zh-hans"
    page = ida.get(reverse("console:plans")).content.decode()
    assert all(word in page for word in ("处警预案", "持械", "防刺背心"))


@pytest.fixture
def written(desk, town):
    """Jia writes a new version of the plan for weapons: nineteen units at once, the home station a minute first."""
    jia, old = desk("jia"), next(plan for plan in plans_in_force() if plan.key == "weapon")
    typed = {
        "name_zh": old.name_zh, "name_en": old.name_en, "codes": ", ".join(old.codes), "danger": list(old.danger),
        "priorities": list(old.priorities), "areas": "", "home_first_s": "60", "zone_first_s": "0",
        "source": "order 7", "count-1-1": "19", "partners-1": "120, nowhere", "equipment-1": "防刺背心/stab vest",
    }  # fmt: skip
    return jia, typed


def test_what_is_written_is_checked_and_shown_beside_the_version_in_force(written):
    jia, typed = written
    assert "stab" in jia.get(reverse("console:plan_edit", args=["weapon"])).content.decode()
    page = press(jia, reverse("console:plan_edit_do", args=["weapon"]), **typed).content.decode()
    assert "<ins><bdi>60</bdi></ins>" in page
    assert "Level 1 asks for 19" in page
    assert "No partner desk nowhere here" in page
    refused = press(jia, reverse("console:plan_edit_do", args=["weapon"]), **{**typed, "name_zh": " "})
    assert (refused.status_code, "name_zh is" in refused.content.decode()) == (422, True)
    assert not PlanProposal.objects.exists()


def test_a_version_comes_into_force_only_when_another_person_approves_it(written, desk, town):
    jia, typed = written
    press(jia, reverse("console:plan_edit_do", args=["weapon"]), propose="1", **typed)
    row = PlanProposal.objects.get()
    approve = reverse("console:plan_proposal_do", args=[row.pk, "approve"])
    assert press(jia, approve).status_code == 409
    assert press(desk("ida"), approve).status_code == 403
    assert not ResponsePlan.objects.exists()
    role_grant(person=town.people["ada"], role="duty_leader", by=SYSTEM, at=now())
    ada = desk("ada")
    assert town.people["jia"].name in ada.get(reverse("console:plans")).content.decode()
    press(ada, approve)
    row.refresh_from_db()
    plan = ResponsePlan.objects.get(valid_to=None)
    assert (row.outcome, plan.key, plan.version, plan.content["levels"][0]["needs"][0]["count"]) == (
        "approved", "weapon", 2, 19,
    )  # fmt: skip
    assert press(ada, approve).status_code == 409


def test_a_version_written_from_one_that_is_over_is_not_put_into_force(written, desk, town):
    jia, typed = written
    press(jia, reverse("console:plan_edit_do", args=["weapon"]), propose="1", **typed)
    again = press(jia, reverse("console:plan_edit_do", args=["weapon"]), propose="1", **typed)
    assert again.status_code == 409
    row = PlanProposal.objects.get()
    PlanProposal.objects.update(base_version=9)
    role_grant(person=town.people["ada"], role="duty_leader", by=SYSTEM, at=now())
    assert press(desk("ada"), reverse("console:plan_proposal_do", args=[row.pk, "approve"])).status_code == 409
    press(jia, reverse("console:plan_proposal_do", args=[row.pk, "refuse"]))
    assert PlanProposal.objects.get().outcome == "refused"
    assert not ResponsePlan.objects.exists()


def test_a_plan_of_more_kinds_than_the_form_begins_with_loses_none(written):
    jia, typed = written
    many = {f"count-1-{row}": str(row) for row in range(1, 7)} | {f"able-1-{row}": "" for row in range(1, 7)}
    levels = {f"count-{level}-1": "9" for level in range(2, 6)}
    page = press(jia, reverse("console:plan_edit_do", args=["weapon"]), **typed | many | levels).content.decode()
    assert all(f'name="count-1-{row}" value="{row}"' in page for row in range(1, 7))
    assert 'name="count-1-7" value=""' in page
    assert 'name="count-5-1" value="9"' in page
