"""What a platform's state means for a matter here: the town room's own steps, taken in its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import connection

from anlan.accounts.models import Organisation
from anlan.core.actor import Actor
from anlan.core.errors import BadInput, NotFound
from anlan.dispatch.models import WorkOrder
from anlan.dispatch.services import (
    order_bounce,
    order_close,
    order_contact,
    order_escalate,
    order_move_on,
    order_settle,
    order_sign,
)
from anlan.disputes.models import DisputeFile
from anlan.disputes.selectors.files import file_root, push_open_of
from anlan.disputes.services import (
    file_accept,
    file_archive,
    file_assign,
    file_close,
    file_to_police,
    file_triage,
    push_return,
)


class Change(Protocol):
    """What of a change the steps need."""

    @property
    def state(self) -> str: ...
    @property
    def to(self) -> str: ...
    @property
    def result(self) -> str: ...
    @property
    def reason(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Matter:
    """The town room's order for an incident, or a dispute file."""

    order: WorkOrder | None = None
    file: DisputeFile | None = None

    def hold(self) -> None:
        """Keep others from changing it until the transaction ends, and read it anew."""
        row = self.order or self.file
        assert row is not None
        if connection.features.has_select_for_update:
            held = type(row).objects.select_for_update(of=("self",), no_key=True)
            held.filter(pk=row.pk).values_list("pk").first()
        row.refresh_from_db()

    @property
    def incident_id(self) -> int | None:
        return self.order.incident_id if self.order is not None else None

    @property
    def org_ids(self) -> list[int | None]:
        if self.order is not None:
            return [self.order.town_room_id, self.order.incident.station_id, self.order.incident.holder_id]
        assert self.file is not None
        return [self.file.town_room_id, self.file.station_id, self.file.holder_id]


def matter_of(number: str, by: Actor) -> Matter:
    """The matter of this number in the actor's reach, or ``NotFound``: missing and somebody else's alike."""
    file = DisputeFile.objects.visible_to(by).filter(number=number).first()
    if file is not None:
        return Matter(file=file_root(file))
    orders = WorkOrder.objects.filter(incident__number=number, town_room_id__in=by.org_ids)
    order = orders.select_related("incident", "town_room").order_by("-routed_at", "-id").first()
    if order is None:
        raise NotFound
    return Matter(order=order)


def matter_step(matter: Matter, told: Change, *, by: Actor, at: datetime) -> str:
    """Take the step; returns "taken", or "noted" where the state means no step here. Raises the step's refusal."""
    if matter.file is not None:
        return _file_step(matter.file, told, by, at)
    assert matter.order is not None
    return _order_step(matter.order, told, by, at)


def _order_step(order: WorkOrder, told: Change, by: Actor, at: datetime) -> str:
    """A state that comes before those it stands on brings them along: nobody there knows ours one by one."""
    before = order.state
    if told.state == "return":
        order_bounce(order=order, reason=told.reason, by=by, at=at)
    elif told.state == "escalate":
        order_escalate(order=order, reason=told.reason or "平台升级", by=by, at=at)
    elif told.state in _ORDER_CHAIN:
        for step in _ORDER_CHAIN[told.state]:
            step(order, told, by, at)
    return "taken" if order.state != before else "noted"


def _sign(order: WorkOrder, told: Change, by: Actor, at: datetime) -> None:
    if order.state == "routed":
        order_sign(order=order, by=by, at=at)


def _contact(order: WorkOrder, told: Change, by: Actor, at: datetime) -> None:
    if order.state == "signed":
        order_contact(order=order, by=by, at=at)


def _move_on(order: WorkOrder, told: Change, by: Actor, at: datetime) -> None:
    if order.state in ("contacted", "on_site"):
        order_move_on(order=order, moved_on_to=told.to or "平台分流", result="to_department", by=by, at=at)


def _settle(order: WorkOrder, told: Change, by: Actor, at: datetime) -> None:
    if order.state in ("contacted", "on_site"):
        order_settle(order=order, result=told.result or "settled_on_site", by=by, at=at)


def _close(order: WorkOrder, told: Change, by: Actor, at: datetime) -> None:
    if order.state != "closed":
        order_close(order=order, by=by, at=at)


Step = Callable[[WorkOrder, Change, Actor, datetime], None]
_ORDER_CHAIN: dict[str, tuple[Step, ...]] = {
    "accept": (_sign,),
    "assign": (_sign,),
    "handle": (_sign, _contact),
    "triage": (_sign, _contact, _move_on),
    "close": (_sign, _contact, _settle, _close),
}


def _file_step(file: DisputeFile, told: Change, by: Actor, at: datetime) -> str:
    before = file.state
    if told.state == "accept" and file.state == "pushed":
        file_accept(file=file, by=by, at=at)
    elif told.state == "triage":
        file_triage(file=file, by=by, at=at)
    elif told.state == "assign":
        file_assign(file=file, mediating=_organisation(told.to), by=by, at=at)
    elif told.state == "close" and file.state != "closed":
        file_close(file=file, result=told.result or "department", by=by, at=at)
    elif told.state == "archive" and file.state != "archived":
        file_archive(file=file, by=by, at=at)
    elif told.state == "escalate" and file.state != "with_police":
        file_to_police(file=file, reason="escalated", by=by, at=at)
    elif told.state == "return" and (push := push_open_of(file.pk, 3)) is not None:
        push_return(push=push, reason=told.reason, by=by, at=at)
        return "taken"
    file.refresh_from_db()
    return "taken" if file.state != before else "noted"


def _organisation(code: str) -> Organisation:
    found: Organisation | None = Organisation.objects.filter(code=code).first()
    if found is None:
        raise BadInput(field="to", problem=code or "–")
    return found
