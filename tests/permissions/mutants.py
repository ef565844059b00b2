"""Defects of permission, one at a time: each takes one check out of the running program.

Three kinds. *Reach*: at one place in the program whoever asks reaches everything; such a place is one that looks at
an actor's organisations, itself or by asking ``visible_to`` or ``one_for``. *Right*: one action is everybody's.
*Look-up*: one function that fetches a record for somebody fetches it for anybody.

What the doors check is watched once (``watched``): which places and which actions lie behind a door. A mutant is then
held only against the doors that its check guards.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import anlan
from anlan.core import permissions
from anlan.core.actor import Actor
from permissions.checking import asker, by_relation
from permissions.county import CREWS, FOREIGN, OVER, ROLES
from permissions.doors import Door
from permissions.knocking import Answer, Knocker

PACKAGE = str(Path(anlan.__file__).parent) + "/"
ASKING_FOR_OTHERS = ("core/scope.py", "core/shut.py", "disputes/file_scope.py", "core/actor.py", "core/api.py")
"""Where an actor's reach is looked at for somebody else: what counts is who asked there."""
KIND_REACH, KIND_RIGHT = "no limit at", "everybody may"


@dataclass(frozen=True, slots=True)
class Mutant:
    """``guards`` is what the watch calls the check that it takes out."""

    kind: str
    guards: str
    planted: Callable[[], Any]

    def __str__(self) -> str:
        return f"{self.kind} {self.guards}"


def place() -> str:
    """``intake/selectors/queue.py queue_for``, what of the program's own code asks for somebody's reach right now."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(PACKAGE) and not file.endswith(ASKING_FOR_OTHERS):
            return f"{file.removeprefix(PACKAGE)} {frame.f_code.co_qualname.partition('.<locals>')[0]}"
        frame = frame.f_back
    return ""


_sees_all, _org_ids = Actor.__dict__["sees_all"], Actor.__dict__["org_ids"]


@contextmanager
def reach_seen(look: Callable[[str], bool], everything: frozenset[int]) -> Iterator[None]:
    """Each place that looks at somebody's reach is told to ``look``; where that is true it sees ``everything``."""

    def sees_all(actor: Actor) -> bool:
        return _sees_all.__get__(actor) or look(place())

    def org_ids(actor: Actor) -> frozenset[int]:
        return everything if look(place()) else _org_ids.__get__(actor)

    def is_shut(actor: Actor, value: Any) -> None:
        _sees_all.__set__(actor, value)

    def told(actor: Actor, value: Any) -> None:
        _org_ids.__set__(actor, value)

    with (
        mock.patch.object(Actor, "sees_all", property(sees_all, is_shut)),
        mock.patch.object(Actor, "org_ids", property(org_ids, told)),
    ):
        yield


@contextmanager
def unlimited(at: str, everything: frozenset[int]) -> Iterator[None]:
    """At this one place everybody reaches everything."""
    with reach_seen(lambda here: here == at, everything):
        yield


@contextmanager
def unasked(action: str) -> Iterator[None]:
    """Everybody who is signed in may do it."""
    table = {**permissions.permission_table(), action: frozenset(ROLES)}
    with mock.patch.object(permissions, "permission_table", return_value=table):
        yield


@dataclass
class Watch:
    """Which doors each check guards."""

    everything: frozenset[int]
    guarded: dict[str, list[Door]] = field(default_factory=dict)

    def note(self, what: str, door: Door) -> None:
        found = self.guarded.setdefault(what, [])
        if door not in found:
            found.append(door)


def desk(door: Door) -> str:
    """One who may come in and is on no crew, where there is one: crews are asked for their unit first."""
    return min(door.roles.difference(CREWS) or door.roles)


def watched(knocker: Knocker, asked: Iterable[Door]) -> Watch:
    """Knock at every door, as who may come in and at a desk, and note what is checked on the way."""
    watch, seen = Watch(frozenset(org.pk for org in knocker.county.orgs.values())), set[str]()

    class Table(dict[str, frozenset[str]]):
        def get(self, action: str, usual: Any = None) -> Any:
            seen.add(action)
            return super().get(action, usual)

    def look(here: str) -> bool:
        seen.add(here)
        return False

    table = Table(permissions.permission_table())
    with (
        reach_seen(look, watch.everything),
        mock.patch.object(permissions, "permission_table", return_value=table),
    ):
        for door in asked:
            seen.clear()
            # A crew is asked for its unit before its reach, so a desk shows more; the other doors need one knock.
            for role in {asker(door), desk(door) if asker(door) in CREWS else asker(door)}:
                knocker.ask(door, role, brief=True)
            for what in seen - {""}:
                watch.note(what, door)
    return watch


def mutants(watch: Watch) -> list[Mutant]:
    """One for every place that looks at somebody's reach, and one for every action that is asked for."""
    return [
        Mutant(KIND_REACH, what, partial(unlimited, what, watch.everything))
        if ".py " in what
        else Mutant(KIND_RIGHT, what, partial(unasked, what))
        for what in sorted(watch.guarded)
    ]


LEADING = "duty_leader"
"""Who may do the most of those at a list: what others are not shown at all can't be too much for them."""


def list_askers(door: Door) -> tuple[str, ...]:
    """Who asks at a list: one of those that may, and whoever leads them."""
    return tuple(dict.fromkeys((asker(door), *([LEADING] if LEADING in door.roles else []))))


def caught_by(mutant: Mutant, knocker: Knocker, watch: Watch, lists: dict[tuple[Door, str], Answer]) -> str | None:
    """The first deviation that shows the mutant; None where it goes unseen. ``lists`` are the right answers."""
    # What is about a record of just this kind tells soonest.
    suspects = sorted(watch.guarded[mutant.guards], key=lambda door: (not door.has_record, not door.is_api))
    if mutant.kind == KIND_RIGHT:
        signs = partial(_let_in, without=_without(mutant.guards, suspects, knocker))
    else:
        signs = partial(_reached, lists=lists)
    with mutant.planted():
        for door in suspects:
            if not door.is_public and (found := next(signs(door, knocker), None)):
                return found
    return None


def _without(action: str, suspects: Iterable[Door], knocker: Knocker) -> dict[tuple[Door, str], Answer]:
    """What those are rightly told at lists who may come in there and may not do this."""
    may = permissions.permission_table().get(action, frozenset())
    at = [door for door in suspects if door.record == "list" and door.method == "GET" and not door.is_public]
    return {(door, role): knocker.ask(door, role) for door in at for role in sorted(door.roles - may)[:1]}


def _reached(door: Door, knocker: Knocker, *, lists: dict[tuple[Door, str], Answer]) -> Iterator[str]:
    role = asker(door)
    if door.has_record and not door.open & set(FOREIGN):
        # A crew acts for its own unit only, whatever it reaches.
        for other in {role, desk(door)}:
            yield from by_relation(knocker, door, other, relations=FOREIGN, brief=True)
    for role in list_askers(door):
        if (door, role) not in lists:
            continue
        if role == LEADING:
            knocker.ask(door, OVER, brief=True)  # what is held for the zone must not be given to the station
        if knocker.ask(door, role) != lists[door, role]:
            yield f"{door}: {role} is shown or told of what is not theirs"


def _let_in(door: Door, knocker: Knocker, *, without: dict[tuple[Door, str], Answer]) -> Iterator[str]:
    for role in ROLES:
        if role not in door.roles | door.given and knocker.ask(door, role, brief=True).verdict != "refused":
            yield f"{door}: {role} is let in"
            return
    for (at, role), right in without.items():
        if at == door and knocker.ask(door, role) != right:
            yield f"{door}: {role} is shown what only others may do or see"
