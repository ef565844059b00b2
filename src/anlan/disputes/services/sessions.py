"""Sessions are booked without a double booking, held, missed, or given back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.errors import BadInput
from anlan.core.permissions import require
from anlan.core.purpose import looking
from anlan.disputes import events
from anlan.disputes.mediation_errors import (
    ApartOnOneDay,
    GuardianMissing,
    MediationNotOpen,
    MinutesGone,
    NeverTogether,
    NobodyCame,
    NotAMediator,
    OffTheGrid,
    OutsideHours,
    SecondSessionTooLate,
    SessionAfterLimit,
    SessionNotYet,
    SessionsUsedUp,
    SlotTaken,
)
from anlan.disputes.mediation_models import (
    Mediation,
    MediationPause,
    MediationRoom,
    Mediator,
    Session,
    SessionAttendance,
    SessionMinutes,
    SlotHold,
)
from anlan.disputes.mediation_rules import (
    ATTENDANCE,
    MEDIATION,
    MEDIATION_OPEN,
    OUTCOMES,
    POLICE_SESSIONS_AT_MOST,
    SESSION,
    SITTINGS,
    SLOT,
    SLOTS_AT_MOST,
    WITH_LIMIT,
    guardians_missing,
    is_open,
    must_sit_apart,
    on_the_grid,
    slot_starts,
)
from anlan.disputes.mediation_terms import mediation_limit, second_session_by
from anlan.disputes.models import DisputeFile, Party
from anlan.disputes.rules import EXCLUSIONS
from anlan.disputes.selectors.mediation import free_times
from anlan.disputes.services.mediation_base import (
    SIDES,
    day_of,
    file_due,
    parties_named,
    person_of,
    tell,
)
from anlan.disputes.services.parts import file_hold, person_id

MINUTES_CHARS = 20_000
CONSENT = "consent of all parties"


@transaction.atomic
def session_book(
    *,
    mediation: Mediation,
    starts_at: datetime,
    slots: int,
    mediator: Person,
    room: MediationRoom | None = None,
    sitting: str = "joint",
    only_party: Party | None = None,
    by: Actor,
    at: datetime,
) -> Session:
    """Book ``slots`` half hours of a room, a mediator and the file together, or nothing.

    Raises ``NeverTogether`` and ``ApartOnOneDay`` for parties kept apart, ``SlotTaken`` with who has it and the next
    free times, ``OutsideHours``, ``OffTheGrid``, ``SessionAfterLimit``, ``SecondSessionTooLate``, ``SessionsUsedUp``.
    """
    require(by, "disputes.book")
    file = mediation.file
    file_hold(file)
    _open_needed(mediation)
    if sitting not in SITTINGS or (sitting == "separate") != (only_party is not None):
        raise BadInput(field="sitting", problem=sitting)
    if only_party is not None:
        parties_named(file, [only_party.pk])
    _refuse_together(mediation, sitting, only_party, starts_at)
    _place_needed(mediation, room, mediator)
    ends_at = starts_at + SLOT * slots
    _time_needed(mediation, room, mediator, starts_at, slots, at)
    _refuse_by_law(mediation, starts_at, ends_at)
    last = Session.objects.filter(file=file).aggregate(last=Max("ordinal"))["last"] or 0
    try:
        with transaction.atomic():
            row: Session = Session.objects.create(
                mediation=mediation,
                file=file,
                ordinal=last + 1,
                state_since=at,
                sitting=sitting,
                only_party=only_party,
                room=room,
                mediator=mediator,
                starts_at=starts_at,
                ends_at=ends_at,
                booked_at=at,
                booked_by=person_id(by),
            )
            _hold(row, slots)
    except IntegrityError:
        raise _taken(mediation, room, mediator, starts_at, slots, at) from None
    _booked_tell(row, mediation, by=by, at=at)
    return row


def _booked_tell(row: Session, mediation: Mediation, *, by: Actor, at: datetime) -> None:
    tell(
        events.SESSION_BOOKED,
        row,
        mediation,
        by=by,
        at=at,
        ordinal=row.ordinal,
        starts_at=row.starts_at.isoformat(),
        ends_at=row.ends_at.isoformat(),
        sitting=row.sitting,
        room_id=row.room_id,
        mediator_id=row.mediator_id,
    )


def _hold(session: Session, slots: int) -> None:
    """Take the half hours, always in the same order: two bookings that cross wait for each other, never in a ring."""
    rows = []
    for starts_at in slot_starts(session.starts_at, slots):
        rows.append(SlotHold(session=session, starts_at=starts_at, file=session.file))
        rows.append(SlotHold(session=session, starts_at=starts_at, person=session.mediator))
        if session.room is not None:
            rows.append(SlotHold(session=session, starts_at=starts_at, room=session.room))
    SlotHold.objects.bulk_create(rows)


def _taken(
    mediation: Mediation, room: MediationRoom | None, mediator: Person, starts_at: datetime, slots: int, at: datetime
) -> SlotTaken:
    """Who has it: the session whose half hours are in the way."""
    holds = SlotHold.objects.filter(starts_at__in=slot_starts(starts_at, slots)).select_related("session__file")
    ways: list[tuple[Any, dict[str, Any]]] = [
        (mediator.name, {"person": mediator}),
        (mediation.file.number, {"file": mediation.file}),
    ]
    if room is not None:
        ways.insert(0, (room.name_zh, {"room": room}))
    for what, way in ways:
        hold = holds.filter(**way).order_by("starts_at").first()
        if hold is None:
            continue
        other = hold.session
        who = person_of(other.booked_by).name if other.booked_by else "–"
        return SlotTaken(
            what=what,
            starts_at=other.starts_at,
            ends_at=other.ends_at,
            file=other.file.number,
            who=who,
            since=other.booked_at,
            free=free_times(mediation.body, room=room, person=mediator, slots=slots, after=max(starts_at, at)),
        )
    raise RuntimeError("a booking was refused by the store though nothing stands in its way")


def _refuse_together(mediation: Mediation, sitting: str, only_party: Party | None, starts_at: datetime) -> None:
    file = mediation.file
    if not must_sit_apart(file.exclusion):
        return
    if sitting == "joint":
        raise NeverTogether(file=file.number, exclusion=EXCLUSIONS[file.exclusion])
    others = Session.objects.filter(file=file, state__in=("booked", "held")).exclude(only_party=only_party)
    for other in others:
        if day_of(other.starts_at) == day_of(starts_at):
            raise ApartOnOneDay(
                file=file.number,
                exclusion=EXCLUSIONS[file.exclusion],
                day=day_of(starts_at).isoformat(),
                starts_at=other.starts_at,
            )


def _place_needed(mediation: Mediation, room: MediationRoom | None, mediator: Person) -> None:
    body = mediation.body
    if room is not None and (room.body_id != body.pk or not room.is_active):
        raise BadInput(field="room", problem=str(room))
    if not Mediator.objects.filter(body=body, person=mediator, left_at=None).exists():
        raise NotAMediator(field="mediator", problem="", person=mediator.name, body=body.organisation.name_shown)


def _time_needed(
    mediation: Mediation, room: MediationRoom | None, mediator: Person, starts_at: datetime, slots: int, at: datetime
) -> None:
    if not on_the_grid(starts_at) or not 1 <= slots <= SLOTS_AT_MOST or starts_at <= at - SLOT:
        raise OffTheGrid(field="starts_at", problem="", starts_at=starts_at, slots=slots, most=SLOTS_AT_MOST)
    body, ends_at = mediation.body, starts_at + SLOT * slots
    if not is_open(body.hours, starts_at, ends_at):
        raise OutsideHours(
            body=body.organisation.name_shown,
            starts_at=starts_at,
            ends_at=ends_at,
            hours=body.hours,
            free=free_times(body, room=room, person=mediator, slots=slots, after=max(starts_at, at)),
        )


def _refuse_by_law(mediation: Mediation, starts_at: datetime, ends_at: datetime) -> None:
    file = mediation.file
    if mediation.method in WITH_LIMIT:
        if mediation.due_at is not None and ends_at > mediation.due_at:
            raise SessionAfterLimit(file=file.number, due_at=mediation.due_at)
        return
    sat = list(Session.objects.filter(mediation=mediation, state__in=("booked", "held")).order_by("starts_at"))
    if len(sat) >= POLICE_SESSIONS_AT_MOST:
        raise SessionsUsedUp(file=file.number, count=len(sat), since=sat[-1].starts_at)
    if sat:
        term = second_session_by(sat[0].starts_at)
        if term.due_at is not None and ends_at > term.due_at:
            raise SecondSessionTooLate(due_at=term.due_at, since=sat[0].starts_at)


@transaction.atomic
def session_cancel(*, session: Session, reason: str, by: Actor, at: datetime) -> Session:
    """Give a booked session back, with a reason; its half hours are free at once."""
    require(by, "disputes.book")
    if not reason.strip():
        raise BadInput(field="reason", problem="–")
    file_hold(session.file)
    _cancel(session, reason.strip()[:200], "cancelled", by=by, at=at)
    return session


def sessions_release(sessions: QuerySet[Any], reason: str, *, by: Actor, at: datetime) -> int:
    """Cancel those of ``sessions`` that are booked; inside the step's transaction. Returns how many."""
    rows = list(sessions.filter(state="booked").select_related("mediation__body", "file").order_by("pk"))
    for row in rows:
        _cancel(row, reason, "cancelled", by=by, at=at)
    return len(rows)


def sessions_part(file: DisputeFile, *, by: Actor, at: datetime) -> int:
    """Cancel every booked sitting together of parties who must be kept apart; inside the step's transaction."""
    if not must_sit_apart(file.exclusion):
        return 0
    return sessions_release(Session.objects.filter(file=file, sitting="joint"), file.exclusion, by=by, at=at)


def _cancel(session: Session, reason: str, to: str, *, by: Actor, at: datetime) -> None:
    mediation = session.mediation
    SESSION.move(session, to, at=at, subject=_named(session), reason=reason)
    SlotHold.objects.filter(session=session).delete()
    kind = events.SESSION_CANCELLED if to == "cancelled" else events.SESSION_MISSED
    tell(kind, session, mediation, by=by, at=at, ordinal=session.ordinal)


@transaction.atomic
def session_miss(*, session: Session, attendance: Mapping[int, str], by: Actor, at: datetime) -> Session:
    """Somebody stayed away: who came and who did not, by party id."""
    require(by, "disputes.mediate")
    file_hold(session.file)
    _begun_needed(session, at)
    _attend(session, attendance)
    _cancel(session, "", "no_show", by=by, at=at)
    return session


@transaction.atomic
def session_hold(
    *, session: Session, attendance: Mapping[int, str], outcome: str, minutes: str = "", by: Actor, at: datetime
) -> Session:
    """Write a session up: who came (party id to ``came``, ``represented``, ``absent``), minutes and outcome.

    A paused mediation runs again by it. Raises ``SessionNotYet``, ``NobodyCame``, ``GuardianMissing``.
    """
    require(by, "disputes.mediate")
    mediation, file = session.mediation, session.file
    mediation.file = file
    file_hold(file)
    _begun_needed(session, at)
    # What bars sitting together may have come out since the booking, by whatever way.
    if session.sitting == "joint" and must_sit_apart(file.exclusion):
        raise NeverTogether(file=file.number, exclusion=EXCLUSIONS[file.exclusion])
    if outcome not in OUTCOMES:
        raise BadInput(field="outcome", problem=outcome or "–")
    if len(minutes) > MINUTES_CHARS:
        raise BadInput(field="minutes", problem=f"{len(minutes)} > {MINUTES_CHARS}")
    came = _attend(session, attendance)
    _both_needed(session, came)
    SESSION.move(session, "held", at=at, subject=_named(session), held_at=session.starts_at, outcome=outcome)
    if minutes.strip():
        SessionMinutes.objects.create(session=session, text=minutes.strip(), written_at=at, written_by=person_id(by))
    _terms_after(mediation, session, by=by, at=at)
    roles = sorted(f"{party.role}{party.ordinal}" for party in came)
    tell(events.SESSION_HELD, session, mediation, by=by, at=at, ordinal=session.ordinal, outcome=outcome, roles=roles)
    return session


def _attend(session: Session, attendance: Mapping[int, str]) -> list[Party]:
    parties = parties_named(session.file, attendance)
    if strange := set(attendance.values()) - set(ATTENDANCE):
        raise BadInput(field="attendance", problem=", ".join(sorted(strange)))
    SessionAttendance.objects.bulk_create(
        [SessionAttendance(session=session, party=parties[pk], how=how) for pk, how in sorted(attendance.items())]
    )
    return [parties[pk] for pk, how in attendance.items() if how != "absent"]


def _both_needed(session: Session, came: list[Party]) -> None:
    sides = {party.pk for party in came if party.role in SIDES}
    sides |= {party.represents_id for party in came if party.represents_id is not None}
    is_enough = session.only_party_id in sides if session.sitting == "separate" else len(sides) > 1
    if not is_enough:
        raise NobodyCame(field="attendance", problem="")
    minors = [party.pk for party in came if party.is_minor and party.role in SIDES]
    guarded = [party.represents_id for party in came if party.role == "guardian" and party.represents_id is not None]
    if missing := guardians_missing(minors, guarded):
        named = [f"{p.get_role_display()} {p.ordinal}" for p in came if p.pk in missing]
        raise GuardianMissing(minors=", ".join(named), file=session.file.number)


def _terms_after(mediation: Mediation, session: Session, *, by: Actor, at: datetime) -> None:
    """A first police session starts the seven working days; a pause is over when people sit together again."""
    if mediation.state == "paused":
        MediationPause.objects.filter(mediation=mediation, ended_at=None).update(ended_at=at)
        file, body = mediation.file, mediation.body
        MEDIATION.move(mediation, "running", at=at, subject=file.number)
        mediation.file, mediation.body = file, body
        extended = [(mediation.extended_days, CONSENT)] if mediation.extended_days else []
        pauses = list(mediation.pauses.values_list("begun_at", "ended_at", "reason"))
        term = mediation_limit(mediation.started_at, pauses=pauses, extensions=extended)
    elif mediation.method == "police" and not mediation.sessions.filter(state="held").exclude(pk=session.pk).exists():
        term = second_session_by(session.starts_at)
    else:
        return
    Mediation.objects.filter(pk=mediation.pk).update(due_at=term.due_at, due_sum=term.total)
    mediation.due_at, mediation.due_sum = term.due_at, term.total
    file_due(mediation.file, term, by=by, at=at)


def _begun_needed(session: Session, at: datetime) -> None:
    if at < session.starts_at:
        raise SessionNotYet(starts_at=session.starts_at)


def _open_needed(mediation: Mediation) -> None:
    mediation.refresh_from_db(fields=["state", "state_since", "due_at", "due_sum"])
    if mediation.state not in MEDIATION_OPEN:
        raise MediationNotOpen(
            file=mediation.file.number, state=MEDIATION.labels[mediation.state], since=mediation.state_since
        )


@transaction.atomic
def minutes_read(*, session: Session, purpose: str, by: Actor, at: datetime) -> str:
    """The minutes, for a purpose in one's own words; the look is logged before they are shown."""
    require(by, "disputes.party_reveal")
    if not purpose.strip():
        raise BadInput(field="purpose", problem="–")
    rows = SessionMinutes.objects.filter(session=session, erased_at=None)
    kept = rows.only("id").first()
    if kept is None:
        raise MinutesGone
    with looking("minutes", by=by, at=at, target=kept, note=purpose.strip()):
        text: str = rows.get().text
    mediation = session.mediation
    tell(events.MINUTES_READ, session, mediation, by=by, at=at, ordinal=session.ordinal)
    return text


def _named(session: Session) -> str:
    return f"{session.file.number}/{session.ordinal}"
