"""The register: whose a thing is and where, its tags and papers, kits whole or half back, stores by the piece."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from PIL import Image

from anlan.core.actor import SYSTEM
from anlan.core.errors import BadInput, NotFound
from anlan.core.files import content_path, orphans_remove
from anlan.core.models import Event
from anlan.equipment import events
from anlan.equipment.errors import ItemNotReady, TagTaken
from anlan.equipment.models import Item, ItemPaper, Loan, Stock
from anlan.equipment.register_errors import (
    BadgeOff,
    BoughtInFuture,
    KitNotWhole,
    NoKit,
    PaperKnown,
    PaperTooLarge,
    PaperUnreadable,
    PartOfAnother,
    StockTooLow,
    TagOff,
)
from anlan.equipment.selectors_register import Asked, papers_named, register_list, tags_told
from anlan.equipment.services import (
    badge_give,
    badge_take,
    item_add,
    item_correct,
    kit_issue,
    kit_standing,
    loan_issue,
    loan_return,
    model_add,
    paper_add,
    paper_prepare,
    paper_remove,
    paper_show,
    part_put,
    part_take_out,
    stock_counted,
    stock_move,
    stock_set,
    tag_off,
    tag_stick,
)
from world import T0

pytestmark = pytest.mark.django_db
GIAI = "3414257BF400000000BC614E"
LATER = T0 + timedelta(hours=1)


def found(actor=SYSTEM, **asked):
    rows, count = register_list(actor, Asked(**asked))
    assert count == len(rows)
    return [row.item.number for row in rows]


def test_a_thing_is_found_by_number_kind_place_state_holder_and_tag(world, thing, pistol):
    first, _other, _gun = thing("B-1", serial="SN-77", epc=GIAI), thing("B-2"), thing("P-1", pistol)
    loan_issue(item=first, holder=world.people["eve"], by=SYSTEM, at=T0)
    assert found() == ["B-1", "B-2", "P-1"]
    assert [found(words=words) for words in ("b-", "sn-77", "手枪", "伊芙", GIAI[-8:], "警棍 伊芙", "%")] == [
        ["B-1", "B-2"], ["B-1"], ["P-1"], ["B-1"], ["B-1"], ["B-1"], [],
    ]  # fmt: skip
    assert (found(kind="pistol"), found(state="out"), found(place="east")) == (["P-1"], ["B-1"], [])
    assert found(world.actor("cleo")) == []


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(world, thing, django_assert_max_num_queries):
    for nth in range(12):
        loan_issue(item=thing(f"B-{nth}", epc=""), holder=world.people["eve"], by=SYSTEM, at=T0)
    with django_assert_max_num_queries(4):
        rows, _ = register_list(SYSTEM, Asked())
        assert {row.loan.holder.name for row in rows} == {"伊芙"}


def test_a_tag_comes_off_and_may_stick_on_another(world, thing):
    first, second = thing("B-1", epc=GIAI), thing("B-2")
    told = tags_told(first)[0]
    assert (told.scheme, told.company, told.serial or told.reference) == ("giai", "0614141", "12345678")
    with pytest.raises(TagTaken):
        tag_stick(item=second, epc=GIAI, by=SYSTEM, at=T0)
    tag_off(tag=told.tag, by=SYSTEM, at=LATER)
    with pytest.raises(TagOff):
        tag_off(tag=told.tag, by=SYSTEM, at=LATER)
    tag_stick(item=second, epc=GIAI, tid="E2801160", by=SYSTEM, at=LATER)
    assert tags_told(first) == []
    with pytest.raises(NotFound):
        tag_off(tag=tags_told(second)[0].tag, by=world.actor("cleo"), at=LATER)


def test_a_badge_comes_back_and_is_another_s(world):
    badge = badge_give(number="K-1", person=world.people["eve"], by=SYSTEM, at=T0)
    badge_take(badge=badge, by=SYSTEM, at=LATER)
    with pytest.raises(BadgeOff):
        badge_take(badge=badge, by=SYSTEM, at=LATER)
    assert badge_give(number="K-1", person=world.people["ida"], by=SYSTEM, at=LATER).person == world.people["ida"]


def test_owner_and_place_are_put_right_apart_and_a_lent_thing_keeps_its_place(world, thing):
    item, west, east = thing("B-1"), world.orgs["west"], world.orgs["east"]
    said = {"owner": west, "serial": "SN-1", "bought_on": date(2025, 1, 2), "price_yuan": 80, "by": SYSTEM, "at": T0}
    assert item_correct(item=item, place=east, **said).place == east
    assert item.owner == west
    event = Event.objects.get(kind=events.ITEM_CHANGED)
    assert event.data["fields"] == "bought_on, place_id, price_yuan, serial"
    item_correct(item=item, place=east, **said)
    assert Event.objects.filter(kind=events.ITEM_CHANGED).count() == 1
    loan_issue(item=item, holder=world.people["eve"], by=SYSTEM, at=T0)
    with pytest.raises(ItemNotReady):
        item_correct(item=item, place=west, **said)


def test_nothing_is_bought_tomorrow(world, thing, baton):
    with pytest.raises(BoughtInFuture) as refused:
        thing("B-1", bought_on=date(2026, 3, 3))
    assert "2026-03-03" in refused.value.detail("zh-hans")
    item = thing("B-2", bought_on=date(2026, 3, 2))
    with pytest.raises(BoughtInFuture):
        item_correct(
            item=item, owner=item.owner, place=item.place, serial="", bought_on=date(2030, 1, 1), price_yuan=None,
            by=SYSTEM, at=T0,
        )  # fmt: skip


@pytest.mark.parametrize("wrong", [{"life_years": 0}, {"life_years": -3}, {"price_yuan": -1}, {"measure_word": ""}])
def test_a_kind_that_cannot_be_so_is_refused(world, wrong):
    with pytest.raises(BadInput):
        model_add(code="x", name="某物", by=SYSTEM, at=T0, **wrong)


def test_a_kit_is_lent_whole_and_what_is_not_back_is_told(world, thing):
    kit, first, second = (thing(number) for number in ("K-1", "K-1-1", "K-1-2"))
    for part in (first, second):
        part_put(kit=kit, item=part, by=SYSTEM, at=T0)
    assert kit_standing(kit).is_whole
    loans = kit_issue(kit=kit, holder=world.people["eve"], by=SYSTEM, at=T0)
    assert [loan.item.number for loan in loans] == ["K-1", "K-1-1", "K-1-2"]
    for loan in loans[:2]:
        loan_return(loan=loan, by=SYSTEM, at=LATER)
    kit.refresh_from_db()
    standing = kit_standing(kit)
    assert (standing.is_half_back, [loan.item.number for loan in standing.out]) == (True, ["K-1-2"])
    with pytest.raises(KitNotWhole) as refused:
        kit_issue(kit=kit, holder=world.people["eve"], by=SYSTEM, at=LATER)
    assert refused.value.facts["parts"] == "K-1-2"
    assert Loan.objects.filter(state="out").count() == 1
    part_take_out(item=second, by=SYSTEM, at=LATER)
    assert len(kit_issue(kit=kit, holder=world.people["eve"], by=SYSTEM, at=LATER)) == 2


def test_a_part_has_no_parts_and_is_in_one_kit(world, thing):
    kit, other, part = (thing(number) for number in ("K-1", "K-2", "K-1-1"))
    part_put(kit=kit, item=part, by=SYSTEM, at=T0)
    for owner, item, refusal in ((kit, kit, NoKit), (part, other, NoKit), (other, kit, NoKit)):
        with pytest.raises(refusal):
            part_put(kit=owner, item=item, by=SYSTEM, at=T0)
    with pytest.raises(PartOfAnother):
        part_put(kit=other, item=part, by=SYSTEM, at=T0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(pk=kit.pk).update(kit=kit)


def test_a_store_by_the_piece_never_holds_less_than_none(world):
    battery = model_add(code="battery", name="对讲机电池", measure_word="块", by=SYSTEM, at=T0)
    stock = stock_set(place=world.orgs["west"], model=battery, least=5, by=SYSTEM, at=T0)
    stock_move(stock=stock, count=8, reason="received", by=SYSTEM, at=T0)
    assert stock_move(stock=stock, count=3, reason="handed_out", by=SYSTEM, at=T0).count_after == 5
    with pytest.raises(StockTooLow) as refused:
        stock_move(stock=stock, count=6, reason="used_up", by=SYSTEM, at=T0)
    assert refused.value.facts["count"] == 5
    for reason, count in (("received", 0), ("received", -2), ("counted", 3), ("received", 10**9)):
        with pytest.raises(BadInput):
            stock_move(stock=stock, count=count, reason=reason, by=SYSTEM, at=T0)
    assert stock_counted(stock=stock, count=2, by=SYSTEM, at=LATER).change == -3
    with pytest.raises(IntegrityError), transaction.atomic():
        Stock.objects.filter(pk=stock.pk).update(count=-1)
    assert [move.count_after for move in stock.moves.order_by("id")] == [8, 5, 2]


def photo():
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, format="PNG")
    return out.getvalue()


def test_a_paper_is_known_by_its_content_and_the_sweep_leaves_it(world, thing, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    item = thing("B-1")
    content = paper_prepare(name="合格证.pdf", raw=b"%PDF-1.7\n1 0 obj\n%%EOF\n")
    picture = paper_prepare(name="正面.exe", raw=photo())
    assert (content.kind, picture.kind, picture.media_type) == ("paper", "photo", "image/jpeg")
    papers = [paper_add(item=item, content=one, by=SYSTEM, at=T0) for one in (content, picture)]
    with pytest.raises(PaperKnown):
        paper_add(item=item, content=content, by=SYSTEM, at=LATER)
    stray = paper_prepare(name="x", raw=b"%PDF-1.7\nnobody's\n%%EOF").sha256
    later = T0 + timedelta(days=400)
    assert orphans_remove(named=papers_named, at=later) == 1
    assert not content_path(stray).exists()
    with paper_show(paper=papers[0], by=SYSTEM) as shown:
        assert shown.read().startswith(b"%PDF")
    paper_remove(paper=papers[0], by=SYSTEM, at=LATER)
    with pytest.raises(NotFound):
        paper_show(paper=papers[0], by=SYSTEM)
    assert ItemPaper.objects.count() == 2
    assert orphans_remove(named=papers_named, at=later) == 1


@pytest.mark.parametrize("raw", [b"", b"<svg/>", b"MZ\x90", b"%PDF-1.7 broken off", b"GIF89a"])
def test_what_is_neither_picture_nor_pdf_is_not_kept(raw, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(PaperUnreadable):
        paper_prepare(name="x.pdf", raw=raw)
    assert not list(tmp_path.iterdir())


def test_a_paper_that_is_too_large_is_refused(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with pytest.raises(PaperTooLarge):
        paper_prepare(name="x.pdf", raw=b"%PDF-" + bytes(12 * 1024**2) + b"%%EOF")


def test_eighty_things_on_a_trolley_are_lent_at_one_go(world, thing):
    from anlan.equipment.services import items_issue, items_return

    numbers = [thing(f"T-{nth:02d}").number for nth in range(80)]
    told = items_issue(numbers=numbers, holder=world.people["eve"], by=SYSTEM, at=T0)
    assert all(one.loan for one in told)
    back = items_return(numbers=numbers[:79], damaged=set(), by=SYSTEM, at=LATER)
    assert len([one for one in back if one.loan]) == 79
    assert [loan.item.number for loan in Loan.objects.filter(state="out")] == ["T-79"]


def test_the_same_number_is_one_thing_only(world, thing, baton):
    thing("B-1")
    with pytest.raises(BadInput):
        item_add(number=" ", model=baton, owner=world.orgs["west"], by=SYSTEM, at=T0)
    with pytest.raises(BadInput):
        thing("B" * 41)
