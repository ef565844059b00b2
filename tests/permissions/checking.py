"""What the table says, held against what the program answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from permissions.county import CREWS, KNOWN_TO_ALL, RELATIONS, ROLES
from permissions.doors import Door
from permissions.knocking import Answer, Knocker

COSTLY = ("/console/figures/trends", "/console/figures?")
"""Pages that count for long: one role of those that may is let in instead of each."""


def deviations(knocker: Knocker, door: Door, *, is_whole: bool = False) -> Iterator[str]:
    """Every cell of the door's row that is answered otherwise than the table says.

    Each role is asked once about its own record; each relation is asked as one of the roles that may, a different
    one from door to door, or as each of them if it ``is_whole``.
    """
    yield from by_role(knocker, door, is_whole=is_whole)
    if door.has_record and not door.is_public:
        # Crews act for their own unit only, so others tell more about what lies beneath.
        askers = sorted(door.roles if is_whole else door.roles.difference(CREWS) or door.roles)
        turn = sum(map(ord, door.path)) % len(askers)
        for role in askers if is_whole else askers[turn : turn + 1]:
            yield from by_relation(knocker, door, role)


def by_role(knocker: Knocker, door: Door, *, is_whole: bool = False) -> Iterator[str]:
    nobody = knocker.ask(door, brief=True)
    if not door.is_public and nobody.verdict != "sign_in":
        yield f"{door}: nobody in particular is answered {_told(nobody)}"
    spared = not is_whole and door.path.startswith(COSTLY)
    let_in = sorted(door.roles)[:1] if spared else door.roles
    for role in ROLES:
        if spared and role in door.roles and role not in let_in:
            continue
        answer = knocker.ask(door, role, brief=True)
        wanted = {"through"} if role in door.roles else {"absent"} if role in door.given else {"refused"}
        if door.record == "same" and role in door.roles:
            wanted = {"through", "absent"}  # of what is the same for all there may be none here
        if door.is_public:
            wanted = {"through", "absent", "sign_in"}
        if answer.verdict not in wanted or answer.status >= 500:
            yield f"{door}: {role} should be {'/'.join(sorted(wanted))} and is answered {_told(answer)}"


def by_relation(knocker: Knocker, door: Door, role: str) -> Iterator[str]:
    absent = knocker.ask(door, role, "absent")
    for relation in RELATIONS:
        answer = knocker.ask(door, role, relation)
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


def all_deviations(knocker: Knocker, doors: Iterable[Door], *, is_whole: bool = False) -> list[str]:
    return [found for door in doors for found in deviations(knocker, door, is_whole=is_whole)]


def _told(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:80]!r}"
