"""Who sends under load: callers whose calls come when they come, crews' phones, and units that tell where they are.

The loop is open: each call has its moment, and waiting counts from that moment, also where this process was late.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from anlan.assurance.history import POSITIONS, SEND, Recorder, marked
from anlan.assurance.load.profiles import Profile
from anlan.assurance.load.storm import Arrival, storm
from anlan.assurance.traffic import PATHS, Command
from anlan.drills.bench.crowd import fixes
from anlan.drills.bench.load import Connection

ANSWER_WITHIN_S = 20.0
RESTS_S = 10.0
FIXES_A_BATCH = 200
KEPT_BATCHES = 25
"""One batch in so many is written into the history, fix by fix; of all the others the numbers are compared."""
STEPS = ("sign", "depart", "arrive", "finish")
STEP_LEAST_S, STEP_MOST_S = 1.0, 6.0
WITH_BACKLOG, ALONE = "load", "backlog"
TRIES = 3
TOLD_LATE = b"HTTP/1.1 408"
HALF = (
    "POST /api/calls HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: application/json\r\nIdempotency-Key: half\r\nContent-Length: 400\r\n\r\n{{"
)


@dataclass
class Sent:
    """What callers, phones and units saw. Times in seconds, of calls since their planned moment.

    ``before_s`` and ``beside_s`` are those of calls before the crowd came and while it was there.
    """

    accept_s: list[float] = field(default_factory=list)
    before_s: list[float] = field(default_factory=list)
    beside_s: list[float] = field(default_factory=list)
    step_s: list[float] = field(default_factory=list)
    batch_s: list[float] = field(default_factory=list)
    calls: int = 0
    refused: int = 0
    failed: int = 0
    retried: int = 0
    about_same: int = 0
    suggested: int = 0
    steps_failed: int = 0
    batches_failed: int = 0
    batches_put_off: int = 0
    half_told: int = 0
    fixes: int = 0
    fixes_accepted: int = 0
    unanswered: int = 0
    late_ms: float = 0.0
    wall_s: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)


class Callers:
    """One run of callers, phones and units against the centre at ``port``."""

    def __init__(self, port: int, centre: dict[str, Any], profile: Profile, recorder: Recorder, *, seed: int) -> None:
        self.port, self.centre, self.profile, self.recorder = port, centre, profile, recorder
        self.random, self.seed, self.told = Random(seed), seed, Sent()
        self._lines: list[tuple[float, Connection]] = []
        self._free = list(centre["phones"])
        self._events: set[int] = set()
        self._crews: set[asyncio.Task[None]] = set()
        self._crowd = "before"

    async def run(self, minutes: float) -> Sent:
        """Everything for so long; then what had no definite answer is sent again under its key."""
        profile, began = self.profile, time.perf_counter()
        salt = f"load{self.seed}-{int(time.time())}"
        calls = storm(
            seed=self.seed, per_min=profile.calls_per_min, minutes=minutes, box=tuple(self.centre["box"]), salt=salt
        )
        stop = asyncio.Event()
        work = [asyncio.create_task(self._units(began, stop))]
        if profile.backlog:
            work.append(asyncio.create_task(self._backlog(began + 60 * minutes / 3, stop)))
        if profile.half_requests:
            work.append(asyncio.create_task(self._halves(began + 60 * minutes / 3, stop)))
        await asyncio.gather(*(asyncio.create_task(self._one(began, call)) for call in calls))
        await asyncio.sleep(max(0.0, began + 60 * minutes - time.perf_counter()))
        self.told.wall_s = time.perf_counter() - began
        stop.set()
        await asyncio.gather(*work, *self._crews)
        await self._again()
        return self.told

    async def _one(self, began: float, call: Arrival) -> None:
        planned, told = began + call.at_s, self.told
        await asyncio.sleep(max(0.0, planned - time.perf_counter()))
        told.late_ms = max(told.late_ms, (time.perf_counter() - planned) * 1000)
        crowd = self._crowd
        status, answer = await self._send(call.command)
        told.accept_s.append(time.perf_counter() - planned)
        if crowd in ("before", "beside"):
            (told.before_s if crowd == "before" else told.beside_s).append(told.accept_s[-1])
        told.calls += 1
        told.failed += status is None or status >= 500
        told.refused += status is not None and 400 <= status < 500
        if call.is_retried:
            told.retried += 1
            await self._send(call.command)
        if call.event is not None and status is not None and status < 300:
            self._same(call.event, answer)
        if call.is_sent and status in (201, 202) and self._free and answer.get("incident"):
            task = asyncio.create_task(self._crew(answer["incident"]["id"], call.command.key))
            self._crews.add(task)
            task.add_done_callback(self._crews.discard)

    def _same(self, event: int, answer: dict[str, Any]) -> None:
        """After the first call about an event each other should be shown what is known of it."""
        if event in self._events:
            self.told.about_same += 1
            self.told.suggested += bool(answer["duplicates"])
        self._events.add(event)

    async def _crew(self, incident: int, key: str) -> None:
        """A unit is sent, and its crew presses one button after the other."""
        unit = self._free.pop(0)
        body = {"unit_id": unit, "reason": marked("最近", f"{key}-s")}
        command = Command(SEND, f"{key}-s", PATHS[SEND].format(incident_id=incident), body)
        status, answer = await self._send(command)
        if status == 201:
            for step in STEPS:
                await asyncio.sleep(self.random.uniform(STEP_LEAST_S, STEP_MOST_S))
                began = time.perf_counter()
                done, _ = await self._post(
                    f"/api/assignments/{answer['id']}/{step}", {}, {"Idempotency-Key": f"{key}-{step}"}
                )
                self.told.step_s.append(time.perf_counter() - began)
                self.told.steps_failed += done != 200
        self._free.append(unit)

    async def _units(self, began: float, stop: asyncio.Event) -> None:
        """Each second a share of the units tell where they are, in batches spread over that second."""
        units: Sequence[int] = self.centre["units"]
        every_s, tick, number = self.profile.units_every_s, 0, 0
        sending: set[asyncio.Task[None]] = set()
        while not stop.is_set():
            turn = [unit for unit in units if unit % every_s == tick % every_s][: self.profile.positions_per_s]
            parts = [turn[k : k + FIXES_A_BATCH] for k in range(0, len(turn), FIXES_A_BATCH)]
            for k, part in enumerate(parts):
                await asyncio.sleep(max(0.0, began + tick + k / len(parts) - time.perf_counter()))
                number += 1
                seq = tick // every_s + 1
                task = asyncio.create_task(self._batch(part, seq, WITH_BACKLOG, number % KEPT_BATCHES == 0))
                sending.add(task)
                task.add_done_callback(sending.discard)
            tick += 1
            await asyncio.sleep(max(0.0, began + tick - time.perf_counter()))
        await asyncio.gather(*sending)

    async def _backlog(self, at: float, stop: asyncio.Event) -> None:
        """Positions of an outage: each unit hands in what it kept, all at once, as fast as is asked for."""
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        units: Sequence[int] = self.centre["units"]
        began, sent, seq = time.perf_counter(), 0, 0
        sending: set[asyncio.Task[None]] = set()
        self._crowd = "beside"
        while sent < self.profile.backlog and not stop.is_set():
            seq += 1
            for start in range(0, len(units), FIXES_A_BATCH):
                part = units[start : start + FIXES_A_BATCH]
                await asyncio.sleep(max(0.0, began + sent / self.profile.backlog_per_s - time.perf_counter()))
                task = asyncio.create_task(self._batch(part, seq, ALONE, False))
                sending.add(task)
                task.add_done_callback(sending.discard)
                sent += len(part)
        await asyncio.gather(*sending)
        self._crowd = "after"

    async def _halves(self, at: float, stop: asyncio.Event) -> None:
        """Requests that stop in the middle and are not ended by who sent them."""
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        self._crowd = "beside"
        halves = [asyncio.create_task(self._half()) for _ in range(self.profile.half_requests)]
        await stop.wait()
        self._crowd = "after"
        for half in halves:
            half.cancel()
        await asyncio.gather(*halves, return_exceptions=True)

    async def _half(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(HALF.format(token=self.centre["token"]).encode())
            answer = await reader.read(len(TOLD_LATE))
            self.told.half_told += answer == TOLD_LATE
        finally:
            writer.close()

    async def _batch(self, units: Sequence[int], seq: int, boot: str, is_kept: bool) -> None:
        """A batch; sent again where it was not answered, as a gateway does."""
        key = f"{boot}-{seq}-{units[0]}"
        name, at = f"{boot}{self.seed}"[:32], datetime.now(UTC)
        body = {"fixes": fixes(units, seq=seq, boot=name, at=at, box=self.centre["box"])}
        self.told.fixes += len(units)
        if is_kept:
            self.recorder.sent(POSITIONS, key, body)
        failed = 0
        while failed < TRIES:
            began = time.perf_counter()
            status, answer = await self._post(PATHS[POSITIONS], body, of="feed")
            self.told.batch_s.append(time.perf_counter() - began)
            if status == 200:
                self.told.fixes_accepted += answer["accepted"]
                break
            if status == 429:
                # Told when to come again: kept, as a device keeps what nobody acknowledged.
                self.told.batches_put_off += 1
                await asyncio.sleep(answer["facts"]["after_s"] * self.random.uniform(1.0, 1.5))
                continue
            failed += 1
            self.told.batches_failed += 1
        if is_kept:
            self.recorder.told(POSITIONS, key, status, None)

    async def _send(self, command: Command) -> tuple[int | None, Any]:
        """A command under its key, on the history."""
        self.recorder.sent(command.kind, command.key, command.told)
        status, answer = await self._post(command.path, command.body, {"Idempotency-Key": command.key})
        self.recorder.told(command.kind, command.key, status, answer)
        return status, answer

    async def _again(self) -> None:
        """What nobody knows of is sent once more, under its key."""
        for entry in self.recorder.history.unanswered():
            await self._send(Command.again(entry))
        self.told.unanswered = len(self.recorder.history.unanswered())

    def _line(self) -> Connection:
        """One that was used a moment ago: a server ends lines that rest, and what is sent into such a one is lost."""
        while self._lines:
            used, line = self._lines.pop()
            if time.perf_counter() - used < RESTS_S:
                return line
            line.close()
        return Connection(self.port, {"Content-Type": "application/json"})

    async def _post(
        self, path: str, body: Any, extra: dict[str, str] | None = None, *, of: str = "token"
    ) -> tuple[int | None, Any]:
        line = self._line()
        headers = {"Authorization": f"Bearer {self.centre[of]}", **(extra or {})}
        data = json.dumps(body, ensure_ascii=False).encode()
        status: int | None = None
        answer: Any = None
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                status = await line.request("POST", path, data, headers)
            answer = json.loads(line.body)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            line.close()
        else:
            self._lines.append((time.perf_counter(), line))
        told = self.told.statuses
        told[str(status)] = told.get(str(status), 0) + 1
        return status, answer
