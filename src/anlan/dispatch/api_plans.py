"""JSON doors of response plans: what a matter is answered with, at which alarm level, and the plans themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from anlan.core.actor import Actor
from anlan.core.api import actor_of, command
from anlan.core.clock import now
from anlan.dispatch import selectors, services, shapes_cover
from anlan.dispatch.plan_rules import plan_content
from anlan.dispatch.selectors.advising import advised
from anlan.intake.selectors import incident_for

router = Router(tags=["response plans"])


class LevelIn(Schema):
    """The alarm level to answer at."""

    level: int


class PlanIn(Schema):
    """A plan as ``GET /response-plans`` gives it."""

    key: str
    name_zh: str
    name_en: str
    levels: list[dict[str, Any]]
    codes: list[str] = []
    danger: list[str] = []
    priorities: list[str] = []
    areas: list[str] = []
    home_first_s: int = 0
    zone_first_s: int = 0
    source: str = ""


class PlanDecideIn(Schema):
    """Whether the version comes into force."""

    approve: bool


@router.get("/incidents/{incident_id}/response", response=dict)
def response(request: HttpRequest, incident_id: int, track: str = "") -> Any:
    """The matter's plan with the unit proposed for each place, what is missing, who lends, what is left."""
    incident = incident_for(actor_of(request, "dispatch.recommend"), incident_id)
    found = selectors.recommend(incident, at=now(), track=track if track in ("P", "C") else None)
    return selectors.response_out(selectors.response_propose(incident, found))


@router.post("/incidents/{incident_id}/response-level", response=dict)
@command("dispatch.send")
def level(request: HttpRequest, actor: Actor, at: datetime, incident_id: int, body: LevelIn) -> Any:
    """Answer the matter at this alarm level; nobody is sent by it."""
    row = services.response_level_set(incident=incident_for(actor, incident_id), level=body.level, by=actor, at=at)
    return {"incident_id": incident_id, "level": row.level, "plan": row.plan, "plan_version": row.plan_version}


@router.get("/incidents/{incident_id}/cover", response=dict)
def cover_of_sending(request: HttpRequest, incident_id: int, limit: int = 10) -> Any:
    """Cover before and after each proposed send, and whom that speaks for, at what price in seconds."""
    incident = incident_for(actor_of(request, "dispatch.recommend"), incident_id)
    found = selectors.recommend(incident, at=now())
    return shapes_cover.advice_out(advised(incident, found), found, limit=limit)


@router.get("/cover", response=dict)
def cover(request: HttpRequest) -> Any:
    """Cover by all free police units now; what each of one's own carries alone, and which should move up."""
    actor, at = actor_of(request, "dispatch.recommend"), now()
    found = selectors.cover_now(at=at)
    moves = selectors.moves_proposed(found, by=actor, at=at)
    waits = selectors.waiting_posts(found, by=actor, at=at)
    return shapes_cover.cover_out(found, moves, waits, by=actor)


@router.get("/response-plans", response=list[dict[str, Any]])
def plans(request: HttpRequest) -> Any:
    """Every plan in force."""
    actor_of(request, "dispatch.plan_view")
    return [{**plan_content(plan), "version": plan.version} for plan in selectors.plans_in_force()]


@router.post("/response-plans", response={201: dict})
@command("dispatch.plan_set", status=201)
def plan_put(request: HttpRequest, actor: Actor, at: datetime, body: PlanIn) -> Any:
    """Write a new version of a plan down; it comes into force when another person approves it."""
    return shapes_cover.proposal_out(services.plan_propose(content=body.dict(), by=actor, at=at))


@router.get("/response-plans/proposals", response=list[dict[str, Any]])
def proposals(request: HttpRequest) -> Any:
    """Versions that wait for a second person, the oldest first."""
    actor_of(request, "dispatch.plan_view")
    return [shapes_cover.proposal_out(row) for row in selectors.proposals_waiting()]


@router.post("/response-plans/proposals/{proposal_id}", response=dict)
@command("dispatch.plan_set")
def proposal_decide(request: HttpRequest, actor: Actor, at: datetime, proposal_id: int, body: PlanDecideIn) -> Any:
    """Approve a version somebody else wrote: it is in force from now on. Or refuse it; who wrote it may, too."""
    row = services.plan_decide(proposal=selectors.proposal_for(proposal_id), approve=body.approve, by=actor, at=at)
    return shapes_cover.proposal_out(row)
