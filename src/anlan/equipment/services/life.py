"""How long things last: repairs, and scrapping that another person approves and a witness sees."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from anlan.accounts.models import Person
from anlan.core.actor import SYSTEM, Actor
from anlan.core.errors import BadInput, Overtaken, WrongState
from anlan.core.permissions import require
from anlan.equipment import events
from anlan.equipment.errors import AnotherPersonNeeded
from anlan.equipment.life_reading import limits_reached
from anlan.equipment.life_rules import REPAIR, SCRAPPING, years_on
from anlan.equipment.models import Item, Repair, Scrapping
from anlan.equipment.rules import ITEM
from anlan.equipment.services.register import of_item, signer

DEAREST_YUAN = 10_000_000


@transaction.atomic
def repair_order(*, item: Item, fault: str, by: Actor, at: datetime) -> Repair:
    """A thing is put right before anybody has it again."""
    require(by, "equipment.keep")
    if not fault.strip():
        raise BadInput(field="fault", problem="–")
    ITEM.move(item, "repair", at=at, subject=str(item))
    row = Repair.objects.create(item=item, fault=fault.strip()[:200], state_since=at, ordered_at=at)
    of_item(events.REPAIR_ORDERED, item, by=by, at=at, subject=row)
    return row


@transaction.atomic
def repair_end(*, repair: Repair, is_fixed: bool, cost_yuan: int | None = None, by: Actor, at: datetime) -> Repair:
    """Put right, and to be inspected before it is lent; or beyond repair, and proposed for scrapping."""
    require(by, "equipment.keep")
    if cost_yuan is not None and not 0 <= cost_yuan <= DEAREST_YUAN:
        raise BadInput(field="cost_yuan", problem=str(cost_yuan)[:20])
    _repair_over(repair, "done" if is_fixed else "beyond", cost_yuan, by, at)
    if is_fixed:
        ITEM.move(repair.item, "inspection", at=at, subject=str(repair.item))
    else:
        scrap_propose(item=repair.item, reason=repair.fault, by=by, at=at)
    return repair


def _repair_over(repair: Repair, to: str, cost_yuan: int | None, by: Actor, at: datetime) -> None:
    REPAIR.move(repair, to, at=at, subject=str(repair.item), cost_yuan=cost_yuan)
    of_item(events.REPAIR_ENDED, repair.item, by=by, at=at, subject=repair, state=to)


@transaction.atomic
def scrap_propose(*, item: Item, reason: str, limit: str = "", by: Actor, at: datetime) -> Scrapping:
    """The thing is lent to nobody until another person has decided.

    A keeper proposes with a reason, or nobody does but a ``limit`` of its life; in repair, it is beyond repair.
    """
    require(by, "equipment.keep")
    if not (reason.strip() or limit):
        raise BadInput(field="reason", problem="–")
    repair = Repair.objects.select_related("item__model").filter(item=item, state="open").first()
    if repair is not None:
        _repair_over(repair, "beyond", None, by, at)
    ITEM.move(item, "scrap_proposed", at=at, subject=str(item))
    row = Scrapping.objects.create(
        item=item, reason=reason.strip()[:200], limit=limit, state_since=at, proposed_at=at,
        proposed_by_id=None if limit else signer(by),
    )  # fmt: skip
    of_item(events.SCRAPPING_PROPOSED, item, by=by, at=at, subject=row, limit=limit)
    return row


def life_limits_propose(*, by: Actor = SYSTEM, at: datetime) -> int:
    """Propose for scrapping what has come to the end of its years, uses or rounds; a keeper's superior decides.

    Each limit proposes once: refused, years begin anew with the day until which the thing was kept on, uses and
    rounds don't. What is lent is proposed when it is back. Says how many; each is a change of its own.
    """
    count = 0
    for item, limit in limits_reached(at=at):
        try:
            scrap_propose(item=item, reason="", limit=limit, by=by, at=at)
        except (WrongState, Overtaken):
            continue  # somebody took it or decided in between; the next round sees
        count += 1
    return count


@transaction.atomic
def scrap_decide(
    *, scrapping: Scrapping, is_approved: bool, serves_until: date | None = None, by: Actor, at: datetime
) -> Scrapping:
    """Another person than who proposed it; refused, the thing is inspected. Raises ``AnotherPersonNeeded``.

    A thing whose years are over and that is kept all the same serves on until a day: a year on, where none is said.
    """
    require(by, "equipment.scrap")
    if by.id == scrapping.proposed_by_id:
        raise AnotherPersonNeeded(item=str(scrapping.item), name=by.name)
    to = "approved" if is_approved else "refused"
    SCRAPPING.move(
        scrapping, to, at=at, subject=str(scrapping.item), decided_by_id=signer(by), decided_at=at
    )  # fmt: skip
    if not is_approved:
        kept = _kept_on(scrapping, serves_until, timezone.localdate(at))
        ITEM.move(scrapping.item, "inspection", at=at, subject=str(scrapping.item), **kept)
    of_item(events.SCRAPPING_DECIDED, scrapping.item, by=by, at=at, subject=scrapping, state=to)
    return scrapping


def _kept_on(scrapping: Scrapping, until: date | None, today: date) -> dict[str, Any]:
    """Until when a thing serves that isn't scrapped after all; nothing where nobody says and no years are over."""
    if until is None and scrapping.limit == "years":
        until = years_on(today, 1)
    if until is None:
        return {}
    if not today < until <= (years_on(today, 20) or until):
        raise BadInput(field="serves_until", problem=until.isoformat())
    return {"serves_until": until}


@transaction.atomic
def scrap_destroy(*, scrapping: Scrapping, method: str, witness: Person, by: Actor, at: datetime) -> Scrapping:
    """The record of destruction: how, by whom, before whom. Raises ``AnotherPersonNeeded``, ``WrongState``."""
    require(by, "equipment.keep")
    if not method.strip():
        raise BadInput(field="method", problem="–")
    if by.id == witness.pk:
        raise AnotherPersonNeeded(item=str(scrapping.item), name=by.name)
    SCRAPPING.move(
        scrapping, "destroyed", at=at, subject=str(scrapping.item), destroyed_by_id=signer(by), witness_id=witness.pk,
        method=method.strip()[:80],
    )  # fmt: skip
    ITEM.move(scrapping.item, "scrapped", at=at, subject=str(scrapping.item))
    of_item(events.DESTROYED, scrapping.item, by=by, at=at, subject=scrapping)
    return scrapping
