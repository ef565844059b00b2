"""The single steps from which every change is made: a file's state, a push put and ended, a holder changed.

They run inside the transaction of a service that has checked who may do it, and that holds the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.core.row_changes import row_change, row_reread
from anlan.core.rows import row_insert, row_new
from anlan.dispatch.models import Assignment
from anlan.disputes import events
from anlan.disputes.due import Due, due_after
from anlan.disputes.errors import FileAlreadyMerged
from anlan.disputes.models import DisputeFile, Push
from anlan.disputes.rules import FILE, LIVE, PUSH, PUSH_OPEN, term_of, visit_term
from anlan.disputes.selectors.files import push_open_of, pushes_open_of
from anlan.disputes.selectors.receivers import Hands
from anlan.disputes.services.holding import file_change, is_held
from anlan.disputes.services.parts import tell
from anlan.intake.models import Incident

_NOTHING_DUE: dict[str, Any] = {"due_at": None, "due_kind": "", "due_sum": {}}


def state_move(
    file: DisputeFile,
    to: str,
    *,
    by: Actor,
    at: datetime,
    kind: str = events.FILE_MOVED,
    due: Due | None = None,
    told: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    """Bring the file to ``to``; a live state gets its term (or ``due``), an end has none. Returns what it left.

    ``changes`` are columns, ``told`` goes into the event. Raises ``WrongState``, ``Overtaken`` or
    ``FileAlreadyMerged``.
    """
    if file.state == "merged":
        # The way back from there is taking the merge back, and nothing else.
        into = file.merged_into
        raise FileAlreadyMerged(file=file.number, into=into.number if into else "", since=file.state_since)
    if to in LIVE:
        found = due or due_after(term_of(to, changes.get("level", file.level)), at)
        changes = {**found.columns(), **changes}
    elif to != "merged":
        changes = {**_NOTHING_DUE, **changes}
    was = FILE.move(file, to, at=at, subject=file.number, is_read=is_held(file), **changes)
    tell(
        kind,
        file,
        by=by,
        at=at,
        state=to,
        state_from=was,
        due_kind=file.due_kind,
        due_at=file.due_at.isoformat() if file.due_at and to in LIVE else None,
        **(told or {}),
    )
    return was


def holder_set(file: DisputeFile, holder: Organisation | int | None, *, by: Actor, at: datetime, why: str) -> bool:
    """Give the file to who has accepted it; False where it has it already."""
    to = holder.pk if isinstance(holder, Organisation) else holder
    before = file.holder_id
    if to is None or to == before:
        return False
    file_change(file, {"holder_id": to, "held_since": at})
    tell(events.HOLDER_CHANGED, file, by=by, at=at, orgs=(before,), held_by=before, holder=to, why=why)
    return True


def push_put(
    file: DisputeFile,
    seq: int,
    hands: Hands,
    *,
    reason: str,
    by: Actor,
    at: datetime,
    due: Due | None = None,
    incident: Incident | None = None,
    assignment: Assignment | None = None,
    told: dict[str, Any] | None = None,
) -> Push:
    """Write the push and its deadline; one of the same step that still runs is overtaken by it."""
    if (running := push_open_of(file, seq)) is not None:
        push_end(running, "superseded", "superseded", by=by, at=at, kind=events.PUSH_SUPERSEDED)
    found = due or due_after(_term(seq, file.level), at)
    push = row_new(
        Push,
        file_id=file.pk,
        seq=seq,
        incident_id=incident.pk if incident is not None else None,
        assignment_id=assignment.pk if assignment is not None else None,
        reason=reason,
        to_role=hands.role,
        to_organisation_id=hands.organisation.pk,
        to_person_id=hands.person.pk if hands.person is not None else None,
        state_since=at,
        pushed_at=at,
        due_at=found.due_at,
        due_sum=found.total,
        snapshot={
            "level": file.level,
            "reports": file.reports,
            "returns": file.returns,
            "why": hands.why,
            **(told or {}),
        },
    )
    row_insert(push)
    push.file, push.to_organisation, push.to_person = file, hands.organisation, hands.person
    if seq > file.push_level:
        file_change(file, {"push_level": seq})
    tell(
        events.PUSH_SENT,
        file,
        by=by,
        at=at,
        subject=push,
        incident_id=push.incident_id,
        orgs=(hands.organisation.pk,),
        seq=seq,
        why=reason,
        to_role=hands.role,
        organisation=hands.organisation.code,
        instead=hands.why,
        due_at=found.due_at.isoformat(),
    )
    return push


def _term(seq: int, level: str) -> str:
    return {1: "on_site", 2: visit_term(level), 3: "sign"}[seq]


def push_end(
    push: Push,
    to: str,
    outcome: str,
    *,
    by: Actor,
    at: datetime,
    kind: str = events.PUSH_CLOSED,
    action: str = "",
    **told: Any,
) -> Push:
    """End a push with its outcome; raises ``WrongState`` when it has ended already."""
    changes: dict[str, Any] = {"closed_at": at, "outcome": outcome}
    if action:
        changes["action"] = action[:200]
    if push.received_at is None and to == "closed":
        changes |= {"received_at": at, "received_by": by.id if by.kind == "person" else None}
    PUSH.move(push, to, at=at, subject=_name(push), is_read=True, **changes)
    push_tell(kind, push, by=by, at=at, outcome=outcome, **told)
    return push


def pushes_end(
    file: DisputeFile, outcome: str, *, by: Actor, at: datetime, seqs: Iterable[int] = (1, 2, 3), to: str = "closed"
) -> list[Push]:
    """End every push of these steps that still runs."""
    kind = events.PUSH_CLOSED if to == "closed" else events.PUSH_SUPERSEDED
    rows = [push for push in pushes_open_of(file) if push.seq in tuple(seqs)]
    return [push_end(push, to, outcome, by=by, at=at, kind=kind) for push in rows]


def push_advance(push: Push, to: str, kind: str, *, by: Actor, at: datetime, **changes: Any) -> Push:
    """Bring a running push to the next of its states."""
    PUSH.move(push, to, at=at, subject=_name(push), only_from=PUSH_OPEN, is_read=True, **changes)
    push_tell(kind, push, by=by, at=at)
    return push


def push_due(push: Push, due: Due) -> None:
    """A running push follows the deadline of what it waits for now."""
    row_change(push, {"due_at": due.due_at, "due_sum": due.total, "ladder": 0}, where={"state": push.state})
    row_reread(push)


def push_tell(kind: str, push: Push, *, by: Actor, at: datetime, **data: Any) -> None:
    """Put what happened to a push on the record."""
    tell(
        kind,
        push.file,
        by=by,
        at=at,
        subject=push,
        incident_id=push.incident_id,
        orgs=(push.to_organisation_id,),
        seq=push.seq,
        **data,
    )


def _name(push: Push) -> str:
    return f"{push.file.number}/{push.seq}"


def person_of(by: Actor) -> Person | None:
    """The row of the person who acts; None for machines."""
    return Person.objects.filter(pk=by.id).first() if by.kind == "person" and by.id is not None else None
