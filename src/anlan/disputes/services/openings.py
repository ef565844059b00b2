"""The second report of noise at one place: a file is suggested by a rule that says why, a person decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.core.actor import SYSTEM, Actor
from anlan.core.permissions import require
from anlan.core.row_changes import row_change, row_reread
from anlan.core.services import event_record
from anlan.disputes import events
from anlan.disputes.charge_errors import OpeningDecided
from anlan.disputes.models import DisputeFile, MatchSuggestion, OpeningSuggestion
from anlan.disputes.opening_rules import EARLIER_SHOWN, OPENING_STATES, SECOND_REPORT
from anlan.disputes.selectors.files import file_of_incident, link_of
from anlan.disputes.services.files import file_open
from anlan.disputes.services.links import incident_link
from anlan.disputes.services.parts import person_id
from anlan.intake.models import Incident, IncidentLink
from anlan.intake.selectors import incident_root
from anlan.intake.selectors.duplicates import REPEAT_WINDOW, REPEAT_WITHIN_M, repeat_suggest
from anlan.intake.services import repeat_link
from anlan.tagging.selectors import incident_type


def opening_suggest(*, incident: Incident, by: Actor = SYSTEM, at: datetime) -> OpeningSuggestion | None:
    """Look whether a report is the second of its matter at its place, and put a file over both before a person.

    Only for types that make a file from their second report on, and only while neither a file nor a noted repeat
    is there. Told again, it gives back what stands; None where the rule does not apply. Looking holds no writer up.
    """
    standing = OpeningSuggestion.objects.filter(incident=incident).first()
    if standing is not None or not _open_question(incident):
        return standing
    seen = repeat_suggest(
        lon=incident.lon, lat=incident.lat, code=incident.code, address_text=incident.address_text,
        at=incident.received_at, actor=SYSTEM, not_incident_id=incident.pk, limit=50,
    )  # fmt: skip
    same = [one for one in seen if one.code == incident.code][:EARLIER_SHOWN]
    if not same or _asked_already(incident, same[0].incident_id):
        return None
    told = [
        {
            "number": one.number,
            "days": (incident.received_at - one.received_at).days,
            "metres": one.distance_m,
            "same_address": one.same_address,
        }
        for one in same
    ]
    facts = {"within_days": REPEAT_WINDOW.days, "within_m": REPEAT_WITHIN_M, "earlier": told}
    row: OpeningSuggestion
    with transaction.atomic():
        row, is_new = OpeningSuggestion.objects.get_or_create(
            incident=incident,
            defaults={"earlier_id": same[0].incident_id, "rule": SECOND_REPORT, "facts": facts, "made_at": at},
        )
        if is_new:
            _tell(events.OPENING_SUGGESTED, row, by=by, at=at)
    return row


def _open_question(incident: Incident) -> bool:
    if incident_type(incident.code).push != "on_2nd" or incident.merged_into_id is not None:
        return False
    noted = IncidentLink.objects.filter(incident=incident, kind=IncidentLink.Kind.REPEAT, undone_at=None)
    return file_of_incident(incident) is None and not noted.exists()


def _asked_already(incident: Incident, earlier_id: int) -> bool:
    """The matcher has put the earlier report's file before a person for this very report."""
    old = file_of_incident(earlier_id)
    return old is not None and MatchSuggestion.objects.filter(file=old, incident=incident).exists()


@transaction.atomic
def opening_accept(*, suggestion: OpeningSuggestion, by: Actor, at: datetime) -> DisputeFile:
    """It is the same matter: the repeat is noted, and both reports are in one file, new or that of the earlier one.

    Raises ``OpeningDecided``.
    """
    require(by, "disputes.link")
    _decide(suggestion, "accepted", by=by, at=at)
    incident, earlier = incident_root(suggestion.incident), incident_root(suggestion.earlier)
    noted = IncidentLink.objects.filter(incident=incident, kind=IncidentLink.Kind.REPEAT, undone_at=None)
    if incident.pk != earlier.pk and not noted.exists():
        repeat_link(incident=incident, earlier=earlier, by=by, at=at)
    old = file_of_incident(earlier)
    if old is not None and file_of_incident(incident) is None:
        incident_link(file=old, incident=incident, by=by, at=at)
    file = file_open(incident=incident, by=by, at=at)
    if link_of(earlier.pk) is None:
        incident_link(file=file, incident=earlier, kind="same", by=by, at=at)
    row_reread(file)
    _tell(events.OPENING_ACCEPTED, suggestion, by=by, at=at, file=file.number, file_id=file.pk)
    return file


@transaction.atomic
def opening_reject(*, suggestion: OpeningSuggestion, by: Actor, at: datetime) -> OpeningSuggestion:
    """It is another matter; nothing is opened. Raises ``OpeningDecided``."""
    require(by, "disputes.link")
    _decide(suggestion, "rejected", by=by, at=at)
    _tell(events.OPENING_REJECTED, suggestion, by=by, at=at)
    return suggestion


def _decide(suggestion: OpeningSuggestion, to: str, *, by: Actor, at: datetime) -> None:
    columns = {"state": to, "decided_at": at, "decided_by": person_id(by)}
    won = row_change(suggestion, columns, where={"state": "suggested"})
    row_reread(suggestion)
    if not won:
        raise OpeningDecided(state=OPENING_STATES[suggestion.state], since=suggestion.decided_at)


def _tell(kind: str, row: OpeningSuggestion, *, by: Actor, at: datetime, **data: Any) -> None:
    incident = row.incident
    event_record(
        kind,
        subject=row,
        by=by,
        at=at,
        incident_id=incident.pk,
        org_ids=(incident.station_id, incident.town_room_id, incident.holder_id),
        incident=incident.number,
        earlier=row.earlier.number,
        rule=row.rule,
        **data,
    )
