"""Units as the screens list them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.core.actor import Actor
from anlan.units.models import Unit

TRACKS = (("P", _("police")), ("C", _("community")))
OFF_DUTY = ("off", "out_of_service")


@dataclass(frozen=True, slots=True)
class Free:
    """How many units of one track could be sent now, of those on duty."""

    name: str | Promise
    available: int
    on_duty: int


def free_units(actor: Actor) -> list[Free]:
    """Available and on-duty units by track. One query."""
    rows = Unit.objects.visible_to(actor).filter(is_active=True).order_by()
    counts: Counter[tuple[str, str]] = Counter()
    for track, state, n in rows.values_list("track", "state").annotate(n=Count("id")):
        counts[track, state] += n
    found = []
    for track, name in TRACKS:
        on_duty = sum(n for (t, state), n in counts.items() if t == track and state not in OFF_DUTY)
        if on_duty:
            found.append(Free(name, counts[track, "available"], on_duty))
    return found
