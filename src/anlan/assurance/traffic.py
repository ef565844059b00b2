"""What clients of a small centre send: calls with a key each, units sent, positions. Made from a seed, bounded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from anlan.assurance.history import CALL, POSITIONS, SEND, Entry, marked

PATHS = {CALL: "/api/calls", SEND: "/api/incidents/{incident_id}/assignments", POSITIONS: "/api/positions"}
TEXTS = (
    "楼上邻居半夜装修，噪声扰民",
    "两辆小轿车在路口刮擦，无人受伤",
    "电动车停在楼下被偷，车锁被剪断",
    "有人在烧烤店门口打架",
    "钥匙锁在屋里，求助开锁",
    "接到自称客服的电话，已转账三千元",
)
MALFORMED_SHARE, SEND_SHARE, POSITIONS_SHARE = 0.02, 0.25, 0.15
FIXES_A_BATCH = 5


@dataclass(frozen=True)
class Command:
    """One request under its key. The body goes out unchanged however often it is sent."""

    kind: str
    key: str
    path: str
    body: dict[str, Any]

    @classmethod
    def again(cls, entry: Entry) -> Command:
        """What was sent before, to be sent once more."""
        path = PATHS[entry.kind].format(incident_id=entry.sent.get("of"))
        return cls(entry.kind, entry.key, path, {k: v for k, v in entry.sent.items() if k != "of"})

    @property
    def told(self) -> dict[str, Any]:
        """What the history keeps of it: the body, and for a sending the incident it names in its path."""
        return {**self.body, "of": self.path.split("/")[3]} if self.kind == SEND else self.body


class Traffic:
    """Commands one after another. ``incidents`` are those clients were told of and may send a unit to."""

    def __init__(self, seed: int, *, units: list[int], box: tuple[float, float, float, float], salt: str) -> None:
        self.random, self.units, self.box, self.salt = Random(seed), units, box, salt
        self.incidents: list[int] = []
        self._count = 0
        self._seqs: dict[int, int] = {}

    def next(self, at: datetime) -> Command:
        """The next one: mostly calls, then sendings, then batches of positions."""
        self._count += 1
        key, draw = f"{self.salt}-{self._count}", self.random.random()
        if draw < POSITIONS_SHARE:
            return self._positions(key, at)
        if draw < POSITIONS_SHARE + SEND_SHARE and self.incidents:
            return self._send(key)
        return self.call(key)

    def call(self, key: str) -> Command:
        """A call somewhere in the box; now and then with a part nobody can read."""
        west, south, east, north = self.box
        body: dict[str, Any] = {
            "narrative": marked(f"{self.random.choice(TEXTS)}，{self.random.randint(1, 99)}号楼", key),
            "lon": round(self.random.uniform(west, east), 6),
            "lat": round(self.random.uniform(south, north), 6),
            "reporter_phone": f"1390000{self._count:05d}"[-12:],
        }
        if self.random.random() < MALFORMED_SHARE:
            body["priority"] = "at once"
        return Command(CALL, key, PATHS[CALL], body)

    def _send(self, key: str) -> Command:
        incident, unit = self.random.choice(self.incidents[-20:]), self.random.choice(self.units)
        body = {"unit_id": unit, "reason": marked("最近", key)}
        return Command(SEND, key, PATHS[SEND].format(incident_id=incident), body)

    def _positions(self, key: str, at: datetime) -> Command:
        unit = self.random.choice(self.units)
        first = self._seqs.get(unit, 0) + 1
        self._seqs[unit] = first + FIXES_A_BATCH - 1
        west, south, _, _ = self.box
        fixes = [
            {
                "unit_id": unit,
                "boot": f"{self.salt}-{unit}"[:32],
                "seq": first + k,
                "lon": round(west + 0.001 * self.random.randint(1, 90), 6),
                "lat": round(south + 0.001 * self.random.randint(1, 90), 6),
                "fixed_at": at.isoformat(),
            }
            for k in range(FIXES_A_BATCH)
        ]
        return Command(POSITIONS, key, PATHS[POSITIONS], {"fixes": fixes})

    def heard(self, kind: str, status: int | None, answer: Any) -> None:
        """An incident that was opened may be sent to."""
        if kind == CALL and status in (200, 201, 202) and isinstance(answer, dict) and answer.get("incident"):
            self.incidents.append(answer["incident"]["id"])
