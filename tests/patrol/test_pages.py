"""The pages: one click makes a plan, a leader signs it, the crew sees where to go next and why."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from anlan.patrol import pages
from anlan.patrol.models import PatrolPlan
from patrol.conftest import SHIFT

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def as_(patrol, monkeypatch):
    """``as_("jia")`` is a browser of somebody's, at the time the tiny county lives in."""
    monkeypatch.setattr(pages, "now", lambda: SHIFT[0])

    def sign_in(name):
        client = Client()
        client.cookies["anlan_language"] = "en"
        client.force_login(patrol.world.people[name])
        return client

    return sign_in


def post(client, url, **data):
    return client.post(url, {**data, "idempotency_key": str(uuid4())})


ASKED = {"organisation": "west", "starts_at": "2026-03-02T10:00", "ends_at": "2026-03-02T18:00"}


def test_one_click_makes_the_plan_of_a_shift(as_):
    jia = as_("jia")
    assert b"Make the plan" in jia.get("/patrol").content
    made = post(jia, "/patrol/new", **ASKED)
    plan = PatrolPlan.objects.get()
    assert (made.status_code, made.url) == (302, f"/patrol/plans/{plan.pk}")
    page = jia.get(made.url).content.decode()
    assert "实验小学" in page
    assert "calls came from here in the past year" in page
    assert "Drawn by lot among" in page
    assert "<polyline" in page
    assert (plan.starts_at, plan.is_searching) == (SHIFT[0], True)


def test_from_the_signature_to_the_crews_next_stop(as_, patrol):
    plan = patrol.plan()
    jia, eve = as_("jia"), as_("eve")
    for deed in ("approve", "publish"):
        assert post(jia, f"/patrol/plans/{plan.pk}/{deed}").status_code == 302
    route = plan.routes.get(unit=patrol.world.units["P-01"])
    assert "Take this route" in eve.get("/patrol/mine").content.decode()
    post(eve, f"/patrol/routes/{route.pk}/accept")
    first = route.stops.order_by("position").first()
    post(eve, f"/patrol/stops/{first.pk}/visited", reason="on_foot")
    first.refresh_from_db()
    assert first.state == "dwelt"
    second = route.stops.filter(state="due").order_by("position").first()
    post(eve, f"/patrol/stops/{second.pk}/missed", reason="weather")
    assert "told by hand" in jia.get(f"/patrol/plans/{plan.pk}").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"starts_at": "soon"}, {"starts_at": "2026-99-99T00:00"}, {"stop_s": "long"}, {"ends_at": "2026-03-01T10:00"}],
)
def test_what_can_not_be_read_is_told_and_nothing_is_kept(as_, wrong):
    answer = post(as_("jia"), "/patrol/new", **{**ASKED, **wrong})
    assert answer.status_code == 422
    assert not PatrolPlan.objects.exists()


def test_next_door_and_other_roles_stay_out(as_, patrol):
    plan = patrol.plan()
    assert as_("cleo").get(f"/patrol/plans/{plan.pk}").status_code == 404
    assert as_("ben").get("/patrol").status_code == 403
    assert post(as_("ida"), f"/patrol/plans/{plan.pk}/approve").status_code == 403
    assert post(as_("jia"), f"/patrol/plans/{plan.pk}/burn").status_code == 404
    assert timedelta(hours=8) == pages.SHIFT
