"""Whether anything changed for somebody, told so that it tells nothing else."""

from __future__ import annotations

from django.db.models import Q

from anlan.core.actor import Actor
from anlan.core.models import Event
from anlan.core.selectors import cursor_latest, event_visible
from anlan.core.services import keyed_hash

LOOKED_AT = 100
"""So many of the newest events are looked at for one the reader may see."""


def change_mark(actor: Actor) -> str:
    """A mark that differs from the last one whenever an event came that ``actor`` may see.

    It is a keyed hash of its own for each reader, so that nobody counts by it what happens elsewhere.
    """
    end = cursor_latest()
    settled = Event.objects.filter(Q(txid__lt=end.txid) | Q(txid=end.txid, id__lte=end.id))
    newest = settled.order_by("-txid", "-id").values_list("txid", "id", "org_ids")[:LOOKED_AT]
    seen = next((f"{txid}.{pk}" for txid, pk, orgs in newest if event_visible(orgs, actor)), None)
    # Every hundred events of others this changes too: an own one can't slip out of sight between two looks.
    place = seen or f"none {end.id // LOOKED_AT}"
    return keyed_hash(f"pulse {actor.kind} {actor.id} {place}")[:16]
