"""The calendars of rooms and mediators, the numbers of the day, and how mediations stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.calendars import office_calendar
from anlan.core.errors import NotFound
from anlan.disputes.mediation_models import (
    Agreement,
    DeskTicket,
    Mediation,
    MediationBody,
    MediationPaper,
    MediationRoom,
    Mediator,
    Obligation,
    Session,
    SlotHold,
)
from anlan.disputes.mediation_rules import (
    ATTENDANCE,
    EVIDENCE,
    FAIL_REASONS,
    FORMS,
    MEDIATION_OPEN,
    OBLIGATION_DUE,
    OUTCOMES,
    PAPERS,
    PAUSE_REASONS,
    SITTINGS,
    SLOT,
    WAYS,
    grid_of,
    is_open,
    slot_starts,
    yuan,
)
from anlan.disputes.models import DisputeFile, Party

DAYS_AHEAD = 14
WORDS = {
    "sittings": SITTINGS,
    "attendance": ATTENDANCE,
    "outcomes": OUTCOMES,
    "pause_reasons": PAUSE_REASONS,
    "fail_reasons": FAIL_REASONS,
    "forms": FORMS,
    "ways": WAYS,
    "evidence": EVIDENCE,
    "papers": PAPERS,
}
"""What pages offer to choose from."""


def body_for(actor: Actor, body_id: int) -> MediationBody:
    """The body, or ``NotFound``."""
    found: MediationBody = MediationBody.objects.select_related("organisation").one_for(actor, pk=body_id)
    return found


def bodies_of(actor: Actor) -> list[MediationBody]:
    """The bodies in the actor's reach that work."""
    return list(
        MediationBody.objects.visible_to(actor)
        .filter(is_active=True)
        .select_related("organisation")
        .order_by("organisation__path")
    )


def mediation_for(actor: Actor, mediation_id: int) -> Mediation:
    """The mediation, or ``NotFound``."""
    found: Mediation = Mediation.objects.select_related("file", "body__organisation", "mediator").one_for(
        actor, pk=mediation_id
    )
    return found


def session_for(actor: Actor, session_id: int) -> Session:
    """The session, or ``NotFound``."""
    found: Session = Session.objects.select_related(
        "file", "mediation__file", "mediation__body__organisation", "room", "mediator"
    ).one_for(actor, pk=session_id)
    return found


def agreement_for(actor: Actor, agreement_id: int) -> Agreement:
    """The agreement, or ``NotFound``."""
    found: Agreement = Agreement.objects.select_related("file", "mediation__body__organisation").one_for(
        actor, pk=agreement_id
    )
    return found


def obligation_for(actor: Actor, obligation_id: int) -> Obligation:
    """The obligation, or ``NotFound``."""
    found: Obligation = Obligation.objects.select_related(
        "file", "agreement__mediation__body__organisation", "agreement__file"
    ).one_for(actor, pk=obligation_id)
    return found


def ticket_for(actor: Actor, ticket_id: int) -> DeskTicket:
    """The number or appointment, or ``NotFound``."""
    found: DeskTicket = DeskTicket.objects.select_related("body__organisation", "file").one_for(actor, pk=ticket_id)
    return found


def room_for(body: MediationBody, room_id: int | None) -> MediationRoom | None:
    """A room of the body; None for a session elsewhere."""
    if room_id is None:
        return None
    found: MediationRoom | None = MediationRoom.objects.filter(body=body, pk=room_id, is_active=True).first()
    if found is None:
        raise NotFound
    return found


def rooms_of(body: MediationBody) -> list[MediationRoom]:
    """The rooms one can book in."""
    return list(MediationRoom.objects.filter(body=body, is_active=True))


def mediators_of(body: MediationBody) -> list[Person]:
    """Who mediates for the body now."""
    rows = Mediator.objects.filter(body=body, left_at=None, person__is_active=True).select_related("person")
    return [row.person for row in rows]


def free_times(
    body: MediationBody,
    *,
    room: MediationRoom | None,
    person: Person | None,
    slots: int,
    after: datetime,
    count: int = 3,
    days: int = DAYS_AHEAD,
) -> str:
    """The next ``count`` beginnings at which room and mediator are both free, as text; "–" where there are none."""
    found = [f"{timezone.localtime(at):%m-%d %H:%M}" for at in free_starts(body, room, person, slots, after, days)]
    return ", ".join(found[:count]) or "–"


def free_starts(
    body: MediationBody,
    room: MediationRoom | None,
    person: Person | None,
    slots: int,
    after: datetime,
    days: int = DAYS_AHEAD,
) -> list[datetime]:
    """Every beginning from ``after`` on at which a booking of ``slots`` half hours would fit."""
    slots = max(1, slots)
    first = office_calendar().local_date(after)
    wanted = Q()
    if room is not None:
        wanted |= Q(room=room)
    if person is not None:
        wanted |= Q(person=person)
    until = after + timedelta(days=days + 1)
    taken: set[datetime] = set()
    if wanted:
        held = SlotHold.objects.filter(wanted, starts_at__gte=after - timedelta(days=1), starts_at__lt=until)
        taken = set(held.values_list("starts_at", flat=True))
    return [
        at
        for ahead in range(days)
        for at in grid_of(body.hours, first + timedelta(days=ahead))
        if at >= after
        and is_open(body.hours, at, at + SLOT * slots)
        and not taken.intersection(slot_starts(at, slots))
    ]


@dataclass(slots=True)
class CalendarRow:
    """One room (or mediator) of a day: for each half hour the session in it, or None."""

    of: Any
    cells: list[tuple[datetime, Session | None]]
    blocks: list[tuple[datetime, Session | None, int]] = field(default_factory=list)


@dataclass(slots=True)
class DayCalendar:
    """A day of a body: its half hours, its rooms, its mediators."""

    day: date
    starts: list[datetime]
    rooms: list[CalendarRow]
    mediators: list[CalendarRow]


def day_calendar(body: MediationBody, day: date) -> DayCalendar:
    """Who has which room and which mediator on a local date. Four queries, however full the day is."""
    starts = grid_of(body.hours, day)
    opens, ends = office_calendar().instant(day, 0), office_calendar().instant(day, 1440)
    rooms, people = rooms_of(body), mediators_of(body)
    held: dict[tuple[str, int, datetime], Session] = {}
    holds = SlotHold.objects.filter(
        Q(room__in=[row.pk for row in rooms]) | Q(person__in=[row.pk for row in people]),
        starts_at__gte=opens,
        starts_at__lt=ends,
    ).select_related("session__file", "session__mediator", "session__room")
    for hold in holds:
        if hold.room_id:
            held["room", hold.room_id, hold.starts_at] = hold.session
        if hold.person_id:
            held["person", hold.person_id, hold.starts_at] = hold.session
    return DayCalendar(
        day,
        starts,
        [_row("room", room, starts, held) for room in rooms],
        [_row("person", person, starts, held) for person in people],
    )


def _row(kind: str, of: Any, starts: list[datetime], held: dict[tuple[str, int, datetime], Session]) -> CalendarRow:
    cells = [(at, held.get((kind, of.pk, at))) for at in starts]
    blocks: list[tuple[datetime, Session | None, int]] = []
    for at, session in cells:
        before = blocks[-1] if blocks else None
        if session is not None and before is not None and before[1] == session:
            blocks[-1] = (before[0], session, before[2] + 1)
        else:
            blocks.append((at, session, 1))
    return CalendarRow(of, cells, blocks)


def day_open(body: MediationBody, day: date, after: datetime) -> date:
    """``day``, or the next one on which the body is still open after ``after``."""
    ahead = (day + timedelta(days=number) for number in range(DAYS_AHEAD))
    return next((one for one in ahead if any(at >= after for at in grid_of(body.hours, one))), day)


def tickets_of(body: MediationBody, day: date) -> list[DeskTicket]:
    """The numbers and appointments of a day: those called first, then waiting by number, then appointments."""
    order = {"called": 0, "waiting": 1, "appointed": 2, "done": 3, "left": 4, "cancelled": 5}
    rows = DeskTicket.objects.filter(body=body, day=day).select_related("file")
    return sorted(rows, key=lambda row: (order[row.state], row.number or 0, row.appointed_for or row.made_at))


def desk_starts(body: MediationBody, after: datetime, days: int = 5) -> list[datetime]:
    """Half hours at which a window of the guide desk still has no appointment."""
    until = after + timedelta(days=days)
    taken: dict[datetime, int] = {}
    made = DeskTicket.objects.filter(body=body, state="appointed", appointed_for__gte=after, appointed_for__lt=until)
    for at in made.values_list("appointed_for", flat=True):
        if at is not None:
            taken[at] = taken.get(at, 0) + 1
    first = office_calendar().local_date(after)
    return [
        at
        for ahead in range(days)
        for at in grid_of(body.hours, first + timedelta(days=ahead))
        if at >= after and taken.get(at, 0) < body.windows
    ]


def mediations_of(file: DisputeFile) -> list[Mediation]:
    """Every attempt to settle the file, the last one first."""
    rows = Mediation.objects.filter(file=file).select_related("body__organisation", "mediator")
    return list(rows.prefetch_related("pauses").order_by("-round"))


def mediation_open_of(file: DisputeFile) -> Mediation | None:
    """The attempt that runs, if one does."""
    rows = Mediation.objects.filter(file=file, state__in=MEDIATION_OPEN).select_related(
        "body__organisation", "mediator"
    )
    found: Mediation | None = rows.first()
    return found


def sessions_of(mediations: Iterable[Mediation]) -> list[Session]:
    """The sessions of these mediations, the last one first, with who came."""
    rows = Session.objects.filter(mediation__in=[row.pk for row in mediations])
    return list(
        rows.select_related("room", "mediator", "only_party", "minutes")
        .defer("minutes__text")
        .prefetch_related("attendance__party")
        .order_by("-ordinal")
    )


def agreements_of(file: DisputeFile) -> list[Agreement]:
    """The agreements of the file, the last one first, with what was promised."""
    rows = Agreement.objects.filter(file=file).select_related("mediation", "confirmation")
    return list(rows.prefetch_related("obligations__debtor", "obligations__creditor").order_by("-drafted_at", "-id"))


@dataclass(frozen=True, slots=True)
class Totals:
    """Money promised in an agreement, in fen: all of it, paid, waived, still open, and not paid."""

    promised: int
    performed: int
    waived: int
    open: int
    defaulted: int


def totals_of(agreement: Agreement) -> Totals:
    """The sums of an agreement, exactly."""
    rows = Obligation.objects.filter(agreement=agreement).order_by().values("state").annotate(fen=Sum("amount_fen"))
    sums = {row["state"]: int(row["fen"] or 0) for row in rows}
    return Totals(
        sum(sums.values()),
        sums.get("performed", 0),
        sums.get("waived", 0),
        sums.get("open", 0) + sums.get("late", 0),
        sums.get("defaulted", 0),
    )


def mine(actor: Actor, limit: int = 60) -> list[Mediation]:
    """The mediations somebody has in hand, the one due first on top."""
    rows = Mediation.objects.visible_to(actor).filter(state__in=MEDIATION_OPEN, mediator_id=actor.id or 0)
    return list(rows.select_related("file", "body__organisation").order_by("due_at", "id")[:limit])


def running_at(body: MediationBody, limit: int = 60) -> list[Mediation]:
    """The mediations a body has in hand, the one due first on top."""
    rows = Mediation.objects.filter(body=body, state__in=MEDIATION_OPEN).select_related("file", "mediator")
    return list(rows.order_by("due_at", "id")[:limit])


def performance_calendar(actor: Actor, *, until: date, limit: int = 60) -> list[Obligation]:
    """What was promised and is due, or looked at, up to a day: the earliest first."""
    rows = Obligation.objects.visible_to(actor).filter(
        Q(due_on__lte=until) | Q(due_on=None, check_by__lte=until),
        state__in=OBLIGATION_DUE,
        agreement__state__in=("in_force", "defaulted"),
    )
    found = rows.select_related("agreement", "file", "debtor", "creditor")[: limit * 4]
    return sorted(found, key=lambda row: (row.due_on or row.check_by or until, row.pk))[:limit]


def papers_of(file: DisputeFile) -> list[MediationPaper]:
    """The papers made of a file, the last one first, by their digest."""
    return list(MediationPaper.objects.filter(file=file).order_by("-made_at", "-id")[:40])


def parties_of(file: DisputeFile) -> list[Party]:
    """Who is in the quarrel now, by role."""
    return list(Party.objects.filter(file=file, left_at=None).select_related("represents"))


def amounts_shown(agreement: Agreement) -> dict[str, str]:
    """The sums of an agreement as they are printed, in yuan."""
    totals = totals_of(agreement)
    return {name: yuan(getattr(totals, name)) for name in totals.__slots__}


def amount_shown(row: Obligation) -> str:
    """What a promise is worth, in yuan, or ""."""
    return yuan(row.amount_fen) if row.amount_fen else ""
