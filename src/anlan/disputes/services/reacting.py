"""What a file does when something happens to one of its reports: sent, reported, moved on, repeated, in danger.

Each may be told again without harm: what has been done already is seen and left alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.accounts.models import Organisation
from anlan.core.actor import SYSTEM, Actor
from anlan.core.models import Event
from anlan.dispatch.models import Assignment, Feedback, WorkOrder
from anlan.disputes import events
from anlan.disputes.models import DisputeFile, FileIncident, Push
from anlan.disputes.rules import (
    CASE_RESULTS,
    CRIME_GROUPS,
    LIVE,
    NO_QUARREL_RESULTS,
    RESULT_TO_OUTCOME,
    RETURN_WITHIN,
    SETTLED,
    SETTLED_OUTCOMES,
    TRACK_OF,
)
from anlan.disputes.selectors.files import file_of_incident, file_root, link_of, push_open_of
from anlan.disputes.services.files import (
    close,
    file_case_link,
    file_follow_up,
    file_open,
    file_reopen,
    file_settle_on_site,
    file_to_police,
)
from anlan.disputes.services.levels import file_weigh
from anlan.disputes.services.links import incident_link, incident_unlink, returns_in_time
from anlan.disputes.services.matches import BY_REPEAT, suggest
from anlan.disputes.services.merging import merge, unmerge
from anlan.disputes.services.parts import file_change, file_hold, person_id, step, tell
from anlan.disputes.services.sending import push_on
from anlan.disputes.services.steps import push_advance, push_end
from anlan.intake.models import Incident, IncidentLink
from anlan.intake.selectors import OPEN_STATES, incident_root, nth_report_of
from anlan.tagging.selectors import incident_type


def makes_file(incident: Incident, *, at: datetime) -> bool:
    """Whether a sending to this incident is the first push of a file: a quarrel, or noise reported a second time."""
    rule = incident_type(incident.code).push
    return rule == "yes" or (rule == "on_2nd" and nth_report_of(incident, at=at) >= 2)


@step
def sent_follow(*, assignment: Assignment, at: datetime, by: Actor = SYSTEM) -> Push | None:
    """A unit was sent: the file of the quarrel is there, and its first push goes with the unit."""
    if assignment.state in ("cancelled", "refused", "reassigned"):
        return None
    if Push.objects.filter(assignment=assignment, seq=1).exists():
        return None
    file = _file_for_sending(assignment.incident, by=by, at=at)
    if file is None:
        return None
    running = push_open_of(file, 1)
    if running is not None and _has_it(running, assignment):
        return None
    incident = incident_root(assignment.incident)
    return push_on(file, 1, "dispatched", by=by, at=at, incident=incident, assignment=assignment)


def _has_it(push: Push, assignment: Assignment) -> bool:
    """Whether who has push 1 keeps it although another unit was sent: support, a team of the same town room."""
    first = push.assignment
    if first is None:
        return assignment.unit.track != "P"
    return first.state not in ("cancelled", "refused", "reassigned") and first.incident_id == assignment.incident_id


@step
def routed_follow(*, order: WorkOrder, at: datetime, by: Actor = SYSTEM) -> Push | None:
    """A town room got the matter: on the community track it is the first responder and has push 1."""
    done = Push.objects.filter(incident=incident_root(order.incident), seq=1, to_organisation=order.town_room)
    if done.filter(pushed_at__gte=order.routed_at).exists():
        return None
    file = _file_for_sending(order.incident, by=by, at=at)
    if file is None or push_open_of(file, 1) is not None:
        return None
    incident = incident_root(order.incident)
    return push_on(file, 1, "routed", by=by, at=at, incident=incident, to_organisation=order.town_room)


def _file_for_sending(incident: Incident, *, by: Actor, at: datetime) -> DisputeFile | None:
    root = incident_root(incident)
    file = file_of_incident(root)
    if file is None:
        if not makes_file(root, at=at):
            return None
        file = _by_repeat(root, by=by, at=at) or file_open(incident=root, by=by, at=at)
        _earlier_too(file, root, by=by, at=at)
    if file.state in SETTLED:
        # Somebody is sent to it again, and somebody said it is this quarrel: it is not over.
        file_reopen(file=file, reason="came_back", by=by, at=at, incident=root)
    file_hold(file)
    if not file.track:
        file_change(file, {"track": TRACK_OF.get(root.track, "")})
    return file


def _earlier_too(file: DisputeFile, root: Incident, *, by: Actor, at: datetime) -> None:
    """The report it repeats belongs to the file as well, where it had made none of its own."""
    link = IncidentLink.objects.filter(incident=root, kind=IncidentLink.Kind.REPEAT, undone_at=None).first()
    if link is not None and link_of(link.earlier_id) is None and incident_type(link.earlier.code).push != "no":
        incident_link(file=file, incident=link.earlier, kind="same", by=by, at=at)


def _by_repeat(incident: Incident, *, by: Actor, at: datetime) -> DisputeFile | None:
    link = IncidentLink.objects.filter(incident=incident, kind=IncidentLink.Kind.REPEAT, undone_at=None).first()
    return repeat_follow(link=link, by=by, at=at) if link is not None else None


@step
def repeat_follow(*, link: IncidentLink, at: datetime, by: Actor = SYSTEM) -> DisputeFile | None:
    """Somebody noted that a report is the matter of an earlier one: both belong to one file.

    Where that file was closed more than thirty days before, a person is asked. None where there is no file yet,
    or a person has to decide.
    """
    if link.undone_at is not None:
        return None
    incident, earlier = incident_root(link.incident), incident_root(link.earlier)
    own, old = file_of_incident(incident), file_of_incident(earlier)
    if old is None:
        if own is not None and incident_type(earlier.code).push != "no" and not _taken_back(own, earlier):
            incident_link(file=own, incident=earlier, kind="same", by=by, at=at)
        return own
    if own is not None and own.pk == old.pk:
        return own
    in_time = old.state in LIVE or returns_in_time(old, incident)
    if not in_time:
        evidence = [{"feature": "linked", "finding": "by_a_person", "weight": 0.0, "detail": [earlier.number]}]
        suggest(old, incident, score=1.0, evidence=evidence, version=BY_REPEAT, by=by, at=at)
        return own
    if own is None:
        if _taken_back(old, incident) or incident_type(incident.code).push == "no":
            return None
        incident_link(file=old, incident=incident, by=by, at=at)
        return file_hold(old)
    return _joined(own, old, incident, by=by, at=at)


def _taken_back(file: DisputeFile, incident: Incident) -> bool:
    """A person has taken this very link back; it is not made again."""
    return FileIncident.objects.filter(file=file, incident=incident, undone_at__isnull=False).exists()


def _joined(own: DisputeFile, old: DisputeFile, incident: Incident, *, by: Actor, at: datetime) -> DisputeFile:
    parted = Event.objects.filter(
        subject_type=own._meta.label_lower, subject_id=own.pk, kind=events.FILES_UNMERGED
    ).exists()
    if parted:
        return own
    if old.state in SETTLED:
        file_reopen(file=old, reason="came_back", by=by, at=at, incident=incident)
        file_change(old, {"returns": old.returns + 1})
    return merge(file=own, into=old, by=by, at=at, why="repeat")


@step
def repeat_undo_follow(*, incident: Incident, earlier: Incident, at: datetime, by: Actor = SYSTEM) -> None:
    """The note of a repeat was taken back: what followed from it alone is taken back too."""
    link, other = link_of(incident.pk), link_of(earlier.pk)
    if link is None or other is None:
        return
    if link.file_id == other.file_id and link.kind in ("same", "return") and link.made_by is None:
        incident_unlink(file=link.file, incident=incident, by=by, at=at)
    elif link.file.state == "merged" and file_root(link.file).pk == file_root(other.file).pk:
        unmerge(file=link.file, by=by, at=at)


@step
def merged_follow(*, incident: Incident, at: datetime, by: Actor = SYSTEM) -> None:
    """Two reports turned out to be one event: their files go together, or the file follows the report that stays."""
    root = incident_root(incident)
    link, target = link_of(incident.pk), file_of_incident(root)
    if root.pk == incident.pk or link is None or link.file.state == "merged":
        return
    if target is None:
        incident_link(file=link.file, incident=root, kind="same", by=by, at=at)
    elif target.pk != link.file_id and link.file.state in LIVE and target.state in LIVE:
        merge(file=link.file, into=target, by=by, at=at, why="incident_merged")


@step
def unmerged_follow(*, incident: Incident, left: Incident, at: datetime, by: Actor = SYSTEM) -> None:
    """The two reports stand apart again, and so do their files."""
    link = link_of(incident.pk)
    if link is None or incident.merged_into_id is not None:
        return
    merged = Event.objects.filter(
        subject_type=link.file._meta.label_lower, subject_id=link.file_id, kind=events.FILES_MERGED
    )
    last = merged.order_by("-id").first()
    if link.file.state == "merged" and last is not None and last.data["why"] == "incident_merged":
        unmerge(file=link.file, by=by, at=at)
        return
    theirs = link_of(left.pk)
    if theirs is not None and theirs.file_id == link.file_id and theirs.kind == "same" and theirs.made_by is None:
        incident_unlink(file=link.file, incident=left, by=by, at=at)


@step
def corrected_follow(*, incident: Incident, at: datetime, by: Actor = SYSTEM) -> DisputeFile | None:
    """Its type was put right, and it is a quarrel: its sendings and reports count as they would have from the start.

    Only of matters of the last thirty days; an older one gets a file from a person, by hand.
    """
    root = incident_root(incident)
    if file_of_incident(root) is not None or at - root.received_at > RETURN_WITHIN or not makes_file(root, at=at):
        return None
    gone = ("cancelled", "refused", "reassigned")
    sent = Assignment.objects.filter(incident=root).exclude(state__in=gone).order_by("sent_at", "id").last()
    order = WorkOrder.objects.filter(incident=root).order_by("routed_at", "id").last()
    if sent is not None:
        sent_follow(assignment=sent, at=at, by=by)
        if sent.arrived_at is not None:
            for push in Push.objects.filter(assignment=sent, seq=1):
                push_on_site(push=push, at=at, by=by)
    elif order is not None and order.state not in ("bounced", "escalated"):
        routed_follow(order=order, at=at, by=by)
    report = Feedback.objects.filter(incident=root).order_by("filed_at", "id").last()
    if report is not None:
        result_follow(incident=root, at=at, by=by, **feedback_facts(report))
    elif order is not None and order.result:
        result_follow(incident=root, result=order.result, at=at, by=by)
    elif root.state not in OPEN_STATES:
        result_follow(incident=root, result="", at=at, by=by, is_last=True)
    return file_of_incident(root)


@step
def push_signed(*, push: Push, at: datetime, by: Actor = SYSTEM) -> None:
    """The unit (or the town room) has signed for the sending: push 1 is in its hands."""
    if push.state == "sent":
        push_advance(push, "received", events.PUSH_RECEIVED, by=by, at=at, received_at=at, received_by=person_id(by))


@step
def push_on_site(*, push: Push, at: datetime, by: Actor = SYSTEM) -> None:
    """The unit is there: push 1 is being acted on."""
    if push.state in ("sent", "received"):
        received = {} if push.received_at else {"received_at": at, "received_by": person_id(by)}
        push_advance(push, "acted", events.PUSH_ACTED, by=by, at=at, acted_at=at, **received)


@step
def result_follow(
    *,
    incident: Incident,
    result: str,
    at: datetime,
    by: Actor = SYSTEM,
    code: str = "",
    case_number: str = "",
    is_last: bool = False,
) -> DisputeFile | None:
    """What came of it was reported: push 1 ends with that, and the file goes where it leads.

    ``is_last`` says the matter was closed without any report. A second report on the same matter changes the
    file only where it says more: a crime, or a department that is needed.
    """
    root = incident_root(incident)
    file = file_of_incident(root) or (
        _file_for_sending(root, by=by, at=at) if makes_file(root, at=at) and not is_last else None
    )
    if file is None or file.state not in LIVE:
        return file
    file_hold(file)
    outcome = RESULT_TO_OUTCOME.get(result, "calm_open")
    push = push_open_of(file, 1)
    is_first = push is not None or file.state == "open"
    if push is None and at < file.state_since:
        return file
    group = (code or root.code)[:2]
    if result in CASE_RESULTS or group in CRIME_GROUPS:
        _crime(file, root, push, result, case_number, by=by, at=at)
    elif not is_first:
        _said_again(file, outcome, root, by=by, at=at)
    elif (result in NO_QUARREL_RESULTS or incident_type(root.code).push == "no") and file.reports <= 1:
        if file.state in ("open", "with_police", "follow_up"):
            close(file=file, result="not_a_dispute", by=by, at=at, outcome=outcome)
    elif outcome in SETTLED_OUTCOMES:
        file_settle_on_site(file=file, by=by, at=at, outcome=outcome, incident=root)
    else:
        reason = "no_feedback" if is_last else "department" if outcome == "up" else "calm_open"
        file_follow_up(file=file, by=by, at=at, reason=reason, outcome=outcome, incident=root)
        if outcome == "up" and file.state == "follow_up":
            push_on(file, 3, "department", by=by, at=at, incident=root)
    return file


def _crime(
    file: DisputeFile, root: Incident, push: Push | None, result: str, case_number: str, *, by: Actor, at: datetime
) -> None:
    """What looked like a quarrel is police work; a criminal case is linked for good."""
    if push is not None:
        push_end(push, "closed", "case", by=by, at=at)
    if result == "case_criminal" and file.case_linked_at is None:
        file_case_link(file=file, case_number=case_number, by=by, at=at, incident=root)
    if file.state != "with_police":
        bar = "" if result == "case_administrative" else "crime"
        file_to_police(file=file, reason="crime", exclusion=bar, by=by, at=at, incident=root)


def _said_again(file: DisputeFile, outcome: str, root: Incident, *, by: Actor, at: datetime) -> None:
    if outcome == "up" and file.state in ("on_site_settled", "follow_up") and push_open_of(file, 3) is None:
        push_on(file, 3, "department", by=by, at=at, incident=root)
    else:
        file_weigh(file=file, by=by, at=at)


POLICE_KINDS = (
    Organisation.Kind.BUREAU,
    Organisation.Kind.ZONE,
    Organisation.Kind.STATION,
    Organisation.Kind.BRIGADE,
)


@step
def danger_follow(*, incident: Incident, at: datetime, reason: str = "danger", by: Actor = SYSTEM) -> None:
    """Danger: the file goes back to police at once, unless police are with it already."""
    file = file_of_incident(incident_root(incident))
    if file is None or file.state == "merged":
        return
    file_hold(file)
    push = push_open_of(file, 1)
    theirs = push.to_organisation if push is not None else file.holder
    # At the head of the dispatchers' queue already: a second alarm would say nothing.
    with_police = theirs is not None and theirs.kind in POLICE_KINDS
    if file.state == "with_police" or at < file.state_since or (file.state == "open" and with_police):
        file_weigh(file=file, by=by, at=at)
        return
    file_to_police(file=file, reason=reason, by=by, at=at, incident=incident)


@step
def file_inherit(*, file: DisputeFile, heir: Organisation, by: Actor, at: datetime) -> bool:
    """The organisation that held the file was abolished: the one above it holds it, until another accepts."""
    file_hold(file)
    holder = file.holder
    if file.state not in LIVE or holder is None or holder.is_active:
        return False
    file_change(file, {"holder_id": heir.pk, "held_since": at})
    tell(
        events.HOLDER_CHANGED,
        file,
        by=by,
        at=at,
        orgs=(holder.pk,),
        held_by=holder.pk,
        holder=heir.pk,
        why="abolished",
    )
    return True


def feedback_facts(feedback: Feedback) -> dict[str, Any]:
    """What a feedback sheet says of the quarrel, as ``result_follow`` takes it."""
    return {"result": feedback.result, "code": feedback.code, "case_number": feedback.case_number}
