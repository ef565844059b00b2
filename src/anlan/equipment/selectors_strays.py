"""Questions about what readers told and no door could take."""

from __future__ import annotations

from anlan.equipment.models import Gate, StrayReader


def readers_waiting() -> list[Gate]:
    """Doors that have been entered since their readers' messages were put aside."""
    waiting = StrayReader.objects.filter(reason="not_entered").values_list("reader", flat=True)
    return list(Gate.objects.filter(reader__in=list(waiting)))
