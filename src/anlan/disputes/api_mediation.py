"""JSON doors of the mediating table: desk, bookings, sessions, agreements, promises, papers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.core.api import actor_of, command
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.disputes import shapes_mediation as shapes
from anlan.disputes.models import MediationPaper, Party
from anlan.disputes.selectors import mediation as table
from anlan.disputes.selectors.files import file_for
from anlan.disputes.selectors.mediation_setup import mediator_for, room_of
from anlan.disputes.services import agreements, mediation, mediation_desk, obligations, sessions
from anlan.disputes.services.mediation_bodies import (
    body_put,
    mediation_room_put,
    mediation_room_rename,
    mediator_add,
    mediator_leave,
)
from anlan.disputes.services.mediation_papers import paper_make
from anlan.disputes.shapes import without_words

router = Router(tags=["mediation"])
LAST_YEAR = 9000
VIEW = "disputes.mediation_view"


@router.get("/mediation/bodies", response=list[dict[str, Any]])
def bodies(request: HttpRequest) -> Any:
    """The organisations that mediate, with their rooms and mediators."""
    found = table.bodies_of(actor_of(request, VIEW))
    return [
        {
            **shapes.body_out(body),
            "rooms": [shapes.room_out(room) for room in table.rooms_of(body)],
            "mediators": [{"id": person.pk, "name": person.name} for person in table.mediators_of(body)],
        }
        for body in found
    ]


@router.post("/mediation/bodies", response={201: dict})
@command("disputes.mediation_setup", status=201)
def body_set(request: HttpRequest, actor: Actor, at: datetime, body: shapes.BodyIn) -> Any:
    """Enter or change what an organisation mediates, its hours and its windows."""
    home = Organisation.objects.filter(pk=body.organisation_id, is_active=True).first()
    if home is None:
        raise NotFound
    given = body.dict(exclude={"organisation_id"})
    return shapes.body_out(body_put(organisation=home, **given, by=actor, at=at))


@router.post("/mediation/bodies/{body_id}/rooms", response={201: dict})
@command("disputes.mediation_setup", status=201)
def room_set(request: HttpRequest, actor: Actor, at: datetime, body_id: int, body: shapes.RoomIn) -> Any:
    """Enter or change a room, known by its Chinese name."""
    home = table.body_for(actor, body_id)
    return shapes.room_out(mediation_room_put(body=home, **body.dict(), by=actor, at=at))


@router.post("/mediation/bodies/{body_id}/rooms/{room_id}/name", response=dict)
@command("disputes.mediation_setup")
def room_rename(
    request: HttpRequest, actor: Actor, at: datetime, body_id: int, room_id: int, body: shapes.RoomNames
) -> Any:
    """Give a room another name; its bookings and its past stay with it."""
    room = room_of(table.body_for(actor, body_id), room_id)
    return shapes.room_out(mediation_room_rename(room=room, **body.dict(), by=actor, at=at))


@router.post("/mediation/bodies/{body_id}/mediators", response={201: dict})
@command("disputes.mediation_setup", status=201)
def mediator_set(request: HttpRequest, actor: Actor, at: datetime, body_id: int, body: shapes.MediatorIn) -> Any:
    """Somebody mediates for the body from now on."""
    row = mediator_add(body=table.body_for(actor, body_id), person=_person(body.person_id), by=actor, at=at)
    return {"id": row.pk, "person_id": row.person_id, "joined_at": row.joined_at.isoformat()}


@router.post("/mediation/bodies/{body_id}/mediators/{int:mediator_id}/leave", response=dict)
@command("disputes.mediation_setup")
def mediator_gone(request: HttpRequest, actor: Actor, at: datetime, body_id: int, mediator_id: int) -> Any:
    """Somebody no longer mediates for the body; answers with how many of their mediations need another."""
    row = mediator_for(table.body_for(actor, body_id), mediator_id)
    return {"id": row.pk, "open_mediations": mediator_leave(mediator=row, by=actor, at=at)}


@router.get("/mediation/bodies/{body_id}/calendar", response=dict)
def calendar(request: HttpRequest, body_id: int, day: date) -> Any:
    """Who has which room and which mediator on a day, half hour by half hour."""
    found = table.day_calendar(table.body_for(actor_of(request, VIEW), body_id), _day(day))

    def rows(part: list[table.CalendarRow]) -> list[dict[str, Any]]:
        return [
            {
                "id": row.of.pk,
                "taken": [
                    {"at": at.isoformat(), "session_id": there.pk, "file": there.file.number}
                    for at, there in row.cells
                    if there
                ],
            }
            for row in part
        ]

    starts = [at.isoformat() for at in found.starts]
    return {"day": day.isoformat(), "starts": starts, "rooms": rows(found.rooms), "mediators": rows(found.mediators)}


@router.get("/mediation/bodies/{body_id}/free", response=list[str])
def free(
    request: HttpRequest, body_id: int, slots: int = 2, room_id: int | None = None, mediator_id: int | None = None
) -> Any:
    """The next beginnings at which room and mediator are both free."""
    body = table.body_for(actor_of(request, VIEW), body_id)
    person = _person(mediator_id) if mediator_id else None
    found = table.free_starts(body, table.room_for(body, room_id), person, min(max(slots, 1), 8), now())
    return [at.isoformat() for at in found[:40]]


@router.get("/mediation/bodies/{body_id}/tickets", response=list[dict[str, Any]])
def tickets(request: HttpRequest, body_id: int, day: date) -> Any:
    """Numbers and appointments of a day at the guide desk."""
    body = table.body_for(actor_of(request, VIEW), body_id)
    return [shapes.ticket_out(row) for row in table.tickets_of(body, day)]


@router.post("/mediation/bodies/{body_id}/tickets", response={201: dict})
@command("disputes.desk", status=201)
def ticket_make(request: HttpRequest, actor: Actor, at: datetime, body_id: int, body: shapes.TicketIn) -> Any:
    """A number of today, or an appointment where a time is given."""
    home = table.body_for(actor, body_id)
    file = file_for(actor, body.file_id) if body.file_id else None
    if body.starts_at is None:
        return shapes.ticket_out(mediation_desk.ticket_draw(body=home, file=file, by=actor, at=at))
    row = mediation_desk.ticket_appoint(body=home, starts_at=body.starts_at, file=file, by=actor, at=at)
    return shapes.ticket_out(row)


@router.post("/mediation/bodies/{body_id}/tickets/next", response=dict)
@command("disputes.desk")
def ticket_next(request: HttpRequest, actor: Actor, at: datetime, body_id: int) -> Any:
    """Call whoever has waited longest; ``ticket`` is empty where nobody waits."""
    row = mediation_desk.ticket_call_next(body=table.body_for(actor, body_id), by=actor, at=at)
    return {"ticket": shapes.ticket_out(row) if row else None}


@router.post("/mediation/tickets/{ticket_id}/move", response=dict)
@command("disputes.desk")
def ticket_move(request: HttpRequest, actor: Actor, at: datetime, ticket_id: int, body: shapes.TicketMoveIn) -> Any:
    """Arrived, called, back to waiting, done, left, cancelled."""
    row = table.ticket_for(actor, ticket_id)
    return shapes.ticket_out(mediation_desk.ticket_move(ticket=row, to=body.to, by=actor, at=at))


@router.get("/disputes/{file_id}/mediations", response=dict)
def of_file(request: HttpRequest, file_id: int) -> Any:
    """Every attempt to settle a file: mediations, sessions, agreements, papers."""
    file = file_for(actor_of(request, VIEW), file_id)
    attempts = table.mediations_of(file)
    return {
        "mediations": [shapes.mediation_out(row) for row in attempts],
        "sessions": [shapes.session_out(row) for row in table.sessions_of(attempts)],
        "agreements": [shapes.agreement_out(row, table.totals_of(row)) for row in table.agreements_of(file)],
        "papers": [shapes.paper_out(row) for row in MediationPaper.objects.filter(file=file)],
    }


@router.post("/disputes/{file_id}/mediations", response={201: dict})
@command("disputes.mediate", status=201)
def start(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: shapes.StartIn) -> Any:
    """A body takes an assigned file up. 409 with what is done instead where it may not be mediated."""
    row = mediation.mediation_start(
        file=file_for(actor, file_id),
        body=table.body_for(actor, body.body_id),
        method=body.method,
        mediator=_person(body.mediator_id),
        by=actor,
        at=at,
    )
    return shapes.mediation_out(row)


@router.post("/disputes/{file_id}/exclusion", response=dict)
@command("disputes.mediate")
def exclusion(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: shapes.ExclusionIn) -> Any:
    """What bars mediating or sitting together has come out; sessions together are cancelled at once."""
    file = file_for(actor, file_id)
    return mediation.exclusion_set(file=file, exclusion=body.exclusion, by=actor, at=at)


@router.post("/mediations/{mediation_id}/pause", response=dict)
@command("disputes.mediate")
def pause(request: HttpRequest, actor: Actor, at: datetime, mediation_id: int, body: shapes.TableReasonIn) -> Any:
    """The limit stands still, with a reason."""
    row = table.mediation_for(actor, mediation_id)
    return shapes.mediation_out(mediation.mediation_pause(mediation=row, reason=body.reason, by=actor, at=at))


@router.post("/mediations/{mediation_id}/resume", response=dict)
@command("disputes.mediate")
def resume(request: HttpRequest, actor: Actor, at: datetime, mediation_id: int) -> Any:
    """The limit runs again."""
    row = table.mediation_for(actor, mediation_id)
    return shapes.mediation_out(mediation.mediation_resume(mediation=row, by=actor, at=at))


@router.post("/mediations/{mediation_id}/extend", response=dict)
@command("disputes.mediate")
def extend(request: HttpRequest, actor: Actor, at: datetime, mediation_id: int, body: shapes.ExtendIn) -> Any:
    """More time, once, with the consent of every party."""
    row = table.mediation_for(actor, mediation_id)
    done = mediation.mediation_extend(mediation=row, days=body.days, consents=body.consents, by=actor, at=at)
    return shapes.mediation_out(done)


@router.post("/mediations/{mediation_id}/end", response=dict)
@command("disputes.mediate")
def end(request: HttpRequest, actor: Actor, at: datetime, mediation_id: int, body: shapes.MediationEndIn) -> Any:
    """No agreement, or the parties withdraw."""
    row = table.mediation_for(actor, mediation_id)
    return shapes.mediation_out(mediation.mediation_end(mediation=row, **body.dict(), by=actor, at=at))


@router.post("/mediations/{mediation_id}/sessions", response={201: dict})
@command("disputes.book", status=201)
def book(request: HttpRequest, actor: Actor, at: datetime, mediation_id: int, body: shapes.BookIn) -> Any:
    """Book a session; 409 says who has the room or the mediator, and the next free times."""
    row = table.mediation_for(actor, mediation_id)
    only = Party.objects.filter(pk=body.only_party_id, file=row.file_id).first() if body.only_party_id else None
    session = sessions.session_book(
        mediation=row,
        starts_at=body.starts_at,
        slots=body.slots,
        mediator=_person(body.mediator_id),
        room=table.room_for(row.body, body.room_id),
        sitting=body.sitting,
        only_party=only,
        by=actor,
        at=at,
    )
    return without_words(shapes.session_out(session), "reason")


@router.post("/sessions/{session_id}/cancel", response=dict)
@command("disputes.book")
def cancel(request: HttpRequest, actor: Actor, at: datetime, session_id: int, body: shapes.TableReasonIn) -> Any:
    """Give a session back, with a reason."""
    row = table.session_for(actor, session_id)
    done = sessions.session_cancel(session=row, reason=body.reason, by=actor, at=at)
    return without_words(shapes.session_out(done), "reason")


@router.post("/sessions/{session_id}/hold", response=dict)
@command("disputes.mediate")
def hold(request: HttpRequest, actor: Actor, at: datetime, session_id: int, body: shapes.HoldIn) -> Any:
    """Write a session up: who came, minutes, outcome."""
    row = table.session_for(actor, session_id)
    done = sessions.session_hold(
        session=row, attendance=body.by_party, outcome=body.outcome, minutes=body.minutes, by=actor, at=at
    )
    return without_words(shapes.session_out(done), "reason")


@router.post("/sessions/{session_id}/miss", response=dict)
@command("disputes.mediate")
def miss(request: HttpRequest, actor: Actor, at: datetime, session_id: int, body: shapes.MissIn) -> Any:
    """Somebody stayed away."""
    row = table.session_for(actor, session_id)
    done = sessions.session_miss(session=row, attendance=body.by_party, by=actor, at=at)
    return without_words(shapes.session_out(done), "reason")


@router.post("/sessions/{session_id}/minutes", response=dict)
def minutes(request: HttpRequest, session_id: int, body: shapes.MinutesPurposeIn) -> Any:
    """The minutes, for a purpose; every look is logged, a repeated one too."""
    actor = actor_of(request, "disputes.party_reveal")
    row = table.session_for(actor, session_id)
    return {"text": sessions.minutes_read(session=row, purpose=body.purpose, by=actor, at=now())}


@router.post("/mediations/{mediation_id}/agreement", response={201: dict})
@command("disputes.mediate", status=201)
def draft(request: HttpRequest, actor: Actor, at: datetime, mediation_id: int, body: shapes.AgreementIn) -> Any:
    """Begin to write an agreement; the one being written is given back."""
    row = table.mediation_for(actor, mediation_id)
    done = agreements.agreement_draft(mediation=row, **body.dict(), by=actor, at=at)
    return without_words(shapes.agreement_out(done))


@router.post("/agreements/{agreement_id}/change", response=dict)
@command("disputes.mediate")
def change(request: HttpRequest, actor: Actor, at: datetime, agreement_id: int, body: shapes.AgreementIn) -> Any:
    """Write the draft anew."""
    row = table.agreement_for(actor, agreement_id)
    done = agreements.agreement_change(agreement=row, **body.dict(), by=actor, at=at)
    return without_words(shapes.agreement_out(done))


@router.post("/agreements/{agreement_id}/drop", response=dict)
@command("disputes.mediate")
def drop(request: HttpRequest, actor: Actor, at: datetime, agreement_id: int) -> Any:
    """Throw the draft away."""
    row = table.agreement_for(actor, agreement_id)
    return without_words(shapes.agreement_out(agreements.agreement_drop(agreement=row, by=actor, at=at)))


@router.post("/agreements/{agreement_id}/obligations", response={201: dict})
@command("disputes.mediate", status=201)
def promise(request: HttpRequest, actor: Actor, at: datetime, agreement_id: int, body: shapes.ObligationIn) -> Any:
    """Write down a promise: who, what, how much, and by when - or the condition and a day to look."""
    row = table.agreement_for(actor, agreement_id)
    done = agreements.obligation_add(
        agreement=row,
        debtor=_party(row.file_id, body.debtor_id),
        creditor=_party(row.file_id, body.creditor_id) if body.creditor_id else None,
        what=body.what,
        way=body.way,
        amount_fen=agreements.amount_read(body.amount),
        due_on=body.due_on,
        condition=body.condition,
        check_by=body.check_by,
        by=actor,
        at=at,
    )
    return without_words(shapes.obligation_out(done))


@router.post("/obligations/{obligation_id}/drop", response=dict)
@command("disputes.mediate")
def promise_drop(request: HttpRequest, actor: Actor, at: datetime, obligation_id: int) -> Any:
    """Take a promise out of a draft."""
    agreements.obligation_drop(obligation=table.obligation_for(actor, obligation_id), by=actor, at=at)
    return {"id": obligation_id}


@router.post("/agreements/{agreement_id}/conclude", response=dict)
@command("disputes.mediate")
def conclude(request: HttpRequest, actor: Actor, at: datetime, agreement_id: int, body: shapes.ConcludeIn) -> Any:
    """The parties agree, and sign: since when it binds."""
    row = table.agreement_for(actor, agreement_id)
    done = agreements.agreement_conclude(agreement=row, **body.dict(), by=actor, at=at)
    return without_words(shapes.agreement_out(done))


@router.post("/obligations/{obligation_id}/perform", response=dict)
@command("disputes.mediate")
def perform(request: HttpRequest, actor: Actor, at: datetime, obligation_id: int, body: shapes.PerformIn) -> Any:
    """It was done, on that day, and how one knows."""
    row = table.obligation_for(actor, obligation_id)
    done = obligations.obligation_perform(obligation=row, **body.dict(), by=actor, at=at)
    return without_words(shapes.obligation_out(done))


@router.post("/obligations/{obligation_id}/waive", response=dict)
@command("disputes.mediate")
def waive(request: HttpRequest, actor: Actor, at: datetime, obligation_id: int, body: shapes.TableReasonIn) -> Any:
    """Whoever was to get it lets it go."""
    row = table.obligation_for(actor, obligation_id)
    done = obligations.obligation_waive(obligation=row, reason=body.reason, by=actor, at=at)
    return without_words(shapes.obligation_out(done))


@router.post("/obligations/{obligation_id}/default", response=dict)
@command("disputes.mediate")
def not_done(request: HttpRequest, actor: Actor, at: datetime, obligation_id: int, body: shapes.TableReasonIn) -> Any:
    """It will not be done: the legal path opens now."""
    row = table.obligation_for(actor, obligation_id)
    done = obligations.obligation_default(obligation=row, reason=body.reason, by=actor, at=at)
    return without_words(shapes.obligation_out(done))


@router.post("/agreements/{agreement_id}/confirmation", response={201: dict})
@command("disputes.mediate", status=201)
def apply(request: HttpRequest, actor: Actor, at: datetime, agreement_id: int, body: shapes.ApplyIn) -> Any:
    """Both parties applied for judicial confirmation."""
    row = table.agreement_for(actor, agreement_id)
    return shapes.confirmation_out(agreements.confirmation_apply(agreement=row, **body.dict(), by=actor, at=at))


@router.post("/agreements/{agreement_id}/confirmation/decide", response=dict)
@command("disputes.mediate")
def decide(request: HttpRequest, actor: Actor, at: datetime, agreement_id: int, body: shapes.DecideIn) -> Any:
    """What the court said."""
    row = table.agreement_for(actor, agreement_id)
    done = agreements.confirmation_decide(agreement=row, confirmed=body.confirmed, by=actor, at=at)
    return shapes.confirmation_out(done)


@router.post("/mediations/{mediation_id}/papers", response=bytes)
def paper(request: HttpRequest, mediation_id: int, body: shapes.PaperIn) -> Any:
    """A paper as PDF or DOCX; its SHA-256 stands in ``X-Paper-SHA256`` and is kept, the paper is not."""
    actor = actor_of(request, "disputes.mediate")
    row = table.mediation_for(actor, mediation_id)
    made = paper_make(
        mediation=row,
        agreement=table.agreement_for(actor, body.agreement_id) if body.agreement_id else None,
        session=table.session_for(actor, body.session_id) if body.session_id else None,
        **body.dict(exclude={"agreement_id", "session_id"}),
        by=actor,
        at=now(),
    )
    answer = HttpResponse(made.data, content_type=made.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
    answer["X-Paper-SHA256"] = made.row.sha256
    answer["Cache-Control"] = "no-store"
    return answer


@router.get("/mediation/papers/{sha256}", response=list[dict[str, Any]])
def paper_known(request: HttpRequest, sha256: str) -> Any:
    """Whether a copy with this digest was made here, and when: nothing else of it."""
    actor = actor_of(request, VIEW)
    return [shapes.paper_out(row) for row in MediationPaper.objects.visible_to(actor).filter(sha256=sha256.lower())]


def _day(day: date) -> date:
    """A day of this calendar; one at the ends of time has no midnight here."""
    if not 1970 <= day.year <= LAST_YEAR:
        raise BadInput(field="day", problem=day.isoformat())
    return day


def _person(person_id: int) -> Person:
    found = Person.objects.filter(pk=person_id, is_active=True).first()
    if found is None:
        raise NotFound
    return found


def _party(file_id: int, party_id: int) -> Party:
    found: Party | None = Party.objects.filter(file=file_id, pk=party_id).first()
    if found is None:
        raise NotFound
    return found
