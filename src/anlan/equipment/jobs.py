"""Timed work of this room."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from anlan.core.actor import SYSTEM
from anlan.equipment import selectors, selectors_strays, services

DOORS_AGAIN = timedelta(seconds=30)
WATCH_S = 0.15
"""How often what was kept is looked at: a door that speaks late is not believed."""


def gates_watch(*, clock: Callable[[], datetime]) -> int:
    """Watch the doors for as long as there are any: in a thread of its own, which ends with its process.

    Raises what a door's watching raises; the next tick begins anew from the store. Gives the number of passages.
    """
    from django.db import close_old_connections

    watches: dict[int, services.GateWatch] = {}
    count, looked = 0, None
    while True:
        at = clock()
        if looked is None or at - looked >= DOORS_AGAIN:
            for gate in selectors_strays.readers_waiting():
                services.strays_take(gate=gate, by=SYSTEM, at=at)
            gates = {gate.pk: gate for gate in selectors.gates_all()}
            watches = {
                pk: watches[pk] if pk in watches and watches[pk].is_of(gate) else services.GateWatch(gate, at)
                for pk, gate in gates.items()
            }
            looked = at
            close_old_connections()
        if not watches:
            return count
        count += sum(len(watch.tick(at)) for watch in watches.values())
        time.sleep(WATCH_S)


def passages_forget(*, at: datetime) -> int:
    """Delete what doors heard and nothing came of."""
    services.strays_forget(at=at)
    services.batches_forget(at=at)
    return services.passages_forget(at=at)


def bookings_end(*, at: datetime) -> int:
    """Free what was booked and never fetched."""
    return services.bookings_lapse(at=at)


def lives_end(*, at: datetime) -> int:
    """Propose for scrapping what has come to the end of its years, uses or rounds."""
    return services.life_limits_propose(at=at)


def loans_expire(*, at: datetime) -> int:
    """Delete old loans, by class."""
    return services.loans_forget(at=at)
