"""The eighteen faults: those that can be run, and those that can't yet, by name."""

from __future__ import annotations

from anlan.assurance.chaos.clocks import ClockJumps
from anlan.assurance.chaos.counters import CountersAtEdges
from anlan.assurance.chaos.database_server import ServerGone
from anlan.assurance.chaos.drills import RestoreDrill
from anlan.assurance.chaos.fault import Fault
from anlan.assurance.chaos.full_disk import FullDisk
from anlan.assurance.chaos.io_errors import BrokenDisk
from anlan.assurance.chaos.kills import Killed, Paused
from anlan.assurance.chaos.messages import Mangled
from anlan.assurance.chaos.one_byte import OneByte
from anlan.assurance.chaos.power_cuts import PowerCut
from anlan.assurance.chaos.record_down import RecordDown
from anlan.assurance.chaos.steps import KilledAtSteps

_ALL = (
    Killed,
    KilledAtSteps,
    PowerCut,
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
)
BUILT: dict[str, type[Fault]] = {fault.id: fault for fault in _ALL}
NOT_BUILT = {
    "F2": "kill at each named step of each use case",
    "F4": "power cut under the whole application on an image of a disk",
    "F5": "disk full during each use case",
    "F6": "I/O errors on write and sync",
    "F7": "PostgreSQL killed, restarted at once, sessions ended, standby promoted",
    "F8": "device messages doubled, reordered, lost, corrupted, under another's name",
    "F9": "message broker killed or unreachable (no broker is connected)",
    "F10": "clock jumps of the server and of devices",
    "F12": "standby cut off, killed, old primary returns",
    "F13": "restore drill",
    "F14": "loss, delay and partition on the network",
    "F15": "one byte corrupted in store, log, backup or upload",
    "F16": "upgrade and downgrade under load, migration killed",
    "F17": "counters near their limits",
    "F18": "audit sink down, witness down, certificate expired",
}
NOT_BUILT = {name: words for name, words in NOT_BUILT.items() if name not in BUILT}
