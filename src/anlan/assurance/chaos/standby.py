"""F12: the line to the standby is cut, either machine is killed, a person takes over, and the old one comes back."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from django.contrib.auth.hashers import make_password
from django.db import connections

from anlan.assurance.chaos.fault import Fault, Outcome, Setting
from anlan.assurance.chaos.kills import LEAST_S, MOST_S
from anlan.assurance.chaos.relay import CUT, OPEN, Relay
from anlan.assurance.chaos.site import PROGRAM, Clients, NotUp, Site, free_port
from anlan.assurance.history import POSITIONS, Recorder
from anlan.assurance.stores import store_at
from anlan.assurance.traffic import Traffic
from anlan.core.clock import now
from anlan.core.sqlite_backend.notes import POSITIONS as POSITIONS_STORE
from anlan.core.sqlite_backend.notes import STORE, replaced_note

KILL_FIRST, CUT_LINE, KILL_SECOND, WHILE_WRITING = (
    "first machine killed",
    "line cut",
    "second killed and back",
    "taken over while the first one serves",
)
WAYS = (KILL_FIRST, CUT_LINE, KILL_SECOND, WHILE_WRITING)
PLANT_NO_WAIT = "an answer does not wait for the standby"
PLANT_NO_FENCE = "the standby does not ask for the epoch"
PLANT_NO_POSITIONS = "the standby says it holds positions and keeps none"
CODE = "ABCD-EFGH-JKMN-PQRS"
CUT_S, UP_WITHIN_S = 2.0, 60.0
BATCHES_BEFORE = 4
"""So many batches of positions are acknowledged before anything is broken, also where the machine is slow: what was
never told to a device can't be lost."""
TOLD_WITHIN_S, LEARNS_WITHIN_S = 90.0, 30.0
TO_THE_OLD = 12
OUR_OWN = ("secrets", "media", "roads", "static", "compressed")


@dataclass
class Pair:
    """Two homes on one machine: the first serves, the second receives through a relay that may be cut."""

    first: Path
    second: Path
    port: int
    centre: int
    plant: str
    page: int = 0
    relay: Relay | None = None
    ear: subprocess.Popen[bytes] | None = None
    born: Site | None = None

    def connect(self, seed: int) -> None:
        """The second begins with an empty home, listens, and the first is told where."""
        shutil.rmtree(self.second, ignore_errors=True)
        self.second.mkdir()
        for name in OUR_OWN:
            if (self.first / name).exists():
                shutil.copytree(self.first / name, self.second / name)
        (self.second / "secrets" / "takeover_code").write_text(make_password(CODE), encoding="ascii")
        self.listen()
        self.relay = Relay(self.port, seed=seed)
        self.relay.start()
        told = {"address": f"127.0.0.1:{self.relay.port}", "mode": "async" if self.plant == PLANT_NO_WAIT else "sync"}
        (self.first / "standby.json").write_text(json.dumps(told), encoding="utf-8")

    def listen(self) -> None:
        self.page = self.page or _port()
        words = [*PROGRAM[:-1], "anlan.config.chaos_standby", str(self.port), self.plant]
        words += [f"127.0.0.1:{self.page}", f"127.0.0.1:{self.centre}"]
        with (self.second / "standby.log").open("ab") as log:
            self.ear = subprocess.Popen(words, env=_env(self.second), stdout=log, stderr=log)
        until = time.monotonic() + UP_WITHIN_S
        while time.monotonic() < until:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            time.sleep(0.05)
        raise NotUp("the standby does not listen")

    def deaf(self) -> None:
        """The second machine's process is killed."""
        if self.ear is not None:
            self.ear.kill()
            self.ear.wait()

    def end(self) -> None:
        self.deaf()
        if self.born is not None:
            self.born.kill()
        if self.relay is not None:
            self.relay.stop()

    def take_over(self, reason: str) -> None:
        """A person at the second machine presses its page's button; the keys are there as they are now.

        Some are made late, and carried once more.
        """
        shutil.copytree(self.first / "secrets", self.second / "secrets", dirs_exist_ok=True)
        asked = self._pressed("/takeover", by="值班长", reason=reason, code=CODE)
        sure = asked.partition('name="sure" value="')[2].partition('"')[0]
        self._pressed("/takeover/do", sure=sure, still="on")

    def _pressed(self, path: str, **form: str) -> str:
        line = http.client.HTTPConnection("127.0.0.1", self.page, timeout=UP_WITHIN_S)
        try:
            line.request("POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
            answer = line.getresponse()
            text = answer.read().decode()
        finally:
            line.close()
        if answer.status not in (200, 303):
            raise NotUp(f"the standby's page answered {answer.status} to {path}: {text[-1500:]}")
        return text


def _env(home: Path) -> dict[str, str]:
    return {**os.environ, "ANLAN_HOME": str(home), "ANLAN_FORECASTS": "off"}


class StandbyLost(Fault):
    """The four ways in turn; after each the second machine is the centre, and the first comes back and is asked."""

    id, title = "F12", "standby cut off, either machine killed, taken over, the old one returns"
    plants = (PLANT_NO_WAIT, PLANT_NO_FENCE, PLANT_NO_POSITIONS)

    def run(self, setting: Setting) -> Outcome:
        self.outcome, self.random = Outcome(), Random(setting.seed)
        self.done = {**dict.fromkeys(WAYS, 0), "asked of the old one": 0, "taken by the old one": 0}
        self.resent = 0
        self.ready_s: list[float] = []
        centre, second = setting.centre, setting.home.with_name(f"{setting.home.name}-second")
        self.tokens = {name: centre[name] for name in ("token", "feed")}
        _key_put(setting.home)
        first, site = setting.home, Site(setting.home, self.tokens)
        traffic = Traffic(setting.seed, units=centre["units"], box=tuple(centre["box"]), salt=f"s{setting.seed}")
        clients = Clients(site, traffic, Recorder())
        try:
            for trial in range(1, setting.count + 1):
                way = WAYS[(setting.seed + trial) % len(WAYS)]
                clients.site.port = free_port()
                pair = Pair(first, second, _port(), free_port(but=clients.site.port), setting.plant)
                try:
                    self._trial(pair, clients, way, trial)
                finally:
                    clients.site.end()
                    pair.end()
                # What was the second is the first of the next trial; the old machine begins with an empty home.
                first, second = second, first
                clients.site = Site(first, self.tokens)
                (first / "role.json").unlink(missing_ok=True)
                setting.on_trial(trial)
        finally:
            connections.close_all()
            shutil.rmtree(setting.home.with_name(f"{setting.home.name}-second"), ignore_errors=True)
        history = clients.recorder.history
        told = sum(entry.outcome == "acknowledged" for entry in history.entries.values())
        self.outcome.figures = {**self.done, "acknowledged": told, "resent": self.resent}
        self.outcome.figures["of these batches of positions"] = _batches(clients)
        if self.ready_s:
            # From the button to the first page.
            median = sorted(self.ready_s)[len(self.ready_s) // 2]
            self.outcome.figures |= {"ready_s_median": median, "ready_s_most": max(self.ready_s)}
        return self.outcome

    def _trial(self, pair: Pair, clients: Clients, way: str, trial: int) -> None:
        old = clients.site
        pair.connect(trial)
        old.start_warm()
        clients.start()
        time.sleep(self.random.uniform(LEAST_S, MOST_S) + 1.0)
        self._until_told(clients)
        self._break(pair, clients, way)
        # Nobody starts anything else meanwhile: from the button to the first page the new centre shows.
        pressed = time.monotonic()
        pair.take_over(way)
        new = pair.born = Site(pair.second, self.tokens, port=pair.centre)
        new.group = int((pair.second / "centre.pid").read_text(encoding="ascii"))
        new.until_up()
        self.ready_s.append(round(time.monotonic() - pressed, 2))
        if way == KILL_FIRST:
            clients.stop()
        also = self._old_returns(pair, clients, way)
        clients.stop()
        old.end()
        clients.site = new
        self.resent += clients.again()
        left = len(clients.recorder.history.unanswered())
        also += [f"{left} commands have no answer after sending again"] if left else []
        clients.site.end()
        with store_at(pair.second / STORE, positions=pair.second / POSITIONS_STORE):
            self.outcome.judge(f"{way} {trial}", clients.recorder.history, also=also)
        self.done[way] += 1

    def _break(self, pair: Pair, clients: Clients, way: str) -> None:
        """What happens before anybody takes over."""
        assert pair.relay is not None
        if way == KILL_FIRST:
            clients.site.kill()
        elif way == CUT_LINE:
            pair.relay.way = CUT
            time.sleep(CUT_S)
        elif way == KILL_SECOND:
            pair.deaf()
            time.sleep(CUT_S)
            pair.listen()
            time.sleep(CUT_S)
            # What was told before may be there by a whole copy; what is told now comes by the stream.
            self._until_told(clients)

    def _until_told(self, clients: Clients) -> None:
        """Wait until some more batches of positions are acknowledged. Raises ``NotUp`` where nobody answers them."""
        begun, until = _batches(clients), time.monotonic() + TOLD_WITHIN_S
        while _batches(clients) < begun + BATCHES_BEFORE:
            if time.monotonic() > until:
                raise NotUp(f"fewer than {BATCHES_BEFORE} batches of positions were told within {TOLD_WITHIN_S:g} s")
            time.sleep(0.02)

    def _old_returns(self, pair: Pair, clients: Clients, way: str) -> list[str]:
        """The first machine is there again, and its line too; whatever it is asked to write must be refused."""
        assert pair.relay is not None
        if way == KILL_FIRST:
            clients.site.start_warm()
        pair.relay.drop()
        pair.relay.way = OPEN
        line = clients.line()
        taken = 0
        for _ in range(TO_THE_OLD):
            command = clients.traffic.next(now())
            if command.kind == POSITIONS:
                continue
            status = clients.send(line, command)
            self.done["asked of the old one"] += 1
            taken += status is not None and status < 300
        line.close()
        self.done["taken by the old one"] += taken
        wrong = [f"{taken} commands were accepted by the machine that was replaced"] if taken else []
        return wrong + self._learns(pair)

    def _learns(self, pair: Pair) -> list[str]:
        """A machine that was replaced is told so; that it can write nothing for want of a partner is not enough."""
        began, note = time.monotonic(), replaced_note(str(pair.first / STORE))
        while not note.exists():
            if time.monotonic() - began > LEARNS_WITHIN_S:
                return [f"the machine that was replaced does not know it after {LEARNS_WITHIN_S:g} s"]
            time.sleep(0.05)
        return []


def _batches(clients: Clients) -> int:
    """Batches of positions that were acknowledged so far."""
    return sum(
        entry.outcome == "acknowledged"
        for entry in list(clients.recorder.history.entries.values())
        if entry.kind == POSITIONS
    )


def _key_put(home: Path) -> None:
    path = home / "secrets" / "standby_key"
    path.parent.mkdir(exist_ok=True, mode=0o700)
    path.write_text("ab" * 32, encoding="ascii")


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
