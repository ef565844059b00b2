"""How the people of a drill behave: the units as the county's engine draws them, and the desks besides.

How soon units sign, how long they take and what comes of it is drawn by ``engines.county.handling``, whose
text names its sources. What desks do with their hands - ringing a caller, reviewing a sheet, closing - and when a
unit tells what it found is invented here and said to be so: set by hand to look like a working day, and nothing
is measured from it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from anlan.drills.county_history import RESULT_OF
from anlan.engines.county import CallHandling, handle_call
from anlan.engines.county.chance import generator_for

MEDIAN_S = {"contact": 80.0, "review": 2400.0, "close": 3600.0, "report": 240.0}
SPREAD = 0.7


@dataclass(frozen=True)
class Behaviour:
    """One incident's handling, drawn once: what its unit does, and what the desks do. Times in seconds."""

    unit: CallHandling
    contact_s: float
    review_s: float
    close_s: float
    report_s: float

    @property
    def result(self) -> str:
        """What comes of it, in the words of the feedback sheet."""
        return RESULT_OF.get(self.unit.result, self.unit.result)

    def willing(self) -> Behaviour:
        """The same for the unit that goes in place of one that refused."""
        return replace(self, unit=replace(self.unit, refused=False))


def behaviour(code: str, *, urgent: bool, seed: int, number: int) -> Behaviour:
    """The handling of incident ``number`` of a drill: the same seed and number give the same draw.

    ``urgent`` is a matter with a danger. How long the way takes is left to the roads.
    """
    unit = handle_call(seed=seed, key=number, code=code, urgent=urgent, travel_s=0.0)
    rng = generator_for(seed, "desks", number)
    contact, review, close, report = np.round(rng.lognormal(np.log(list(MEDIAN_S.values())), SPREAD), 1).tolist()
    return Behaviour(unit, contact, review, close, report)
