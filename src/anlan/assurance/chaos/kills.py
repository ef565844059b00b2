"""F1 and F11: the processes end, or stand still, at a random moment under load."""

from __future__ import annotations

import signal
import time
from random import Random

from anlan.assurance.chaos.fault import Fault, Outcome, Setting
from anlan.assurance.chaos.site import PROGRAM, Clients, Site
from anlan.assurance.history import Recorder
from anlan.assurance.power.rig import PLANT_EARLY
from anlan.assurance.traffic import Traffic

LEAST_S, MOST_S = 0.05, 1.5
AT_REQUEST_SHARE = 0.5
COLD_EVERY = 15
"""One start in so many is made as an operator makes it, and timed; the others spare reading all modules again."""
PAUSE_LEAST_S, PAUSE_MOST_S = 1.0, 4.0


def site_of(setting: Setting, *, is_history_kept: bool = True) -> tuple[Site, Clients]:
    """The server on the setting's home, and clients whose history lies beside its store (or in memory alone)."""
    centre = setting.centre
    site = Site(setting.home, {name: centre[name] for name in ("token", "feed")}, setting.program or PROGRAM)
    box = centre["box"]
    traffic = Traffic(setting.seed, units=centre["units"], box=tuple(box), salt=f"s{setting.seed}")
    return site, Clients(site, traffic, Recorder(setting.home / "history.jsonl" if is_history_kept else None))


class Killed(Fault):
    """SIGKILL to the whole process group; start again; clients send again what they know nothing of."""

    id, title = "F1", "kill -9 of all processes at a random moment"
    needs_server = True
    plants = (PLANT_EARLY,)

    def run(self, setting: Setting) -> Outcome:
        outcome, random = Outcome(), Random(setting.seed)
        site, clients = site_of(setting)
        resent = 0
        try:
            site.start()
            for trial in range(1, setting.count + 1):
                clients.start()
                self._wait(clients, random)
                site.kill()
                clients.stop()
                if setting.program or trial % COLD_EVERY == 0:
                    site.start()
                else:
                    site.start_warm()
                resent += clients.again()
                left = len(clients.recorder.history.unanswered())
                also = [f"{left} commands have no answer after sending again"] if left else []
                outcome.judge(f"kill {trial}", clients.recorder.history, also=also)
                setting.on_trial(trial)
        finally:
            site.end()
        entries = clients.recorder.history.entries.values()
        outcome.figures = {
            "acknowledged": sum(entry.outcome == "acknowledged" for entry in entries),
            "refused": sum(entry.outcome == "refused" for entry in entries),
            "resent": resent,
            "starts timed": len(site.ready_s),
            "ready_s_most": max(site.ready_s),
            "ready_s_median": sorted(site.ready_s)[len(site.ready_s) // 2],
        }
        return outcome

    def _wait(self, clients: Clients, random: Random) -> None:
        """Some time; then half of the times until a command has just been sent, so that commits are met too."""
        time.sleep(random.uniform(LEAST_S, MOST_S))
        if random.random() < AT_REQUEST_SHARE:
            history = clients.recorder.history
            until, before = time.monotonic() + 1.0, len(history.entries)
            while len(history.entries) == before and time.monotonic() < until:
                time.sleep(0.0005)
            time.sleep(random.uniform(0.0, 0.02))


class Paused(Fault):
    """SIGSTOP to all processes for seconds, SIGCONT, and on: nobody may believe that time stood still."""

    id, title = "F11", "all processes stand still for seconds under load"
    needs_server = True

    def run(self, setting: Setting) -> Outcome:
        outcome, random = Outcome(), Random(setting.seed)
        site, clients = site_of(setting)
        try:
            site.start()
            for trial in range(1, setting.count + 1):
                clients.start()
                time.sleep(random.uniform(LEAST_S, MOST_S))
                site.signal(signal.SIGSTOP)
                time.sleep(random.uniform(PAUSE_LEAST_S, PAUSE_MOST_S))
                site.signal(signal.SIGCONT)
                time.sleep(random.uniform(LEAST_S, MOST_S))
                clients.stop()
                clients.again()
                outcome.judge(f"pause {trial}", clients.recorder.history)
                setting.on_trial(trial)
        finally:
            site.kill()
        return outcome
