"""One event, many calls: putting calls and incidents together, and taking them apart exactly as they were.

A call is filed under one incident. Incidents told twice are merged: the later one points to the earlier,
and all calls beneath it follow. Taking a link back restores what stood before, whatever happened between.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.core.actor import Actor
from anlan.core.models import Event
from anlan.core.row_changes import row_reread
from anlan.core.services import event_record
from anlan.intake import events
from anlan.intake.errors import AlreadyLinked, NotLinked, SameIncident, UnitsUnderWay
from anlan.intake.models import Call, Incident, IncidentLink
from anlan.intake.opening import incident_open_for_call
from anlan.intake.parts import orgs_of, taker_id
from anlan.intake.rules import CALL, INCIDENT
from anlan.intake.selectors.links import incident_root, incidents_beneath, nth_report
from anlan.intake.triage import JOINT_RULE, PERSON_RULE

MERGEABLE = ("open", "dispatched")
_RAISED = ("danger", "priority", "priority_rule", "track", "track_rule")


@transaction.atomic
def call_link(*, call: Call, incident: Incident, by: Actor, at: datetime, score: float | None = None) -> Incident:
    """Put ``call`` to ``incident``, because its caller speaks of the same event; returns where it went.

    If the call had opened an incident of its own, that one is merged with everything that hangs on it.
    If ``incident`` itself was merged, the call goes where that leads. Raises ``AlreadyLinked``,
    ``SameIncident``, or ``UnitsUnderWay`` when somebody is already at the call's own incident.
    """
    row_reread(call)
    target = incident_root(_locked(incident))
    if call.state == "linked_duplicate":
        raise AlreadyLinked(call=call.number, incident=str(call.incident))
    if call.filed_under is not None:
        return incident_merge(incident=call.filed_under, into=target, by=by, at=at, score=score)
    CALL.move(call, "linked_duplicate", at=at, subject=call.number, incident=target, filed_under=target)
    call_filed(call, target, danger=(), by=by, at=at)
    return target


def call_filed(
    call: Call,
    target: Incident,
    *,
    danger: Sequence[str],
    by: Actor,
    at: datetime,
    quarantined: Sequence[int] = (),
    reporter: str = "",
) -> None:
    """Put on the record that a call went to ``target``, and raise that one if the call tells of danger."""
    raised = _raise(target, danger)
    event_record(
        events.CALL_LINKED,
        subject=call,
        by=by,
        at=at,
        incident_id=target.pk,
        org_ids=orgs_of(target),
        call=call.number,
        incident=target.number,
        channel=call.channel,
        danger=list(danger),
        raised=raised,
        quarantined=list(quarantined),
        reporter=reporter,
    )


def _locked(incident: Incident) -> Incident:
    """The incident as it is now, held till the end of the transaction (where the store has row locks)."""
    held: Incident = Incident.objects.select_for_update().get(pk=incident.pk)
    return held


def _raise(target: Incident, danger: Sequence[str]) -> dict[str, Any]:
    """Danger told by one caller is danger for the incident. Returns the values before and after."""
    fresh = [flag for flag in danger if flag not in target.danger]
    if not fresh:
        return {}
    before = {name: getattr(target, name) for name in _RAISED}
    rule = f"danger:{fresh[0]}"
    after: dict[str, Any] = {**before, "danger": [*target.danger, *fresh]}
    if target.priority != "P1":
        after |= {"priority": "P1", "priority_rule": rule}
    if target.track != "P" and not target.track_rule.startswith(PERSON_RULE):
        after |= {"track": "P", "track_rule": rule}
    Incident.objects.filter(pk=target.pk).update(**after)
    return {"before": before, "after": after}


def _lower(target: Incident, raised: dict[str, Any]) -> bool:
    """Take back what a wrong link had raised, unless somebody has changed it since."""
    if not raised:
        return False
    return bool(Incident.objects.filter(pk=target.pk, **raised["after"]).update(**raised["before"]))


def _raised_at_link(subject: Call | Incident, kind: str) -> dict[str, Any]:
    """What the latest link of ``subject`` had raised, from its event."""
    event = (
        Event.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk, kind=kind)
        .order_by("-id")
        .first()
    )
    return event.data.get("raised", {}) if event else {}


@transaction.atomic
def call_unlink(*, call: Call, by: Actor, at: datetime) -> Incident:
    """Take a call away from the incident it was linked to; returns the incident it is now under.

    A call whose own incident was merged gets that one back, with everything that came with it. A call
    that never had one opens one: nobody who called is left without an answer.
    """
    row_reread(call)
    if call.state != "linked_duplicate" or call.filed_under is None:
        raise NotLinked(subject=call.number)
    if call.is_opening:
        return incident_unmerge(incident=call.filed_under, by=by, at=at)
    left = call.filed_under
    root = incident_root(left)
    lowered = _lower(root, _raised_at_link(call, events.CALL_LINKED))
    opened = incident_open_for_call(call, by=by, at=at)
    event_record(
        events.CALL_UNLINKED,
        subject=call,
        by=by,
        at=at,
        incident_id=opened.pk,
        org_ids=(*orgs_of(opened), *orgs_of(root)),
        schema=2,
        call=call.number,
        incident=opened.number,
        left=root.number,
        lowered=lowered,
        code=opened.code,
        priority=opened.priority,
        track=opened.track,
        danger=list(opened.danger),
    )
    return opened


@transaction.atomic
def incident_merge(
    *, incident: Incident, into: Incident, by: Actor, at: datetime, score: float | None = None
) -> Incident:
    """Merge ``incident`` into ``into`` (or where that leads): the same event, told twice.

    Allowed while nobody has arrived at ``incident``. Returns the incident that stands for both.
    """
    # In one order, so that two people merging the same pair both ways wait for each other.
    for pk in sorted({incident.pk, into.pk}):
        Incident.objects.select_for_update().get(pk=pk)
    target = incident_root(_locked(into))
    row_reread(incident)
    if incident.merged_into_id is not None or target.pk == incident.pk:
        raise SameIncident(first=incident.number, second=target.number)
    if incident.state not in MERGEABLE:
        raise UnitsUnderWay(
            incident=incident.number, state=INCIDENT.labels[incident.state], since=incident.state_since
        )
    raised = _raise(target, incident.danger)
    was = INCIDENT.move(incident, "merged", at=at, subject=incident.number, only_from=MERGEABLE, merged_into=target)
    IncidentLink.objects.create(
        kind=IncidentLink.Kind.DUPLICATE,
        incident=incident,
        earlier=target,
        score=score,
        made_at=at,
        made_by=taker_id(by),
    )
    Call.objects.filter(incident=incident).update(incident=target)
    Call.objects.filter(filed_under=incident, is_opening=True, state="incident_open").update(
        state="linked_duplicate", state_since=at
    )
    event_record(
        events.INCIDENT_MERGED,
        subject=incident,
        by=by,
        at=at,
        incident_id=target.pk,
        org_ids=(*orgs_of(incident), *orgs_of(target)),
        number=incident.number,
        into=target.number,
        merged=incident.pk,
        state_before=was,
        raised=raised,
        score=score,
    )
    row_reread(target)
    return target


@transaction.atomic
def incident_unmerge(*, incident: Incident, by: Actor, at: datetime) -> Incident:
    """Take a merge back: the incident stands alone again, in the state it had, with its own calls."""
    row_reread(incident)
    link = IncidentLink.objects.filter(incident=incident, kind=IncidentLink.Kind.DUPLICATE, undone_at=None).first()
    if link is None or incident.merged_into is None:
        raise NotLinked(subject=incident.number)
    merged = Event.objects.filter(
        subject_type=incident._meta.label_lower, subject_id=incident.pk, kind=events.INCIDENT_MERGED
    ).latest("id")
    lowered = _lower(link.earlier, merged.data["raised"])
    INCIDENT.move(
        incident,
        merged.data["state_before"],
        at=at,
        subject=incident.number,
        only_from=("merged",),
        merged_into=None,
    )
    IncidentLink.objects.filter(pk=link.pk).update(undone_at=at, undone_by=taker_id(by))
    Call.objects.filter(filed_under__in=incidents_beneath(incident.pk)).update(incident=incident)
    Call.objects.filter(filed_under=incident, is_opening=True, state="linked_duplicate").update(
        state="incident_open", state_since=at
    )
    event_record(
        events.INCIDENT_UNMERGED,
        subject=incident,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=(*orgs_of(incident), *orgs_of(link.earlier)),
        number=incident.number,
        left=link.earlier.number,
        left_id=link.earlier_id,
        state=incident.state,
        lowered=lowered,
    )
    return incident


@transaction.atomic
def repeat_link(*, incident: Incident, earlier: Incident, by: Actor, at: datetime) -> int:
    """Note that ``incident`` is the matter of ``earlier`` come back; returns which report of it this is.

    Both stay incidents of their own. From the third report on, a dispute that is still waiting on the
    community track becomes a joint one.
    """
    if incident.pk == earlier.pk:
        raise SameIncident(first=incident.number, second=earlier.number)
    standing = IncidentLink.objects.filter(incident=incident, kind=IncidentLink.Kind.REPEAT, undone_at=None).first()
    if standing is not None:
        raise AlreadyLinked(call=incident.number, incident=standing.earlier.number)
    IncidentLink.objects.create(
        kind=IncidentLink.Kind.REPEAT, incident=incident, earlier=earlier, made_at=at, made_by=taker_id(by)
    )
    nth = nth_report(earlier, at=at)
    rule = f"{JOINT_RULE}:repeat_3"
    is_joint = (
        nth >= 3
        and incident.code.startswith("04")
        and bool(
            Incident.objects.filter(pk=incident.pk, track="C", state="open")
            .exclude(track_rule__startswith=PERSON_RULE)
            .update(track="J", track_rule=rule)
        )
    )
    event_record(
        events.REPEAT_LINKED,
        subject=incident,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=(*orgs_of(incident), *orgs_of(earlier)),
        number=incident.number,
        earlier=earlier.number,
        earlier_id=earlier.pk,
        nth=nth,
        track="J" if is_joint else None,
    )
    row_reread(incident)
    return nth


@transaction.atomic
def repeat_unlink(*, incident: Incident, by: Actor, at: datetime) -> None:
    """Take the note of a repeat back. The track stays as it is; changing it is a step of its own."""
    link = (
        IncidentLink.objects.filter(incident=incident, kind=IncidentLink.Kind.REPEAT, undone_at=None)
        .select_related("earlier")
        .first()
    )
    if link is None:
        raise NotLinked(subject=incident.number)
    IncidentLink.objects.filter(pk=link.pk).update(undone_at=at, undone_by=taker_id(by))
    event_record(
        events.REPEAT_UNLINKED,
        subject=incident,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=(*orgs_of(incident), *orgs_of(link.earlier)),
        number=incident.number,
        earlier=link.earlier.number,
        earlier_id=link.earlier_id,
    )
