"""The eighteen faults: those that can be run, and those whose object isn't there, by name."""

from __future__ import annotations

from anlan.assurance.chaos.broker import BrokerLost
from anlan.assurance.chaos.clocks import ClockJumps
from anlan.assurance.chaos.counters import CountersAtEdges
from anlan.assurance.chaos.database_server import ServerGone
from anlan.assurance.chaos.drills import RestoreDrill
from anlan.assurance.chaos.fault import Fault
from anlan.assurance.chaos.full_disk import FullDisk
from anlan.assurance.chaos.image import PowerOff
from anlan.assurance.chaos.image_server import PowerOffServer
from anlan.assurance.chaos.io_errors import BrokenDisk
from anlan.assurance.chaos.kills import Killed, Paused
from anlan.assurance.chaos.messages import Mangled
from anlan.assurance.chaos.network import BadLine
from anlan.assurance.chaos.one_byte import OneByte
from anlan.assurance.chaos.power_cuts import PowerCut
from anlan.assurance.chaos.record_down import RecordDown
from anlan.assurance.chaos.standby import StandbyLost
from anlan.assurance.chaos.steps import KilledAtSteps
from anlan.assurance.chaos.upgrade import KilledUpgrade

_ALL = (
    Killed,
    KilledAtSteps,
    PowerCut,
    PowerOff,
    BrokenDisk,
    FullDisk,
    Mangled,
    Paused,
    RestoreDrill,
    OneByte,
    ServerGone,
    ClockJumps,
    CountersAtEdges,
    RecordDown,
    BadLine,
    KilledUpgrade,
    StandbyLost,
    BrokerLost,
)
BUILT: dict[str, type[Fault]] = {fault.id: fault for fault in _ALL}
ON_BOTH: dict[str, type[Fault]] = {"F4": PowerOffServer}
"""Faults that can be done to PostgreSQL as well as to SQLite."""


def fault_of(name: str, store: str = "") -> type[Fault]:
    """The fault, on ``store`` where it can be done on both; without it on the one it was first built for."""
    other = ON_BOTH.get(name)
    return other if other is not None and store == other.store else BUILT[name]


def on_stores() -> list[tuple[str, str]]:
    """Each fault with each store it can be done on, in the order of their numbers."""
    every = [*BUILT.values(), *ON_BOTH.values()]
    return sorted(((one.id, one.store) for one in every), key=lambda both: (int(both[0][1:]), both[1] != "SQLite"))


NOT_BUILT: dict[str, str] = {}
