"""Blue, yellow, red: how urgent a dispute file is, with the rules and the words that made it so."""

from anlan.engines.levels.rules import (
    COLOURS,
    RED_DANGERS,
    RULE_IDS,
    VERSION,
    YELLOW_DANGERS,
    Colour,
    Level,
    LevelFacts,
    LevelReason,
    Thresholds,
    level,
)

__all__ = [
    "COLOURS",
    "RED_DANGERS",
    "RULE_IDS",
    "VERSION",
    "YELLOW_DANGERS",
    "Colour",
    "Level",
    "LevelFacts",
    "LevelReason",
    "Thresholds",
    "level",
]
