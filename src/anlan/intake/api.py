"""JSON doors of this room: shapes in, one service, shapes out."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from anlan.core.actor import Actor
from anlan.core.api import actor_of, command
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.engines.text_tags import Suggestion
from anlan.intake import selectors, services, shapes
from anlan.intake.deciding import suggestion_of
from anlan.intake.drafts import Prepared, report_prepare
from anlan.intake.models import Call
from anlan.intake.sheet import CallSheet, Unreadable

router = Router(tags=["intake"])
HANDED_IN_AT_MOST = 500

ReadBody = tuple[CallSheet, list[Unreadable], Suggestion | None, Prepared | None]
"""A sheet, what of the body could not be read, what the text suggests, and what that leads to."""


def _read(request: HttpRequest, actor: Actor, at: datetime) -> ReadBody:
    """The sheet in a body, and all that can be found out about it before its turn to be written comes."""
    sheet, aside = _sheet_of(request.body)
    suggestion = suggestion_of(sheet.narrative)
    return sheet, aside, suggestion, report_prepare(sheet, aside, by=actor, at=at, suggestion=suggestion)


@router.post("/calls", response={200: dict, 201: dict, 202: dict}, openapi_extra=shapes.SHEET_SCHEMA)
@command("intake.call_take", status=201, key_optional=True, is_plain=True, before=_read)
def call_receive(request: HttpRequest, actor: Actor, at: datetime, prepared: ReadBody) -> tuple[int, Any]:
    """Take a report. 201 when all of it could be read, 202 with the parts put aside, 200 if it was known."""
    sheet, aside, suggestion, drafted = prepared
    got = services.call_receive(
        line=sheet, at=at, by=actor, unreadable=aside, suggestion=suggestion, prepared=drafted
    )
    status = 200 if got.is_repeated else 202 if got.quarantined else 201
    return status, shapes.received_out(got)


def _sheet_of(body: bytes) -> tuple[CallSheet, list[Unreadable]]:
    """The sheet in a body; of a body that is no JSON object the whole is put aside, and a call remains."""
    try:
        raw = json.loads(body)
    except ValueError:
        raw = None
    if isinstance(raw, dict):
        return services.sheet_read(raw)
    text = body.decode("utf-8", errors="backslashreplace")
    whole = Unreadable("body", "unreadable", "整份内容读不懂", "the whole body can't be read", json.dumps(text))
    return CallSheet(), [whole]


@router.post("/suggest", response=dict)
def suggest(request: HttpRequest, body: shapes.SuggestIn) -> Any:
    """What the words of a call suggest, with the words that led to it. Changes nothing."""
    actor_of(request, "intake.call_take")
    found = suggestion_of(body.text)
    return shapes.suggestion_out(found) if found else {"abstained": True, "codes": [], "danger": [], "tags": []}


@router.get("/duplicates", response=dict)
def duplicates(
    request: HttpRequest,
    text: str = "",
    lon: float | None = None,
    lat: float | None = None,
    code: str = "",
    address_text: str = "",
) -> Any:
    """Open incidents the caller may speak of, and earlier matters this may be again. For while typing."""
    actor, at = actor_of(request, "intake.call_take"), now()
    if lon is None or lat is None:
        lon = lat = None
    same = selectors.duplicates_look(text=text, lon=lon, lat=lat, code=code, at=at, actor=actor).found
    again = selectors.repeat_suggest(lon=lon, lat=lat, code=code, address_text=address_text, at=at, actor=actor)
    return {
        "duplicates": [shapes.duplicate_out(found) for found in same],
        "repeats": [shapes.repeat_out(found) for found in again],
    }


@router.get("/incidents", response=dict)
def incidents(
    request: HttpRequest,
    after: str = "",
    limit: int = 50,
    state: list[str] = Query([]),  # noqa: B008 - how ninja reads a repeated parameter
    priority: list[str] = Query([]),  # noqa: B008
    track: str = "",
    station_id: int | None = None,
    town_room_id: int | None = None,
) -> Any:
    """The queue: open incidents by priority, then the longest wait first; ``next`` is the next page's ``after``.

    Each row says why it stands there: ``why`` in a phrase, ``why_whole`` in sentences.
    """
    page = selectors.queue(
        actor_of(request, "intake.view"),
        after=selectors.QueuePlace.parse(after),
        limit=limit,
        states=state,
        priorities=priority,
        track=track,
        station_id=station_id,
        town_room_id=town_room_id,
    )
    return {"rows": selectors.queue_told(page.rows, at=now()), "next": str(page.next) if page.next else None}


@router.get("/incidents/{incident_id}", response=dict)
def incident(request: HttpRequest, incident_id: int) -> Any:
    """One incident with its calls, tags, links and transfers."""
    return shapes.detail_out(selectors.incident_detail(actor_of(request, "intake.view"), incident_id))


@router.get("/incidents/{incident_id}/timeline", response=list[dict])
def incident_timeline(request: HttpRequest, incident_id: int) -> Any:
    """What happened, oldest first, in sentences of the asked language."""
    lines = selectors.timeline(actor_of(request, "intake.view"), incident_id)
    return [shapes.line_out(line) for line in lines]


@router.get("/calls", response=list[dict])
def calls_waiting(request: HttpRequest) -> Any:
    """Calls that ring, are spoken, or have led to nothing yet."""
    return [shapes.call_out(call) for call in selectors.calls_waiting(actor_of(request, "intake.call_view"))]


@router.get("/callbacks", response=list[dict])
def call_backs(request: HttpRequest) -> Any:
    """Who has to be called back, the most urgent first."""
    return [shapes.call_back_out(task) for task in selectors.call_backs_due(actor_of(request, "intake.call_view"))]


@router.get("/calls/{call_id}", response=dict)
def call(request: HttpRequest, call_id: int) -> Any:
    """One call."""
    return shapes.call_out(selectors.call_for(actor_of(request, "intake.call_view"), call_id))


@router.post("/calls/{call_id}/link", response=dict)
@command("intake.link")
def call_link(request: HttpRequest, actor: Actor, at: datetime, call_id: int, body: shapes.LinkIn) -> Any:
    """The caller speaks of an incident that is known."""
    found, target = selectors.call_for(actor, call_id), selectors.incident_for(actor, body.incident_id)
    return shapes.incident_out(services.call_link(call=found, incident=target, score=body.score, by=actor, at=at))


@router.post("/calls/{call_id}/unlink", response=dict)
@command("intake.link")
def call_unlink(request: HttpRequest, actor: Actor, at: datetime, call_id: int) -> Any:
    """It was another event after all."""
    found = selectors.call_for(actor, call_id)
    return shapes.incident_out(services.call_unlink(call=found, by=actor, at=at))


@router.post("/calls/{call_id}/invalid", response=dict)
@command("intake.invalid")
def call_invalid(request: HttpRequest, actor: Actor, at: datetime, call_id: int, body: shapes.InvalidIn) -> Any:
    """The call tells of nothing. Danger in its text is looked for first."""
    found = selectors.call_for(actor, call_id)
    return shapes.call_out(
        services.call_mark_invalid(call=found, kind=body.kind, reason=body.reason, by=actor, at=at)
    )


@router.post("/calls/{call_id}/reopen", response=dict)
@command("intake.reopen")
def call_reopen(request: HttpRequest, actor: Actor, at: datetime, call_id: int, body: shapes.CallReasonIn) -> Any:
    """An invalid call was valid after all."""
    found = selectors.call_for(actor, call_id)
    return shapes.incident_out(services.call_reopen(call=found, reason=body.reason, by=actor, at=at))


@router.post("/calls/{call_id}/reporter", response=dict)
def reporter(request: HttpRequest, call_id: int, body: shapes.PurposeIn) -> Any:
    """Show who made a call, for a purpose; every look is logged. No command: its answer must not be kept."""
    actor = actor_of(request, "intake.reporter")
    found = selectors.call_for(actor, call_id)
    shown = services.reporter_reveal(call=found, purpose=body.purpose, by=actor, at=now())
    return {"name": shown.name, "phone": shown.phone, "is_confidential": shown.is_confidential}


@router.post("/callbacks/{call_back_id}/done", response=dict)
@command("intake.call_back")
def call_back_done(
    request: HttpRequest, actor: Actor, at: datetime, call_back_id: int, body: shapes.CallBackIn
) -> Any:
    """How calling back went."""
    task = selectors.call_back_for(actor, call_back_id)
    opened = services.call_back_done(call_back=task, outcome=body.outcome, danger=tuple(body.danger), by=actor, at=at)
    return {"call_back": shapes.call_back_out(task), "incident": shapes.incident_out(opened) if opened else None}


@router.post("/incidents/{incident_id}/merge", response=dict)
@command("intake.link")
def incident_merge(request: HttpRequest, actor: Actor, at: datetime, incident_id: int, body: shapes.LinkIn) -> Any:
    """The same event as another incident."""
    found, into = selectors.incident_for(actor, incident_id), selectors.incident_for(actor, body.incident_id)
    return shapes.incident_out(services.incident_merge(incident=found, into=into, score=body.score, by=actor, at=at))


@router.post("/incidents/{incident_id}/unmerge", response=dict)
@command("intake.link")
def incident_unmerge(request: HttpRequest, actor: Actor, at: datetime, incident_id: int) -> Any:
    """It was an event of its own."""
    found = selectors.incident_for(actor, incident_id)
    return shapes.incident_out(services.incident_unmerge(incident=found, by=actor, at=at))


@router.post("/incidents/{incident_id}/repeat", response=dict)
@command("intake.link")
def repeat_link(request: HttpRequest, actor: Actor, at: datetime, incident_id: int, body: shapes.RepeatIn) -> Any:
    """An earlier matter has come back."""
    found, earlier = selectors.incident_for(actor, incident_id), selectors.incident_for(actor, body.earlier_id)
    nth = services.repeat_link(incident=found, earlier=earlier, by=actor, at=at)
    return {**shapes.incident_out(found), "nth_report": nth}


@router.delete("/incidents/{incident_id}/repeat", response=dict)
@command("intake.link")
def repeat_unlink(request: HttpRequest, actor: Actor, at: datetime, incident_id: int) -> Any:
    """It was a matter of its own."""
    found = selectors.incident_for(actor, incident_id)
    services.repeat_unlink(incident=found, by=actor, at=at)
    return shapes.incident_out(found)


@router.post("/incidents/{incident_id}/transfer", response={201: dict})
@command("intake.transfer", status=201)
def transfer_offer(
    request: HttpRequest, actor: Actor, at: datetime, incident_id: int, body: shapes.TransferIn
) -> Any:
    """Offer the matter to a partner desk."""
    found = selectors.incident_for(actor, incident_id)
    return shapes.transfer_out(
        services.transfer_offer(
            incident=found,
            partner=body.partner,
            is_three_way=body.is_three_way,
            reason=body.reason,
            by=actor,
            at=at,
        )
    )


@router.post("/transfers/{transfer_id}/accept", response=dict)
@command("intake.transfer_answer")
def transfer_accept(request: HttpRequest, actor: Actor, at: datetime, transfer_id: int, body: shapes.AnswerIn) -> Any:
    """The partner desk takes the matter."""
    found = selectors.transfer_for(actor, transfer_id)
    return shapes.transfer_out(services.transfer_accept(transfer=found, receipt=body.receipt, by=actor, at=at))


@router.post("/transfers/{transfer_id}/return", response=dict)
@command("intake.transfer_answer")
def transfer_return(
    request: HttpRequest, actor: Actor, at: datetime, transfer_id: int, body: shapes.CallReasonIn
) -> Any:
    """The partner desk sends the matter back."""
    found = selectors.transfer_for(actor, transfer_id)
    return shapes.transfer_out(services.transfer_return(transfer=found, reason=body.reason, by=actor, at=at))


@router.post("/transfers/{transfer_id}/withdraw", response=dict)
@command("intake.transfer")
def transfer_withdraw(request: HttpRequest, actor: Actor, at: datetime, transfer_id: int) -> Any:
    """Take an offer back."""
    found = selectors.transfer_for(actor, transfer_id)
    return shapes.transfer_out(services.transfer_withdraw(transfer=found, by=actor, at=at))


@router.post("/incidents/{incident_id}/track", response=dict)
@command("intake.track")
def track(request: HttpRequest, actor: Actor, at: datetime, incident_id: int, body: shapes.TrackIn) -> Any:
    """Give the incident another track, with a reason."""
    found = selectors.incident_for(actor, incident_id)
    return shapes.incident_out(
        services.incident_track_override(incident=found, track=body.track, reason=body.reason, by=actor, at=at)
    )


@router.post("/incidents/{incident_id}/priority", response=dict)
@command("intake.correct")
def priority(request: HttpRequest, actor: Actor, at: datetime, incident_id: int, body: shapes.PriorityIn) -> Any:
    """Set the priority, with a reason."""
    found = selectors.incident_for(actor, incident_id)
    return shapes.incident_out(
        services.incident_priority_set(incident=found, priority=body.priority, reason=body.reason, by=actor, at=at)
    )


@router.post("/incidents/{incident_id}/danger", response=dict)
@command("intake.correct")
def danger(request: HttpRequest, actor: Actor, at: datetime, incident_id: int, body: shapes.DangerIn) -> Any:
    """Say which dangers there are now."""
    found = selectors.incident_for(actor, incident_id)
    return shapes.incident_out(
        services.incident_danger_set(incident=found, danger=body.danger, reason=body.reason, by=actor, at=at)
    )


@router.post("/incidents/{incident_id}/code", response=dict)
@command("intake.correct")
def code(request: HttpRequest, actor: Actor, at: datetime, incident_id: int, body: shapes.CodeIn) -> Any:
    """Correct the type."""
    found = selectors.incident_for(actor, incident_id)
    return shapes.incident_out(
        services.incident_code_correct(
            incident=found, code=body.code, is_confirmed=body.is_confirmed, reason=body.reason, by=actor, at=at
        )
    )


@router.post("/incidents/{incident_id}/tags", response=list[dict])
@command("intake.tags")
def tags(request: HttpRequest, actor: Actor, at: datetime, incident_id: int, body: shapes.TagsIn) -> Any:
    """Say which labels hold."""
    found = selectors.incident_for(actor, incident_id)
    rows = services.incident_tags_confirm(
        incident=found, values=body.values, source=selectors.tag_source(actor), by=actor, at=at
    )
    return [shapes.tag_out(row) for row in rows]


@router.get("/tags/review", response=list[dict])
def tags_to_review(request: HttpRequest) -> Any:
    """Labels of the last 24 h to review: all of P1 and P2, one in ten of the rest."""
    rows = selectors.tags_to_review(actor_of(request, "intake.tags_audit"), at=now())
    return [shapes.tag_review_out(row) for row in rows]


@router.post("/tags/{tag_id}/audit", response=dict)
@command("intake.tags_audit")
def tag_audit(request: HttpRequest, actor: Actor, at: datetime, tag_id: int, body: shapes.TagAuditIn) -> Any:
    """A reviewer agrees with a label, or says which holds instead."""
    found = selectors.tag_for(actor, tag_id)
    return shapes.tag_out(services.incident_tag_audit(tag=found, value=body.value, by=actor, at=at))


@router.post("/telephony/ring", response={201: dict}, openapi_extra=shapes.RING_SCHEMA)
@command("intake.telephony", status=201)
def ring(request: HttpRequest, actor: Actor, at: datetime) -> Any:
    """A call rings; what of it can't be read is put aside, and it rings all the same."""
    told, aside = _ring_of(request.body)
    call = services.call_ring(
        line=told.line,
        phone=told.reporter_phone,
        lon=told.lon,
        lat=told.lat,
        radius_m=told.radius_m,
        recording_ref=told.recording_ref,
        unreadable=aside,
        by=actor,
        at=at,
    )
    return shapes.on_line_out(call)


def _ring_of(body: bytes) -> tuple[CallSheet, list[Unreadable]]:
    """What a switch tells of a ring; a body that tells of no ring at all is refused."""
    try:
        raw = json.loads(body)
    except ValueError as problem:
        raise BadInput(field="body", problem=str(problem)) from problem
    if not isinstance(raw, dict):
        raise BadInput(field="body", problem=type(raw).__name__)
    # What is no part of a ring gets a name that no sheet has, and goes aside.
    return services.sheet_read({shapes.RING_PARTS.get(name, f"ring.{name}"): value for name, value in raw.items()})


@router.post("/telephony/answer", response=dict)
@command("intake.telephony")
def answer(request: HttpRequest, actor: Actor, at: datetime, body: shapes.OnLineIn) -> Any:
    """A ringing call is answered."""
    return shapes.on_line_out(services.call_answer(call=_call_told(actor, body), seat=body.seat, by=actor, at=at))


@router.post("/telephony/hang-up", response=dict)
@command("intake.telephony")
def hang_up(request: HttpRequest, actor: Actor, at: datetime, body: shapes.OnLineIn) -> Any:
    """The line is free again; who hung up before an answer is called back."""
    found = _call_told(actor, body)
    task = services.call_hang_up(call=found, recording_ref=body.recording_ref, by=actor, at=at)
    found.refresh_from_db()
    return {"call": shapes.on_line_out(found), "call_back": shapes.call_back_out(task) if task else None}


@router.post("/telephony/state", response=dict)
@command("intake.telephony")
def switch_state(request: HttpRequest, actor: Actor, at: datetime, body: shapes.SwitchIn) -> Any:
    """A switch says whether its lines work, and says it again at least every 30 s: silent for a minute is down."""
    return {"is_news": services.switch_report(name=body.switch, is_up=body.is_up, by=actor, at=at)}


@router.post("/imports/calls", response=dict)
@command("intake.import")
def calls_hand_in(request: HttpRequest, actor: Actor, at: datetime, body: shapes.HandedInIn) -> Any:
    """Take over calls of another system, each once by its number there. Nothing but counts is told back."""
    told = {"taken": 0, "repeated": 0, "put_aside": 0}
    for raw in body.calls[:HANDED_IN_AT_MOST]:
        sheet, aside = services.sheet_read({**raw, "source": body.source})
        got = services.call_receive(line=sheet, at=at, by=actor, unreadable=aside)
        told["repeated" if got.is_repeated else "taken"] += 1
        told["put_aside"] += len(got.quarantined)
    return {**told, "left": max(0, len(body.calls) - HANDED_IN_AT_MOST)}


def _call_told(actor: Actor, body: shapes.OnLineIn) -> Call:
    if body.call_id is not None:
        return selectors.call_for(actor, body.call_id)
    found = selectors.call_on_line(body.line) if body.line else None
    if found is None:
        raise NotFound
    return found
