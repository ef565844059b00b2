"""JSON doors of revisits: what is to be asked, who asks, a try, and the curves of closings."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.api import actor_of, command
from anlan.core.clock import now
from anlan.core.errors import BadInput, NotFound
from anlan.disputes.models import FileRevisit
from anlan.disputes.revisit_rules import OPENING, REVISIT_OPEN, SCRIPT_NOW, SCRIPTS
from anlan.disputes.selectors.revisits import revisit_for, revisits_waiting, sides_of
from anlan.disputes.selectors.survival import GROUPINGS, Asked, Quiet, compared, quiet_of
from anlan.disputes.services.revisits import revisit_assign, revisit_call_record

router = Router(tags=["disputes"])
ASK = "disputes.revisit"
FIGURES = "reports.view"


class AskerIn(Schema):
    """To whom the revisit is given."""

    person: int


class CallIn(Schema):
    """One try to ask one side."""

    side: str
    outcome: str
    answers: dict[str, str] = Field(default_factory=dict, max_length=20)
    script: str = SCRIPT_NOW


def revisit_out(row: FileRevisit) -> dict[str, Any]:
    """The revisit as programs read it: as long as it is open without what the unit said."""
    out: dict[str, Any] = {
        "id": row.pk,
        "file": row.file.number,
        "rule": row.rule,
        "probability": row.probability,
        "state": row.state,
        "drawn_at": row.drawn_at,
        "due_at": row.due_at,
        "assigned_to": row.assigned_to_id,
        "ended_at": row.ended_at,
    }
    if row.state not in REVISIT_OPEN:
        out |= {"unit_result": row.unit_result, "finding": row.finding, "dropped_why": row.dropped_why}
    return out


@router.get("/disputes/revisits", response=list[dict[str, Any]])
def waiting(request: HttpRequest, mine: bool = False) -> Any:
    """Open revisits, the next due first: one's own, or all one may give out."""
    return [revisit_out(row) for row in revisits_waiting(actor_of(request, ASK), mine=mine)]


@router.get("/disputes/revisits/script", response=dict)
def script(request: HttpRequest) -> Any:
    """The questions as they are asked now, with the answers there are."""
    actor_of(request, ASK)
    return {
        "version": SCRIPT_NOW,
        "opening": str(OPENING),
        "questions": [
            {
                "key": question.key,
                "words": str(question.words),
                "answers": {key: str(word) for key, word in question.answers.items()},
            }
            for question in SCRIPTS[SCRIPT_NOW]
        ],
    }


@router.get("/disputes/revisits/{revisit_id}", response=dict)
def one(request: HttpRequest, revisit_id: int) -> Any:
    """One revisit with its tries; what was said only once both sides are through."""
    row = revisit_for(actor_of(request, ASK), revisit_id)
    is_over = row.state not in REVISIT_OPEN
    calls = [
        {"side": call.side, "seq": call.seq, "at": call.at, "outcome": call.outcome}
        | ({"answers": call.answers, "script": call.script} if is_over else {})
        for side in sides_of(row).values()
        for call in side.calls
    ]
    return {**revisit_out(row), "calls": calls}


@router.post("/disputes/revisits/{revisit_id}/assign", response=dict)
@command("disputes.revisit_assign")
def assign(request: HttpRequest, actor: Actor, at: datetime, revisit_id: int, body: AskerIn) -> Any:
    """Give it to somebody who had no part in the file."""
    row, person = revisit_for(actor, revisit_id), Person.objects.filter(pk=body.person).first()
    if person is None:
        raise NotFound
    return revisit_out(revisit_assign(revisit=row, person=person, by=actor, at=at))


@router.post("/disputes/revisits/{revisit_id}/calls", response={201: dict})
@command(ASK, status=201)
def call(request: HttpRequest, actor: Actor, at: datetime, revisit_id: int, body: CallIn) -> Any:
    """Record a try and what came of it."""
    row = revisit_for(actor, revisit_id)
    tried = revisit_call_record(
        revisit=row,
        side=body.side,
        outcome=body.outcome,
        answers=body.answers,
        script=body.script,
        by=actor,
        at=at,
    )
    return {"side": tried.side, "seq": tried.seq, "outcome": tried.outcome, "revisit": revisit_out(row)}


@router.get("/kpi/disputes/quiet", response=dict)
def quiet(request: HttpRequest, start: date, end: date) -> Any:
    """How long closings of these local days hold (``end`` not included), with the shares of 30, 90 and 180 days."""
    return quiet_out(quiet_of(_asked(request, start, end)))


@router.get("/kpi/disputes/compared", response=dict)
def groups(request: HttpRequest, start: date, end: date, by: str = "track") -> Any:
    """Groups side by side (``track``, ``push``, ``organisation``) with the same mix of cases; never people."""
    if by not in GROUPINGS:
        raise BadInput(field="by", problem=by[:20])
    found = compared(_asked(request, start, end), by)
    told = found.comparison
    return {
        "by": by,
        "day": told.day,
        "mix": found.mix,
        "n": found.n,
        "groups": [asdict(group) for group in told.groups],
        "refused": [asdict(group) for group in told.refused],
        "p_value": told.test.p_value if told.test else None,
    }


def quiet_out(found: Quiet) -> dict[str, Any]:
    """Counts and readouts; a day nobody was watched until has no share."""
    return {
        "n": found.n,
        "came_back": found.back,
        "ended_otherwise": found.others,
        "readouts": [
            {
                "day": read.day,
                "share": read.share if read.known else None,
                "low": read.low if read.known else None,
                "high": read.high if read.known else None,
                "watched": read.at_risk,
            }
            for read in found.readouts
        ],
    }


def _asked(request: HttpRequest, start: date, end: date) -> Asked:
    if not start < end:
        raise BadInput(field="end", problem=end.isoformat())
    return Asked(actor_of(request, FIGURES), start, end, timezone.localtime(now()).date())
