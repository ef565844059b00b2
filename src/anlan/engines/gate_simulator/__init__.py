"""A door that doesn't exist: people walk through it with tags, a reader hears them, and the truth is known.

Made before anything that reads it was written, and never changed to suit that: :data:`EDITION` says which.
"""

from anlan.engines.gate_simulator.door import EDITION, Told, TruePassage, TrueThing, door_of, passages
from anlan.engines.gate_simulator.layout import LAYOUTS
from anlan.engines.gate_simulator.line import LINES, Line, over
from anlan.engines.gate_simulator.scene import SCENARIOS

__all__ = [
    "EDITION",
    "LAYOUTS",
    "LINES",
    "SCENARIOS",
    "Line",
    "Told",
    "TruePassage",
    "TrueThing",
    "door_of",
    "over",
    "passages",
]
