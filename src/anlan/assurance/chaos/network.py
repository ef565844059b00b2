"""F14: the line between clients and the centre is slow, cut, loses answers, breaks, or brings requests twice."""

from __future__ import annotations

import time
from itertools import count

from django.db import connections

from anlan.assurance.chaos.fault import Fault, Outcome, Setting
from anlan.assurance.chaos.kills import LEAST_S, MOST_S, site_of
from anlan.assurance.chaos.relay import OPEN, WAYS, Relay
from anlan.assurance.chaos.site import Clients
from anlan.assurance.traffic import Command

PLANT = "a new key each time a command is sent"
BAD_S = 2.0
"""So long the line is bad; then every connection through it breaks, and what was sent into it is known to nobody."""


class BadLine(Fault):
    """The five ways in turn, under load. Clients give up waiting, and send again when the line is back."""

    id, title = "F14", "line to the centre slow, cut, without answers, broken, or bringing requests twice"
    needs_server = True
    plants = (PLANT,)

    def run(self, setting: Setting) -> Outcome:
        outcome, resent = Outcome(), 0
        site, clients = site_of(setting)
        if setting.plant == PLANT:
            clients = _Forgetful(site, clients.traffic, clients.recorder)
        done = dict.fromkeys((*WAYS, "met nobody"), 0)
        try:
            site.start()
            relay = Relay(site.port, seed=setting.seed)
            relay.start()
            clients.via = relay.port
            for trial in range(1, setting.count + 1):
                # Another seed begins with another way.
                way = WAYS[(setting.seed + trial) % len(WAYS)]
                if not self._spoiled(clients, relay, way):
                    done["met nobody"] += 1
                    continue
                resent += clients.again()
                left = len(clients.recorder.history.unanswered())
                also = [f"{left} commands have no answer after sending again"] if left else []
                outcome.judge(f"{way} {trial}", clients.recorder.history, also=also)
                done[way] += 1
                setting.on_trial(trial)
            relay.stop()
        finally:
            site.kill()
            connections.close_all()
        told = sum(entry.outcome == "acknowledged" for entry in clients.recorder.history.entries.values())
        outcome.figures = {**done, "acknowledged": told, "resent": resent}
        return outcome

    def _spoiled(self, clients: Clients, relay: Relay, way: str) -> bool:
        """Load, then the line is so for a while; whether anything was sent into it."""
        clients.start()
        time.sleep(clients.traffic.random.uniform(LEAST_S, MOST_S))
        before = relay.passed
        relay.way = way
        time.sleep(BAD_S)
        relay.way = OPEN
        relay.drop()
        clients.stop()
        return relay.passed > before


class _Forgetful(Clients):
    """Clients with a fault put in on purpose: sent again, a command has another key."""

    _number = count(1)

    def key(self, command: Command) -> str:
        before = self.recorder.history.entries[(command.kind, command.key)].statuses
        return f"{command.key}-{next(self._number)}" if before else command.key
