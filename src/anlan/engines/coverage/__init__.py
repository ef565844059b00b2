"""Cover: the share of expected demand reached in time, what sending a unit costs of it, who should move up."""

from anlan.engines.coverage.advice import Advice, advise
from anlan.engines.coverage.cover import Cover, cover_of, expected_cover
from anlan.engines.coverage.moving import Move, move_up, post_for

__all__ = ["Advice", "Cover", "Move", "advise", "cover_of", "expected_cover", "move_up", "post_for"]
