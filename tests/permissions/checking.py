"""What the table says, held against what the program answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from permissions.county import CREWS, FOREIGN, KNOWN_TO_ALL, RELATIONS, ROLES
from permissions.doors import Door, shared
from permissions.knocking import Answer, Knocker

QUESTIONS_APART = 2
"""A record of others may cost so many questions more or fewer than none: no clock across a network tells them."""
COSTLY = ("/console/figures/trends", "/console/figures?")
"""Pages that count for long: one role of those that may is let in instead of each."""


def deviations(knocker: Knocker, door: Door, *, is_whole: bool = False) -> Iterator[str]:
    """Every cell of the door's row that is answered otherwise than the table says.

    Each role is asked about its own record, and each that may come in about others' and none. One of them, a
    different one from door to door, looks at whole pages and beneath as well; each of them if it ``is_whole``, and
    then who may not come in is asked about others' records too.
    """
    yield from by_role(knocker, door, is_whole=is_whole)
    if not door.has_record or door.is_public:
        return
    # Crews act for their own unit only, so others tell more about what lies beneath.
    askers = sorted(door.roles.difference(CREWS) or door.roles)
    looking = askers[sum(map(ord, door.path)) % len(askers)]
    for role in sorted(door.roles):
        if is_whole or role == looking:
            yield from by_relation(knocker, door, role, is_known=True)
        else:
            yield from by_relation(knocker, door, role, relations=FOREIGN, brief=True, is_known=True)
    if is_whole:
        yield from shut_out(knocker, door)


def shut_out(knocker: Knocker, door: Door) -> Iterator[str]:
    """Who may not come in is told so whatever is asked for."""
    for role in ROLES:
        if role in door.roles | door.given:
            continue
        answers = {relation: knocker.ask(door, role, relation, brief=True) for relation in (*RELATIONS, "absent")}
        told = [relation for relation, answer in answers.items() if answer != answers["absent"]]
        if told or answers["absent"].verdict != "refused":
            yield f"{door}: {role} may not come in and can tell {', '.join(told) or 'more'} from none"


def by_role(knocker: Knocker, door: Door, *, is_whole: bool = False) -> Iterator[str]:
    nobody = knocker.ask(door, brief=True)
    if not door.is_public and nobody.verdict != "sign_in":
        yield f"{door}: nobody in particular is answered {_told(nobody)}"
    spared = not is_whole and door.path.startswith(COSTLY)
    let_in = sorted(door.roles)[:1] if spared else door.roles
    for role in ROLES:
        if spared and role in door.roles and role not in let_in:
            continue
        answer = knocker.ask_own(door, role)
        yield from _leaked(door, role, answer)
        wanted = {"through"} if role in door.roles else {"absent"} if role in door.given else {"refused"}
        if door.record == "same" and role in door.roles:
            wanted = {"through", "absent"}  # of what is the same for all there may be none here
        if door.is_public:
            wanted = {"through", "absent", "sign_in"}
        if answer.verdict not in wanted or answer.status >= 500:
            yield f"{door}: {role} should be {'/'.join(sorted(wanted))} and is answered {_told(answer)}"


def by_relation(
    knocker: Knocker,
    door: Door,
    role: str,
    *,
    relations: Iterable[str] = RELATIONS,
    brief: bool = False,
    is_known: bool = False,
) -> Iterator[str]:
    # Who asks for the first time is looked up first: that costs questions of its own. ``is_known`` who has asked.
    if not is_known:
        knocker.ask(door, role, "absent", brief=True)
    absent = knocker.ask(door, role, "absent", brief=brief)
    for relation in relations:
        answer = knocker.ask(door, role, relation, brief=brief)
        yield from _leaked(door, role, answer)
        if answer.status >= 500:
            yield f"{door}: {role} about {relation} is answered {_told(answer)}"
        elif relation in door.open:
            if answer == absent and not (role in CREWS and relation != "own"):
                yield f"{door}: {role} can't tell a record of theirs ({relation}) from none: {_told(answer)}"
        elif door.record in KNOWN_TO_ALL:
            if answer.status < 400:
                yield f"{door}: {role} about {relation} should be refused and is answered {_told(answer)}"
        elif answer != absent:
            yield f"{door}: {role} can tell a record of {relation} from none: {_told(answer)} and {_told(absent)}"
        elif abs(answer.questions - absent.questions) > QUESTIONS_APART:
            asked = f"{answer.questions} questions to the store, {absent.questions} about none"
            yield f"{door}: {role} can tell a record of {relation} from none by the time it takes: {asked}"


def asker(door: Door) -> str:
    """One role of those that may come in, not the same at every door."""
    return sorted(door.roles)[sum(map(ord, door.path)) % len(door.roles)]


def _leaked(door: Door, role: str, answer: Answer) -> Iterator[str]:
    """What only others' records hold, in an answer about one's own."""
    if answer.foreign and door.path not in shared() and not door.open & set(FOREIGN):
        yield f"{door}: {role} reads {', '.join(answer.foreign)}"


def all_deviations(knocker: Knocker, doors: Iterable[Door], *, is_whole: bool = False) -> list[str]:
    return [found for door in doors for found in deviations(knocker, door, is_whole=is_whole)]


def _told(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:80]!r}"
