"""Things at that organisation's store: lent, waiting for a second person, and a door that asks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from anlan.accounts.models import Person
from anlan.equipment.models import (
    Booking,
    CarePlan,
    Gate,
    GateQuestion,
    Item,
    ItemModel,
    ItemPaper,
    ItemTag,
    ItemTransfer,
    KitNeed,
    Loan,
    Passage,
    Repair,
    Scrapping,
    Stock,
    StockCount,
)

if TYPE_CHECKING:
    from permissions.county import _Records


def add_equipment(made: _Records) -> None:
    """One thing lent, one whose loan waits for a second person, and what a door asks."""
    from permissions.county import NOW, T0

    model, _ = ItemModel.objects.get_or_create(code="baton", defaults={"name": "警棍"})
    gate = Gate.objects.create(reader=f"door-{made.relation}", name=f"secret {made.relation}", place=made.org)
    passage = Passage.objects.create(gate=gate, begin_us=0, end_us=1, ended_at=T0, judged_at=T0, has_change=True)
    for name, state in (("loan", "out"), ("proposed_loan", "proposed")):
        item = Item.objects.create(
            number=f"secret-{name}-{made.relation}",
            model=model,
            owner=made.org,
            place=made.org,
            state="out",
            state_since=T0,
        )
        loan = Loan.objects.create(
            item=item,
            holder=Person.objects.order_by("pk").first(),
            state=state,
            state_since=T0,
            made_at=T0,
            due_at=NOW + timedelta(days=1),
        )
        made.names |= {name: loan.pk, "item": item.number}
    _add_lives(made, model)
    _add_shared(made, model)
    _add_entered(made, model)
    KitNeed.objects.create(place=made.org, kit=f"secret {made.relation}", model=model, count=3)
    asked = GateQuestion.objects.create(
        passage=passage,
        epc=f"secret {made.relation}",
        claim="loan",
        reason="unknown_tag",
        confidence=0.9,
        state_since=T0,
    )
    made.names |= {"gate": gate.reader, "gate_question": asked.pk}


def _add_entered(made: _Records, model: ItemModel) -> None:
    """A thing with a tag and a document, one that could be its part, and a store counted by the piece."""
    from anlan.core.files import content_put
    from permissions.county import T0

    columns = {"model": model, "owner": made.org, "place": made.org, "state_since": T0}
    spare = Item.objects.create(number=f"secret-spare-{made.relation}", **columns)
    item = Item.objects.get(number=made.names["item"])
    tag = ItemTag.objects.create(item=item, epc=f"SECRET{made.relation}", stuck_at=T0)
    raw = f"%PDF-1.4 secret {made.relation}\n%%EOF".encode()
    paper = ItemPaper.objects.create(
        item=item, kind="paper", name=f"secret {made.relation}", media_type="application/pdf",
        sha256=content_put(raw), size_bytes=len(raw), added_at=T0,
    )  # fmt: skip
    stock = Stock.objects.create(place=made.org, model=model, count=5)
    made.names |= {
        "spare_item": spare.number, "item_tag": tag.pk, "item_paper": paper.pk, "piece_stock": stock.pk
    }  # fmt: skip


def _add_shared(made: _Records, model: ItemModel) -> None:
    """A booking to be decided, a thing on its way, and a count of the store."""
    from permissions.county import NOW, T0

    columns = {"model": model, "owner": made.org, "place": made.org, "state_since": T0}
    here = Item.objects.create(number=f"secret-booked-{made.relation}", state="in_store", **columns)
    moving = Item.objects.create(number=f"secret-moving-{made.relation}", state="moving", **columns)
    times = {"starts_at": NOW + timedelta(days=1), "ends_at": NOW + timedelta(days=2), "state_since": T0}
    asker = Person.objects.create(username=f"asker-{made.relation}", name="asker", organisation=made.org)
    booking = Booking.objects.create(item=here, person=asker, purpose=f"secret {made.relation}", **times)
    transfer = ItemTransfer.objects.create(
        item=moving, origin=made.org, goal=made.org, given_by=made.person, given_at=T0, state_since=T0
    )
    count = StockCount.objects.create(
        place=made.org, counted_at=T0, counted_by=made.person, expected=1, strangers=[f"secret {made.relation}"]
    )
    made.names |= {"booking": booking.pk, "transfer": transfer.pk, "stock_count": count.pk}


def _add_lives(made: _Records, model: ItemModel) -> None:
    """A thing in repair and one that is proposed for scrapping; care of all of the kind is due."""
    from permissions.county import T0

    def thing(state: str) -> Item:
        columns = {"model": model, "owner": made.org, "place": made.org, "state": state, "state_since": T0}
        return Item.objects.create(number=f"secret-{state}-{made.relation}", **columns)

    said = f"secret {made.relation}"
    CarePlan.objects.get_or_create(model=model, name="monthly", defaults={"every_days": 1})
    repair = Repair.objects.create(item=thing("repair"), fault=said, state_since=T0, ordered_at=T0)
    scrapping = Scrapping.objects.create(
        item=thing("scrap_proposed"), reason=said, state_since=T0, proposed_at=T0, proposed_by=made.person
    )
    made.names |= {"repair": repair.pk, "scrapping": scrapping.pk}
