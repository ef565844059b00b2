"""Whether anything changed for somebody, told so that it tells nothing else."""

from __future__ import annotations

import threading

from anlan.core.actor import Actor
from anlan.core.models import Event
from anlan.core.selectors import Cursor, cursor_latest, events_read
from anlan.core.services import keyed_hash
from anlan.core.snapshot import Snapshot

LOOKED_BACK = 2000
"""So many of the newest events a process looks at when it is asked for the first time."""
BATCH = 500


class Newest:
    """The newest event of each organisation; what was written since is added at each look."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._end = cursor_latest()
        self._of: dict[int, Cursor] = {}
        newest = Event.objects.filter(id__gt=self._end.id - LOOKED_BACK, txid__lte=self._end.txid)
        for txid, pk, orgs in newest.values_list("txid", "id", "org_ids"):
            self._add(Cursor(txid, pk), orgs)

    def for_actor(self, actor: Actor) -> Cursor | None:
        """The newest event the actor may see; None where none was written for long."""
        with self._lock:
            while read := events_read(self._end, limit=BATCH):
                for event in read:
                    self._add(Cursor.of(event), event.org_ids)
                self._end = Cursor.of(read[-1])
            if actor.sees_all:
                return self._end
            return max((self._of[org] for org in actor.org_ids if org in self._of), default=None)

    def _add(self, place: Cursor, orgs: list[int]) -> None:
        for org in orgs:
            self._of[org] = max(place, self._of.get(org, place))


_newest = Snapshot(Newest, lambda: None)


def change_mark(actor: Actor) -> str:
    """A mark that differs from the last one whenever an event came that ``actor`` may see, and only then.

    It is a keyed hash of its own for each reader, and nothing that others do changes it: nobody counts by it what
    happens elsewhere. Only where there was nothing to see among the last ``LOOKED_BACK`` events, two processes of a
    centre may tell two marks, and a page that asks both reads anew once too often.
    """
    return keyed_hash(f"pulse {actor.kind} {actor.id} {_newest.get().for_actor(actor)}")[:16]
