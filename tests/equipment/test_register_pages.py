"""On the pages: the register is searched, things are entered and corrected, kits and pieces kept, strays let in."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from anlan.core.actor import SYSTEM
from anlan.core.errors import NotFound
from anlan.equipment.models import Gate, Item, ItemModel, ItemPaper, ItemTag, StaffBadge, Stock, StrayReader
from anlan.equipment.services import gate_set, item_add, loan_issue, part_put
from anlan.equipment.services.strays import Stray, strays_keep
from world import T0

pytestmark = pytest.mark.django_db
EPC = "E28011700000020A1B2C3D4E"


@pytest.fixture
def page(world):
    """``page("ida", "/equipment/register")`` looks; with fields it sends and follows the answer."""
    sent = iter(range(1000))

    def act(who, path, **fields):
        client = Client()
        client.cookies["anlan_language"] = "en"
        client.force_login(world.people[who])
        if not fields:
            return client.get(path)
        return client.post(path, fields | {"idempotency_key": f"key-of-this-form-{next(sent):04d}"}, follow=True)

    return act


def said(answer):
    return answer.content.decode()


def picture():
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(made, "JPEG")
    return SimpleUploadedFile("front.jpg", made.getvalue(), "image/jpeg")


def test_the_register_is_searched_by_number_tag_and_holder_and_leaves_other_stations_out(world, thing, baton, page):
    thing("B-1", epc=EPC)
    loan_issue(item=thing("B-2"), holder=world.people["eve"], by=SYSTEM, at=T0)
    other = Item.objects.create(
        number="O-1", model=baton, owner=world.orgs["east"], place=world.orgs["east"], state_since=T0
    )
    whole = page("ida", "/equipment/register")
    assert [row.item.number for row in whole.context["rows"]] == ["B-1", "B-2"]
    assert other.number not in said(whole)
    for words, found in ((EPC[-6:].lower(), ["B-1"]), ("伊芙", ["B-2"]), ("b-", ["B-1", "B-2"]), ("\0nonsense", [])):
        told = page("ida", f"/equipment/register?words={words}")
        assert [row.item.number for row in told.context["rows"]] == found
    assert page("ida", "/equipment/register?state=out").context["total"] == 1
    assert "Nothing found." in said(page("ida", "/equipment/register?kind=none"))
    assert page("ida", "/equipment/register?page=99999999999").status_code == 200
    assert page("eve", "/equipment/register").status_code == 403


def test_a_thing_is_entered_with_its_tag_corrected_and_its_tag_taken_off(world, baton, page):
    form = {"number": "B-7", "kind": "baton", "place": "west", "bought_on": "2026-01-05", "epc": EPC, "tid": "E2"}
    answer = page("ida", "/equipment/enter/thing", **form)
    assert answer.redirect_chain[-1][0] == "/equipment/items/B-7"
    item, tag = Item.objects.get(), ItemTag.objects.get()
    assert (item.owner, tag.epc, tag.tid) == (world.orgs["west"], EPC, "E2")
    # The same number or tag again is refused with who has it.
    assert page("ida", "/equipment/enter/thing", **form).status_code in (409, 422)
    twice = page("ida", "/equipment/enter/thing", **{**form, "number": "B-8"})
    assert "B-7" in said(twice)
    assert Item.objects.count() == 1
    page("ida", "/equipment/items/B-7/correct", serial="SN 5", bought_on="2026-01-06", price_yuan="120")
    item.refresh_from_db()
    assert (item.serial, str(item.bought_on), item.price_yuan) == ("SN 5", "2026-01-06", 120)
    page("ida", f"/equipment/items/B-7/tags/{tag.pk}/off", sure="yes")
    assert not ItemTag.objects.filter(off_at=None).exists()
    page("ida", "/equipment/items/B-7/tags", epc=EPC)
    assert ItemTag.objects.get(off_at=None).item == item


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("thing", {"number": "", "kind": "baton", "place": "west"}),
        ("thing", {"number": "B-1", "kind": "none", "place": "west"}),
        ("thing", {"number": "B-1", "kind": "baton", "place": "west", "bought_on": "2999-01-01"}),
        ("thing", {"number": "B-1", "kind": "baton", "place": "west", "bought_on": "soon"}),
        ("thing", {"number": "B-1", "kind": "baton", "place": "west", "epc": "no tag"}),
        ("thing", {"number": "B\0", "kind": "baton", "place": "west"}),
        ("kind", {"code": "", "name": "盾牌", "measure_word": "面"}),
        ("kind", {"code": "shield", "name": "盾牌", "measure_word": "面", "life_years": "x"}),
        ("door", {"reader": "d", "name": "门", "layout": "round", "place": "west"}),
        ("door", {"reader": "", "name": "门", "layout": "pair", "place": "west"}),
        ("badge", {"badge": "1", "holder": "nobody"}),
    ],
)
def test_what_cannot_be_entered_is_refused_and_nothing_is_kept(world, baton, page, path, fields):
    assert page("ida", f"/equipment/enter/{path}", **fields).status_code in (400, 404, 409, 422)
    assert (Item.objects.count(), ItemModel.objects.count(), Gate.objects.count()) == (0, 1, 0)


def test_a_kind_a_door_and_a_badge_are_entered_on_the_page(world, page):
    page("ida", "/equipment/enter/kind", code="shield", name="盾牌", measure_word="面", controlled="yes")
    assert ItemModel.objects.get().is_controlled
    page("ida", "/equipment/enter/door", reader="door-9", name="库门", layout="planes", place="west", reference=EPC)
    assert Gate.objects.get().reference == [EPC]
    page("ida", "/equipment/enter/badge", badge="b7", holder="eve", do="give")
    assert StaffBadge.objects.get(taken_at=None).person == world.people["eve"]
    page("ida", "/equipment/enter/badge", badge="b7", do="take")
    assert not StaffBadge.objects.filter(taken_at=None).exists()


def test_a_kit_tells_what_of_it_is_missing_and_takes_its_parts_on_its_page(world, thing, page):
    bag, lamp = thing("K-1"), thing("L-1")
    page("ida", "/equipment/items/K-1/parts", part="L-1", do="put")
    lamp.refresh_from_db()
    assert lamp.kit == bag
    part_put(kit=bag, item=thing("R-1"), by=SYSTEM, at=T0)
    assert "all parts there" in said(page("ida", "/equipment/kits"))
    loan_issue(item=lamp, holder=world.people["eve"], by=SYSTEM, at=T0)
    (told,) = page("ida", "/equipment/kits").context["kits"]
    assert [loan.item.number for loan in told.out] == ["L-1"]
    assert "half of it is back" in said(page("ida", "/equipment/items/K-1"))
    page("ida", "/equipment/items/K-1/parts", part="R-1", do="out")
    assert Item.objects.get(number="R-1").kit is None
    assert page("ida", "/equipment/items/K-1/parts", part="R-1", do="out").status_code == 422


def test_a_photo_is_put_to_a_thing_shown_and_taken_off(world, thing, page):
    thing("B-1")
    page("ida", "/equipment/items/B-1/papers", file=picture())
    paper = ItemPaper.objects.get()
    shown = page("ida", f"/equipment/papers/{paper.pk}")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert Image.open(io.BytesIO(shown.content)).size == (64, 48)
    assert f"/equipment/papers/{paper.pk}" in said(page("ida", "/equipment/items/B-1"))
    assert page("cleo", f"/equipment/papers/{paper.pk}").status_code == 404
    script = SimpleUploadedFile("x.jpg", b"<script>alert(1)</script>", "image/jpeg")
    assert page("ida", "/equipment/items/B-1/papers", file=script).status_code == 415
    page("ida", f"/equipment/papers/{paper.pk}/off", sure="yes")
    assert page("ida", f"/equipment/papers/{paper.pk}").status_code == 404


def test_pieces_come_and_go_never_below_nothing_and_are_counted(world, baton, page):
    page("ida", "/equipment/pieces/set", place="west", kind="baton", least="10")
    stock = Stock.objects.get()
    page("ida", f"/equipment/pieces/{stock.pk}/move", count="6", reason="received")
    assert "6, at least 10 wanted" in said(page("ida", "/equipment/pieces"))
    refused = page("ida", f"/equipment/pieces/{stock.pk}/move", count="7", reason="handed_out")
    assert refused.status_code == 409
    page("ida", f"/equipment/pieces/{stock.pk}/counted", count="5", note="少一节")
    stock.refresh_from_db()
    assert stock.count == 5
    assert stock.moves.count() == 2
    for wrong in (
        {"count": "", "reason": "received"},
        {"count": "-1", "reason": "received"},
        {"count": "1", "reason": ""},
    ):
        assert page("ida", f"/equipment/pieces/{stock.pk}/move", **wrong).status_code == 422


def test_a_reader_that_nobody_entered_is_shown_and_leads_to_its_door(world, page):
    strays_keep([Stray("door-9", "not_entered", '{"epc":"E280"}', T0, count=1)], by=SYSTEM)
    assert "Readers put aside" in said(page("ida", "/equipment"))
    told = said(page("ida", "/equipment/strays"))
    assert "Messages that came: 1, kept: 1" in told
    assert "/equipment/enter?reader=door-9#door" in told
    assert 'value="door-9"' in said(page("ida", "/equipment/enter?reader=door-9"))
    page("ida", f"/equipment/strays/{StrayReader.objects.get().pk}/discard", sure="yes")
    assert not StrayReader.objects.exists()
    assert page("ida", "/equipment/strays/1/discard", sure="yes").status_code == 404
    assert page("jia", "/equipment/strays").status_code == 403


def test_what_holders_ask_and_tell_stands_in_the_keepers_strip(world, thing, page):
    loan = loan_issue(item=thing("B-1"), holder=world.people["eve"], by=SYSTEM, at=T0)
    type(loan).objects.update(asked_until=loan.due_at, fault="灯不亮")
    counts = page("ida", "/equipment").context["day"].counts
    assert (counts["longer"], counts["fault"]) == (1, 1)
    for show in ("longer", "fault"):
        assert "灯不亮" in said(page("ida", f"/equipment/lent?show={show}"))


def test_a_keeper_cannot_take_another_stations_door_or_keep_things_in_its_store(world, baton, page):
    east = world.orgs["east"]
    gate_set(reader="door-e", name="城东库门", place=east, layout="pair", reference=[], by=SYSTEM, at=T0)
    form = {"reader": "door-e", "name": "我的门", "layout": "pair", "place": "west"}
    assert page("ida", "/equipment/enter/door", **form).status_code == 404
    gate = Gate.objects.get()
    assert (gate.name, gate.place) == ("城东库门", east)
    with pytest.raises(NotFound):
        item_add(number="B-1", model=baton, owner=world.orgs["west"], place=east, by=world.actor("ida"), at=T0)


@pytest.mark.parametrize("reference", ["zzz", " ".join([EPC] * 21)])
def test_what_is_fixed_at_a_doors_antennas_is_a_tag_and_not_too_many(world, page, reference):
    wrong = {"reader": "door-w", "name": "门", "layout": "pair", "place": "west", "reference": reference}
    assert page("ida", "/equipment/enter/door", **wrong).status_code == 422
    assert not Gate.objects.exists()


@pytest.mark.parametrize(("field", "path"), [("epc", "tags"), ("tid", "tags"), ("serial", "correct")])
def test_nothing_that_names_a_thing_is_cut_to_another_name(world, thing, page, field, path):
    item = thing("B-1")
    assert page("ida", f"/equipment/items/B-1/{path}", **{"epc": EPC, field: "A" * 82}).status_code == 422
    item.refresh_from_db()
    assert (item.serial, ItemTag.objects.count()) == ("", 0)


def test_a_kind_is_entered_once_and_a_second_one_of_its_code_is_told(world, baton, page):
    again = page("ida", "/equipment/enter/kind", code="baton", name="别的", measure_word="根", controlled="yes")
    assert again.status_code == 422
    assert "警棍" in said(again)
    assert not ItemModel.objects.get().is_controlled


def test_a_kit_that_lacks_a_part_stands_first_and_the_part_can_leave_it(world, thing, page):
    for nth in range(3):
        part_put(kit=thing(f"K-{nth}"), item=thing(f"P-{nth}"), by=SYSTEM, at=T0)
    Item.objects.filter(number="P-2").update(state="missing")
    assert [one.kit.number for one in page("ida", "/equipment/kits").context["kits"]] == ["K-2", "K-0", "K-1"]
    assert "Take out of the kit" in said(page("ida", "/equipment/items/K-2"))
    page("ida", "/equipment/items/K-2/parts", part="P-2", do="out")
    assert Item.objects.get(number="P-2").kit is None


def test_beyond_the_last_page_stands_the_last_page(world, thing, page):
    thing("B-1")
    assert [row.item.number for row in page("ida", "/equipment/register?page=7").context["rows"]] == ["B-1"]


def test_what_a_form_does_not_send_stays_as_it_is(world, thing, page):
    item = thing("B-1", serial="S1", price_yuan=5)
    page("ida", "/equipment/items/B-1/correct", price_yuan="7")
    item.refresh_from_db()
    assert (item.serial, item.price_yuan) == ("S1", 7)
