"""The nine loads a centre of ten million people has to bear, and what it must hold under each."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Profile:
    """What comes, for how long, and the bounds.

    ``units_every_s``: each unit tells its position this often, so ``positions_per_s`` times it is how many there are.
    ``phones`` are crews that sign, set off, arrive and finish. ``backlog`` positions come on top, ``backlog_per_s`` a
    second, as after an outage of the radio. ``leave`` consoles lose their line in the middle of it and are
    back ``within_s``. ``slow_readers`` of the consoles read ``SLOW_BYTES_PER_S``. ``half_requests`` send half a call
    and then nothing. A backlog and half requests come after the first third: what calls waited before is held beside
    what they waited then. A bound that is None isn't held.
    """

    id: str
    title: str
    minutes: float
    calls_per_min: float
    consoles: int
    positions_per_s: int
    phones: int
    accept_p99_ms: float
    accept_max_ms: float | None = None
    others_p95_ms: float | None = 1000.0
    map_p95_ms: float | None = None
    suggested_share: float | None = None
    units_every_s: int = 5
    backlog: int = 0
    backlog_per_s: int = 0
    leave: int = 0
    within_s: float = 10.0
    back_within_s: float | None = None
    sync_ms: float = 0.0
    past: int = 0
    slow_readers: int = 0
    is_grown: bool = False
    half_requests: int = 0

    @property
    def units(self) -> int:
        return max(self.phones, self.positions_per_s * self.units_every_s)


L1 = Profile("L1", "smoke: a busy hour", 3, 35, 50, 200, 20, accept_p99_ms=150)
L2 = Profile("L2", "surge: ten times the usual", 60, 400, 300, 2000, 200, 300, accept_max_ms=2000, map_p95_ms=2000)
PROFILES = {
    profile.id: profile
    for profile in (
        L1,
        L2,
        replace(
            L2, id="L3", title="spike from idle", minutes=5, calls_per_min=1200, positions_per_s=1000,
            accept_p99_ms=1000, accept_max_ms=None, others_p95_ms=None, map_p95_ms=None, suggested_share=0.9,
        ),
        replace(L1, id="L4", title="positions of an outage come in at once", backlog=600_000, backlog_per_s=20_000),
        replace(L1, id="L5", title="all clients drop and come back", consoles=2300, leave=2290, back_within_s=30),
        replace(L2, id="L6", title="slow disk", minutes=10, sync_ms=5, accept_p99_ms=500, accept_max_ms=None),
        replace(
            L2, id="L7", title="aged: beside ten years of records", minutes=10, past=10_000_000,
            accept_p99_ms=450, accept_max_ms=3000, others_p95_ms=1500, map_p95_ms=3000,
        ),
        replace(L1, id="L8", title="soak", minutes=60, is_grown=True),
        replace(L1, id="L9", title="slow readers", consoles=300, slow_readers=30),
    )
}  # fmt: skip
SLOW_BYTES_PER_S = 1000
