"""Both parties of a closed file are asked how it stands, by somebody who had no part in it and is told nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from anlan.accounts.models import Person
from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.core.purpose import looking
from anlan.core.row_changes import row_reread
from anlan.core.services import keyed_hash
from anlan.disputes import events
from anlan.disputes.due import due_after
from anlan.disputes.errors import IdentityErased
from anlan.disputes.models import (
    DisputeFile,
    FileClosing,
    FileRevisit,
    LevelChange,
    Party,
    PartyIdentity,
    RevisitCall,
)
from anlan.disputes.revisit_errors import (
    AnswerMissing,
    RatedBeforeRevisit,
    RevisitNotYours,
    RevisitorHandledIt,
    RevisitorMayNot,
    RevisitorOfUnit,
    RevisitOver,
    RevisitUnassigned,
    SideThrough,
)
from anlan.disputes.revisit_rules import (
    ASKED,
    CALL_OUTCOMES,
    DROPPED,
    HANDED,
    NOT_SAFE_BARS,
    REVISIT,
    REVISIT_OPEN,
    SAMPLE_SHARE,
    SCRIPT_NOW,
    SCRIPTS,
    SIDES,
    answers_problem,
    finding_of,
    is_unsatisfied,
)
from anlan.disputes.rules import FILE
from anlan.disputes.selectors.files import file_ids_beneath
from anlan.disputes.selectors.revisits import hands_of, names_of, organisations_of, revisitors_for, sides_of
from anlan.disputes.services.files import file_reopen
from anlan.disputes.services.parties import PartyShown
from anlan.disputes.services.parts import file_hold, person_id, tell
from anlan.disputes.services.steps import state_move

NOBODY_ASKED = ("not_a_dispute",)


def share_of(number: str, closing: datetime) -> float:
    """A number in [0, 1) that belongs to this closing of this file and can't be guessed without the key."""
    return int(keyed_hash(f"dispute-revisit:{number}:{closing.isoformat()}")[:13], 16) / 16**13


@transaction.atomic
def revisit_draw(*, file: DisputeFile, by: Actor, at: datetime) -> FileRevisit | None:
    """Draw whether the parties of a file just closed are asked, within three working days of the closing.

    All that were ever red, all in which a party was not satisfied before, and one in twenty of the others by a
    keyed hash: nobody can pick or dodge it, and the draw can be repeated. None when not drawn. Where a call could
    endanger a party the revisit is drawn and dropped at once, so that it is on the record.
    """
    file_hold(file)
    if file.closed_at is None or file.state != "closed" or file.result in NOBODY_ASKED:
        return None
    standing: FileRevisit | None = FileRevisit.objects.filter(file=file, closing=file.closed_at).first()
    if standing is not None:
        return standing
    rule, probability = _rule(file)
    if probability < 1 and share_of(file.number, file.closed_at) >= probability:
        return None
    due = due_after("revisit", file.closed_at)
    row: FileRevisit = FileRevisit.objects.create(
        file=file,
        closing=file.closed_at,
        rule=rule,
        probability=probability,
        state_since=at,
        drawn_at=at,
        due_at=due.due_at,
        due_sum=due.total,
        unit_result=file.result,
    )
    _told(events.REVISIT_DRAWN, row, by=by, at=at, rule=rule, probability=probability, due_at=due.due_at.isoformat())
    if file.exclusion in NOT_SAFE_BARS:
        revisit_drop(revisit=row, why="not_safe", by=by, at=at)
    return row


def _rule(file: DisputeFile) -> tuple[str, float]:
    before = FileRevisit.objects.filter(file=file, finding="not_settled").exists()
    if before or FileClosing.objects.filter(file=file, end_kind="reopened").exists():
        return "not_satisfied", 1.0
    if file.level == "red" or LevelChange.objects.filter(file=file, level="red").exists():
        return "red", 1.0
    return "sample", SAMPLE_SHARE


@transaction.atomic
def revisit_assign(*, revisit: FileRevisit, person: Person, by: Actor, at: datetime) -> FileRevisit:
    """Give the revisit to somebody who had no part in the file and works for nobody who had.

    Given to another it is taken from the first. Raises ``RevisitorHandledIt``, ``RevisitorOfUnit``,
    ``RevisitorMayNot``, ``RevisitOver``.
    """
    require(by, "disputes.revisit_assign")
    _hold(revisit)
    if revisit.state == "assigned" and revisit.assigned_to_id == person.pk:
        return revisit
    _blind(revisit.file, person, at=at)
    if revisit.state == "assigned":
        REVISIT.move(revisit, "drawn", at=at, subject=revisit.file.number, assigned_to_id=None, assigned_at=None)
        _told(events.REVISIT_GIVEN_BACK, revisit, by=by, at=at)
    REVISIT.move(revisit, "assigned", at=at, subject=revisit.file.number, assigned_to_id=person.pk, assigned_at=at)
    _told(events.REVISIT_ASSIGNED, revisit, by=by, at=at, person=person.pk, due_at=revisit.due_at.isoformat())
    return revisit


def _blind(file: DisputeFile, person: Person, *, at: datetime) -> None:
    """Refuse whoever had a part in it, or may not ask."""
    hands = hands_of(file)
    told = {"person": person.name, "file": file.number, "organisations": names_of(hands.organisations)}
    if (what := hands.people.get(person.pk)) is not None:
        raise RevisitorHandledIt(**told, what=HANDED[what])
    for organisation_id in sorted(organisations_of(person, at=at) & hands.organisations):
        raise RevisitorOfUnit(**told, organisation=names_of([organisation_id]))
    may = revisitors_for(file, at=at)
    if person not in may:
        raise RevisitorMayNot(person=person.name, people=", ".join(other.name for other in may[:8]) or "–")


@transaction.atomic
def revisit_call_record(
    *,
    revisit: FileRevisit,
    side: str,
    outcome: str,
    by: Actor,
    at: datetime,
    answers: Mapping[str, str] | None = None,
    script: str = SCRIPT_NOW,
) -> RevisitCall:
    """One try to ask one side (``a`` or ``b``), with what came of it; the last of both sides ends the revisit.

    The file goes from closed to revisited, and to rated where a party gave a rating; a party for whom it is not
    settled, or who is not content, opens it again. Somebody else at the telephone is a try, never an answer.
    Raises ``RevisitUnassigned``, ``RevisitNotYours``, ``RevisitOver``, ``SideThrough``, ``AnswerMissing``.
    """
    require(by, "disputes.revisit")
    if side not in ASKED or outcome not in CALL_OUTCOMES:
        raise BadInput(field="side" if side not in ASKED else "outcome", problem=f"{side} {outcome}"[:40])
    said = dict(answers or {}) if outcome == "answered" else {}
    if outcome == "answered" and (missing := answers_problem(script, said)):
        words = next((q.words for q in SCRIPTS.get(script, ()) if q.key == missing), missing)
        raise AnswerMissing(field=missing[:40], problem="", question=words)
    _mine(revisit, by)
    before = sides_of(revisit)[side]
    if before.is_through and before.last is not None:
        shown = {"side": SIDES[side], "outcome": CALL_OUTCOMES[before.last.outcome]}
        raise SideThrough(file=revisit.file.number, since=before.last.at, **shown)
    call: RevisitCall = RevisitCall.objects.create(
        revisit=revisit,
        side=side,
        seq=len(before.calls) + 1,
        at=at,
        by=person_id(by),
        outcome=outcome,
        script=script if said else "",
        answers=said,
        settled=said.get("settled", ""),
        rating=int(said["rating"]) if said.get("rating") else None,
    )
    # What was said stays with the call: whoever follows the file learns only that somebody was asked.
    _told(events.REVISIT_CALLED, revisit, by=by, at=at, side=side, seq=call.seq, outcome=outcome)
    _end_if_through(revisit, by=by, at=at)
    return call


def _end_if_through(revisit: FileRevisit, *, by: Actor, at: datetime) -> None:
    sides = sides_of(revisit)
    if not all(side.is_through for side in sides.values()):
        return
    told = {key: side.answer for key, side in sides.items() if side.answer is not None}
    number = revisit.file.number
    if not told:
        REVISIT.move(revisit, "unreached", at=at, subject=number, ended_at=at)
        _told(events.REVISIT_UNREACHED, revisit, by=by, at=at)
        return
    finding = finding_of([answer.settled for answer in told.values()])
    REVISIT.move(revisit, "done", at=at, subject=number, ended_at=at, finding=finding)
    _told(events.REVISIT_DONE, revisit, by=by, at=at, finding=finding)
    file = file_hold(revisit.file)
    if file.state == "closed":
        state_move(file, "revisited", by=by, at=at, kind=events.FILE_REVISITED, told={"finding": finding})
    if any(is_unsatisfied(answer.settled, answer.rating) for answer in told.values()):
        # By the rule, not by decision of who asked.
        file_reopen(file=file, reason="not_satisfied", by=SYSTEM, at=at)
        return
    ratings = {key: answer.rating for key, answer in told.items() if answer.rating is not None}
    if ratings and file.state == "revisited":
        _rate(file, ratings, by=by, at=at)


@transaction.atomic
def file_rate(*, file: DisputeFile, ratings: Mapping[str, int], by: Actor, at: datetime) -> DisputeFile:
    """What the parties gave, 1 to 5 by side. Raises ``RatedBeforeRevisit`` as long as they were not asked."""
    require(by, "disputes.revisit")
    file_hold(file)
    if not ratings or set(ratings) - set(ASKED) or not all(1 <= given <= 5 for given in ratings.values()):
        raise BadInput(field="ratings", problem=str(dict(ratings))[:60])
    if file.state != "revisited":
        raise RatedBeforeRevisit(file=file.number, state=FILE.labels[file.state], since=file.state_since)
    return _rate(file, ratings, by=by, at=at)


def _rate(file: DisputeFile, ratings: Mapping[str, int], *, by: Actor, at: datetime) -> DisputeFile:
    given = {f"rating_{side}": ratings.get(side) for side in ASKED}
    state_move(file, "rated", by=by, at=at, kind=events.FILE_RATED, told=given)
    return file


@transaction.atomic
def revisit_drop(*, revisit: FileRevisit, why: str, by: Actor, at: datetime) -> FileRevisit:
    """The parties are not asked any more; ``why`` is a key of ``DROPPED``."""
    if not why or why not in DROPPED:
        raise BadInput(field="why", problem=why[:16])
    _hold(revisit)
    REVISIT.move(revisit, "dropped", at=at, subject=revisit.file.number, ended_at=at, dropped_why=why)
    _told(events.REVISIT_DROPPED, revisit, by=by, at=at, why=why)
    return revisit


@transaction.atomic
def revisit_party_reveal(*, revisit: FileRevisit, side: str, by: Actor, at: datetime) -> PartyShown:
    """Name and telephone of the party to ask, for whoever asks and as long as they ask; the look is logged."""
    require(by, "disputes.revisit")
    _mine(revisit, by)
    files = file_ids_beneath(revisit.file_id)
    party = Party.objects.filter(file__in=files, role=side, left_at=None).order_by("ordinal", "id").first()
    rows = PartyIdentity.objects.filter(party=party, expires_at__gt=at)
    row = rows.only("id").first() if party is not None else None
    if party is None or row is None:
        raise IdentityErased(file=revisit.file.number)
    with looking("revisit", by=by, at=at, target=row):
        row = rows.get()
    tell(events.PARTY_REVEALED, revisit.file, by=by, at=at, subject=party, orgs=(by.org_id,), purpose="revisit")
    return PartyShown(row.name, row.phone, "")


def _mine(revisit: FileRevisit, by: Actor) -> None:
    """Hold the revisit, and refuse unless the actor is who was chosen to ask."""
    _hold(revisit)
    if revisit.state == "drawn":
        raise RevisitUnassigned(file=revisit.file.number)
    if revisit.assigned_to_id != by.id or by.kind != "person":
        person = revisit.assigned_to.name if revisit.assigned_to else "–"
        raise RevisitNotYours(file=revisit.file.number, person=person, since=revisit.assigned_at)


def _hold(revisit: FileRevisit) -> None:
    """Read it anew, keep others from changing it, and refuse when it is over."""
    if connection.features.has_select_for_update:
        FileRevisit.objects.select_for_update().filter(pk=revisit.pk).values_list("pk").first()
    row_reread(revisit)
    if revisit.state not in REVISIT_OPEN:
        raise RevisitOver(file=revisit.file.number, state=REVISIT.labels[revisit.state], since=revisit.state_since)


def _told(kind: str, revisit: FileRevisit, *, by: Actor, at: datetime, **data: Any) -> None:
    """Put what happened to the revisit on the record: under itself, so that the file's own timeline is silent."""
    tell(kind, revisit.file, by=by, at=at, subject=revisit, revisit=revisit.pk, **data)
