"""The page of who asks, and the page of disputes in figures."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from anlan.accounts.services import person_add, role_grant
from anlan.citizen.models import RatingInvite
from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.core.models import ViewLog
from anlan.dispatch.models import Feedback
from anlan.disputes.closing_handlers import file_closings_follow
from anlan.disputes.models import DisputeFile, FileClosing, FileRevisit, LevelChange
from anlan.disputes.services import file_close, file_follow_up, file_open, party_add
from anlan.intake.models import Incident
from console.conftest import press
from world import PASSWORD

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("seen_at_once")]
SAID = {"settled": "yes", "performed": "yes", "again": "no", "heard": "yes", "rating": "5"}


@pytest.fixture
def revisit(town, take):
    """A leak over which two families fell out: red once, closed as settled; Noa, who analyses, has no part in it."""
    at = now() - timedelta(minutes=2)
    town.people["noa"] = person_add(
        username="noa", name="诺亚", organisation=town.orgs["bureau"], password=PASSWORD, by=SYSTEM, at=at
    )
    role_grant(person=town.people["noa"], role="analyst", by=SYSTEM, at=at)
    file = file_open(incident=take("楼上漏水两家吵架", minutes=3, code="0402"), by=SYSTEM, at=at)
    party_add(file=file, role="a", name="张三", phone="13800000001", by=SYSTEM, at=at)
    LevelChange.objects.create(file=file, at=at, level="red", version="test")
    if file.state == "open":
        file_follow_up(file=file, by=SYSTEM, at=at)
    file_close(file=file, result="settled_follow_up", by=SYSTEM, at=now())
    while file_closings_follow(at=now()):
        pass
    return FileRevisit.objects.get(file=file)


def test_the_chief_gives_it_out_and_who_asks_never_sees_what_the_unit_said(desk, revisit):
    chief, noa = desk("gus"), desk("noa")
    page = reverse("console:dispute_revisit", args=[revisit.pk])
    assert noa.get(page).status_code == 404
    listed = chief.get(reverse("console:dispute_revisits")).content.decode()
    assert revisit.file.number in listed
    do = reverse("console:dispute_revisit_do", args=[revisit.pk, "assign"])
    person = FileRevisit.objects.model.assigned_to.field.related_model.objects.get(username="noa")
    assert press(chief, do, person=person.pk).status_code == 302
    shown = noa.get(page).content.decode()
    assert "Is the quarrel settled, as you see it?" in shown
    assert "settled in follow-up" not in shown
    party = press(noa, reverse("console:dispute_revisit_party", args=[revisit.pk, "a"])).content.decode()
    assert "13800000001" in party
    assert ViewLog.objects.filter(purpose="revisit").count() == 1
    call = reverse("console:dispute_revisit_do", args=[revisit.pk, "call"])
    press(noa, call, side="a", script="2026-1", outcome="answered", **SAID)
    press(noa, call, side="b", outcome="gone")
    shown = noa.get(page).content.decode()
    assert "settled in follow-up" in shown
    assert DisputeFile.objects.get(pk=revisit.file_id).state == "rated"


def test_the_figures_of_disputes_open_to_files_and_refuse_to_rank_a_handful(desk, revisit):
    file = revisit.file
    for k in range(40):
        at = now() - timedelta(days=200 - k)
        copy = DisputeFile.objects.get(pk=file.pk)
        copy.pk, copy.number, copy.opened_at, copy.closed_at = None, f"D-F{k}", at - timedelta(days=2), at
        copy.save()
        back = {
            "end_kind": "came_back",
            "ended_at": at + timedelta(days=9),
            "ended_day": (at + timedelta(days=9)).date(),
        }
        FileClosing.objects.create(
            file=copy, event_id=900_000 + k, opened_at=copy.opened_at, closed_at=at, closed_day=at.date(),
            result="settled_follow_up", code="0402", level="blue", track=("police", "community")[k % 8 == 0],
            push_level=2, station=copy.station, **(back if k % 4 == 0 else {}),
        )  # fmt: skip
    page = desk("gus").get(reverse("console:dispute_figures")).content.decode()
    assert "41 closings, 10 came back" in page
    assert re.search(r"community: n = [56], fewer than 30, cannot tell\.", page)
    assert "No order is given" in page
    assert reverse("console:kpi_records", args=["back_30"]) in page
    listed = desk("gus").get(reverse("console:kpi_records", args=["back_30"]) + "?from=2020-01-01")
    assert "D-F36" in listed.content.decode()


ORDERED = (
    "divert_rate", "joint_rate", "onsite_rate", "repeat_rate", "push_1", "push_1_settled", "push_2",
    "push_2_settled", "push_3", "push_3_settled", "file_settled", "loop_close", "back_30", "back_90", "back_180",
)  # fmt: skip


def test_every_figure_that_was_ordered_stands_there_with_counts_and_edition_and_opens(desk, revisit):
    gus = desk("gus")
    page = gus.get(reverse("console:dispute_figures")).content.decode()
    for key in ORDERED:
        at = reverse("console:kpi_records", args=[key])
        line = re.search(rf'class="figure" href="{at}\?[^"]*">.*?</tr>', page, re.DOTALL)
        assert line, key
        assert re.search(r'class="parts">[^<]*v\d', line.group()), key
        assert re.search(r'<td class="r num">\d+</td>', line.group()), key
        assert gus.get(at).status_code == 200


def test_who_is_asked_is_compared_by_unit_with_its_counts_and_too_few_are_said_to_be(desk, town):
    at = now() - timedelta(days=2)
    for k in range(80):
        rough = k >= 40
        row = Incident.objects.create(
            number=f"ask-{k}", code="0402", priority="P3", priority_rule="type", track="P", track_rule="type",
            state="closed", state_since=at, received_at=at, closed_at=at,
            station=town.orgs["west"], holder=town.orgs["west"],
        )  # fmt: skip
        result = "cannot_handle" if rough else "settled_on_site"
        Feedback.objects.create(incident=row, code="0402", priority="P3", result=result, filed_at=at)
        RatingInvite.objects.create(
            incident=row, closing=at, rule="closed", asked_at=at, expires_at=at + timedelta(days=7),
            holder=town.orgs["west"], not_asked="no_number" if rough else "",
        )  # fmt: skip
    shown = desk("gus").get(reverse("console:dispute_asking")).content.decode()
    assert "40/40 · 0/40" in shown
    assert "2 looks need more cases" in shown
    assert "asking-1" in shown
    assert desk("cleo").get(reverse("console:dispute_asking")).content.decode().count("40/40") == 0
