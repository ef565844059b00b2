"""F9: the message broker, or whoever listens to it, is killed or stands still while readers go on telling.

A reader's journal (``integrations.mqtt``) sends to a real broker; a process of its own listens, commits, and
acknowledges then. After each trial every line that was told is there, once, and none that wasn't.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from anlan.assurance.chaos.broker_listener import opened
from anlan.assurance.chaos.fault import Fault, NotPossible, Outcome, Setting
from anlan.assurance.power.rig import PLANT_EARLY
from anlan.integrations.mqtt.forward import OverBroker, forward
from anlan.integrations.mqtt.journal import EdgeJournal
from anlan.integrations.mqtt.listen import Broker

PLANT_FORGETS = "the door trusts a broker that keeps nothing"
READER = "door-1"
SETTLED_WITHIN_S = 30.0
LISTENER = (sys.executable, "-m", "anlan.assurance.chaos.broker_listener")
ACTS = ("broker killed", "broker stood still", "listener killed", "both killed", "listener away, broker killed")


class BrokerLost(Fault):
    """Nothing is lost from a reader's journal to the store of whoever listens, and nothing is there twice."""

    id, title = "F9", "message broker or its listener killed, standing still or away, messages under way"
    plants = (PLANT_EARLY, PLANT_FORGETS)

    def run(self, setting: Setting) -> Outcome:
        outcome, random, done = Outcome(), Random(setting.seed), dict.fromkeys(ACTS, 0)
        with _line(setting) as line:
            for trial in range(1, setting.count + 1):
                act = ACTS[(trial - 1 + setting.seed) % len(ACTS)]
                with line.telling(random):
                    time.sleep(random.uniform(0.1, 0.6))
                    line.harm(act, random)
                    time.sleep(random.uniform(0.1, 0.6))
                wrong = line.settled()
                outcome.trials += 1
                if wrong:
                    outcome.failed += 1
                    outcome.examples.append(f"{act} {trial}: {wrong}")
                done[act] += 1
                setting.on_trial(trial)
            told = {"lines told": line.told, "told twice and kept once": line.twice()}
        outcome.figures = {**done, **told}
        return outcome


class _Line:
    """Reader, broker and listener, each of which may be harmed."""

    def __init__(self, folder: Path, broker: str, plant: str) -> None:
        self.folder, self.plant, self.told, self.lost = folder, plant, 0, 0
        self.program = broker
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        user = "user root\n" if os.geteuid() == 0 else ""
        (folder / "broker.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\n{user}"
            f"persistence {str(plant != PLANT_FORGETS).lower()}\n"
            f"persistence_location {folder}/\nautosave_interval 1\nautosave_on_changes true\n"
            "max_inflight_messages 0\nmax_queued_messages 0\n",
            encoding="ascii",
        )
        self.store = opened(str(folder / "heard.sqlite3"))
        self.journal = EdgeJournal(folder / "edge")
        self.broker: subprocess.Popen[bytes] | None = None
        self.listener: subprocess.Popen[bytes] | None = None

    def broker_start(self) -> None:
        quiet = subprocess.DEVNULL
        words = [self.program, "-c", str(self.folder / "broker.conf")]
        self.broker = subprocess.Popen(words, stdout=quiet, stderr=quiet)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5):
                return
            time.sleep(0.02)
        raise NotPossible("the broker doesn't answer")

    def listener_start(self) -> None:
        early = ["early"] if self.plant == PLANT_EARLY else []
        words = [*LISTENER, str(self.port), str(self.folder / "heard.sqlite3"), *early]
        self.listener = subprocess.Popen(words, stderr=subprocess.DEVNULL)

    @contextmanager
    def telling(self, random: Random) -> Iterator[None]:
        """The reader goes on telling meanwhile, a few lines at a time."""
        stop = threading.Event()

        def tell() -> None:
            while not stop.is_set():
                lines = [f'{{"n":{self.told + k}}}' for k in range(random.randint(1, 40))]
                self.journal.append(lines)
                self.told += len(lines)
                stop.wait(0.02)

        teller = threading.Thread(target=tell, daemon=True)
        teller.start()
        try:
            yield
        finally:
            stop.set()
            teller.join(timeout=20)

    def harm(self, act: str, random: Random) -> None:
        """Do it, and mend it after a while as a service manager would."""
        assert self.broker is not None
        assert self.listener is not None
        if act == "broker stood still":
            self.broker.send_signal(signal.SIGSTOP)
            time.sleep(random.uniform(0.5, 2.0))
            self.broker.send_signal(signal.SIGCONT)
            return
        if "listener" in act or act == "both killed":
            _killed(self.listener)
        if act == "listener away, broker killed":
            time.sleep(random.uniform(1.2, 2.5))  # the broker has written down what waits for the listener
        if "broker" in act or act == "both killed":
            _killed(self.broker)
        time.sleep(random.uniform(0.0, 1.0))
        if self.broker.poll() is not None:
            self.broker_start()
        if self.listener.poll() is not None:
            self.listener_start()

    def settled(self) -> str:
        """What is wrong once nothing more comes; empty where every line is there and no other."""
        wanted, until = self.told, time.monotonic() + SETTLED_WITHIN_S
        have = (0, 0)
        while time.monotonic() < until:
            have = self.store.execute(
                "SELECT count(*), count(*) FILTER (WHERE CAST(substr(line, 6) AS INTEGER) < ?) FROM heard", (wanted,)
            ).fetchone()
            if have == (wanted - self.lost, wanted - self.lost):
                return ""
            time.sleep(0.1)
        lost, self.lost = wanted - have[1] - self.lost, wanted - have[1]  # of this trial, and of all so far
        return f"of {wanted} lines {lost} are lost, {have[0] - have[1]} are there that nobody told"

    def twice(self) -> int:
        """Lines that came more than once and are there once: the way of repetition was taken."""
        found: int = self.store.execute("SELECT count(*) FROM heard WHERE times > 1").fetchone()[0]
        return found


def _killed(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait(timeout=20)


@contextmanager
def _line(setting: Setting) -> Iterator[_Line]:
    program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise NotPossible("there is no mosquitto here")
    folder = setting.home / "broker"
    folder.mkdir()
    line = _Line(folder, program, setting.plant)
    stop = threading.Event()
    way = OverBroker(Broker("127.0.0.1", line.port, client_id=READER), f"anlan/gates/{READER}")
    way.may_forget = setting.plant != PLANT_FORGETS
    if setting.plant == PLANT_FORGETS:
        way.broke = lambda: bool(OverBroker.broke(way) and False)  # type: ignore[method-assign]
    sender = threading.Thread(
        target=forward, args=(line.journal, way, stop), kwargs={"again_after_s": 0.2}, daemon=True
    )
    try:
        line.broker_start()
        line.listener_start()
        time.sleep(2.0)  # its session must be known to the broker before anything is told
        sender.start()
        yield line
    finally:
        stop.set()
        sender.join(timeout=30)
        way.close()
        for process in (line.listener, line.broker):
            if process is not None and process.poll() is None:
                _killed(process)
        line.journal.close()
        line.store.close()
