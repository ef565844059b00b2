"""Chance from a seed and nothing else: numpy generators by subject, and a cheap word picker."""

from collections.abc import Sequence
from typing import TypeVar
from zlib import crc32

import numpy as np

_T = TypeVar("_T")
_MASK = (1 << 64) - 1


def generator_for(seed: int, subject: str, *keys: int) -> np.random.Generator:
    """A generator that depends on the seed, the subject and the keys only.

    Subjects are drawn apart so that one part of the county can change without moving the rest.
    """
    return np.random.default_rng([seed & _MASK, crc32(subject.encode()), *(key & _MASK for key in keys)])


class WordPicker:
    """Picks words one after another from a 64-bit key, thousands of times faster to start than a
    numpy generator, which matters when each of 100,000 narratives has its own.

    The mixing step is SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    """

    __slots__ = ("_state",)

    def __init__(self, *keys: int) -> None:
        """`keys` are any integers; their order matters."""
        self._state = 0x9E3779B97F4A7C15
        for key in keys:
            self._state = (self._state ^ (key & _MASK)) & _MASK
            self._state = self._next()

    def _next(self) -> int:
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        word = self._state
        word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _MASK
        return word ^ (word >> 31)

    def below(self, bound: int) -> int:
        """A whole number from 0 to `bound - 1`."""
        return self._next() % bound

    def chance(self, share: float) -> bool:
        """True in the given share of cases."""
        return self._next() < share * (1 << 64)

    def pick(self, words: Sequence[_T]) -> _T:
        """One of the words, all equally likely."""
        return words[self._next() % len(words)]
