"""Editor, live page, end of shift: what they show, what they take, and who stays out."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.patrol import pages
from anlan.patrol.models import PatrolPlan, PatrolStop
from anlan.patrol.services import patrol_plan_approve, patrol_plan_publish, patrol_route_accept, patrol_stop_confirm
from patrol.conftest import SHIFT
from patrol.test_pages import as_, post  # noqa: F401
from world import T0

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def in_the_shift(monkeypatch):
    for module in (pages, pages.editor, pages.shift):
        monkeypatch.setattr(module, "now", lambda: SHIFT[0] + timedelta(hours=1))


def test_the_editor_moves_locks_and_undoes_by_plain_forms(as_, patrol):  # noqa: F811
    plan, jia = patrol.plan(), as_("jia")
    one, other = plan.routes.order_by("unit__call_sign")
    stop = one.stops.exclude(kind="meal").first()
    page = jia.get(f"/patrol/plans/{plan.pk}/edit").content.decode()
    assert "every rule holds" in page
    assert f'id="stop-{stop.pk}"' in page
    change = f"/patrol/plans/{plan.pk}/change"
    moved = post(jia, f"{change}/move", stop=stop.pk, route=other.pk, place="", edition=0)
    assert (moved.status_code, moved.url) == (302, f"/patrol/plans/{plan.pk}/edit#stop-{stop.pk}")
    stop.refresh_from_db()
    assert stop.route_id == other.pk
    assert "Undo: a stop was moved" in jia.get(f"/patrol/plans/{plan.pk}/edit").content.decode()
    assert post(jia, f"{change}/lock", stop=stop.pk, edition=0).status_code == 409
    assert post(jia, f"{change}/undo", edition=1).status_code == 302
    stop.refresh_from_db()
    assert stop.route_id == one.pk
    assert post(jia, f"{change}/move", stop="x", route=other.pk).status_code == 422
    place = {"lon": "120.085", "lat": "28.902", "minutes": 10, "reason": "event", "route": "", "edition": 2}
    added = post(jia, f"{change}/add", **place)
    hand = PatrolStop.objects.get(route__plan=plan, kind="hand")
    assert added.url == f"/patrol/plans/{plan.pk}/edit#stop-{hand.pk}"
    page = jia.get(f"/patrol/plans/{plan.pk}/edit").content.decode()
    assert "What it costs: +" in page
    assert "Added by hand" in jia.get(f"/patrol/plans/{plan.pk}").content.decode()
    assert post(jia, f"{change}/remove", stop=hand.pk, edition=3).status_code == 302
    assert post(jia, f"{change}/add", **{**place, "lon": "east", "edition": 4}).status_code == 422


def test_the_same_form_sent_twice_moves_a_stop_once(as_, patrol):  # noqa: F811
    plan, jia = patrol.plan(), as_("jia")
    one, other = plan.routes.order_by("unit__call_sign")
    stop = one.stops.exclude(kind="meal").first()
    form = {"stop": stop.pk, "route": other.pk, "edition": 0, "idempotency_key": "twice"}
    answers = [jia.post(f"/patrol/plans/{plan.pk}/change/move", form).status_code for _ in range(2)]
    assert answers == [302, 302]
    assert PatrolPlan.objects.get(pk=plan.pk).edition == 1


def test_who_may_only_look_sees_no_buttons_and_presses_none(as_, patrol):  # noqa: F811
    plan = patrol.plan()
    eve = as_("eve")
    assert "row-form" not in eve.get(f"/patrol/plans/{plan.pk}/edit").content.decode()
    assert post(eve, f"/patrol/plans/{plan.pk}/change/undo").status_code == 403
    for part in ("edit", "live", "over", "stops"):
        assert as_("cleo").get(f"/patrol/plans/{plan.pk}/{part}").status_code == 404
    assert as_("cleo").get(f"/patrol/compare?a={plan.pk}&b={plan.pk}").status_code == 404
    assert as_("jia").get("/patrol/compare?a=soon").status_code == 422


def test_two_plans_stand_side_by_side(as_, patrol):  # noqa: F811
    a, b = patrol.plan(), patrol.plan(seed=9)
    page = as_("jia").get(f"/patrol/compare?a={a.pk}&b={b.pk}").content.decode()
    assert "Kilometres by road" in page
    assert "+0.0" not in page, "a plan beside itself has nothing more"
    assert ">0.00<" in page


def test_live_and_end_of_shift_open_to_their_stops(as_, patrol):  # noqa: F811
    plan = patrol.plan()
    patrol_plan_approve(plan=plan, by=patrol.jia, at=T0)
    patrol_plan_publish(plan=plan, by=patrol.jia, at=T0)
    route = plan.routes.get(unit__call_sign="P-01")
    patrol_route_accept(route=route, by=SYSTEM, at=SHIFT[0])
    first = route.stops.exclude(kind="meal").order_by("position").first()
    patrol_stop_confirm(stop=first, by=SYSTEM, at=SHIFT[0], reason="nearby")
    PatrolStop.objects.filter(route__unit__call_sign="P-02", kind="must").update(state="missed", reason="shift_over")
    jia = as_("jia")
    page = jia.get(f"/patrol/plans/{plan.pk}/live").content.decode()
    assert "P-01" in page
    assert "Late by" in page
    part = jia.get(f"/patrol/plans/{plan.pk}/live", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    over = jia.get(f"/patrol/plans/{plan.pk}/over").content.decode()
    links = set(re.findall(rf"/patrol/plans/{plan.pk}/stops\?[^\"]+", over))
    assert any("state=settled" in link for link in links)
    for link in links:
        assert jia.get(link.replace("&amp;", "&")).status_code == 200
    by_hand = jia.get(f"/patrol/plans/{plan.pk}/stops?how=hand").content.decode()
    assert by_hand.count("<tr data-row") == 1
    assert "by hand" in by_hand


def test_a_miss_is_explained_on_the_page_at_the_end_of_the_shift(as_, patrol):  # noqa: F811
    plan = patrol.plan()
    stop = PatrolStop.objects.filter(route__plan=plan, kind="random").first()
    PatrolStop.objects.filter(pk=stop.pk).update(state="missed", reason="shift_over")
    jia = as_("jia")
    assert f"/patrol/stops/{stop.pk}/explain" in jia.get(f"/patrol/plans/{plan.pk}/over").content.decode()
    answer = post(jia, f"/patrol/stops/{stop.pk}/explain", reason="weather")
    assert (answer.status_code, answer.url) == (302, f"/patrol/plans/{plan.pk}/over")
    assert PatrolStop.objects.get(pk=stop.pk).reason == "weather"
    assert post(jia, f"/patrol/stops/{stop.pk}/explain", reason="shift_over").status_code == 422
