"""The west station's store: overdue, damaged and to be confirmed; what is inspected, put right and scrapped."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from anlan.core.actor import SYSTEM


def stored(world: Any, at: datetime) -> dict[str, str]:
    """Fill the store; the marks name one thing with a story, the plan it is inspected by and a scrapping."""
    from anlan.equipment.services import item_add, loan_issue, loan_return, model_add

    then = at - timedelta(hours=12)
    west, eve = world.orgs["west"], world.people["eve"]
    vest = model_add(code="vest", name="防刺服", measure_word="件", by=SYSTEM, at=then)
    pistol = model_add(code="pistol", name="手枪", measure_word="支", is_controlled=True, by=SYSTEM, at=then)
    vests = [item_add(number=f"FC-{nth:03d}", model=vest, owner=west, by=SYSTEM, at=then) for nth in range(1, 5)]
    arm = item_add(number="SQ-001", model=pistol, owner=west, by=SYSTEM, at=then)
    loan_return(
        loan=loan_issue(item=vests[0], holder=eve, by=SYSTEM, at=then), is_damaged=True, by=SYSTEM, at=at
    )  # fmt: skip
    loan_issue(item=vests[1], holder=eve, by=SYSTEM, at=then)
    loan_issue(item=vests[2], holder=eve, by=SYSTEM, at=at, purpose="安保")
    loan_issue(item=arm, holder=eve, by=SYSTEM, at=at, authorisation="2026-7")
    marks = {"thing": vests[0].number, "door": _door(world, vest, at)} | _lives(west, vest, then)
    _entered(world, vest, at)
    return marks | {"stock_count": _shared(world, vests, at)}


def _entered(world: Any, vest: Any, at: datetime) -> None:
    """A kit of which a part is missing, a photo, batteries by the piece, and a reader nobody has entered."""
    import io

    from django.db import transaction
    from PIL import Image

    from anlan.equipment import services
    from anlan.equipment.services.strays import Stray, strays_keep

    west = world.orgs["west"]
    bag, lamp, rope = (
        services.item_add(number=number, model=vest, owner=west, serial="SN-7", by=SYSTEM, at=at,
                          epc="30340789000000400000000A" if number == "BG-001" else "")
        for number in ("BG-001", "DT-001", "SZ-001")
    )  # fmt: skip
    for part in (lamp, rope):
        services.part_put(kit=bag, item=part, by=SYSTEM, at=at)
    services.loan_issue(item=rope, holder=world.people["eve"], by=SYSTEM, at=at)
    picture = io.BytesIO()
    Image.new("RGB", (320, 240), "steelblue").save(picture, "JPEG")
    content = services.paper_prepare(name="正面.jpg", raw=picture.getvalue())
    services.paper_add(item=bag, content=content, by=SYSTEM, at=at)
    cell = services.model_add(code="cell", name="电池", measure_word="节", by=SYSTEM, at=at)
    stock = services.stock_set(place=west, model=cell, least=40, by=SYSTEM, at=at)
    services.stock_move(stock=stock, count=24, reason="received", note="", by=SYSTEM, at=at)
    with transaction.atomic():
        strays_keep([Stray("door-9", "not_entered", '{"e":"E280"}', at, count=1)], by=SYSTEM)


def _shared(world: Any, vests: list[Any], at: datetime) -> int:
    """Booked and asked for, kept longer, on its way to the east station, and counted."""
    from anlan.equipment.services import booking_ask, item_add, loan_longer_ask, stock_count, transfer_begin

    eve, ida = world.people["eve"], world.actor("ida", at)
    terms = {"purpose": "庙会安保", "by": world.actor("eve", at), "at": at}
    for nth, hours in ((3, 4), (0, 30)):
        booking_ask(
            item=vests[nth], person=eve, starts_at=at + timedelta(hours=hours),
            ends_at=at + timedelta(hours=hours + 9), **terms,
        )  # fmt: skip
    loan = vests[2].loans.get(state="out")
    loan_longer_ask(loan=loan, until=loan.due_at + timedelta(hours=6), by=world.actor("eve", at), at=at)
    sent = item_add(number="FC-021", model=vests[0].model, owner=world.orgs["west"], by=SYSTEM, at=at)
    transfer_begin(item=sent, goal=world.orgs["east"], by=ida, at=at)
    return int(stock_count(place=world.orgs["west"], read=["FC-001", "FC-011", "E280"], by=ida, at=at).pk)


def _door(world: Any, vest: Any, at: datetime) -> str:
    """A door through which Eve has just carried a vest, heard well, and another one, hardly heard."""
    from anlan.equipment.models import GateQuestion, Passage
    from anlan.equipment.services import gate_set, item_add, loan_issue

    west, eve = world.orgs["west"], world.people["eve"]
    gate = gate_set(reader="door-1", name="装备库门", place=west, layout="pair", reference=[], by=SYSTEM, at=at)
    passage = Passage.objects.create(gate=gate, begin_us=0, end_us=1, ended_at=at, judged_at=at, has_change=True)
    taken, weak = (item_add(number=f"FC-{nth:03d}", model=vest, owner=west, by=SYSTEM, at=at) for nth in (11, 12))
    loan_issue(item=taken, holder=eve, by=SYSTEM, at=at, passage=passage, confidence=0.998)
    GateQuestion.objects.create(
        passage=passage, epc="A", item=weak, person=eve, claim="loan", reason="weak", confidence=0.97, state_since=at
    )
    return str(gate.reader)


def _lives(west: Any, vest: Any, at: datetime) -> dict[str, Any]:
    from anlan.equipment.services import care_plan_set, item_add, model_add, need_set, repair_order, scrap_propose

    points = ["外观完好", "扣带牢固"]
    plan = care_plan_set(model=vest, name="用后检查", every_uses=1, checklist=points, by=SYSTEM, at=at)
    baton = model_add(code="baton", name="警棍", measure_word="根", by=SYSTEM, at=at)
    batons = [item_add(number=f"JG-{nth:03d}", model=baton, owner=west, by=SYSTEM, at=at) for nth in range(1, 4)]
    repair_order(item=batons[0], fault="弹簧断裂", by=SYSTEM, at=at)
    need_set(place=west, kit="处突", model=baton, count=3, by=SYSTEM, at=at)
    return {
        "care_plan": plan.pk,
        "scrapping": scrap_propose(item=batons[1], reason="", limit="years", by=SYSTEM, at=at).pk,
    }
