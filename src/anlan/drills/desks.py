"""The desks of the demo: who is on duty, the last handover, a few notices, and crews that say all is well."""

from __future__ import annotations

from datetime import datetime, timedelta

from anlan.accounts.models import Organisation, Person
from anlan.accounts.selectors import actor_for
from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import DomainError
from anlan.dispatch.models import CheckIn
from anlan.dispatch.selectors.handover import DESK_ROLES
from anlan.dispatch.services import broadcast_send
from anlan.dispatch.services.checkins import checkin_confirm
from anlan.dispatch.services.handovers import handover_open, handover_sign, handover_take
from anlan.notices.services import Rung, notice_acknowledge, notice_delivered, notice_send, to_role
from anlan.units.services import duty_take

ANSWERS_AFTER = timedelta(seconds=25)
"""A simulated crew answers so late that a person who sits at its phone may do so first."""
SHIFT_BEGAN = timedelta(minutes=70)
WRITTEN = "notices.written"


def desks_open(at: datetime) -> None:
    """Everybody who sits at a desk came on duty an hour ago; one handover lies behind, some notices wait."""
    top = Organisation.objects.filter(parent=None, kind="bureau").first()
    if top is None:
        return
    people = list(Person.objects.filter(is_active=True, grants__role__in=DESK_ROLES).distinct().order_by("pk"))
    actors = {person.pk: actor_for(person, at=at) for person in people}
    for person in people:
        role = next((role for role in DESK_ROLES if role in actors[person.pk].roles), "")
        home = person.organisation
        if role:
            duty_take(person=person, organisation=home, role=role, by=actors[person.pk], at=at - SHIFT_BEGAN)
    leader = _one(actors, "duty_leader")
    desk = _one(actors, "dispatcher")
    if leader is None or desk is None:
        return
    _handed_over(top, leader, desk, at - SHIFT_BEGAN)
    _told(top, leader, desk, at)


def _one(actors: dict[int, Actor], role: str) -> Actor | None:
    return next((actor for actor in actors.values() if role in actor.roles and actor.sees_all), None)


def _handed_over(top: Organisation, leader: Actor, desk: Actor, at: datetime) -> None:
    row = handover_open(organisation=top, by=leader, at=at - timedelta(minutes=12))
    handover_sign(handover=row, by=leader, at=at - timedelta(minutes=2))
    handover_take(handover=row, role="dispatcher", by=desk, at=at)
    person = Person.objects.get(pk=leader.id or 0)
    duty_take(person=person, organisation=top, role="duty_leader", by=leader, at=at)


def _told(top: Organisation, leader: Actor, desk: Actor, at: datetime) -> None:
    chain = [Rung((to_role("dispatcher", top),)), Rung((to_role("duty_leader", top),))]
    texts = (
        (40, "夜间降雨，低洼路段易积水，派警时请提示绕行", True),
        (6, "今天下午人民广场有集市，请留意周边警力", False),
    )
    for minutes, text, is_answered in texts:
        then = at - timedelta(minutes=minutes)
        notice = notice_send(message=WRITTEN, text=text, chain=chain, organisation=top, by=leader, at=then)
        if is_answered:
            notice_delivered(notice=notice, by=desk, at=then + timedelta(seconds=4))
            notice_acknowledge(notice=notice, by=desk, at=then + timedelta(seconds=20))
    try:
        broadcast_send(text="滨江路积水，小车绕行", organisation=top, by=desk, at=at - timedelta(minutes=3))
    except DomainError:
        return  # at an hour without a unit on duty nobody would hear it


def crews_answer(at: datetime) -> int:
    """Simulated crews that were asked whether all is well say so; returns how many."""
    asked = CheckIn.objects.filter(state__in=("asked", "missed"), asked_at__lte=at - ANSWERS_AFTER)
    rows = list(asked.select_related("unit", "incident")[:50])
    for row in rows:
        checkin_confirm(checkin=row, by=SYSTEM, at=at)
    return len(rows)
