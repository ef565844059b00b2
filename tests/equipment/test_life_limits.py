"""A life that ends proposes the thing once, by itself; people decide. A plan by year against what may be spent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils.translation import override

from anlan.core.actor import SYSTEM
from anlan.core.errors import BadInput
from anlan.equipment.care_reading import care_counts, care_due_of
from anlan.equipment.errors import AnotherPersonNeeded, ItemNotAtHand
from anlan.equipment.jobs import lives_end
from anlan.equipment.life_rules import life_end
from anlan.equipment.models import Item, ItemModel, Repair, Scrapping
from anlan.equipment.selectors import item_for, readiness, replacement_plan, story_of
from anlan.equipment.services import (
    Looked,
    budget_set,
    care_plan_set,
    care_plan_stop,
    inspection_record,
    item_used,
    items_inspect,
    loan_issue,
    loan_return,
    model_life_set,
    need_set,
    repair_order,
    scrap_decide,
    scrap_propose,
)
from anlan.equipment.whatif_reading import if_gone
from world import T0

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = date(2026, 3, 2)


def lasting(model, **told):
    blank = {"life_years": None, "life_uses": None, "life_rounds": None, "price_yuan": None}
    return model_life_set(model=model, **(blank | told), by=SYSTEM, at=T0)


def test_years_uses_and_rounds_propose_once_and_by_nobody(world, thing, baton):
    lasting(baton, life_years=5, life_uses=3, life_rounds=9)
    thing("B-1", bought_on=date(2021, 3, 2))
    thing("B-2", bought_on=date(2021, 3, 3))
    for number, used in (("B-3", {"uses": 3}), ("B-4", {"rounds": 9}), ("B-5", {"uses": 2, "rounds": 8})):
        item_used(item=thing(number), **used, by=SYSTEM, at=T0)
    assert lives_end(at=T0) == 3
    assert lives_end(at=T0) == 0
    rows = Scrapping.objects.order_by("item__number").values_list("item__number", "limit", "proposed_by")
    assert list(rows) == [("B-1", "years", None), ("B-3", "uses", None), ("B-4", "rounds", None)]


def test_what_nobody_knows_the_years_of_and_what_is_bought_in_future_is_left_alone(thing, baton):
    thing("B-1", bought_on=date(1990, 1, 1))
    assert lives_end(at=T0) == 0
    lasting(baton, life_years=5)
    thing("B-2")
    thing("B-3")
    Item.objects.filter(number="B-3").update(bought_on=date(2030, 1, 1))
    assert lives_end(at=T0) == 1
    assert life_end(date(2000, 1, 1), 30_000) is None


def test_who_keeps_a_thing_on_says_until_when_and_its_years_begin_anew(world, thing, baton):
    lasting(baton, life_years=5)
    thing("B-1", bought_on=date(2020, 1, 1))
    lives_end(at=T0)
    with pytest.raises(BadInput):
        scrap_decide(
            scrapping=Scrapping.objects.get(), is_approved=False, serves_until=TODAY, by=world.actor("jia"), at=T0
        )
    scrap_decide(scrapping=Scrapping.objects.get(), is_approved=False, by=world.actor("jia"), at=T0)
    item = item_for(SYSTEM, "B-1")
    assert (item.state, item.serves_until) == ("inspection", date(2027, 3, 2))
    assert lives_end(at=T0 + 364 * DAY) == 0
    assert lives_end(at=T0 + 365 * DAY) == 1


def test_uses_that_were_forgiven_are_not_held_against_a_thing_again(world, thing, baton):
    lasting(baton, life_uses=1)
    item_used(item=thing("B-1"), uses=1, by=SYSTEM, at=T0)
    lives_end(at=T0)
    scrap_decide(scrapping=Scrapping.objects.get(), is_approved=False, by=world.actor("jia"), at=T0)
    assert lives_end(at=T0 + DAY) == 0


def test_what_is_lent_is_proposed_when_it_is_back(world, thing, baton):
    lasting(baton, life_years=1)
    loan = loan_issue(item=thing("B-1", bought_on=date(2020, 1, 1)), holder=world.people["eve"], by=SYSTEM, at=T0)
    assert lives_end(at=T0) == 0
    loan_return(loan=loan, by=SYSTEM, at=T0)
    assert lives_end(at=T0) == 1


def test_scrapping_what_is_in_repair_ends_the_repair(world, thing):
    item, ida = thing("B-1"), world.actor("ida")
    repair_order(item=item, fault="断裂", by=ida, at=T0)
    row = scrap_propose(item=item_for(SYSTEM, "B-1"), reason="不值得修", by=ida, at=T0)
    assert Repair.objects.get().state == "beyond"
    scrap_decide(scrapping=row, is_approved=False, by=world.actor("jia"), at=T0)
    assert item_for(SYSTEM, "B-1").state == "inspection"
    jia = world.actor("jia")
    own = scrap_propose(item=item_for(SYSTEM, "B-1"), reason="断裂", by=jia, at=T0)
    with pytest.raises(AnotherPersonNeeded):
        scrap_decide(scrapping=own, is_approved=True, by=jia, at=T0)


def test_twelve_are_inspected_at_one_go_and_what_is_away_is_told(world, thing, baton):
    plan = care_plan_set(model=baton, name="月检", every_days=30, checklist=["无裂纹", "握把"], by=SYSTEM, at=T0)
    for nth in range(12):
        thing(f"B-{nth:02d}")
    loan_issue(item=item_for(SYSTEM, "B-00"), holder=world.people["eve"], by=SYSTEM, at=T0)
    ida, later = world.actor("ida"), T0 + 31 * DAY
    assert [(one.over, one.soon) for one in care_counts(ida, at=later)] == [(12, 0)]
    assert [(one.over, one.soon) for one in care_counts(ida, at=T0 + 20 * DAY)] == [(0, 12)]
    found = {f"B-{nth:02d}": Looked() for nth in range(12)}
    found |= {"B-11": Looked(("握把",)), "B-10": Looked((), "生锈", False), "B-99": Looked()}
    told = items_inspect(plan=plan, found=found, by=ida, at=later)
    assert [one.number for one in told if not one.is_fit] == ["B-00", "B-10", "B-11", "B-99"]
    assert "B-00" in told[0].refusal
    assert {row.fault for row in Repair.objects.all()} == {"握把", "生锈"}
    assert [due.item.number for due in care_due_of(ida, at=later)] == ["B-00"]


def test_after_damage_a_thing_without_a_plan_is_looked_at_too(world, thing):
    item, ida = thing("B-1"), world.actor("ida")
    loan_return(loan=loan_issue(item=item, holder=world.people["eve"], by=ida, at=T0), is_damaged=True, by=ida, at=T0)
    with pytest.raises(BadInput):
        inspection_record(item=item, plan=None, failed=[], is_fit=False, by=ida, at=T0)
    inspection_record(item=item, plan=None, failed=[], remark="已擦净", by=ida, at=T0)
    assert item_for(SYSTEM, "B-1").state == "in_store"
    loan_issue(item=item_for(SYSTEM, "B-1"), holder=world.people["eve"], by=ida, at=T0)
    with pytest.raises(ItemNotAtHand):
        inspection_record(item=item, plan=None, failed=[], by=ida, at=T0)


def test_care_that_was_never_done_counts_from_the_day_of_entry_whatever_moved_since(world, thing, baton):
    thing("B-1")
    care_plan_set(model=baton, name="月检", every_days=30, by=SYSTEM, at=T0)
    later, ida = T0 + 31 * DAY, world.actor("ida")
    loan = loan_issue(item=item_for(SYSTEM, "B-1"), holder=world.people["eve"], by=ida, at=T0 + 29 * DAY)
    loan_return(loan=loan, by=ida, at=T0 + 30 * DAY)
    assert [due.item.number for due in care_due_of(ida, at=later)] == ["B-1"]


def test_what_is_lent_is_not_inspected_with_its_faults_forgotten(world, thing, baton):
    thing("B-1")
    ida, eve = world.actor("ida"), world.people["eve"]
    plan = care_plan_set(model=baton, name="月检", every_days=30, checklist=["握把"], by=SYSTEM, at=T0)
    item = loan_issue(item=item_for(SYSTEM, "B-1"), holder=eve, by=ida, at=T0).item
    with pytest.raises(ItemNotAtHand):
        inspection_record(item=item, plan=plan, failed=["握把"], by=ida, at=T0)
    assert not item.inspections.exists()


def test_a_plan_that_was_stopped_asks_for_nothing(world, thing, baton):
    plan = care_plan_set(model=baton, name="月检", every_days=30, by=SYSTEM, at=T0)
    thing("B-1")
    care_plan_stop(plan=plan, by=SYSTEM, at=T0)
    assert care_due_of(SYSTEM, at=T0 + 99 * DAY) == []
    care_plan_set(model=baton, name="月检", every_days=60, by=SYSTEM, at=T0)
    assert [due.due_on for due in care_due_of(SYSTEM, at=T0 + 99 * DAY)] == [date(2026, 5, 1)]


@pytest.mark.parametrize("limits", [{}, {"every_days": 0}, {"every_uses": 10**9}])
def test_a_plan_that_never_comes_due_is_refused(world, baton, limits):
    with pytest.raises(BadInput):
        care_plan_set(model=baton, name="月检", **limits, by=SYSTEM, at=T0)


def test_the_plan_holds_each_owners_costs_against_its_budget(world, thing, baton):
    lasting(baton, life_years=5, price_yuan=100)
    west = world.orgs["west"]
    for nth in range(3):
        thing(f"B-{nth}", bought_on=date(2022, 5, 1))
    thing("B-9", bought_on=date(2019, 5, 1))
    budget_set(place=west, year=2027, amount_yuan=250, by=SYSTEM, at=T0)
    plan = replacement_plan(world.actor("ida"), today=TODAY, until=2030)
    assert [(one.year, one.cost_yuan, one.budget_yuan) for one in plan.years] == [(2026, 100, None), (2027, 300, 250)]
    assert [own.over_yuan for one in plan.years for own in one.owners] == [0, 50]
    thing("N-1", bought_on=date(2026, 2, 1))
    now = replacement_plan(SYSTEM, today=TODAY, until=2026).years[0]
    assert (now.rows[0].bought, now.rows[0].to_buy, now.cost_yuan) == (1, 0, 0)


def test_what_is_scrapped_this_year_is_to_be_replaced_this_year(world, thing):
    item, jia = thing("B-1"), world.actor("jia")
    scrap_decide(
        scrapping=scrap_propose(item=item, reason="断裂", by=world.actor("ida"), at=T0),
        is_approved=True,
        by=jia,
        at=T0,
    )
    row = replacement_plan(SYSTEM, today=TODAY, until=2026).years[0].rows[0]
    assert (row.numbers, row.scrapped, row.cost_yuan) == (["B-1"], 1, None)


def test_if_twelve_go_the_sentence_says_which_station_is_how_many_short(world, thing, baton):
    lasting(baton, life_years=5)
    need_set(place=world.orgs["west"], kit="处突", model=baton, count=12, by=SYSTEM, at=T0)
    numbers = [thing(f"B-{nth:02d}", bought_on=date(2022, 5, 1)).number for nth in range(12)]
    for nth in range(3):
        thing(f"C-{nth}")
    on = date(2026, 5, 1)
    with override("zh-hans"):
        told = if_gone(world.actor("ida"), [*numbers, "X-1"], on=on)
    assert told.sentences == ["若这12根警棍于2026年5月1日退役，城西派出所的处突缺9根。"]
    assert told.unknown == ["X-1"]
    with override("en"):
        said = if_gone(world.actor("ida"), numbers[:3], on=on).sentences
    assert said == ["If these 3 × 警棍 go on May 1, 2026, every station still has what it must be able to field."]
    assert [
        line.short
        for line in readiness(SYSTEM, on=date(2027, 5, 1), staying=Item.objects.values_list("pk", flat=True))
    ] == [0]


def test_a_line_of_a_kit_is_taken_out_by_nought(world, baton):
    set_to = {"place": world.orgs["west"], "kit": "处突", "model": baton, "by": SYSTEM, "at": T0}
    need_set(**set_to, count=2)
    assert need_set(**set_to, count=0) is None
    with pytest.raises(BadInput):
        need_set(**set_to, count=0)
    assert readiness(SYSTEM, on=TODAY) == []


def test_the_story_tells_all_that_hangs_on_a_thing_a_page_at_a_time(world, thing, baton):
    item, ida = thing("B-1"), world.actor("ida")
    plan = care_plan_set(model=baton, name="月检", every_days=30, checklist=["握把"], by=SYSTEM, at=T0)
    loan_return(loan=loan_issue(item=item, holder=world.people["eve"], by=ida, at=T0), is_damaged=True, by=ida, at=T0)
    inspection_record(item=item, plan=plan, failed=["握把"], by=ida, at=T0)
    scrap_propose(item=item_for(SYSTEM, "B-1"), reason="不值得修", by=ida, at=T0)
    with override("zh-hans"):
        story = story_of(item, lines=4)
        older = story_of(item, before=story.before)
    assert [line.detail for line in story.lines] == ["不值得修", "握把", "握把", "月检 · 握把"]
    assert story.lines[0].who == world.people["ida"].name
    assert len(older.lines) == 3
    assert older.before is None
    assert older.lines[0].detail.startswith("伊芙")


def test_life_and_price_beyond_belief_are_refused(baton):
    for told in ({"life_years": 61}, {"price_yuan": -1}, {"life_uses": 0}):
        with pytest.raises(BadInput):
            lasting(baton, **told)
    assert ItemModel.objects.get(pk=baton.pk).life_years is None


def test_care_is_due_by_whichever_limit_comes_first(world, thing, baton):
    plan = care_plan_set(
        model=baton, name="保养", every_days=30, every_uses=5, every_rounds=50, checklist=[], by=SYSTEM, at=T0
    )
    item = thing("B-1")

    def is_due(days: int, uses: int, rounds: int) -> bool:
        Item.objects.filter(pk=item.pk).update(uses=uses, rounds=rounds)
        return bool(care_due_of(SYSTEM, at=T0 + timedelta(days=days), plan=plan))

    assert not is_due(29, 4, 49)
    assert is_due(30, 0, 0)
    assert is_due(0, 5, 0)
    assert is_due(0, 0, 50)
