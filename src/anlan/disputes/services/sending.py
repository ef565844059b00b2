"""A push is sent: to the officer who goes, to the officer of the beat, to the town room."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.core.row_changes import rows_read
from anlan.dispatch.models import Assignment
from anlan.dispatch.selectors import clocks_of
from anlan.disputes.due import Due, due_after
from anlan.disputes.errors import NoReceiverOfPush, OrganisationGone
from anlan.disputes.models import DisputeFile, Push
from anlan.disputes.rules import PUSH_REASONS, PUSH_SEQS, visit_term
from anlan.disputes.selectors.files import push_open_of
from anlan.disputes.selectors.receivers import Hands, hands_for_beat, hands_for_town, organisation_acting
from anlan.disputes.services.levels import file_weigh
from anlan.disputes.services.parts import due_set, live_hold, step
from anlan.disputes.services.steps import push_put, state_move
from anlan.disputes.services.telling import push_announce
from anlan.intake.models import Incident

ROLE_OF = {1: "patrol", 2: "beat_officer", 3: "town_operator"}


@step
def push_send(
    *,
    file: DisputeFile,
    seq: int,
    reason: str,
    by: Actor,
    at: datetime,
    incident: Incident | None = None,
    assignment: Assignment | None = None,
    to_person: Person | None = None,
    to_organisation: Organisation | None = None,
) -> Push:
    """Put the file into somebody's hands: 1 the unit sent, 2 the officer of the beat, 3 the town room.

    The receiver follows from step and place unless named. A push of the same step that still runs is
    overtaken. ``reason`` is a key of ``PUSH_REASONS``. The holder stays: only who accepts takes the file over.

    Raises ``FileOver``, ``WrongState`` (3 while a town room has it), ``NoReceiverOfPush``, ``OrganisationGone``.
    """
    require(by, "disputes.push")
    return push_on(
        file, seq, reason, by=by, at=at, incident=incident, assignment=assignment, to_person=to_person,
        to_organisation=to_organisation,
    )  # fmt: skip


def push_on(
    file: DisputeFile,
    seq: int,
    reason: str,
    *,
    by: Actor,
    at: datetime,
    incident: Incident | None = None,
    assignment: Assignment | None = None,
    to_person: Person | None = None,
    to_organisation: Organisation | None = None,
) -> Push:
    """``push_send`` as it follows from another step, which was allowed as such; inside its transaction."""
    if seq not in PUSH_SEQS or reason not in PUSH_REASONS:
        raise BadInput(field="seq" if seq not in PUSH_SEQS else "reason", problem=f"{seq} {reason}")
    live_hold(file)
    hands = _named(seq, to_person, to_organisation) or _usual(file, seq, assignment, at=at)
    if hands is None:
        raise NoReceiverOfPush(seq=seq, file=file.number)
    file_weigh(file=file, by=by, at=at)
    due = _due(file, seq, incident, assignment, at=at)
    _state(file, seq, due, by=by, at=at)
    push = push_put(
        file, seq, hands, reason=reason, by=by, at=at, due=due, incident=incident, assignment=assignment,
        told=_told(file, seq),
    )  # fmt: skip
    push_announce(push, by=by, at=at)
    return push


def _named(seq: int, person: Person | None, organisation: Organisation | None) -> Hands | None:
    organisation = organisation or (person.organisation if person is not None else None)
    if organisation is None:
        return None
    if not organisation.is_active:
        raise OrganisationGone(organisation=organisation.name_shown)
    role = ROLE_OF[seq]
    if seq == 2 and person is None:
        role = "station_room"
    if seq == 1 and organisation.kind == Organisation.Kind.TOWN_ROOM:
        role = "town_operator" if person is None else "street_team"
    if seq == 3 and organisation.kind != Organisation.Kind.TOWN_ROOM:
        role = "duty_leader"
    return Hands(organisation, role, person)


def _usual(file: DisputeFile, seq: int, assignment: Assignment | None, *, at: datetime) -> Hands | None:
    if seq == 2:
        return hands_for_beat(file, at=at)
    if seq == 3:
        return hands_for_town(file)
    if assignment is not None:
        unit = assignment.unit
        return Hands(unit.organisation, "patrol" if unit.track == "P" else "street_team")
    some = organisation_acting(file.holder) or organisation_acting(file.station)
    return Hands(some, "station_room", why="no_unit") if some is not None else None


def _due(
    file: DisputeFile, seq: int, incident: Incident | None, assignment: Assignment | None, *, at: datetime
) -> Due:
    if seq == 2:
        return due_after(visit_term(file.level), at)
    if seq == 3:
        return due_after("sign", at)
    wanted = {"arrive"} if assignment is not None else {"town_arrive"}
    for clock in clocks_of(incident, at=at) if incident is not None else ():
        if clock.kind in wanted and (assignment is None or clock.subject_id == assignment.pk):
            return due_after("on_site", clock.started_at, seconds=int(clock.allows.total_seconds()))
    return due_after("on_site", at)


def _state(file: DisputeFile, seq: int, due: Due, *, by: Actor, at: datetime) -> None:
    """Bring the file to where this push puts it."""
    if seq == 2 and file.state in ("open", "with_police"):
        state_move(file, "follow_up", by=by, at=at, due=due)
    elif (seq == 2 and file.state in ("on_site_settled", "follow_up")) or (seq == 3 and file.state == "pushed"):
        due_set(file, due, by=by, at=at)
    elif seq == 3:
        state_move(file, "pushed", by=by, at=at, due=due)


def _told(file: DisputeFile, seq: int) -> dict[str, Any]:
    """What the receiver is told beside the file itself: how it went at the step before."""
    earlier = tuple(range(1, seq))
    last = rows_read(Push, order=("-pushed_at", "-id"), limit=1, file_id=file.pk, seq=earlier)
    return {"after": {"seq": last[0].seq, "outcome": last[0].outcome}} if last else {}


def red_follow(file: DisputeFile, *, by: Actor, at: datetime, incident: Incident | None = None) -> Push | None:
    """A red file in the hands of the beat goes to the town room at once, once."""
    if file.level != "red" or file.state not in ("on_site_settled", "follow_up"):
        return None
    if push_open_of(file, 3) is not None:
        return None
    return push_on(file, 3, "red", by=by, at=at, incident=incident)
