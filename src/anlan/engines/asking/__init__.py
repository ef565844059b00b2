"""Who is asked how it went, and who is not: the share of the content says little where only they were asked."""

from anlan.engines.asking.detector import Closing, Finding, UnitAsking, asking_of, asking_weigh

__all__ = ["Closing", "Finding", "UnitAsking", "asking_of", "asking_weigh"]
