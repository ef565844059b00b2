"""A new report may be an old quarrel: suggested with its evidence, decided by a person, taken back exactly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.core.actor import SYSTEM, Actor
from anlan.core.models import Event
from anlan.core.permissions import require
from anlan.core.purpose import machine_use
from anlan.core.row_changes import row_change, row_reread
from anlan.core.services import view_log
from anlan.disputes import events
from anlan.disputes.errors import MatchDecided, MatchNotAccepted
from anlan.disputes.models import DisputeFile, MatchSuggestion
from anlan.disputes.rules import LIVE
from anlan.disputes.selectors.files import file_of_incident, file_root, link_of
from anlan.disputes.selectors.matching import matches_for
from anlan.disputes.services.files import file_reopen
from anlan.disputes.services.links import incident_link, incident_unlink
from anlan.disputes.services.merging import merge, unmerge
from anlan.disputes.services.parts import file_change, file_hold, person_id, step, tell
from anlan.engines.recurrence import Match
from anlan.intake.models import Incident, Reporter
from anlan.intake.selectors import incident_root

BY_REPEAT = "repeat-link"
PURPOSE = "match_open_files"


def matches_suggest(*, incident: Incident, by: Actor = SYSTEM, at: datetime) -> list[MatchSuggestion]:
    """Compare a new report with the files of its place and kind, and put what is likely before a person.

    Who called is compared only inside open files, under each one's own key; the look is logged. Comparing holds
    no writer up. Told again, it gives back what stands.
    """
    if file_of_incident(incident) is not None:
        return []
    callers = Reporter.objects.filter(call__incident=incident, call__is_opening=True, expires_at__gt=at)
    with machine_use("compare"):
        reporter = callers.first()
    known: dict[str, Any] = {"name": reporter.name, "phone": reporter.phone} if reporter is not None else {}
    found = matches_for(incident, **known)
    if not found:
        return []
    with transaction.atomic():
        if reporter is not None:
            view_log(by=by, at=at, purpose=PURPOSE, target=reporter, incident_id=incident.pk)
        return [_suggested(match, incident, by=by, at=at) for match in found]


def _suggested(match: Match, incident: Incident, *, by: Actor, at: datetime) -> MatchSuggestion:
    evidence = [
        {"feature": e.feature, "finding": e.finding, "weight": e.weight, "detail": list(e.detail)}
        for e in match.evidence
    ]
    file = file_root(DisputeFile.objects.get(pk=int(match.file_id)))
    return suggest(file, incident, score=match.score, evidence=evidence, version=match.version, by=by, at=at)


def suggest(
    file: DisputeFile,
    incident: Incident,
    *,
    score: float,
    evidence: Sequence[Any],
    version: str,
    by: Actor,
    at: datetime,
) -> MatchSuggestion:
    """Put one match before a person, once for each pair; inside a transaction."""
    row: MatchSuggestion
    row, is_new = MatchSuggestion.objects.get_or_create(
        file=file,
        incident=incident,
        defaults={"score": score, "evidence": list(evidence), "version": version[:32], "made_at": at},
    )
    if is_new:
        tell(
            events.MATCH_SUGGESTED, file, by=by, at=at, subject=row, incident_id=incident.pk,
            incident=incident.number, score=round(score, 3), version=row.version,
        )  # fmt: skip
    return row


@step
def match_accept(*, suggestion: MatchSuggestion, by: Actor, at: datetime) -> DisputeFile:
    """A person says it is the same quarrel; returns the file that stands for it from now on.

    A file that was over is opened again, however long ago it was closed: that is what was decided. A file of
    its own that the report had opened meanwhile is merged into the old one.
    """
    require(by, "disputes.link")
    _decide(suggestion, MatchSuggestion.State.ACCEPTED, by=by, at=at)
    file = file_hold(file_root(suggestion.file))
    incident = incident_root(suggestion.incident)
    own = file_of_incident(incident)
    was_over = file.state not in LIVE
    done: dict[str, Any] = {"was_over": was_over}
    if own is None:
        link = incident_link(
            file=file, incident=incident, by=by, at=at, score=suggestion.score, evidence=suggestion.evidence
        )
        done["link"] = link.pk
        file_hold(file)
        if file.state not in LIVE:
            file_reopen(file=file, reason="came_back", by=by, at=at, incident=incident)
    elif own.pk != file.pk:
        if was_over:
            file_reopen(file=file, reason="came_back", by=by, at=at, incident=incident)
            file_change(file, {"returns": file.returns + 1})
        merge(file=own, into=file, by=by, at=at, why="match")
        done["merged"] = own.pk
    file_hold(file)
    _tell(events.MATCH_ACCEPTED, suggestion, file, by=by, at=at, **done)
    return file


@step
def match_reject(*, suggestion: MatchSuggestion, by: Actor, at: datetime) -> MatchSuggestion:
    """A person says it is another quarrel."""
    require(by, "disputes.link")
    _decide(suggestion, MatchSuggestion.State.REJECTED, by=by, at=at)
    _tell(events.MATCH_REJECTED, suggestion, suggestion.file, by=by, at=at)
    return suggestion


@step
def match_undo(*, suggestion: MatchSuggestion, by: Actor, at: datetime) -> MatchSuggestion:
    """Take an accepted match back: the link is gone, merged files stand apart again, the counts are as they were.

    A file that it had opened again stays open until somebody closes it.
    """
    require(by, "disputes.link")
    row_reread(suggestion)
    if suggestion.state != MatchSuggestion.State.ACCEPTED:
        raise MatchNotAccepted(state=MatchSuggestion.State(suggestion.state).label)
    accepted = Event.objects.filter(
        subject_type=suggestion._meta.label_lower, subject_id=suggestion.pk, kind=events.MATCH_ACCEPTED
    ).latest("id")
    file = file_root(suggestion.file)
    if (merged := accepted.data.get("merged")) is not None:
        own = DisputeFile.objects.get(pk=merged)
        if own.state == "merged":
            unmerge(file=own, by=by, at=at)
        if accepted.data["was_over"]:
            file_hold(file)
            file_change(file, {"returns": max(0, file.returns - 1)})
    elif accepted.data.get("link") is not None and (link := link_of(suggestion.incident_id)) is not None:
        incident_unlink(file=link.file, incident=link.incident, by=by, at=at)
    _set(suggestion, MatchSuggestion.State.UNDONE, MatchSuggestion.State.ACCEPTED, by=by, at=at)
    _tell(events.MATCH_UNDONE, suggestion, file, by=by, at=at)
    return suggestion


def _decide(suggestion: MatchSuggestion, to: MatchSuggestion.State, *, by: Actor, at: datetime) -> None:
    for seen in (MatchSuggestion.State.SUGGESTED, MatchSuggestion.State.UNDONE):
        if _set(suggestion, to, seen, by=by, at=at):
            return
    row_reread(suggestion)
    raise MatchDecided(
        state=MatchSuggestion.State(suggestion.state).label, since=suggestion.decided_at or suggestion.made_at
    )


def _set(
    suggestion: MatchSuggestion,
    to: MatchSuggestion.State,
    seen: MatchSuggestion.State,
    *,
    by: Actor,
    at: datetime,
) -> bool:
    columns = {"state": to.value, "decided_at": at, "decided_by": person_id(by)}
    won = row_change(suggestion, columns, where={"state": seen.value})
    row_reread(suggestion)
    return won


def _tell(kind: str, suggestion: MatchSuggestion, file: DisputeFile, *, by: Actor, at: datetime, **data: Any) -> None:
    tell(kind, file, by=by, at=at, subject=suggestion, incident_id=suggestion.incident_id, **data)
