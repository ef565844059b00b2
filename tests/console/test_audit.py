"""The reviewer's page: agree or change, by keyboard, by those who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from anlan.core.clock import now
from anlan.intake.services import incident_tag_confirm
from console.conftest import press

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def said(town, take):
    """A P1 matter whose cause an officer named a moment ago."""
    incident = take("店里打架", code="0201", priority="P1")
    at = now() - timedelta(seconds=5)
    return incident_tag_confirm(incident=incident, dimension="cause", value="noise", by=town.actor("eve", at), at=at)


def page(client):
    return client.get(reverse("console:tags_audit"))


def audited(said):
    row = type(said).objects.get(dimension="cause", incident=said.incident, superseded_by=None)
    return row.value, row.state


def test_a_reviewer_agrees_and_the_label_leaves_the_list(said, desk):
    assert said.incident.number in page(desk("ida")).content.decode()
    press(desk("ida"), reverse("console:tag_audit_do", args=[said.pk]), deed="agree", value="pet")
    assert audited(said) == ("noise", "audited")
    assert f"/console/tags/audit/{said.pk}" not in page(desk("ida")).content.decode()


def test_a_reviewer_says_which_holds_instead(said, desk):
    press(desk("ida"), reverse("console:tag_audit_do", args=[said.pk]), deed="change", value="pet")
    assert audited(said) == ("pet", "audited")


def test_changing_to_nothing_is_refused(said, desk):
    url = reverse("console:tag_audit_do", args=[said.pk])
    assert press(desk("ida"), url, deed="change").status_code == 422
    assert press(desk("ida"), url, deed="shrug").status_code == 422
    assert audited(said) == ("noise", "confirmed")


@pytest.mark.parametrize(("name", "status"), [("ida", 200), ("jia", 200), ("ada", 403), ("ben", 403), ("gus", 403)])
def test_the_page_opens_for_reviewers_only(said, desk, name, status):
    assert page(desk(name)).status_code == status


def test_a_reviewer_next_door_finds_an_empty_list_and_no_such_label(said, desk):
    assert "No tags to review." in page(desk("cleo")).content.decode()
    answer = press(desk("cleo"), reverse("console:tag_audit_do", args=[said.pk]), deed="agree")
    assert answer.status_code == 404


def test_every_control_is_a_native_one_with_a_name(said, desk):
    html = page(desk("ida")).content.decode()
    assert f'<label class="small" for="v-{said.pk}">' in html
    assert f'<select id="v-{said.pk}" name="value">' in html
    assert '<button class="btn main" name="deed" value="agree">Agree</button>' in html


def test_the_page_speaks_chinese(said, desk):
    ida = desk("ida")
    ida.cookies["anlan_language"] = "zh-hans"
    html = page(ida).content.decode()
    assert "标签审核" in html
    assert "同意" in html


def test_the_station_board_leads_reviewers_there(said, desk):
    link = reverse("console:tags_audit")
    assert link in desk("ida").get(reverse("console:station")).content.decode()
    assert link not in desk("gus").get(reverse("console:station")).content.decode()
