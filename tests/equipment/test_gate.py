"""What a door heard is kept first and judged then; told again it is the same; and after a day it is gone."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from anlan.core.actor import SYSTEM
from anlan.core.models import Event
from anlan.equipment import events
from anlan.equipment.errors import QuestionAnswered
from anlan.equipment.models import GateBatch, GateQuestion, Loan, Passage
from anlan.equipment.services import batch_take, batches_forget, passages_forget, passages_judge, question_answer
from world import T0

pytestmark = pytest.mark.django_db
LATER = T0 + timedelta(seconds=10)


def take(gate, lines, at=T0):
    return batch_take(reader=gate.reader, lines=lines, by=SYSTEM, at=at)


def test_what_is_carried_out_is_lent_to_who_showed_the_badge(world, gate, lines, thing, carried, badge):
    for number, epc in enumerate(carried):
        thing(f"B-{number}", epc=epc)
    assert take(gate, lines)["taken"] == len(lines.splitlines())
    made = passages_judge(gate=gate, at=LATER)
    lent = {loan.item.tags.get().epc for loan in Loan.objects.filter(state="out")}
    asked = {question.epc for question in GateQuestion.objects.all()}
    # Every thing that left is lent or asked after; none is lost, and what is lent says by which passage and how sure.
    assert lent | asked >= set(carried)
    assert lent
    loan = Loan.objects.filter(state="out").first()
    assert (loan.holder, loan.passage_out) == (world.people["ida"], made[-1])
    assert loan.confidence > 0.99


def test_the_same_told_again_makes_no_second_loan(gate, lines, thing, carried, badge):
    for number, epc in enumerate(carried):
        thing(f"B-{number}", epc=epc)
    take(gate, lines)
    passages_judge(gate=gate, at=LATER)
    before = (Loan.objects.count(), Passage.objects.count(), GateQuestion.objects.count())
    rows = lines.splitlines()
    assert take(gate, lines)["known"]
    # Split otherwise and in another order: other messages, the same events.
    for part in (rows[::-1], rows[: len(rows) // 2], rows[1::3]):
        take(gate, "\n".join(part), at=LATER)
    assert passages_judge(gate=gate, at=LATER + timedelta(seconds=10)) == []
    assert (Loan.objects.count(), Passage.objects.count(), GateQuestion.objects.count()) == before


def test_a_passage_that_is_not_over_waits(gate, lines, thing, carried, badge):
    take(gate, lines)
    assert all(p.end_us < json.loads(lines.splitlines()[-1])["t_us"] - 5_000_000 for p in
               passages_judge(gate=gate, at=T0 + timedelta(milliseconds=900)))  # fmt: skip


def test_a_controlled_thing_is_asked_after_and_never_lent_by_the_door(gate, lines, thing, pistol, carried, badge):
    for number, epc in enumerate(carried):
        thing(f"P-{number}", pistol, epc=epc)
    take(gate, lines)
    passages_judge(gate=gate, at=LATER)
    assert not Loan.objects.exists()
    assert {q.epc for q in GateQuestion.objects.all()} >= set(carried)


def test_without_a_badge_the_keeper_is_asked_and_answers_once(world, gate, lines, thing, carried):
    for number, epc in enumerate(carried):
        thing(f"B-{number}", epc=epc)
    take(gate, lines)
    passages_judge(gate=gate, at=LATER)
    assert not Loan.objects.exists()
    question = GateQuestion.objects.filter(item__isnull=False).first()
    ida = world.actor("ida")
    question_answer(question=question, is_so=True, person=world.people["eve"], by=ida, at=LATER)
    assert Loan.objects.get().holder == world.people["eve"]
    with pytest.raises(QuestionAnswered):
        question_answer(question=question, is_so=False, by=ida, at=LATER)


def test_lines_that_tell_nothing_are_told_and_the_rest_is_kept(gate, lines):
    first = lines.splitlines()[0]
    other = first.replace("door-1", "door-2")
    told = take(gate, "\n".join([first, "{", other, '{"kind":"sighting"}']))
    assert (told["taken"], told["bad"]) == (1, 3)
    assert {one["reason"] for one in told["bad_lines"]} == {"not_json", "another_reader", "another_shape"}


def test_a_passage_without_a_change_is_gone_after_a_day(gate, lines):
    """Nobody's things: the tags are unknown and only strangers' doings; what came of nothing leaves nothing."""
    take(gate, lines)
    passages_judge(gate=gate, at=LATER)
    Passage.objects.update(has_change=False)
    GateQuestion.objects.all().delete()
    count = Passage.objects.count()
    assert passages_forget(at=LATER + timedelta(hours=23, minutes=59)) == 0
    assert passages_forget(at=LATER + timedelta(hours=24, seconds=1)) == count
    assert not Passage.objects.exists()
    batches_forget(at=LATER + timedelta(hours=24, seconds=1))
    assert not GateBatch.objects.exclude(lines="").exists()
    assert Event.objects.filter(kind=events.PASSAGES_FORGOTTEN).count() == (1 if count else 0)
