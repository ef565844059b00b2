"""A push is received, acted on, closed with its outcome, or sent back - by whoever it was sent to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.permissions import permitted, require
from anlan.core.row_changes import row_change, row_reread, rows_read
from anlan.disputes import events
from anlan.disputes.errors import PushNotReturnable, PushOver, ReturnSpent
from anlan.disputes.models import DisputeFile, Push
from anlan.disputes.rules import OUTCOMES_OF, PUSH, PUSH_OPEN, SETTLED_OUTCOMES
from anlan.disputes.services.files import close, file_follow_up, file_settle_on_site, file_to_police
from anlan.disputes.services.parts import file_change, live_hold, person_id, said, step
from anlan.disputes.services.sending import push_on
from anlan.disputes.services.steps import holder_set, person_of, push_advance, push_end, push_tell, state_move
from anlan.disputes.services.telling import push_quiet


@step
def push_receive(*, push: Push, by: Actor, at: datetime) -> Push:
    """The receiver has it in hand. Receiving push 2 is accepting the file: the station of the beat holds it then.

    Twice is once: who presses again changes nothing.
    """
    _mine(push, by)
    file = _held(push)
    if push.state in ("received", "acted"):
        return push
    push_advance(push, "received", events.PUSH_RECEIVED, by=by, at=at, received_at=at, received_by=person_id(by))
    push_quiet(push, by=by, at=at)
    if push.seq == 2:
        _beat_takes(push, file, by=by, at=at)
    return push


def _beat_takes(push: Push, file: DisputeFile, *, by: Actor, at: datetime) -> None:
    person = push.to_person or (person_of(by) if "beat_officer" in by.roles else None)
    if person is not None and file.responsible_id != person.pk:
        file_change(file, {"responsible_id": person.pk})
    if file.state == "on_site_settled":
        state_move(file, "follow_up", by=by, at=at, due=None)
        _keep_visit(push, file)
    if file.state == "follow_up":
        holder_set(file, push.to_organisation_id, by=by, at=at, why="beat")


def _keep_visit(push: Push, file: DisputeFile) -> None:
    """The visit stays due when it was: taking it in hand buys no time."""
    file_change(file, {"due_at": push.due_at, "due_kind": push.due_sum["rule"], "due_sum": push.due_sum})


@step
def push_act(*, push: Push, action: str, by: Actor, at: datetime) -> Push:
    """Write down what was done (a visit, a call); the push stays open until its outcome is known."""
    _mine(push, by)
    file = _held(push)
    words = said(action)
    if push.state == "acted":
        row_change(push, {"action": words, "acted_at": at}, where={"state": "acted"})
        row_reread(push)
        push_tell(events.PUSH_ACTED, push, by=by, at=at, again=True)
        return push
    received: dict[str, Any] = {} if push.received_at else {"received_at": at, "received_by": person_id(by)}
    is_first = push.received_at is None
    push_advance(push, "acted", events.PUSH_ACTED, by=by, at=at, acted_at=at, action=words, **received)
    push_quiet(push, by=by, at=at)
    if push.seq == 2 and is_first:
        _beat_takes(push, file, by=by, at=at)
    return push


@step
def push_close(*, push: Push, outcome: str, by: Actor, at: datetime, action: str = "") -> Push:
    """End the push with what came of it, and bring the file where that leads.

    1: settled … / calm_open → the beat follows up, up → the town room as well, case → police. 2: settled → the
    file is closed; watching → another visit is due; up → the town room. 3: settled, court_guide, long_term → closed.
    While a town room has the file, a visit of the beat is noted and leaves it there. Raises ``PushOver``.
    """
    _mine(push, by)
    if outcome not in OUTCOMES_OF[push.seq]:
        raise BadInput(field="outcome", problem=outcome)
    file = _held(push)
    if push.seq == 1:
        _first_closed(push, file, outcome, by=by, at=at, action=action)
    elif outcome == "back_to_police":
        _end(push, outcome, by=by, at=at, action=action)
        file_to_police(file=file, reason="by_hand", by=by, at=at)
    elif push.seq == 2:
        _second_closed(push, file, outcome, by=by, at=at, action=action)
    else:
        results = {"settled": "department", "court_guide": "court", "long_term": "long_term"}
        _end(push, outcome, by=by, at=at, action=action)
        close(file=file, result=results[outcome], by=by, at=at, outcome=outcome)
    return push


def _end(push: Push, outcome: str, *, by: Actor, at: datetime, action: str) -> None:
    push_end(push, "closed", outcome, by=by, at=at, action=action.strip())
    push_quiet(push, by=by, at=at)


def _first_closed(push: Push, file: DisputeFile, outcome: str, *, by: Actor, at: datetime, action: str) -> None:
    _end(push, outcome, by=by, at=at, action=action)
    if outcome == "case":
        file_to_police(file=file, reason="crime", exclusion="crime", by=by, at=at, incident=push.incident)
    elif outcome in SETTLED_OUTCOMES:
        file_settle_on_site(file=file, by=by, at=at, outcome=outcome, incident=push.incident)
    else:
        file_follow_up(file=file, by=by, at=at, outcome=outcome, incident=push.incident)
        if outcome == "up" and file.state == "follow_up":
            push_on(file, 3, "department", by=by, at=at, incident=push.incident)


def _second_closed(push: Push, file: DisputeFile, outcome: str, *, by: Actor, at: datetime, action: str) -> None:
    if push.received_at is None:
        _beat_takes(push, file, by=by, at=at)
    _end(push, outcome, by=by, at=at, action=action)
    if file.state not in ("on_site_settled", "follow_up"):
        return
    if outcome == "settled":
        if file.state == "on_site_settled":
            state_move(file, "follow_up", by=by, at=at)
        close(file=file, result="settled_follow_up", by=by, at=at, outcome="settled", action=action)
    elif outcome == "watching":
        same = push.to_person if push.to_person is not None and push.to_person.is_active else None
        push_on(file, 2, "watching", by=by, at=at, to_person=same)
    else:
        push_on(file, 3, "not_settled", by=by, at=at)


@step
def push_return(*, push: Push, reason: str, by: Actor, at: datetime) -> Push:
    """The receiver sends it back with the reason; returns the push that takes its place.

    Push 2 goes to the station's room, push 3 to the beat: whoever held the file has never stopped holding it.
    Once for each step: the second time ``ReturnSpent``, unless the duty leader says so. ``PushNotReturnable``
    for push 1 - a unit refuses its assignment.
    """
    _mine(push, by)
    file = _held(push)
    words = said(reason)
    if push.seq == 1:
        raise PushNotReturnable(file=file.number)
    before = rows_read(Push, order=("-closed_at",), limit=1, file_id=file.pk, seq=push.seq, state="returned")
    if before and not permitted(by, "disputes.decide"):
        raise ReturnSpent(seq=push.seq, file=file.number, since=before[0].closed_at)
    PUSH.move(
        push, "returned", at=at, subject=f"{file.number}/{push.seq}", is_read=True, closed_at=at, action=words,
        outcome="superseded",
    )  # fmt: skip
    push_tell(events.PUSH_RETURNED, push, by=by, at=at)
    push_quiet(push, by=by, at=at)
    if push.seq == 2:
        return push_on(file, 2, "returned", by=by, at=at, to_organisation=push.to_organisation)
    state_move(file, "follow_up", by=by, at=at)
    return push_on(file, 2, "returned", by=by, at=at)


def _mine(push: Push, by: Actor) -> None:
    """Only the receiver, their organisation, or who is above it."""
    require(by, "disputes.act")
    reach = {push.to_organisation_id, push.file.holder_id, push.file.station_id if push.seq == 1 else None}
    if not by.sees_all and not by.org_ids.intersection(reach - {None}):
        raise NotFound


def _held(push: Push) -> DisputeFile:
    file = live_hold(push.file)
    row_reread(push)
    if push.state not in PUSH_OPEN:
        raise PushOver(seq=push.seq, file=file.number, state=PUSH.labels[push.state], since=push.state_since)
    push.file = file
    return file
