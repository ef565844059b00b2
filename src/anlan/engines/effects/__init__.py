"""Whether extra visits to a place change how many citizens call from there: laid out by lot, judged by the same lot.

``design_make`` lays a trial out and ``coins_draw`` throws its coins from a stored seed; ``least_fall`` and
``placebo_runs`` say before the start what it can find; ``harm_looks`` says daily whether it must stop; ``effect_of``
what came of it. Calls are those of citizens alone: it is the caller who keeps everything else out of the counts.
Method: docs/trials-method.md.
"""

from anlan.engines.effects.analysis import (
    ALPHA,
    DRAWS,
    Effect,
    Tally,
    chance_of,
    effect_of,
    flips_draw,
    tally,
)
from anlan.engines.effects.blocks import Block, around, blocks_apart, rings_of
from anlan.engines.effects.design import (
    CROSSOVER,
    LEAST_COINS,
    SWITCHBACK,
    Coins,
    Counts,
    Design,
    arms_of,
    coins_draw,
    contrasts,
    days_used,
    design_make,
)
from anlan.engines.effects.errors import EffectsRefused
from anlan.engines.effects.harm import FIRST_LOOK, HARM_ALPHA, HARM_DRAWS, Look, harm_looks
from anlan.engines.effects.power import (
    POWER,
    Found,
    Held,
    coverage_runs,
    least_fall,
    placebo_runs,
    scatter_of,
    windows_of,
)

__all__ = [
    "ALPHA",
    "CROSSOVER",
    "DRAWS",
    "FIRST_LOOK",
    "HARM_ALPHA",
    "HARM_DRAWS",
    "LEAST_COINS",
    "POWER",
    "SWITCHBACK",
    "Block",
    "Coins",
    "Counts",
    "Design",
    "Effect",
    "EffectsRefused",
    "Found",
    "Held",
    "Look",
    "Tally",
    "arms_of",
    "around",
    "blocks_apart",
    "chance_of",
    "coins_draw",
    "contrasts",
    "coverage_runs",
    "days_used",
    "design_make",
    "effect_of",
    "flips_draw",
    "harm_looks",
    "least_fall",
    "placebo_runs",
    "rings_of",
    "scatter_of",
    "tally",
    "windows_of",
]
