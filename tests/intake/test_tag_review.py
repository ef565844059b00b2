"""Which labels a reviewer is shown, and who may review: urgent matters all, of the rest a tenth by lot."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from anlan.accounts.services import role_grant, token_issue
from anlan.core.actor import SYSTEM
from anlan.core.permissions import permission_table
from anlan.intake.models import IncidentTag
from anlan.intake.selectors import is_drawn_for_review, tags_to_review
from anlan.intake.services import incident_tag_audit, incident_tag_confirm
from world import T0

LATER = T0 + timedelta(minutes=10)
NOISE = {"narrative": "楼上邻居半夜唱歌", "code": "0402"}


@pytest.fixture
def say(take, ben):
    """``say("P1")``: a matter of that priority whose cause an officer has named."""

    def act(priority, *, lon=120.05):
        incident = take(**NOISE, priority=priority, lon=lon).incident
        assert incident.priority == priority
        return incident_tag_confirm(incident=incident, dimension="cause", value="noise", by=ben, at=LATER)

    return act


@pytest.fixture
def ida(county):
    return county.actor("ida")


def shown(actor, at=LATER):
    return {(row.incident.priority, row.incident.number) for row in tags_to_review(actor, at=at)}


def test_every_label_of_an_urgent_matter_is_reviewed_and_the_rest_as_the_lot_says(say, ida):
    said = [say(priority) for priority in ("P1", "P2", *["P3"] * 30)]
    wanted = {
        (row.incident.priority, row.incident.number)
        for row in said
        if row.incident.priority != "P3" or is_drawn_for_review(row.incident.number)
    }
    assert shown(ida) == wanted


def test_about_a_tenth_is_drawn_and_the_same_tenth_when_asked_again():
    numbers = [f"A20260302{n:05d}" for n in range(4000)]
    drawn = [number for number in numbers if is_drawn_for_review(number)]
    assert 300 < len(drawn) < 500
    assert drawn == [number for number in numbers if is_drawn_for_review(number)]


def test_what_is_only_suggested_or_reviewed_or_older_than_a_day_is_not_shown(take, say, ida):
    take(narrative="有人持刀砍人", code="0201")
    row = say("P1")
    assert len(shown(ida)) == 1
    assert shown(ida, at=LATER + timedelta(hours=25)) == set()
    incident_tag_audit(tag=row, by=ida, at=LATER)
    assert shown(ida) == set()


def test_a_reviewer_sees_the_labels_of_the_own_area_only(county, say, ida):
    say("P1")
    assert shown(ida)
    assert shown(county.actor("cleo")) == set()


def test_a_label_that_was_withdrawn_can_be_agreed_with(say, ida, ben):
    row = say("P1")
    none = IncidentTag.objects.create(
        incident=row.incident, dimension="means", value="", state="corrected", source="officer", set_at=LATER
    )
    assert incident_tag_audit(tag=none, by=ida, at=LATER).value == ""


@pytest.fixture
def ask(county, client):
    def act(name, method, path, body=None, key="k"):
        token = token_issue(person=county.people[name], label="tests", by=SYSTEM, at=T0)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        if method == "get":
            return client.get(f"/api{path}", headers=headers)
        return client.post(f"/api{path}", json.dumps(body or {}), content_type="application/json", headers=headers)

    return act


ROLES = ["ada", "ben", "dan", "eve", "finn", "gus", "hua", "ida", "jia", "kai"]


@pytest.mark.parametrize("name", ROLES)
def test_who_may_review_is_what_the_table_of_roles_says(name, say, ask, county):
    row = say("P1")
    may = bool(county.actor(name).roles & permission_table()["intake.tags_audit"])
    assert may == (name in ("ida", "jia"))
    assert ask(name, "get", "/tags/review").status_code == (200 if may else 403)
    assert ask(name, "post", f"/tags/{row.pk}/audit").status_code == (200 if may else 403)
    row.refresh_from_db()
    assert (row.superseded_by_id is not None) == may


def test_an_analyst_reviews_too(county, say, ask):
    role_grant(person=county.people["hua"], role="analyst", by=SYSTEM, at=T0)
    row = say("P1")
    answer = ask("hua", "post", f"/tags/{row.pk}/audit", {"value": "pet"}).json()
    assert (answer["value"], answer["state"], answer["source"]) == ("pet", "audited", "reviewer")


def test_a_label_next_door_is_as_good_as_none(say, ask):
    assert ask("cleo", "post", f"/tags/{say('P1').pk}/audit").status_code == 404


def test_a_value_that_is_not_in_the_list_is_refused(say, ask):
    assert ask("ida", "post", f"/tags/{say('P1').pk}/audit", {"value": "moon"}).status_code == 422
