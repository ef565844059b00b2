"""A file and its pushes taken through the store by the tables of moves alone: every allowed one, and no other."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from anlan.core.actor import SYSTEM
from anlan.core.errors import WrongState
from anlan.core.row_changes import rows_read
from anlan.disputes.models import DisputeFile, Push
from anlan.disputes.rules import FILE, PUSH, PUSH_OPEN, SETTLED
from anlan.disputes.selectors.receivers import Hands
from anlan.disputes.services.holding import file_hold, step
from anlan.disputes.services.steps import push_put, state_move
from disputes.course import wrong_with
from world import T0

MOVES = 16
_PUSH_WRONG = ("a push ended without an outcome", "a push whose sum is another")


def _needed(file: DisputeFile, to: str, other: DisputeFile, at: datetime) -> dict[str, Any]:
    """What a state asks for beside itself."""
    if to == "merged":
        return {"merged_into_id": other.pk, "merged_from_state": file.state}
    if to in SETTLED:
        return {"closed_at": file.closed_at or at}
    return {"closed_at": None} if file.state in SETTLED else {}


@step
def _file_moved(file: DisputeFile, to: str, other: DisputeFile, at: datetime) -> None:
    file_hold(file)
    if file.state == "merged":
        # Taking a merge back is the one way from there; it restores the columns as they stood.
        FILE.move(file, to, at=at, subject=file.number, merged_into_id=None, merged_from_state="")
    else:
        state_move(file, to, by=SYSTEM, at=at, **_needed(file, to, other, at))


def _refused(row: DisputeFile | Push, to: str, at: datetime) -> None:
    """A move the table hasn't is refused and leaves the row as it was."""
    machine = FILE if isinstance(row, DisputeFile) else PUSH
    before = rows_read(type(row), id=row.pk)[0].__dict__
    try:
        machine.move(row, to, at=at, subject="a walk")
    except WrongState:
        after = rows_read(type(row), id=row.pk)[0].__dict__
        assert {k: v for k, v in before.items() if k != "_state"} == {k: v for k, v in after.items() if k != "_state"}
        return
    raise AssertionError(f"{row} went to {to}")


def _file_walk(dice: random.Random, file: DisputeFile, other: DisputeFile) -> None:
    at, back = T0, ""
    for _ in range(MOVES):
        at += timedelta(minutes=dice.choice((0, 1, 61, 3000, 20000)))
        forbidden = [state for state in FILE.states if not FILE.can(file.state, state)]
        if forbidden:
            _refused(file, dice.choice(forbidden), at)
        was = file.state
        to = back if was == "merged" else dice.choice(FILE.moves[was])
        back = was if to == "merged" else ""
        _file_moved(file, to, other, at)
        (stored,) = rows_read(DisputeFile, id=file.pk)
        wrong = [
            what for what, is_so in wrong_with(stored, []).items() if is_so and what != "at the beat with nobody told"
        ]
        assert (stored.state, wrong) == (to, []), f"{was} -> {to}: {stored.state} {wrong}"


def _push_walk(dice: random.Random, file: DisputeFile) -> None:
    at = T0
    hands = Hands(file.station, "station_room")
    with transaction.atomic():
        push = push_put(file, dice.choice((1, 2, 3)), hands, reason="by_hand", by=SYSTEM, at=at)
    for _ in range(MOVES):
        at += timedelta(minutes=dice.choice((0, 1, 61, 3000)))
        forbidden = [state for state in PUSH.states if not PUSH.can(push.state, state)]
        if forbidden:
            _refused(push, dice.choice(forbidden), at)
        if push.state in PUSH.final:
            break
        to = dice.choice(PUSH.moves[push.state])
        is_open = to in PUSH_OPEN
        ended = {"closed_at": None if is_open else at, "outcome": "" if is_open else "settled"}
        PUSH.move(push, to, at=at, subject="a walk", **ended)
        stored = rows_read(Push, id=push.pk)
        wrong = wrong_with(file, stored)
        found = [what for what in _PUSH_WRONG if wrong[what]]
        assert (stored[0].state, found) == (to, []), f"push to {to}: {stored[0].state} {found}"


def run(files: list[DisputeFile], seed: int) -> None:
    """One walk of a file and one of a push; they leave nothing behind."""
    dice = random.Random(seed)
    file, other = files[0], files[1]
    kept = dict(file.__dict__)
    try:
        with transaction.atomic():
            _push_walk(dice, file)
            _file_walk(dice, file, other)
            transaction.set_rollback(True)
    except AssertionError as wrong:
        raise AssertionError(f"walk {seed}: {wrong}") from wrong
    finally:
        file.__dict__.update(kept)
        file._state.fields_cache.clear()
