"""What happened at a door with readers: passages, movements with their confidence, and what the books make of it."""

from anlan.engines.gate.crossings import Crossings, crossings_of
from anlan.engines.gate.features import WIDTH, table
from anlan.engines.gate.passages import Cutter, Passage, in_order, passages_of
from anlan.engines.gate.reconcile import Claim, Known, reconcile
from anlan.engines.gate.stream import DoorStream, Watch
from anlan.engines.gate.trees import Trees
from anlan.engines.gate.verdict import MOVEMENTS, Verdict, judge

__all__ = [
    "MOVEMENTS",
    "WIDTH",
    "Claim",
    "Crossings",
    "Cutter",
    "DoorStream",
    "Known",
    "Passage",
    "Trees",
    "Verdict",
    "Watch",
    "crossings_of",
    "in_order",
    "judge",
    "passages_of",
    "reconcile",
    "table",
]
