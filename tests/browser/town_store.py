"""The west station's store: a thing overdue, one damaged and one that waits for a second person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from anlan.core.actor import SYSTEM


def stored(world: Any, at: datetime) -> dict[str, str]:
    """Fill the store; the marks name one thing with a story."""
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
    return {"thing": vests[0].number, "door": _door(world, vest, at)}


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
