"""JSON doors of dispute files: lists, one file, and a command for each step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router

from anlan.accounts.models import Organisation, Person
from anlan.core.actor import Actor
from anlan.core.api import actor_of, command
from anlan.core.clock import now
from anlan.core.errors import BadInput
from anlan.disputes import selectors, services, shapes
from anlan.disputes.api_charges import router as charges_router
from anlan.disputes.api_mediation import router as mediation_router
from anlan.disputes.api_revisits import router as revisits_router
from anlan.disputes.api_visits import router as visits_router
from anlan.disputes.models import DisputeFile, Push
from anlan.intake.selectors import incident_for

router = Router(tags=["disputes"])
router.add_router("", charges_router)
router.add_router("", mediation_router)
router.add_router("", revisits_router)
router.add_router("", visits_router)
VIEW = "disputes.view"


@router.get("/disputes", response=dict)
def files(request: HttpRequest, held: bool = True, after: str = "", limit: int = 50) -> Any:
    """Live files by due time: in our hands, or (``held=false``) all we see. ``after`` is the answer's ``next``."""
    actor, at = actor_of(request, VIEW), now()
    limit = max(1, min(limit, 200))
    place = _place(after)
    rows = (
        selectors.files_held(actor, after=place, limit=limit) if held else list(selectors.files_queue(actor)[:limit])
    )
    last = rows[-1] if held and len(rows) == limit else None
    return {
        "files": [shapes.file_out(row, at=at) for row in rows],
        "next": f"{last.due_at.isoformat()}|{last.pk}" if last is not None and last.due_at else "",
    }


def _place(after: str) -> tuple[datetime, int] | None:
    moment, _sep, pk = after.partition("|")
    try:
        return (datetime.fromisoformat(moment.replace(" ", "+")), int(pk)) if after else None
    except ValueError:
        raise BadInput(field="after", problem=after[:40]) from None


@router.get("/disputes/visits", response=list[dict])
def visits(request: HttpRequest) -> Any:
    """My to-visit list in the order of the phone's page: late ones, those soon due, the others."""
    actor, at = actor_of(request, VIEW), now()
    return [
        {
            **shapes.push_out(row.push, at=at),
            "level": row.push.file.level,
            "address_text": row.push.file.address_text,
            "is_given": row.is_given,
        }
        for row in selectors.visits_of(actor, at=at)
    ]


@router.get("/disputes/town", response=dict)
def town(request: HttpRequest) -> Any:
    """The board of the town room."""
    at = now()
    return shapes.board_out(selectors.town_board(actor_of(request, VIEW), at=at), at=at)


@router.get("/disputes/funnel", response=list[dict])
def funnel(request: HttpRequest, days: int = 30) -> Any:
    """How many of the files opened of late (today included) got to each push, were settled there, went on."""
    actor, at = actor_of(request, VIEW), now()
    first, last = selectors.last_days(min(days, 366), at=at)
    told = selectors.pushes_told(actor, first=first, last=last, at=at)
    return [shapes.funnel_out(step, told.as_of) for step in told.steps]


@router.get("/disputes/suggestions", response=list[dict])
def suggestions(request: HttpRequest) -> Any:
    """Matches of new reports with old files that nobody has decided yet."""
    return [shapes.suggestion_out(row) for row in selectors.suggestions_waiting(actor_of(request, VIEW))]


@router.get("/disputes/{int:file_id}", response=dict)
def file_page(request: HttpRequest, file_id: int) -> Any:
    """One file: reports, pushes with their sums, why this colour, parties by role, timeline."""
    return shapes.page_out(selectors.file_page(actor_of(request, VIEW), file_id), at=now())


@router.get("/incidents/{incident_id}/earlier", response=dict)
def earlier(request: HttpRequest, incident_id: int) -> Any:
    """What is known of this quarrel: earlier reports, outcomes, what was promised."""
    actor = actor_of(request, VIEW)
    return shapes.earlier_out(selectors.earlier_of(incident_for(actor, incident_id), by=actor), at=now())


@router.post("/incidents/{incident_id}/dispute", response={201: dict})
@command("disputes.link", status=201)
def open_file(request: HttpRequest, actor: Actor, at: datetime, incident_id: int) -> Any:
    """Open the file of this quarrel, or get the one that has it."""
    found = services.file_open(incident=incident_for(actor, incident_id), by=actor, at=at)
    return shapes.without_words(shapes.file_out(found, at=at))


def _file(actor: Actor, file_id: int, at: datetime, step: Any, **more: Any) -> Any:
    found: DisputeFile = step(file=selectors.file_for(actor, file_id), by=actor, at=at, **more)
    return shapes.without_words(shapes.file_out(found, at=at))


def _organisation(pk: int | None) -> Organisation | None:
    if pk is None:
        return None
    found = Organisation.objects.filter(pk=pk).first()
    if found is None:
        raise BadInput(field="organisation_id", problem=str(pk))
    return found


@router.post("/disputes/{int:file_id}/pushes", response={201: dict})
@command("disputes.push", status=201)
def push(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: shapes.PushIn) -> Any:
    """Put the file into somebody's hands."""
    person = Person.objects.filter(pk=body.to_person_id, is_active=True).first() if body.to_person_id else None
    if body.to_person_id and person is None:
        raise BadInput(field="to_person_id", problem=str(body.to_person_id))
    found = services.push_send(
        file=selectors.file_for(actor, file_id),
        seq=body.seq,
        reason=body.reason,
        to_person=person,
        to_organisation=_organisation(body.to_organisation_id),
        by=actor,
        at=at,
    )
    return shapes.without_words(shapes.push_out(found, at=at))


def _push(actor: Actor, push_id: int, at: datetime, step: Any, **more: Any) -> Any:
    found: Push = step(push=selectors.push_for(actor, push_id), by=actor, at=at, **more)
    return shapes.without_words(shapes.push_out(found, at=at))


@router.post("/pushes/{int:push_id}/receive", response=dict)
@command("disputes.act")
def receive(request: HttpRequest, actor: Actor, at: datetime, push_id: int) -> Any:
    """The receiver has it in hand."""
    return _push(actor, push_id, at, services.push_receive)


@router.post("/pushes/{int:push_id}/act", response=dict)
@command("disputes.act")
def act(request: HttpRequest, actor: Actor, at: datetime, push_id: int, body: shapes.WordsIn) -> Any:
    """Write down what was done; the push stays open."""
    return _push(actor, push_id, at, services.push_act, action=body.action)


@router.post("/pushes/{int:push_id}/close", response=dict)
@command("disputes.act")
def close_push(request: HttpRequest, actor: Actor, at: datetime, push_id: int, body: shapes.OutcomeIn) -> Any:
    """End the push with what came of it."""
    return _push(actor, push_id, at, services.push_close, outcome=body.outcome, action=body.action)


@router.post("/pushes/{int:push_id}/return", response=dict)
@command("disputes.act")
def return_push(request: HttpRequest, actor: Actor, at: datetime, push_id: int, body: shapes.ReasonIn) -> Any:
    """Send it back with the reason; answers with the push that takes its place."""
    return _push(actor, push_id, at, services.push_return, reason=body.reason)


@router.post("/disputes/{int:file_id}/accept", response=dict)
@command("disputes.town")
def accept(request: HttpRequest, actor: Actor, at: datetime, file_id: int) -> Any:
    """The town room signs for the file and holds it."""
    return _file(actor, file_id, at, services.file_accept)


@router.post("/disputes/{int:file_id}/triage", response=dict)
@command("disputes.town")
def triage(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: shapes.TriageIn) -> Any:
    """Say what it is and which way it goes."""
    return _file(actor, file_id, at, services.file_triage, **body.dict())


@router.post("/disputes/{int:file_id}/assign", response=dict)
@command("disputes.town")
def assign(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: shapes.AssignIn) -> Any:
    """Assign it to who shall settle it."""
    return _file(actor, file_id, at, services.file_assign, mediating=_organisation(body.organisation_id))


@router.post("/disputes/{int:file_id}/assignment-return", response=dict)
@command("disputes.act")
def return_assignment(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: shapes.ReasonIn) -> Any:
    """Who it was assigned to can't settle it and says why."""
    return _file(actor, file_id, at, services.file_assignment_return, reason=body.reason)


@router.post("/disputes/{int:file_id}/follow-up", response=dict)
@command("disputes.act")
def follow_up(request: HttpRequest, actor: Actor, at: datetime, file_id: int) -> Any:
    """Not settled on site: the officer of the beat goes on."""
    return _file(actor, file_id, at, services.file_follow_up)


@router.post("/disputes/{int:file_id}/settled-on-site", response=dict)
@command("disputes.act")
def settled(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: shapes.OutcomeIn) -> Any:
    """Settled on the spot; the beat follows up all the same."""
    return _file(actor, file_id, at, services.file_settle_on_site, outcome=body.outcome)


@router.post("/disputes/{int:file_id}/police", response=dict)
@command("disputes.act")
def police(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: shapes.PoliceIn) -> Any:
    """Danger or a crime: back to police at once."""
    return _file(actor, file_id, at, services.file_to_police, **body.dict())


@router.post("/disputes/{int:file_id}/close", response=dict)
@command("disputes.close")
def close(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: shapes.ResultIn) -> Any:
    """The file is over, with its result."""
    return _file(actor, file_id, at, services.file_close, result=body.result)


@router.post("/disputes/{int:file_id}/archive", response=dict)
@command("disputes.close")
def archive(request: HttpRequest, actor: Actor, at: datetime, file_id: int) -> Any:
    """Into the archive."""
    return _file(actor, file_id, at, services.file_archive)


@router.post("/disputes/{int:file_id}/reopen", response=dict)
@command("disputes.link")
def reopen(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: shapes.ReasonIn) -> Any:
    """The quarrel is not over."""
    return _file(actor, file_id, at, services.file_reopen, reason=body.reason)


@router.post("/disputes/{int:file_id}/case", response=dict)
@command("disputes.close")
def case(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: shapes.CaseIn) -> Any:
    """A criminal case grew out of it."""
    return _file(actor, file_id, at, services.file_case_link, case_number=body.case_number)


@router.post("/disputes/{int:file_id}/incidents", response={201: dict})
@command("disputes.link", status=201)
def link(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: shapes.IncidentIn) -> Any:
    """Put a report to the file."""
    found = services.incident_link(
        file=selectors.file_for(actor, file_id),
        incident=incident_for(actor, body.incident_id),
        kind=body.kind,
        by=actor,
        at=at,
    )
    return shapes.link_out(found)


@router.post("/disputes/{int:file_id}/incidents/{incident_id}/unlink", response=dict)
@command("disputes.link")
def unlink(request: HttpRequest, actor: Actor, at: datetime, file_id: int, incident_id: int) -> Any:
    """Take a wrong link back."""
    found = services.incident_unlink(
        file=selectors.file_for(actor, file_id), incident=incident_for(actor, incident_id), by=actor, at=at
    )
    return shapes.link_out(found)


@router.post("/disputes/{int:file_id}/merge", response=dict)
@command("disputes.merge")
def merge(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: shapes.MergeIn) -> Any:
    """Bring two files of one quarrel together; answers with the one that stands for both."""
    return _file(actor, file_id, at, services.files_merge, into=selectors.file_for(actor, body.into_id))


@router.post("/disputes/{int:file_id}/unmerge", response=dict)
@command("disputes.merge")
def unmerge(request: HttpRequest, actor: Actor, at: datetime, file_id: int) -> Any:
    """Take a merge back: the file stands again where it stood."""
    return _file(actor, file_id, at, services.files_unmerge)


@router.post("/disputes/{int:file_id}/parties", response={201: dict})
@command("disputes.party_edit", status=201)
def add_party(request: HttpRequest, actor: Actor, at: datetime, file_id: int, body: shapes.PartyIn) -> Any:
    """Enter who takes part."""
    known = body.dict()
    other = known.pop("represents_id")
    found = services.party_add(
        file=selectors.file_for(actor, file_id),
        represents=selectors.party_for(actor, other) if other is not None else None,
        by=actor,
        at=at,
        **known,
    )
    return shapes.party_out(found)


@router.post("/parties/{int:party_id}/correct", response=dict)
@command("disputes.party_edit")
def correct_party(request: HttpRequest, actor: Actor, at: datetime, party_id: int, body: shapes.PartyChangeIn) -> Any:
    """Put right what was entered."""
    changes = {name: value for name, value in body.dict().items() if value is not None}
    found = services.party_correct(party=selectors.party_for(actor, party_id), by=actor, at=at, **changes)
    return shapes.party_out(found)


@router.post("/parties/{int:party_id}/swap", response=list[dict])
@command("disputes.party_edit")
def swap_parties(request: HttpRequest, actor: Actor, at: datetime, party_id: int, body: shapes.SwapIn) -> Any:
    """Two parties change places."""
    first, second = selectors.party_for(actor, party_id), selectors.party_for(actor, body.with_party_id)
    services.parties_swap(first=first, second=second, by=actor, at=at)
    return [shapes.party_out(first), shapes.party_out(second)]


@router.post("/parties/{int:party_id}/leave", response=dict)
@command("disputes.party_edit")
def party_leaves(request: HttpRequest, actor: Actor, at: datetime, party_id: int, body: shapes.ReasonIn) -> Any:
    """A party died, moved away, withdrew, or was entered by mistake."""
    found = services.party_leave(party=selectors.party_for(actor, party_id), reason=body.reason, by=actor, at=at)
    return shapes.party_out(found)


@router.post("/parties/{int:party_id}/reveal", response=dict)
def reveal(request: HttpRequest, party_id: int, body: shapes.RevealIn) -> Any:
    """Show who a party is, for a purpose; the look is logged. No command: its answer must not be kept."""
    actor = actor_of(request, "disputes.party_reveal")
    party = selectors.party_for(actor, party_id)
    found = services.party_reveal(party=party, purpose=body.purpose, note=body.note, by=actor, at=now())
    return {"name": found.name, "phone": found.phone, "address": found.address}


@router.post("/disputes/suggestions/{suggestion_id}/accept", response=dict)
@command("disputes.link")
def accept_match(request: HttpRequest, actor: Actor, at: datetime, suggestion_id: int) -> Any:
    """It is the same quarrel; answers with the file that stands for it."""
    found = services.match_accept(suggestion=selectors.suggestion_for(actor, suggestion_id), by=actor, at=at)
    return shapes.without_words(shapes.file_out(found, at=at))


@router.post("/disputes/suggestions/{suggestion_id}/reject", response=dict)
@command("disputes.link")
def reject_match(request: HttpRequest, actor: Actor, at: datetime, suggestion_id: int) -> Any:
    """It is another quarrel."""
    row = selectors.suggestion_for(actor, suggestion_id)
    return shapes.suggestion_out(services.match_reject(suggestion=row, by=actor, at=at))


@router.post("/disputes/suggestions/{suggestion_id}/undo", response=dict)
@command("disputes.link")
def undo_match(request: HttpRequest, actor: Actor, at: datetime, suggestion_id: int) -> Any:
    """Take an accepted match back."""
    row = selectors.suggestion_for(actor, suggestion_id)
    return shapes.suggestion_out(services.match_undo(suggestion=row, by=actor, at=at))
