"""Whoever asks the parties of a closed file sees nothing of the file until both sides are through."""

from __future__ import annotations

import pytest

from anlan.accounts.services import person_add, role_grant, token_issue
from anlan.console.selectors.disputes import earlier_of_incident
from anlan.core.actor import SYSTEM
from anlan.core.errors import NotFound
from anlan.disputes.models import DisputeFile, FileIncident, FileRevisit, LevelChange, Push
from anlan.disputes.revisit_errors import AskedBlindly
from anlan.disputes.selectors import earlier_of, file_for
from anlan.disputes.services import file_close, file_follow_up
from anlan.disputes.services.revisits import revisit_assign, revisit_call_record, revisit_draw
from anlan.reports.selectors import kpi_some
from disputes.quarrel import later, opened, people_come
from world import PASSWORD, T0

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("seen_at_once")]


@pytest.fixture
def west(world, taxonomy):
    """Noa analyses at the bureau and asks the parties of one file; of another she does not."""
    people_come(world)
    world.people["noa"] = person_add(
        username="noa", name="诺亚", organisation=world.orgs["bureau"], password=PASSWORD, by=SYSTEM, at=T0
    )
    role_grant(person=world.people["noa"], role="analyst", by=SYSTEM, at=T0)
    return world


@pytest.fixture
def other(west):
    return opened(west)


@pytest.fixture
def asked(west):
    file = opened(west)
    LevelChange.objects.create(file=file, at=T0, level="red", version="test")
    file_follow_up(file=file, by=SYSTEM, at=T0)
    file_close(file=file, result="settled_follow_up", by=SYSTEM, at=later(hours=2))
    revisit = revisit_draw(file=file, by=SYSTEM, at=later(hours=2))
    revisit_assign(revisit=revisit, person=west.people["noa"], by=west.actor("gus"), at=later(hours=3))
    return file


def test_her_lists_leave_the_file_out_and_its_page_says_why(west, asked, other):
    noa = west.actor("noa")
    assert list(DisputeFile.objects.visible_to(noa)) == [other]
    assert not Push.objects.visible_to(noa).filter(file=asked).exists()
    with pytest.raises(AskedBlindly) as refused:
        file_for(noa, asked.pk)
    revisit = FileRevisit.objects.get(file=asked)
    assert f"open revisit {revisit.pk}" in str(refused.value)
    with pytest.raises(AskedBlindly):
        Push.objects.one_for(noa, pk=Push.objects.filter(file=asked).first().pk)
    with pytest.raises(NotFound):
        file_for(noa, 0)
    assert file_for(noa, other.pk) == other


def test_everybody_else_sees_it(west, asked):
    assert file_for(west.actor("gus"), asked.pk) == asked
    assert list(DisputeFile.objects.visible_to(SYSTEM)) == [asked]


def test_a_report_of_the_quarrel_tells_her_nothing_of_the_file(west, asked):
    incident = FileIncident.objects.get(file=asked).incident
    gus, noa = west.actor("gus"), west.actor("noa")
    assert earlier_of(incident, by=gus) is not None
    assert earlier_of(incident, by=noa) is None
    assert len(earlier_of_incident(incident.pk, by=gus)) == 1
    assert earlier_of_incident(incident.pk, by=noa) == []


def test_page_list_and_door_are_shut_to_her(west, asked, other, client):
    client.force_login(west.people["noa"])
    client.cookies["anlan_language"] = "en"
    page = client.get(f"/disputes/{asked.number}")
    assert page.status_code == 403
    assert "whoever asks knows nothing of the file" in page.content.decode()
    assert client.get(f"/disputes/{asked.number}/table").status_code == 403
    listed = client.get("/disputes?tab=over").content.decode()
    assert asked.number not in listed
    secret = token_issue(person=west.people["noa"], label="test", by=SYSTEM, at=T0)
    head = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    client.logout()
    answer = client.get(f"/api/disputes/{asked.pk}", **head)
    assert (answer.status_code, answer.json()["code"]) == (403, "asked_blindly")
    assert client.get(f"/api/disputes/{asked.pk}/mediations", **head).status_code == 403
    assert client.get(f"/api/disputes/{other.pk}", **head).status_code == 200


def test_when_both_sides_are_through_the_file_opens_to_her(west, asked):
    revisit, noa = FileRevisit.objects.get(file=asked), west.actor("noa")
    for side in ("a", "b"):
        revisit_call_record(revisit=revisit, side=side, outcome="gone", by=noa, at=later(hours=4))
    assert file_for(noa, asked.pk) == asked


def test_figures_do_not_hang_on_who_looks(west, asked):
    span = {"start": later(days=-1), "end": later(days=2), "organisation": None}
    key = "file_settled"
    seen = [kpi_some(west.actor(name), [key], **span)[key] for name in ("gus", "noa")]
    assert seen[0] == seen[1]
