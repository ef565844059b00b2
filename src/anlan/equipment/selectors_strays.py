"""Questions about what readers told and no door could take."""

from __future__ import annotations

from anlan.core.errors import NotFound
from anlan.equipment.models import Gate, StrayReader


def strays_all() -> list[StrayReader]:
    """Whatever was put aside, the latest first; of a reader nobody entered no station knows whose it is."""
    return list(StrayReader.objects.order_by("-last_at"))


def stray_for(stray_id: int) -> StrayReader:
    """What was put aside of one reader, or ``NotFound``."""
    found = StrayReader.objects.filter(pk=stray_id).first()
    if found is None:
        raise NotFound
    return found


def readers_waiting() -> list[Gate]:
    """Doors that have been entered since their readers' messages were put aside."""
    waiting = StrayReader.objects.filter(reason="not_entered").values_list("reader", flat=True)
    return list(Gate.objects.filter(reader__in=list(waiting)))
