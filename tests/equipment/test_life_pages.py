"""What a keeper sees and does on the pages of a thing's life, and how little is loaded for it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from anlan.core.actor import SYSTEM
from anlan.core.clock import now
from anlan.equipment.models import Budget, CarePlan, Item, KitNeed, Repair, Scrapping
from anlan.equipment.services import booking_ask, care_plan_set, loan_issue, need_set

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(world):
    """``page("ida", "/equipment")`` looks, with fields it sends; the answer is followed."""

    def act(who, path, **fields):
        client = Client()
        client.force_login(world.people[who])
        if not fields:
            return client.get(path)
        key = f"{path}{sorted(fields.items())}{who}"[:60].ljust(20, "x")
        return client.post(path, fields | {"idempotency_key": key}, follow=True)

    return act


@pytest.fixture
def store(world, thing, baton):
    """A plan of care, and things old enough for it to be due; one lent and overdue."""
    then = now() - timedelta(days=40)
    plan = care_plan_set(model=baton, name="月检", every_days=30, checklist=["无裂纹"], by=SYSTEM, at=then)
    for nth in range(3):
        thing(f"B-{nth}")
    Item.objects.update(entered_at=then)
    loan_issue(item=Item.objects.get(number="B-2"), holder=world.people["eve"], by=SYSTEM, at=then)
    need_set(place=world.orgs["west"], kit="处突", model=baton, count=5, by=SYSTEM, at=then)
    return plan


def test_each_count_of_the_day_opens_to_what_it_counts(page, store):
    told = page("ida", "/equipment")
    strip = {one["name"]: one for one in told.context["strip"]}
    assert {name: one["n"] for name, one in strip.items() if one["n"]} == {"overdue": 1, "care_over": 3, "short": 1}
    assert page("ida", strip["overdue"]["url"]).context["total"] == 1
    assert sum(one.over for one in page("ida", strip["care_over"]["url"]).context["counts"]) == 3
    for one in strip.values():
        assert page("ida", one["url"]).status_code == 200


def test_what_others_ask_for_is_counted_and_a_link_away(page, world, store):
    eve, at = world.people["eve"], now()
    times = {"starts_at": at + timedelta(hours=1), "ends_at": at + timedelta(hours=2)}
    booking_ask(item=Item.objects.get(number="B-0"), person=eve, purpose="安保", by=SYSTEM, at=at, **times)
    strip = {one["name"]: one for one in page("ida", "/equipment").context["strip"]}
    assert (strip["bookings"]["n"], strip["transfers"]["n"]) == (1, 0)
    assert len(page("ida", strip["bookings"]["url"]).context["waiting"]) == 1
    assert page("ida", strip["transfers"]["url"]).status_code == 200


def test_the_day_asks_no_more_of_the_store_for_thirty_things_than_for_three(page, store, thing):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert page("ida", "/equipment").status_code == 200
        return len(asked)

    queries()
    few = queries()
    for nth in range(30):
        thing(f"D-{nth}")
    Item.objects.update(entered_at=now() - timedelta(days=40))
    assert queries() == few <= 45


def test_things_are_inspected_by_the_list_of_their_plan(page, store):
    asked = page("ida", f"/equipment/inspect/{store.pk}")
    assert [item.number for item, _ in asked.context["rows"]] == ["B-0", "B-1"]
    assert [due.item.number for due in asked.context["elsewhere"]] == ["B-2"]
    told = page("ida", f"/equipment/inspect/{store.pk}/found", looked=["B-0", "B-1"], **{"0:B-1": "on"})
    assert [(one["number"], one["is_fit"]) for one in told.context["told"]] == [("B-0", True), ("B-1", False)]
    assert Repair.objects.get().fault == "无裂纹"


def test_from_repair_to_a_printed_record_of_destruction(page, world, store):
    page("ida", "/equipment/items/B-0/repair", fault="断裂")
    order = Repair.objects.get()
    page("ida", f"/equipment/repairs/{order.pk}", fixed="no", cost_yuan="30")
    row = Scrapping.objects.get()
    assert "断裂".encode() in page("jia", "/equipment/scrapping").content
    page("jia", f"/equipment/scrapping/{row.pk}/decide", approved="yes")
    record = page("ida", f"/equipment/scrapping/{row.pk}/destroy", method="熔毁", witness="jia")
    assert record.redirect_chain[-1][0] == f"/equipment/scrapping/{row.pk}"
    assert "熔毁".encode() in record.content
    assert Item.objects.get(number="B-0").state == "scrapped"


def test_plans_needs_lives_and_budgets_are_set_on_their_pages(page, world, baton):
    page("ida", "/equipment/care/plans/set", kind="baton", name="年检", every_days="365", checklist="外观\n\n弹簧")
    plan = CarePlan.objects.get()
    assert plan.checklist == ["外观", "弹簧"]
    page("ida", f"/equipment/care/plans/{plan.pk}/stop", stop="1")
    assert not CarePlan.objects.get().is_active
    page("ida", "/equipment/care/life", kind="baton", life_years="5", price_yuan="120")
    baton.refresh_from_db()
    assert (baton.life_years, baton.life_uses, baton.price_yuan) == (5, None, 120)
    page("ida", "/equipment/plan/needs", place="west", kit="处突", kind="baton", count="4")
    assert KitNeed.objects.get().count == 4
    page("jia", "/equipment/plan/budgets", place="bureau", year="2027", amount_yuan="5000")
    assert Budget.objects.get().amount_yuan == 5000


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/equipment/care/life", {"kind": "baton", "life_years": "五"}),
        ("/equipment/care/life", {"kind": "none"}),
        ("/equipment/care/life", {"kind": "\0"}),
        ("/equipment/plan/needs", {"place": "west", "kit": "x", "kind": "baton", "count": "-1"}),
        ("/equipment/plan/needs", {"place": "nowhere", "kit": "x", "kind": "baton", "count": "1"}),
        ("/equipment/care/plans/set", {"kind": "baton", "name": "x"}),
    ],
)
def test_nonsense_is_refused_with_words(page, baton, path, fields):
    assert page("ida", path, **fields).status_code == 422


@pytest.mark.parametrize(
    "query", ["on=2026-13-45", "on=9999-12-31", "year=99999999999&kind=x", "go=%00+%27", "on=&go=&year=&kind="]
)
def test_an_address_with_nonsense_shows_today(page, store, query):
    assert page("ida", f"/equipment/plan?{query}").status_code == 200
    assert page("ida", f"/equipment/lent?page=-3&show=x&{query}").status_code == 200
    assert page("ida", f"/equipment/items/B-0?before=x&{query}").status_code == 200


def test_the_plan_page_says_what_a_station_is_short_of(page, world, store, thing, baton):
    told = page("ida", f"/equipment/plan?on={date(2026, 5, 1)}&go=B-0 B-1")
    assert [row.short for row in told.context["fielded"]] == [4]
    assert len(told.context["if_so"].sentences) == 1
