"""Sizes are asked in turns: each is asked as often, none always first, and what each saw is kept apart."""

from __future__ import annotations

import io
import json

import pytest

from anlan.drills.bench.figures import answers
from anlan.drills.bench.load import Outcome
from anlan.drills.bench.turns import Side, Turn, turn_told, turns_asked, turns_taken


class Talk(io.StringIO):
    """One end that remembers who was asked when, the other that answers as many as were asked."""

    asked: list[tuple[str, Turn]] = []

    def __init__(self, name: str, takes_s: float) -> None:
        super().__init__()
        self.name, self.takes_s, self.waiting = name, takes_s, ""

    def write(self, text: str) -> int:
        [turn] = turns_asked([text])
        Talk.asked.append((self.name, turn))
        seen = Outcome([self.takes_s] * turn.count, {200: turn.count}, self.takes_s * turn.count)
        self.waiting = turn_told(seen, 0.5) + "\n"
        return len(text)

    def readline(self, size: int | None = -1, /) -> str:
        told, self.waiting = self.waiting, ""
        return told


def test_sides_take_turns_there_and_back_and_share_the_count_exactly():
    Talk.asked = []
    talks = [Talk("small", 0.1), Talk("large", 0.2)]
    seen = turns_taken([Side(talk.name, talk, talk) for talk in talks], "queue", clients=1, count=65)
    order = [name for name, _ in Talk.asked]
    assert order == ["small", "large", "large", "small"] * 3
    for name, takes_s in (("small", 0.1), ("large", 0.2)):
        assert seen[name].outcome.seconds == [takes_s] * 65
        assert seen[name].outcome.ok == 65
        assert seen[name].cpu_s == 6 * 0.5
    salts = [turn.salt for _, turn in Talk.asked]
    assert len(set(salts)) == len(salts), "a create asked again under one key would be no create"


@pytest.mark.parametrize(("clients", "count", "turns"), [(1, 600, 6), (20, 600, 3), (20, 100, 1), (1, 30, 3)])
def test_a_turn_is_long_enough_that_all_clients_are_at_work_for_most_of_it(clients, count, turns):
    Talk.asked = []
    talk = Talk("only", 0.1)
    seen = turns_taken([Side("only", talk, talk)], "queue", clients=clients, count=count)
    assert len(Talk.asked) == turns
    assert len(seen["only"].outcome.seconds) == count


def test_what_was_seen_in_all_turns_makes_the_figures():
    whole = Outcome([0.1, 0.3], {200: 2}, 0.4)
    whole.add(Outcome([0.2, 0.2], {200: 1, 503: 1}, 0.6))
    told = {line.metric: line.value for line in answers("intake", "queue", whole, 0.8)}
    assert (told["p50"], told["rate"], told["failed"], told["server_cpu"]) == (200, 3.0, 1, 200)


def test_a_side_that_has_ended_is_told_by_its_name():
    with pytest.raises(EOFError, match="past=500"):
        turns_taken([Side("past=500", io.StringIO(), io.StringIO())], "queue", clients=1, count=3)


def test_a_turn_and_its_answer_are_one_line_each():
    assert turn_told(Outcome([0.5], {201: 1}, 0.5), 0.25).count("\n") == 0
    assert json.loads(turn_told(Outcome([0.5], {201: 1}, 0.5), 0.25))["statuses"] == {"201": 1}
