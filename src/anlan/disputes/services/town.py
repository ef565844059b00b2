"""The town room accepts, triages and assigns a file, and takes it back from who could not handle it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.core.models import Event
from anlan.core.permissions import permitted, require
from anlan.disputes import events
from anlan.disputes.due import due_after, due_kept
from anlan.disputes.errors import OrganisationGone, ReturnedBefore
from anlan.disputes.models import DisputeFile, Push
from anlan.disputes.rules import AMOUNT_BANDS, EXCLUSIONS, METHODS, RELATIONS
from anlan.disputes.selectors.files import push_open_of
from anlan.disputes.services.levels import file_weigh
from anlan.disputes.services.mediation_ending import mediation_overtaken
from anlan.disputes.services.parts import live_hold, person_id, said, step, tell
from anlan.disputes.services.sessions import sessions_part
from anlan.disputes.services.steps import holder_set, push_advance, push_due, state_move
from anlan.disputes.services.telling import push_quiet

_TRIAGED = {"method": METHODS, "exclusion": EXCLUSIONS, "relation": RELATIONS, "amount_band": AMOUNT_BANDS}


@step
def file_accept(*, file: DisputeFile, by: Actor, at: datetime) -> DisputeFile:
    """The town room has signed for it (受理) and holds it from now on; a plan is due in one working day."""
    require(by, "disputes.town")
    live_hold(file)
    push = push_open_of(file, 3)
    _theirs(file, push, by)
    state_move(file, "accepted", by=by, at=at)
    if push is not None:
        if push.received_at is None:
            push_advance(
                push, "received", events.PUSH_RECEIVED, by=by, at=at, received_at=at, received_by=person_id(by)
            )
        push_quiet(push, by=by, at=at)
        push_due(push, _file_due(file))
    holder_set(file, push.to_organisation_id if push is not None else by.org_id, by=by, at=at, why="accepted")
    file_weigh(file=file, by=by, at=at)
    return file


@step
def file_triage(
    *,
    file: DisputeFile,
    by: Actor,
    at: datetime,
    method: str = "",
    exclusion: str = "",
    relation: str = "",
    amount_band: str = "",
    people_count: int | None = None,
    claim: str = "",
    cause: str = "",
) -> DisputeFile:
    """The town room says what it is and which way it goes (分流); the plan stays due when it was."""
    require(by, "disputes.town")
    live_hold(file)
    _theirs(file, push_open_of(file, 3), by)
    given: dict[str, Any] = {
        "method": method, "exclusion": exclusion, "relation": relation, "amount_band": amount_band,
        "claim": claim.strip()[:500], "cause": cause.strip()[:40],
    }  # fmt: skip
    for name, choices in _TRIAGED.items():
        if given[name] not in choices:
            raise BadInput(field=name, problem=str(given[name]))
    if people_count is not None and not 1 <= people_count <= 10_000:
        raise BadInput(field="people_count", problem=str(people_count))
    changes = {name: value for name, value in given.items() if value}
    if people_count is not None:
        changes["people_count"] = people_count
    kept = _file_due(file) if file.due_kind == "plan" else None
    told = {"method": method, "bar": exclusion}
    was = state_move(file, "triaged", by=by, at=at, due=kept, told=told, **changes)
    mediation_overtaken(file, was, by=by, at=at)
    sessions_part(file, by=by, at=at)
    file_weigh(file=file, by=by, at=at)
    return file


def _file_due(file: DisputeFile) -> Any:
    assert file.due_at is not None, "a live file has a deadline"
    return due_kept(file.due_kind, file.due_at, file.due_sum)


@step
def file_assign(*, file: DisputeFile, mediating: Organisation, by: Actor, at: datetime) -> DisputeFile:
    """Assign it to who shall settle it (交办): a mediation organisation or a department. Fifteen working days.

    The town room holds it until that organisation begins. One that sent this very file back gets it again only
    from the duty leader (``ReturnedBefore``); ``OrganisationGone`` for one that was abolished.
    """
    require(by, "disputes.town")
    live_hold(file)
    push = push_open_of(file, 3)
    _theirs(file, push, by)
    if not mediating.is_active:
        raise OrganisationGone(organisation=mediating.name_shown)
    returned = _returned_by(file, mediating)
    if returned is not None and not permitted(by, "disputes.decide"):
        raise ReturnedBefore(organisation=mediating.name_shown, file=file.number, since=returned.at)
    start = push.received_at if push is not None and push.received_at is not None else at
    due = due_after("close", start)
    state_move(file, "assigned", by=by, at=at, due=due, told={"mediating": mediating.code}, mediating_id=mediating.pk)
    if push is not None:
        if push.state != "acted":
            received = {} if push.received_at else {"received_at": at, "received_by": person_id(by)}
            push_advance(push, "acted", events.PUSH_ACTED, by=by, at=at, acted_at=at, **received)
        push_due(push, due)
    file_weigh(file=file, by=by, at=at)
    return file


def _returned_by(file: DisputeFile, organisation: Organisation) -> Event | None:
    rows = Event.objects.filter(
        subject_type=file._meta.label_lower, subject_id=file.pk, kind=events.ASSIGNMENT_RETURNED
    )
    return next((row for row in rows.order_by("-id") if row.data.get("mediating") == organisation.code), None)


@step
def file_assignment_return(*, file: DisputeFile, reason: str, by: Actor, at: datetime) -> DisputeFile:
    """Who it was assigned to can't settle it and says why: it is triaged anew by the town room, which holds it."""
    require(by, "disputes.act")
    live_hold(file)
    words = said(reason)
    theirs = {file.mediating_id, file.holder_id} - {None}
    if not by.sees_all and not by.org_ids.intersection(theirs):
        raise NotFound
    mediating = file.mediating
    was = state_move(file, "triaged", by=by, at=at, mediating_id=None)
    mediation_overtaken(file, was, by=by, at=at)
    push = push_open_of(file, 3)
    told: dict[str, Any] = {"mediating": mediating.code if mediating is not None else ""}
    tell(events.ASSIGNMENT_RETURNED, file, by=by, at=at, orgs=(mediating.pk if mediating else None,), **told)
    if push is not None:
        push_due(push, _file_due(file))
        Push.objects.filter(pk=push.pk).update(action=words)
        holder_set(file, push.to_organisation_id, by=by, at=at, why="returned")
    file_weigh(file=file, by=by, at=at)
    return file


def _theirs(file: DisputeFile, push: Push | None, by: Actor) -> None:
    """Only the town room it was pushed to, or who is above it."""
    reach = {push.to_organisation_id if push is not None else file.holder_id}
    if not by.sees_all and not by.org_ids.intersection(reach - {None}):
        raise NotFound
