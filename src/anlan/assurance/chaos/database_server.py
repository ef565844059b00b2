"""F7: the database server is killed, restarted at once, or ends all sessions, under load; the centre runs on."""

from __future__ import annotations

import time
from pathlib import Path

from django.conf import settings
from django.db import connections

from anlan.assurance.chaos.cluster import Cluster
from anlan.assurance.chaos.fault import Fault, Outcome, Setting
from anlan.assurance.chaos.kills import LEAST_S, MOST_S, site_of
from anlan.assurance.chaos.site import Clients
from anlan.assurance.traffic import Command

BACK_WITHIN_S = 30.0


class ServerGone(Fault):
    """The centre is not started again: it has to find its way back to the server, and clients to their answers."""

    id, title = "F7", "PostgreSQL killed (all its processes), restarted at once, all sessions ended"
    needs_server = True
    store = "PostgreSQL"

    def run(self, setting: Setting) -> Outcome:
        outcome = Outcome()
        server = Cluster(Path(str(settings.DATABASES["default"]["HOST"])))
        site, clients = site_of(setting)
        random, back, done = clients.traffic.random, [], dict.fromkeys(("killed", "restarted", "sessions ended"), 0)
        acts = {"killed": server.kill, "restarted": server.restart_at_once, "sessions ended": server.sessions_end}
        try:
            site.start()
            for trial in range(1, setting.count + 1):
                act = random.choice(list(acts))
                clients.start()
                time.sleep(random.uniform(LEAST_S, MOST_S))
                acts[act]()
                began = time.monotonic()
                time.sleep(random.uniform(LEAST_S, MOST_S))
                clients.stop()
                also = [] if _answers(clients) else [f"no call was taken within {BACK_WITHIN_S:g} s of it"]
                back.append(round(time.monotonic() - began, 2))
                clients.again()
                left = len(clients.recorder.history.unanswered())
                also += [f"{left} commands have no answer after sending again"] if left else []
                if not site.is_running:
                    also.append("the centre ended")
                connections.close_all()
                outcome.judge(f"{act} {trial}", clients.recorder.history, also=also)
                done[act] += 1
                setting.on_trial(trial)
        finally:
            site.kill()
            connections.close_all()
        entries = clients.recorder.history.entries.values()
        outcome.figures = {
            **done,
            "acknowledged": sum(entry.outcome == "acknowledged" for entry in entries),
            "answered with 503": sum(entry.statuses.count(503) for entry in entries),
            "ready_s_most": max(back),
            "ready_s_median": sorted(back)[len(back) // 2],
        }
        return outcome


def _answers(clients: Clients) -> bool:
    """Whether a new call is taken in the end; each try is a command of its own and stays on the history."""
    until = time.monotonic() + BACK_WITHIN_S
    while time.monotonic() < until:
        line = clients.line()
        command: Command = clients.traffic.call(f"{clients.traffic.salt}-back-{time.monotonic_ns()}")
        if clients.send(line, command) == 201:
            line.close()
            return True
        line.close()
        time.sleep(0.1)
    return False
