"""Care comes due by days, uses or rounds; damaged, repaired, scrapped before a witness; short by so many on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.errors import BadInput, WrongState
from anlan.equipment.errors import AnotherPersonNeeded
from anlan.equipment.life_rules import hours_of, life_end
from anlan.equipment.models import Item, ItemModel, Repair, Scrapping
from anlan.equipment.pages.plan import day_named
from anlan.equipment.selectors import care_due_of, held_of_kinds, item_for, readiness, replacement_plan
from anlan.equipment.services import (
    care_plan_set,
    inspection_record,
    item_add,
    item_used,
    loan_issue,
    loan_return,
    model_add,
    need_set,
    repair_end,
    repair_order,
    scrap_decide,
    scrap_destroy,
)
from world import T0

HOUR = timedelta(hours=1)


def test_a_life_that_began_on_a_leap_day_ends_on_the_28th():
    assert life_end(date(2024, 2, 29), 5) == date(2029, 2, 28)
    assert life_end(None, 5) is life_end(date(2024, 2, 29), None) is None


def test_the_hour_somebody_gives_back_is_free_for_the_next():
    assert len(hours_of(T0, T0 + HOUR)) == 1
    assert set(hours_of(T0, T0 + HOUR)).isdisjoint(hours_of(T0 + HOUR, T0 + 2 * HOUR))


@pytest.mark.django_db
def test_a_thing_has_several_plans_and_an_inspection_resets_its_own(world, thing, baton):
    thing("B-1")
    monthly = care_plan_set(model=baton, name="月检", every_days=30, checklist=["无裂纹"], by=SYSTEM, at=T0)
    worn = care_plan_set(model=baton, name="百次保养", every_uses=100, by=SYSTEM, at=T0)
    item, ida, later = item_for(SYSTEM, "B-1"), world.actor("ida"), T0 + timedelta(days=31)
    assert [due.plan for due in care_due_of(ida, at=later)] == [monthly]
    item_used(item=item, uses=100, by=ida, at=T0)
    assert {due.plan for due in care_due_of(ida, at=later)} == {monthly, worn}
    inspection_record(item=item, plan=monthly, failed=[], by=ida, at=later)
    assert [due.plan for due in care_due_of(ida, at=later)] == [worn]
    with pytest.raises(BadInput):
        inspection_record(item=item, plan=worn, failed=["无裂纹"], by=ida, at=later)


@pytest.mark.django_db
def test_damaged_is_inspected_repaired_inspected_and_back(world, thing, baton):
    thing("B-1")
    plan = care_plan_set(model=baton, name="月检", every_days=30, checklist=["无裂纹"], by=SYSTEM, at=T0)
    item, ida = item_for(SYSTEM, "B-1"), world.actor("ida")
    loan_return(loan=loan_issue(item=item, holder=world.people["eve"], by=ida, at=T0), is_damaged=True, by=ida, at=T0)
    inspection_record(item=item, plan=plan, failed=["无裂纹"], by=ida, at=T0 + HOUR)
    assert Item.objects.get(pk=item.pk).state == "repair"
    repair_end(repair=Repair.objects.get(), is_fixed=True, cost_yuan=80, by=ida, at=T0 + 2 * HOUR)
    item = item_for(SYSTEM, "B-1")
    assert item.state == "inspection"
    inspection_record(item=item, plan=plan, failed=[], by=ida, at=T0 + 3 * HOUR)
    assert item_for(SYSTEM, "B-1").state == "in_store"


@pytest.mark.django_db
def test_beyond_repair_is_scrapped_by_two_people_before_a_witness(world, thing):
    item, ida, jia = thing("B-1"), world.actor("ida"), world.actor("jia")
    repair_end(repair=repair_order(item=item, fault="断裂", by=ida, at=T0), is_fixed=False, by=ida, at=T0)
    row = Scrapping.objects.get()
    with pytest.raises(WrongState):
        scrap_destroy(scrapping=row, method="熔毁", witness=world.people["jia"], by=ida, at=T0)
    scrap_decide(scrapping=row, is_approved=True, by=jia, at=T0)
    with pytest.raises(AnotherPersonNeeded):
        scrap_destroy(scrapping=row, method="熔毁", witness=world.people["ida"], by=ida, at=T0)
    scrap_destroy(scrapping=row, method="熔毁", witness=world.people["jia"], by=ida, at=T0)
    assert (item_for(SYSTEM, "B-1").state, row.witness_id) == ("scrapped", jia.id)


@pytest.mark.django_db
def test_who_proposes_scrapping_does_not_approve_it(world, thing):
    jia = world.actor("jia")
    item = thing("B-1")
    repair_end(repair=repair_order(item=item, fault="断裂", by=jia, at=T0), is_fixed=False, by=jia, at=T0)
    with pytest.raises(AnotherPersonNeeded):
        scrap_decide(scrapping=Scrapping.objects.get(), is_approved=True, by=jia, at=T0)


@pytest.fixture
def vests(world):
    """Twelve vests that end on 1 May 2027 and three that don't; the station needs twelve."""
    vest = model_add(code="vest", name="防刺服", by=SYSTEM, at=T0)
    ItemModel.objects.filter(pk=vest.pk).update(life_years=5, price_yuan=900, load_kind="vest")
    need_set(place=world.orgs["west"], kit="处突", model=vest, count=12, by=SYSTEM, at=T0)
    for nth in range(15):
        day = date(2022, 5, 1) if nth < 12 else date(2025, 1, 1)
        item_add(number=f"V-{nth:02d}", model=vest, owner=world.orgs["west"], bought_on=day, by=SYSTEM, at=T0)
    return vest


@pytest.mark.django_db
def test_if_twelve_vests_go_on_the_first_of_may_the_station_is_nine_short(world, vests):
    ida = world.actor("ida")
    assert [row.short for row in readiness(ida, on=date(2027, 4, 30))] == [0]
    assert [(row.fit, row.short) for row in readiness(ida, on=date(2027, 5, 1))] == [(3, 9)]
    gone = Item.objects.filter(number__lt="V-12").values_list("pk", flat=True)
    assert [row.short for row in readiness(ida, on=date(2026, 5, 1), without=list(gone))] == [9]


@pytest.mark.django_db
def test_the_replacement_plan_adds_up_by_year_and_says_what_it_does_not_know(world, vests, thing):
    thing("B-1")
    plan = replacement_plan(world.actor("ida"), today=date(2026, 3, 2), until=2027)
    assert [(year.year, len(year.rows[0].numbers), year.cost_yuan) for year in plan.years] == [(2027, 12, 10800)]
    assert plan.unknown == 1


@pytest.mark.django_db
def test_who_has_a_thing_in_hand_is_told_by_kind(world, vests):
    eve = world.people["eve"]
    for number in ("V-00", "V-01"):
        loan_issue(item=item_for(SYSTEM, number), holder=eve, by=SYSTEM, at=T0)
    assert held_of_kinds(["vest", "cones"]) == {"vest": {eve.pk: 2}}


@pytest.mark.parametrize("text", ["2026-13-45", "tomorrow..", "2026-1-1", ""])
def test_a_day_that_is_none_is_as_if_none_was_named(text):
    assert day_named(text) is None
