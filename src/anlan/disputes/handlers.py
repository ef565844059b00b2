"""Reactions to what happens in lower rooms; each may run twice without harm."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from anlan.core.actor import SYSTEM
from anlan.core.errors import DomainError
from anlan.core.event_schemas import event_must_be_known
from anlan.core.models import Event, HandlerCursor
from anlan.core.row_changes import rows_read
from anlan.core.selectors import Cursor, events_after, events_wait
from anlan.dispatch import events as dispatch
from anlan.dispatch.models import Assignment, Feedback, WorkOrder
from anlan.disputes import events
from anlan.disputes.models import DisputeFile, Push
from anlan.disputes.rules import PUSH_OPEN
from anlan.disputes.selectors.files import file_of_incident
from anlan.disputes.selectors.openings import reports_after
from anlan.disputes.services.levels import file_weigh
from anlan.disputes.services.matches import matches_suggest
from anlan.disputes.services.openings import opening_suggest
from anlan.disputes.services.reacting import (
    corrected_follow,
    danger_follow,
    feedback_facts,
    makes_file,
    merged_follow,
    push_on_site,
    push_signed,
    repeat_follow,
    repeat_undo_follow,
    result_follow,
    routed_follow,
    sent_follow,
    unmerged_follow,
)
from anlan.intake import events as intake
from anlan.intake.models import Incident, IncidentLink
from anlan.intake.selectors import incident_root
from anlan.tagging.selectors import incident_type

log = logging.getLogger("anlan.worker")
NAME = "disputes.follow"
QUARREL_GROUPS = ("04", "02")


def disputes_follow(*, at: datetime, limit: int = 500) -> int:
    """Let files follow what was told since: sendings, reports, repeats, merges, danger. Returns events read.

    Each event counts from when it happened, so that a worker that stood still delays no deadline, and is one
    transaction of its own, so that calls are taken meanwhile. One that asks for a step a person has overtaken is
    left, and said in the log; one of a newer edition stops the handler.
    """
    if not events_wait(NAME, _REACTIONS):
        return 0
    place, _ = HandlerCursor.objects.get_or_create(handler=NAME)
    read = list(events_after(Cursor(place.txid, place.event_id), limit=limit))
    for event in read:
        react = _REACTIONS.get(event.kind)
        if react is _new_report:
            # Comparing takes a while and twice is once: the place is moved with the next that writes.
            react(event_must_be_known(event))
        elif react is not None and not _follow(place, react, event):
            return 0
    if read:
        _move(place, read[-1])
    return len(read)


def _follow(place: HandlerCursor, react: Callable[[Event], None], event: Event) -> bool:
    """One event; False when another reader has taken it."""
    event_must_be_known(event)
    with transaction.atomic():
        if not _move(place, event):
            return False
        try:
            with transaction.atomic():
                react(event)
        except DomainError as refusal:
            log.warning("dispute files: %s #%s was left: %s", event.kind, event.pk, refusal)
    return True


def _move(place: HandlerCursor, event: Event) -> bool:
    """Bring the cursor to ``event``, if nobody else has moved it."""
    mine = HandlerCursor.objects.filter(pk=place.pk, txid=place.txid, event_id=place.event_id)
    won = mine.update(txid=event.txid, event_id=event.pk)
    place.txid, place.event_id = event.txid, event.pk
    return bool(won)


def _new_report(event: Event) -> None:
    incident = _incident(event)
    if incident is None or incident.merged_into_id is not None:
        return
    is_quarrel = incident_type(incident.code).push != "no" or incident.code[:2] in QUARREL_GROUPS
    if is_quarrel and file_of_incident(incident) is None:
        matches_suggest(incident=incident, at=event.at)
        opening_suggest(incident=incident, at=event.at)


def _corrected(event: Event) -> None:
    """A type put right only later: what this report, and those after it, would have made is made up for."""
    incident = _incident(event)
    if incident is None or event.data.get("code") == event.data.get("code_from"):
        return
    corrected_follow(incident=incident, at=event.at)
    _new_report(event)
    for later in reports_after(incident):
        opening_suggest(incident=later, at=event.at)


def _sent(event: Event) -> None:
    row = Assignment.objects.select_related("incident", "unit__organisation").filter(pk=event.subject_id).first()
    if row is not None:
        sent_follow(assignment=row, at=event.at)


def _signed(event: Event) -> None:
    for push in _pushes_of(event):
        push_signed(push=push, at=event.at)


def _on_site(event: Event) -> None:
    for push in _pushes_of(event):
        push_on_site(push=push, at=event.at)


def _pushes_of(event: Event) -> list[Push]:
    rows = Push.objects.filter(seq=1, state__in=PUSH_OPEN).select_related("file")
    if event.subject_type == "dispatch.assignment":
        return list(rows.filter(assignment_id=event.subject_id))
    order = WorkOrder.objects.filter(pk=event.subject_id).first()
    return list(rows.filter(incident_id=order.incident_id, to_organisation=order.town_room_id)) if order else []


def _routed(event: Event) -> None:
    row = WorkOrder.objects.select_related("incident", "town_room").filter(pk=event.subject_id).first()
    if row is not None:
        routed_follow(order=row, at=event.at)


def _feedback(event: Event) -> None:
    row = Feedback.objects.select_related("incident").filter(pk=event.subject_id).first()
    if row is not None and not _reported_before(row, event):
        result_follow(incident=row.incident, at=event.at, **feedback_facts(row))


def _reported_before(feedback: Feedback, event: Event) -> bool:
    """This very report ended a push already: the event is read a second time."""
    return Push.objects.filter(seq=1, incident=incident_root(feedback.incident), closed_at=event.at).exists()


def _order_done(event: Event) -> None:
    row = WorkOrder.objects.select_related("incident").filter(pk=event.subject_id).first()
    root = incident_root(row.incident) if row is not None else None
    if root is None or Push.objects.filter(seq=1, incident=root, closed_at=event.at).exists():
        return
    result_follow(incident=root, result=str(event.data.get("result") or ""), at=event.at)


def _escalated(event: Event) -> None:
    row = WorkOrder.objects.select_related("incident").filter(pk=event.subject_id).first()
    if row is not None:
        danger_follow(incident=row.incident, reason="escalated", at=event.at)


def _danger(event: Event) -> None:
    incident = _incident(event)
    if incident is not None and event.data.get("added"):
        danger_follow(incident=incident, at=event.at)


def _call_linked(event: Event) -> None:
    incident = _incident(event)
    if incident is not None and event.data.get("raised"):
        danger_follow(incident=incident, at=event.at)


def _closed(event: Event) -> None:
    incident = _incident(event)
    if incident is None or not Push.objects.filter(seq=1, incident=incident, state__in=PUSH_OPEN).exists():
        return
    result_follow(incident=incident, result="", at=event.at, is_last=True)


def _repeat(event: Event) -> None:
    link = (
        IncidentLink.objects.filter(incident_id=event.subject_id, kind=IncidentLink.Kind.REPEAT, undone_at=None)
        .select_related("incident", "earlier")
        .first()
    )
    if link is None:
        return
    file = repeat_follow(link=link, at=event.at)
    sent = Assignment.objects.filter(incident=link.incident).exclude(state__in=("cancelled", "refused")).first()
    if file is None and sent is not None and makes_file(link.incident, at=event.at):
        # The second report of noise, noted after somebody was sent.
        sent_follow(assignment=sent, at=event.at)


def _repeat_undone(event: Event) -> None:
    incident, earlier = _incident(event), Incident.objects.filter(pk=event.data["earlier_id"]).first()
    if incident is not None and earlier is not None:
        repeat_undo_follow(incident=incident, earlier=earlier, at=event.at)


def _merged(event: Event) -> None:
    incident = Incident.objects.filter(pk=event.subject_id).first()
    if incident is not None:
        merged_follow(incident=incident, at=event.at)


def _unmerged(event: Event) -> None:
    incident = Incident.objects.filter(pk=event.subject_id).first()
    left = Incident.objects.filter(pk=event.data["left_id"]).first()
    if incident is not None and left is not None:
        unmerged_follow(incident=incident, left=left, at=event.at)


def _told_more(event: Event) -> None:
    incident = _incident(event)
    file = file_of_incident(incident_root(incident)) if incident is not None else None
    if file is not None:
        file_weigh(file=file, by=SYSTEM, at=event.at)


def _at_table(event: Event) -> None:
    """An agreement kept or broken is a fact of the colour; the table itself knows nothing of colours."""
    file = DisputeFile.objects.filter(pk=event.subject_id).first()
    if file is not None and file.state in ("performed", "defaulted"):
        file_weigh(file=file, by=SYSTEM, at=event.at)


def _incident(event: Event) -> Incident | None:
    found = rows_read(Incident, id=event.incident_id) if event.incident_id else []
    return found[0] if found else None


_REACTIONS: dict[str, Callable[[Event], None]] = {
    intake.INCIDENT_OPENED: _new_report,
    intake.REPEAT_LINKED: _repeat,
    intake.REPEAT_UNLINKED: _repeat_undone,
    intake.INCIDENT_MERGED: _merged,
    intake.INCIDENT_UNMERGED: _unmerged,
    intake.DANGER_SET: _danger,
    intake.CALL_LINKED: _call_linked,
    intake.CODE_CORRECTED: _corrected,
    intake.TAG_CONFIRMED: _told_more,
    intake.TAG_CORRECTED: _told_more,
    dispatch.UNIT_ASSIGNED: _sent,
    dispatch.ASSIGNMENT_SIGNED: _signed,
    dispatch.ASSIGNMENT_ARRIVED: _on_site,
    dispatch.ORDER_ROUTED: _routed,
    dispatch.ORDER_SIGNED: _signed,
    dispatch.ORDER_ON_SITE: _on_site,
    dispatch.FEEDBACK_FILED: _feedback,
    dispatch.ORDER_SETTLED: _order_done,
    dispatch.ORDER_MOVED_ON: _order_done,
    dispatch.ORDER_ESCALATED: _escalated,
    dispatch.INCIDENT_CLOSED: _closed,
    events.FILE_MOVED: _at_table,
}
