"""Questions about what readers told and no door could take."""

from __future__ import annotations

from dataclasses import dataclass

from anlan.core.actor import Actor
from anlan.core.errors import NotFound
from anlan.equipment.models import Gate, StrayMessage, StrayReader

LINES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class StrayShown:
    """What was put aside of one reader, with the newest reasons where lines couldn't be read."""

    stray: StrayReader
    gate: Gate | None
    lines: list[StrayMessage]


def strays_of(actor: Actor) -> list[StrayShown]:
    """All that is put aside: of readers that nobody has entered, and of doors in the actor's reach."""
    entered = {gate.reader: gate for gate in Gate.objects.all()}
    mine = set(Gate.objects.visible_to(actor).values_list("reader", flat=True))
    rows = [row for row in StrayReader.objects.all() if row.reader not in entered or row.reader in mine]
    return [
        StrayShown(row, entered.get(row.reader), list(row.told.order_by("-id")[:LINES_SHOWN]))
        if row.reason == "unreadable"
        else StrayShown(row, entered.get(row.reader), [])
        for row in rows
    ]


def stray_for(actor: Actor, stray_id: int) -> StrayReader:
    """One of :func:`strays_of`, or ``NotFound``."""
    for one in strays_of(actor):
        if one.stray.pk == stray_id:
            return one.stray
    raise NotFound


def readers_waiting() -> list[Gate]:
    """Doors that have been entered since their readers' messages were put aside."""
    waiting = StrayReader.objects.filter(reason="not_entered").values_list("reader", flat=True)
    return list(Gate.objects.filter(reader__in=list(waiting)))
