"""Which reports belong to a file: linked by the system or a person, and taken back exactly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.core.row_changes import row_change, row_reread
from anlan.disputes import events
from anlan.disputes.errors import IncidentInAnotherFile, IncidentNotInFile, LastLinkStays
from anlan.disputes.keys import place_keys_put
from anlan.disputes.models import DisputeFile, FileIncident
from anlan.disputes.rules import LINK_KINDS, LIVE, RETURN_WITHIN
from anlan.disputes.selectors.files import file_root, files_above, link_of
from anlan.disputes.services.files import file_reopen
from anlan.disputes.services.levels import file_weigh
from anlan.disputes.services.parts import counts_lower, file_change, file_hold, person_id, step, tell
from anlan.intake.models import Incident
from anlan.intake.selectors import incident_root


@step
def incident_link(
    *,
    file: DisputeFile,
    incident: Incident,
    by: Actor,
    at: datetime,
    kind: str = "",
    score: float | None = None,
    evidence: Sequence[Any] = (),
) -> FileIncident:
    """Put a report to the file of its quarrel. Where the file was over, that is its return.

    Within thirty days after closing a return opens the file again by itself; later only the link is made, and
    a person opens it. Linking twice is once. Raises ``IncidentInAnotherFile``.
    """
    require(by, "disputes.link")
    root, file = incident_root(incident), file_hold(file_root(file))
    standing = link_of(root.pk)
    if standing is not None:
        if file_root(standing.file).pk == file.pk:
            return standing
        raise IncidentInAnotherFile(incident=root.number, file=standing.file.number, since=standing.made_at)
    is_live = file.state in LIVE
    kind = kind or ("same" if is_live else "return")
    if kind not in LINK_KINDS:
        raise BadInput(field="kind", problem=kind)
    link = _put(file, root, kind, by=by, at=at, score=score, evidence=list(evidence))
    _count(file, root, kind)
    place_keys_put(file, by=by, at=at)
    tell(
        events.INCIDENT_LINKED, file, by=by, at=at, incident_id=root.pk, incident=root.number, link=kind,
        reports=file.reports, returns=file.returns, score=score,
    )  # fmt: skip
    if kind == "return" and not is_live and returns_in_time(file, root):
        file_reopen(file=file, reason="came_back", by=by, at=at, incident=root)
    elif kind != "criminal":
        file_weigh(file=file, by=by, at=at)
    return link


def returns_in_time(file: DisputeFile, incident: Incident) -> bool:
    """Whether a report came within thirty days after the file was closed."""
    return file.closed_at is not None and incident.received_at <= file.closed_at + RETURN_WITHIN


def _put(file: DisputeFile, incident: Incident, kind: str, *, by: Actor, at: datetime, **more: Any) -> FileIncident:
    try:
        with transaction.atomic():
            return FileIncident.objects.create(
                file=file, incident=incident, kind=kind, made_at=at, made_by=person_id(by), **more
            )
    except IntegrityError:
        standing = link_of(incident.pk)
        if standing is None:
            raise
        raise IncidentInAnotherFile(
            incident=incident.number, file=standing.file.number, since=standing.made_at
        ) from None


def _count(file: DisputeFile, incident: Incident, kind: str) -> None:
    if kind == "criminal":
        return
    file_change(
        file,
        {
            "reports": file.reports + 1,
            "returns": file.returns + (kind == "return"),
            "last_report_at": max(file.last_report_at, incident.received_at),
        },
    )


@step
def incident_unlink(*, file: DisputeFile, incident: Incident, by: Actor, at: datetime) -> FileIncident:
    """Take a wrong link back: the counts are as they were. What was done meanwhile stays done.

    A file that the link had opened again stays open until somebody closes it: that is a decision of its own.
    Raises ``IncidentNotInFile``, ``LastLinkStays``.
    """
    require(by, "disputes.link")
    file = file_hold(file)
    link: FileIncident | None = FileIncident.objects.filter(file=file, incident=incident, undone_at=None).first()
    if link is None:
        raise IncidentNotInFile(incident=incident.number, file=file.number)
    # One of its own: those of a file merged into it go away with that one.
    if not FileIncident.objects.filter(file=file, undone_at=None).exclude(pk=link.pk).exists():
        raise LastLinkStays(incident=incident.number, file=file.number)
    above = files_above(file)
    row_change(link, {"undone_at": at, "undone_by": person_id(by)}, where={"undone_at": None})
    row_reread(link)
    if link.kind != "criminal":
        counts_lower((file, *above), reports=1, returns=int(link.kind == "return"))
    tell(
        events.INCIDENT_UNLINKED, file, by=by, at=at, incident_id=incident.pk, incident=incident.number,
        link=link.kind, reports=file.reports, returns=file.returns,
    )  # fmt: skip
    for one in (file, *above):
        file_weigh(file=one, by=by, at=at)
    return link
