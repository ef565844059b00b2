"""Changes to one incident: its state, type, urgency, danger and track, each with who and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.core.actor import Actor
from anlan.core.permissions import permitted
from anlan.core.row_changes import row_change, row_reread
from anlan.core.services import event_record
from anlan.intake import events
from anlan.intake.deciding import decision_for
from anlan.intake.errors import DangerStays
from anlan.intake.models import Incident, IncidentTag
from anlan.intake.parts import bounce_use, chosen, orgs_of, reason_keep, reasoned
from anlan.intake.rules import DANGER_LABELS, INCIDENT, PRIORITIES, TRACK_LABELS, UNDONE_STATES
from anlan.intake.selectors.links import nth_report_of
from anlan.intake.triage import PERSON_RULE
from anlan.tagging.selectors import incident_type, vocabulary

_FIRST_TIMES = ("first_sent_at", "first_arrived_at")


@transaction.atomic
def incident_state_set(
    *,
    incident: Incident,
    to: str,
    by: Actor,
    at: datetime,
    only_from: tuple[str, ...] | None = None,
    **changes: Any,
) -> str:
    """Bring the incident to state ``to`` with ``changes`` to its columns; returns the state it left.

    Raises ``WrongState`` where the machine has no such step, ``Overtaken`` when somebody came between.
    Closing sets ``closed_at``, reopening clears it.
    """
    if to == "closed":
        changes.setdefault("closed_at", at)
    elif incident.state == "closed":
        changes.setdefault("closed_at", None)
    was = INCIDENT.move(incident, to, at=at, subject=incident.number, only_from=only_from, **changes)
    times: dict[str, Any] = {name: _instant(changes[name]) for name in _FIRST_TIMES if name in changes}
    _told(events.STATE_CHANGED, incident, by=by, at=at, schema=2, state=to, state_from=was, **times)
    return was


def _instant(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


@transaction.atomic
def incident_track_override(*, incident: Incident, track: str, reason: str, by: Actor, at: datetime) -> Incident:
    """Give the incident another track than the rules did. Always with a reason.

    Away from police against danger only by who may divert danger (the duty leader): raises ``DangerStays``.
    """
    chosen("track", track, TRACK_LABELS)
    said = reasoned(reason, step=_("Changing the track"))
    row_reread(incident)
    if incident.danger and track in ("C", "T") and not permitted(by, "intake.divert_danger"):
        raise DangerStays(incident=incident.number, danger=", ".join(incident.danger))
    before, rule_before = incident.track, incident.track_rule
    Incident.objects.filter(pk=incident.pk).update(track=track, track_rule=PERSON_RULE)
    row_reread(incident)
    _told(
        events.TRACK_OVERRIDDEN,
        incident,
        by=by,
        at=at,
        reason=said,
        track_from=before,
        track=track,
        rule_from=rule_before,
        danger=list(incident.danger),
    )
    return incident


@transaction.atomic
def incident_priority_set(*, incident: Incident, priority: str, reason: str, by: Actor, at: datetime) -> Incident:
    """Set the priority by hand, with a reason."""
    chosen("priority", priority, dict.fromkeys(PRIORITIES))
    said = reasoned(reason, step=_("Changing the priority"))
    row_reread(incident)
    before = incident.priority
    Incident.objects.filter(pk=incident.pk).update(priority=priority, priority_rule=PERSON_RULE)
    row_reread(incident)
    _told(events.PRIORITY_SET, incident, by=by, at=at, reason=said, priority_from=before, priority=priority)
    return incident


@transaction.atomic
def incident_code_correct(
    *,
    incident: Incident,
    code: str,
    by: Actor,
    at: datetime,
    is_confirmed: bool = True,
    reason: str = "",
) -> Incident:
    """Set the incident's type; ``is_confirmed`` when it comes from who was there (it counts in statistics).

    While nobody has finished with it, priority and track follow the new type by the same rules; what a
    person has set by hand, and what danger demands, stays. Raises ``TypeUnknown``.
    """
    kind = incident_type(code, must_exist=True)
    row_reread(incident)
    before = incident.code
    changes: dict[str, Any] = {
        "code": code,
        "taxonomy_version": vocabulary().version,
        "is_code_confirmed": is_confirmed,
        "is_valid": kind.is_valid_incident,
    }
    if incident.state in UNDONE_STATES and code != before:
        changes |= _decided_anew(incident, code, at=at)
    row_change(incident, changes)
    row_reread(incident)
    _told(
        events.CODE_CORRECTED,
        incident,
        by=by,
        at=at,
        reason=reason.strip(),
        code_from=before,
        code=code,
        confirmed=is_confirmed,
        priority=incident.priority,
        priority_rule=incident.priority_rule,
        track=incident.track,
        track_rule=incident.track_rule,
    )
    return incident


def _decided_anew(incident: Incident, code: str, *, at: datetime) -> dict[str, str]:
    decision = decision_for(
        code=code,
        danger=tuple(incident.danger),
        tags=tags_current(incident),
        nth=nth_report_of(incident, at=at),
    )
    changes: dict[str, str] = {}
    if incident.priority_rule != PERSON_RULE:
        changes |= {"priority": decision.priority, "priority_rule": decision.priority_rule}
    if incident.track_rule != PERSON_RULE:
        changes |= {"track": decision.track, "track_rule": decision.track_rule}
    return changes


def tags_current(incident: Incident) -> dict[str, set[str]]:
    """The values that stand, by dimension."""
    found: dict[str, set[str]] = {}
    rows = IncidentTag.objects.filter(incident=incident, superseded_by=None)
    for dimension, value in rows.values_list("dimension", "value"):
        found.setdefault(dimension, set()).add(value)
    return found


@transaction.atomic
def incident_danger_set(
    *, incident: Incident, danger: Sequence[str], reason: str, by: Actor, at: datetime
) -> Incident:
    """Say which dangers there are now. New ones make it P1 for the police at once.

    Taking one away needs a reason and leaves priority and track to a step of their own. Raises ``NotInList`` for
    a new one nobody knows.
    """
    row_reread(incident)
    flags = list(dict.fromkeys(danger))
    fresh = [chosen("danger", flag, DANGER_LABELS) for flag in flags if flag not in incident.danger]
    gone = [flag for flag in incident.danger if flag not in flags]
    said = reasoned(reason, step=_("Withdrawing a danger")) if gone else reason.strip()
    changes: dict[str, Any] = {"danger": flags}
    if fresh:
        rule = f"danger:{fresh[0]}"
        changes |= {"priority": "P1", "priority_rule": rule, "track": "P", "track_rule": rule}
    row_change(incident, changes)
    row_reread(incident)
    _told(
        events.DANGER_SET,
        incident,
        by=by,
        at=at,
        reason=said,
        danger=flags,
        added=fresh,
        withdrawn=gone,
        priority=incident.priority,
        track=incident.track,
    )
    return incident


@transaction.atomic
def incident_bounce_take(*, incident: Incident, by: Actor, at: datetime, where: str = "") -> int:
    """Use up the one time a matter may be sent back; returns how often it has been sent back now.

    Whom it was routed to is asked no more. Raises ``BounceSpent`` when it has been sent back before:
    whoever has it then keeps it.
    """
    bounce_use(incident)
    Incident.objects.filter(pk=incident.pk).update(routed_to=None)
    row_reread(incident)
    _told(events.BOUNCE_TAKEN, incident, by=by, at=at, bounces=incident.bounces, where=where)
    return incident.bounces


def _told(
    kind: str, incident: Incident, *, by: Actor, at: datetime, reason: str = "", schema: int = 1, **facts: Any
) -> None:
    """Put what happened to the incident on the record, and the words of its reason beside it."""
    event = event_record(
        kind,
        subject=incident,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=orgs_of(incident),
        schema=schema,
        number=incident.number,
        **facts,
    )
    reason_keep(event, incident, reason[:200])
