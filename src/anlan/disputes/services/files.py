"""A file is opened, settled on site, followed up, given back to police, closed, archived, opened again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.core.reach import reaching_as
from anlan.disputes import events
from anlan.disputes.due import Due, due_after
from anlan.disputes.errors import NotADispute, NotYetOver
from anlan.disputes.keys import party_keys_again, party_keys_erase, place_keys_put
from anlan.disputes.models import DisputeFile, FileIncident, PartyIdentity, Push
from anlan.disputes.rules import (
    EXCLUSIONS,
    FILE,
    IDENTITY_AT_MOST,
    IDENTITY_KEPT_FOR,
    LIVE,
    POLICE_REASONS,
    REOPEN_REASONS,
    RESULTS,
    SETTLED,
    SETTLED_OUTCOMES,
    TRACK_OF,
)
from anlan.disputes.selectors.files import file_ids_beneath, file_of_incident, push_open_of
from anlan.disputes.selectors.receivers import organisation_acting
from anlan.disputes.services.levels import file_weigh
from anlan.disputes.services.mediation_ending import mediation_overtaken
from anlan.disputes.services.parts import file_change, file_hold, file_number, live_hold, person_id, step, tell
from anlan.disputes.services.sending import push_on, red_follow
from anlan.disputes.services.steps import holder_set, push_advance, push_end, pushes_end, state_move
from anlan.disputes.services.telling import police_told, push_quiet
from anlan.intake.models import Incident, IncidentTag
from anlan.intake.selectors import incident_root
from anlan.tagging.selectors import incident_type

AT_TABLE = ("triaged", "mediating", "agreement", "no_agreement", "performed", "defaulted")
OUTCOME_OF_RESULT = {
    "settled_on_site": "settled_recorded",
    "settled_follow_up": "settled",
    "agreement_performed": "settled",
    "court": "court_guide",
    "department": "settled",
    "withdrawn": "settled",
    "long_term": "long_term",
    "case": "case",
    "not_a_dispute": "calm_open",
}
"""What a file's end says of the pushes that still ran."""


@step
def file_open(*, incident: Incident, by: Actor, at: datetime) -> DisputeFile:
    """Open the file of a quarrel, or give back the one that has this incident (or the one it was merged into).

    Whoever holds the incident holds the file, until another accepts. Raises ``NotADispute`` for a type that
    makes no pushes.
    """
    require(by, "disputes.link")
    root = incident_root(incident)
    if (standing := file_of_incident(root) or file_of_incident(incident)) is not None:
        return standing
    if incident_type(root.code).push not in ("yes", "on_2nd"):
        raise NotADispute(incident=root.number, type=root.code)
    try:
        with transaction.atomic():
            file = _put(root, by=by, at=at)
    except IntegrityError:
        # Another was quicker with the very same incident.
        found = file_of_incident(root)
        if found is None:
            raise
        return found
    told: dict[str, Any] = {"incident": root.number, "code": root.code, "track": file.track, "holder": file.holder_id}
    tell(events.FILE_OPENED, file, by=by, at=at, incident_id=root.pk, due_at=_iso(file.due_at), **told)
    file_weigh(file=file, by=by, at=at)
    return file


def _put(root: Incident, *, by: Actor, at: datetime) -> DisputeFile:
    holder_id = root.holder_id or root.station_id or root.town_room_id or by.org_id
    cause = IncidentTag.objects.filter(incident=root, dimension="cause", superseded_by=None).order_by("id").first()
    due = due_after("feedback", at)
    file: DisputeFile = DisputeFile.objects.create(
        number=file_number(at),
        code=root.code,
        state_since=at,
        level_since=at,
        track=TRACK_OF.get(root.track, ""),
        cause=cause.value if cause is not None else "",
        address_text=root.address_text,
        lon=root.lon,
        lat=root.lat,
        cell=root.cell,
        beat_code=root.beat_code,
        station_id=root.station_id,
        town_room_id=root.town_room_id,
        holder_id=holder_id,
        held_since=at,
        opened_at=at,
        last_report_at=root.received_at,
        **due.columns(),
    )
    FileIncident.objects.create(file=file, incident=root, kind="opening", made_at=at, made_by=person_id(by))
    place_keys_put(file, by=by, at=at)
    return file


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@step
def file_settle_on_site(
    *, file: DisputeFile, by: Actor, at: datetime, outcome: str = "settled_oral", incident: Incident | None = None
) -> DisputeFile:
    """The first push settled it (written, oral or recorded agreement); the beat follows up all the same."""
    require(by, "disputes.act")
    if outcome not in SETTLED_OUTCOMES:
        raise BadInput(field="outcome", problem=outcome)
    live_hold(file)
    _first_push_ends(file, outcome, by=by, at=at)
    if FILE.can(file.state, "on_site_settled"):
        state_move(file, "on_site_settled", by=by, at=at)
    _to_beat(file, reason="settled_on_site", by=by, at=at, incident=incident)
    return file


@step
def file_follow_up(
    *,
    file: DisputeFile,
    by: Actor,
    at: datetime,
    reason: str = "calm_open",
    outcome: str = "calm_open",
    incident: Incident | None = None,
) -> DisputeFile:
    """Not settled on site: the officer of the beat goes on. ``reason`` is a key of ``PUSH_REASONS``."""
    require(by, "disputes.act")
    live_hold(file)
    _first_push_ends(file, outcome, by=by, at=at)
    if file.state in ("open", "with_police"):
        state_move(file, "follow_up", by=by, at=at)
    _to_beat(file, reason=reason, by=by, at=at, incident=incident)
    return file


def _first_push_ends(file: DisputeFile, outcome: str, *, by: Actor, at: datetime) -> None:
    if (push := push_open_of(file, 1)) is not None:
        push_end(push, "closed", outcome, by=by, at=at)


def _to_beat(file: DisputeFile, *, reason: str, by: Actor, at: datetime, incident: Incident | None) -> None:
    """Push 2, whoever has the file by now; a red one goes to the town room as well."""
    push_on(file, 2, reason, by=by, at=at, incident=incident)
    red_follow(file, by=by, at=at, incident=incident)


@step
def file_move(
    *, file: DisputeFile, to: str, by: Actor, at: datetime, due: Due | None = None, **changes: Any
) -> DisputeFile:
    """Bring a file to a state of the mediating table; the caller has checked who may. Its term is set (or ``due``).

    Where a mediation begins, the organisation it was assigned to has accepted it and holds it from then on.
    All other states have doors of their own. Raises ``WrongState``, ``Overtaken``, ``FileOver``.
    """
    if to not in AT_TABLE:
        raise BadInput(field="to", problem=to)
    live_hold(file)
    was = state_move(file, to, by=by, at=at, due=due, **changes)
    if to not in ("agreement", "mediating"):
        mediation_overtaken(file, was, by=by, at=at)
    if to == "mediating" and file.mediating_id is not None:
        holder_set(file, file.mediating_id, by=by, at=at, why="mediating")
    if (push := push_open_of(file, 3)) is not None and push.state != "acted":
        _acted(push, by=by, at=at)
    file_weigh(file=file, by=by, at=at)
    return file


def _acted(push: Push, *, by: Actor, at: datetime) -> None:
    received = {} if push.received_at else {"received_at": at, "received_by": person_id(by)}
    push_advance(push, "acted", events.PUSH_ACTED, by=by, at=at, acted_at=at, **received)
    push_quiet(push, by=by, at=at)


@step
def file_to_police(
    *, file: DisputeFile, reason: str, by: Actor, at: datetime, exclusion: str = "", incident: Incident | None = None
) -> DisputeFile:
    """Danger, or a crime: back to police at once. The one change of holder that waits for nobody's consent.

    ``reason`` is a key of ``POLICE_REASONS``. Pushes 2 and 3 and a mediation end; police decide within a day.
    """
    require(by, "disputes.act")
    if exclusion not in EXCLUSIONS or reason not in POLICE_REASONS:
        raise BadInput(
            field="exclusion" if exclusion not in EXCLUSIONS else "reason", problem=f"{reason} {exclusion}"
        )
    file_hold(file)
    changes: dict[str, Any] = {"exclusion": exclusion} if exclusion else {}
    if file.state in SETTLED:
        changes |= {"closed_at": None, "archived_at": None, "result": ""}
    was = state_move(
        file,
        "with_police",
        by=by,
        at=at,
        kind=events.FILE_TO_POLICE,
        told={"why": reason, "bar": exclusion},
        **changes,
    )
    mediation_overtaken(file, was, by=by, at=at)
    for push in pushes_end(file, "back_to_police", by=by, at=at, seqs=(2, 3)):
        push_quiet(push, by=by, at=at)
    station = organisation_acting(file.station)
    if station is not None:
        holder_set(file, station, by=by, at=at, why="police")
        police_told(file, station, by=by, at=at)
    file_weigh(file=file, by=by, at=at)
    return file


@step
def file_close(*, file: DisputeFile, result: str, by: Actor, at: datetime, action: str = "") -> DisputeFile:
    """The file is over, with its result; pushes and a mediation that run end with it, and the keys of its parties.

    Raises ``WrongState`` from where no end leads, ``FileOver`` when it is over already.
    """
    require(by, "disputes.close")
    return close(file=file, result=result, by=by, at=at, action=action)


def close(
    *, file: DisputeFile, result: str, by: Actor, at: datetime, outcome: str = "", action: str = ""
) -> DisputeFile:
    """``file_close`` for a step that ends the file and was allowed as such; inside a transaction."""
    if not result or result not in RESULTS:
        raise BadInput(field="result", problem=result)
    live_hold(file)
    was = state_move(
        file, "closed", by=by, at=at, kind=events.FILE_CLOSED, told={"result": result}, closed_at=at, result=result
    )
    mediation_overtaken(file, was, by=by, at=at)
    for push in pushes_end(file, outcome or OUTCOME_OF_RESULT[result], by=by, at=at):
        push_quiet(push, by=by, at=at)
    party_keys_erase(file, by=by, at=at)
    return file


@step
def file_archive(*, file: DisputeFile, by: Actor, at: datetime) -> DisputeFile:
    """Into the archive (归档销号); the term of who was in it begins to run."""
    require(by, "disputes.close")
    file_hold(file)
    if file.state in LIVE:
        raise NotYetOver(file=file.number, state=FILE.labels[file.state], since=file.state_since)
    state_move(file, "archived", by=by, at=at, kind=events.FILE_ARCHIVED, archived_at=at)
    _identities_until(file, at + IDENTITY_KEPT_FOR)
    return file


def _identities_until(file: DisputeFile, moment: datetime) -> None:
    with reaching_as(SYSTEM):  # a term ends for all of them, also for those of files that were put together with it
        PartyIdentity.objects.filter(party__file_id__in=file_ids_beneath(file.pk)).update(expires_at=moment)


@step
def file_reopen(
    *, file: DisputeFile, reason: str, by: Actor, at: datetime, incident: Incident | None = None
) -> DisputeFile:
    """The quarrel is not over: the file lives again, in the hands of who had it, and the beat is told.

    ``reason`` is a key of ``REOPEN_REASONS``. A file that had reached the town room goes there again; one that
    lives already stays as it is.
    """
    if by.kind != "system":
        require(by, "disputes.link")
    file_hold(file)
    if reason not in REOPEN_REASONS:
        raise BadInput(field="reason", problem=reason)
    if file.state not in SETTLED:
        live_hold(file)
        return file
    holder = organisation_acting(file.holder) or organisation_acting(file.station)
    changes: dict[str, Any] = {"closed_at": None, "archived_at": None, "result": ""}
    state_move(file, "follow_up", by=by, at=at, kind=events.FILE_REOPENED, told={"why": reason}, **changes)
    _identities_until(file, at + IDENTITY_AT_MOST)
    party_keys_again(file, by=by, at=at)
    if holder is not None:
        holder_set(file, holder, by=by, at=at, why="reopened")
    file_weigh(file=file, by=by, at=at)
    reached_town = file.push_level >= 3
    _to_beat(file, reason="came_back", by=by, at=at, incident=incident)
    if reached_town and push_open_of(file, 3) is None:
        push_on(file, 3, "came_back", by=by, at=at, incident=incident)
    return file


@step
def file_case_link(
    *, file: DisputeFile, case_number: str, by: Actor, at: datetime, incident: Incident | None = None
) -> DisputeFile:
    """A criminal case grew out of the quarrel (民转刑): its number stands with the file from now on."""
    require(by, "disputes.close")
    file_hold(file)
    number = case_number.strip()[:32]
    if not number and incident is None:
        raise BadInput(field="case_number", problem="–")
    file_change(file, {"case_number": number, "case_linked_at": file.case_linked_at or at})
    tell(
        events.CASE_LINKED, file, by=by, at=at, incident_id=incident.pk if incident else None, has_number=bool(number)
    )
    return file
