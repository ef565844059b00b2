"""Questions about repairs and scrapping."""

from __future__ import annotations

from django.db.models import QuerySet

from anlan.core.actor import Actor
from anlan.equipment.models import Item, Repair, Scrapping

SHOWN = 200


def to_be_inspected(actor: Actor) -> list[Item]:
    """What waits to be looked at before anybody has it again, the longest first."""
    rows = Item.objects.visible_to(actor).filter(state="inspection").select_related("model", "place")
    return list(rows.prefetch_related("model__care_plans").order_by("state_since", "pk")[:SHOWN])


def _repairs(actor: Actor) -> QuerySet[Repair]:
    rows: QuerySet[Repair] = Repair.objects.visible_to(actor).select_related("item__model", "item__place")
    return rows


def repairs_open(actor: Actor) -> list[Repair]:
    """Orders that are open, the longest first."""
    return list(_repairs(actor).filter(state="open").order_by("ordered_at", "pk")[:SHOWN])


def repairs_ended(actor: Actor, *, limit: int = 20) -> list[Repair]:
    """What came of the last orders."""
    return list(_repairs(actor).exclude(state="open").order_by("-state_since", "-pk")[:limit])


def repair_for(actor: Actor, repair_id: int) -> Repair:
    """The order, or ``NotFound``."""
    row: Repair = _repairs(actor).one_for(actor, pk=repair_id)  # type: ignore[attr-defined]
    return row


def _scrappings(actor: Actor) -> QuerySet[Scrapping]:
    joins = ("item__model", "item__owner", "item__place", "proposed_by", "decided_by", "destroyed_by", "witness")
    rows: QuerySet[Scrapping] = Scrapping.objects.visible_to(actor).select_related(*joins)
    return rows


def scrappings_in(actor: Actor, state: str, *, limit: int = SHOWN) -> list[Scrapping]:
    """Scrappings in one state: what waits the longest first, what is over the newest first."""
    order = ("-state_since", "-pk") if state in ("destroyed", "refused") else ("state_since", "pk")
    return list(_scrappings(actor).filter(state=state).order_by(*order)[:limit])


def scrapping_for(actor: Actor, scrapping_id: int) -> Scrapping:
    """The scrapping, or ``NotFound``."""
    row: Scrapping = _scrappings(actor).one_for(actor, pk=scrapping_id)  # type: ignore[attr-defined]
    return row
