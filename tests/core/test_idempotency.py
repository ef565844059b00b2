"""A command takes effect once, however often and from however many sides it is sent."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from anlan.core.errors import IdempotencyKeyMissing, IdempotencyKeyReused, NotFound
from anlan.core.idempotency import MAX_KEY_LENGTH, run_once
from anlan.core.models import Counter, IdempotencyKey
from anlan.core.services import number_next, numbers_next

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def draw(**changes):
    """A command with a visible effect: it draws a number and answers with it."""
    command = {
        "scope": "person:1",
        "key": "k1",
        "body": b"{}",
        "at": AT,
        "act": lambda: (201, {"number": number_next("calls")}),
    }
    return run_once(**{**command, **changes})


@pytest.mark.django_db
def test_the_same_command_sent_ten_times_takes_effect_once():
    answers = [draw() for _ in range(10)]
    assert answers[0] == (201, {"number": 1}, False)
    assert answers[1:] == [(201, {"number": 1}, True)] * 9
    assert Counter.objects.get(name="calls").value == 1


@pytest.mark.django_db
def test_a_key_used_again_for_something_else_is_refused():
    draw()
    with pytest.raises(IdempotencyKeyReused, match="used at 09:00:00 for a different request"):
        draw(body=b'{"other": 1}', at=AT + timedelta(minutes=5))
    assert Counter.objects.get(name="calls").value == 1


@pytest.mark.django_db
def test_two_people_may_choose_the_same_key():
    draw()
    assert draw(scope="person:2")[:2] == (201, {"number": 2})


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "k" * (MAX_KEY_LENGTH + 1)])
def test_a_command_without_a_usable_key_is_refused(key):
    with pytest.raises(IdempotencyKeyMissing):
        draw(key=key)


@pytest.mark.django_db
def test_a_refusal_leaves_nothing_behind_so_the_key_may_be_tried_again():
    def refuse():
        number_next("calls")
        raise NotFound

    with pytest.raises(NotFound):
        draw(act=refuse)
    assert not IdempotencyKey.objects.exists()
    assert not Counter.objects.exists()
    assert draw() == (201, {"number": 1}, False)


@pytest.mark.django_db
def test_a_clash_inside_the_command_is_not_taken_for_a_clash_of_keys():
    Counter.objects.create(name="calls")
    with pytest.raises(IntegrityError):
        draw(act=lambda: (201, Counter.objects.create(name="calls").pk))
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_instant_one_acts_and_both_get_its_answer(crew):
    together = threading.Barrier(2)
    answers = []

    def send():
        together.wait()
        answers.append(draw())

    crew.start(send)
    crew.start(send)
    crew.finish()
    assert sorted(answers) == [(201, {"number": 1}, False), (201, {"number": 1}, True)]
    assert Counter.objects.get(name="calls").value == 1


@pytest.mark.django_db(transaction=True)
def test_the_second_sender_waits_for_the_first_ones_commit(crew):
    inside, go_on = threading.Event(), threading.Event()
    answers = []

    def slow():
        inside.set()
        assert go_on.wait(30)
        return 200, "done"

    crew.start(lambda: answers.append(draw(act=slow)))
    assert inside.wait(30)
    crew.start(lambda: answers.append(draw(act=lambda: (200, "done twice"))))
    go_on.set()
    crew.finish()
    assert sorted(answers) == [(200, "done", False), (200, "done", True)]


@pytest.mark.django_db
def test_what_is_worked_out_beforehand_is_not_worked_out_for_a_key_that_is_known():
    worked_out = []
    for _ in range(3):
        draw(before=lambda: worked_out.append(1))
    assert worked_out == [1]


@pytest.mark.django_db
def test_what_is_refused_beforehand_leaves_nothing_behind():
    def refuse():
        raise NotFound

    with pytest.raises(NotFound):
        draw(before=refuse)
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_second_sender_is_not_refused_because_the_first_has_done_it_already(crew):
    first_in, second_asks, answers = threading.Event(), threading.Event(), []

    def sign():
        if Counter.objects.filter(name="signed").exists():
            raise NotFound
        Counter.objects.create(name="signed")
        first_in.set()
        assert second_asks.wait(30)
        return 200, "signed"

    crew.start(lambda: answers.append(draw(act=sign)))
    assert first_in.wait(30)
    crew.start(lambda: answers.append(draw(act=sign, before=second_asks.set)))
    crew.finish()
    assert sorted(answers) == [(200, "signed", False), (200, "signed", True)]
    assert Counter.objects.filter(name="signed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_numbers_drawn_by_many_have_no_gap_and_no_double(crew):
    drawn = []
    for _ in range(4):
        crew.start(lambda: drawn.extend(number_next("incidents") for _ in range(10)))
    crew.finish()
    assert sorted(drawn) == list(range(1, 41))


@pytest.mark.django_db
def test_numbers_of_several_runs_are_drawn_in_one_step_and_told_in_the_order_asked():
    number_next("calls", 7)
    assert numbers_next("incidents", "calls") == [1, 8]
    assert numbers_next("calls", "incidents") == [9, 2]
