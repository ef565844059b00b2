"""What an invariant is, and what looking at one store brings to light."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from anlan.assurance.history import History

EXAMPLES_SHOWN = 10


@dataclass(frozen=True)
class Look:
    """What a check may look at besides the store: what clients were told, log files, and the present instant.

    ``read`` keeps what several checks of one look read from the store, by name.
    """

    at: datetime
    history: History | None = None
    logs: Sequence[Path] = ()
    read: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Verdict:
    """``looked_at`` rows were looked at and ``broken`` of them named; or ``absent`` says in both languages why not.

    ``note`` is what a sound answer does not cover.
    """

    looked_at: int = 0
    broken: tuple[str, ...] = ()
    absent: tuple[str, str] | None = None
    note: tuple[str, str] | None = None


@dataclass(frozen=True)
class Invariant:
    """A sentence that must be true of any store, and the check of it."""

    id: str
    zh: str
    en: str
    check: Callable[[Look], Verdict]


@dataclass(frozen=True)
class Finding:
    """One invariant and its verdict, ready to be shown."""

    invariant: Invariant
    verdict: Verdict

    @property
    def state(self) -> str:
        """``held``, ``broken`` or ``not_applicable``."""
        if self.verdict.absent is not None:
            return "not_applicable"
        return "broken" if self.verdict.broken else "held"

    def as_json(self) -> dict[str, Any]:
        """As one object of ``anlan verify --json``."""
        verdict = self.verdict
        told: dict[str, Any] = {
            "id": self.invariant.id,
            "zh": self.invariant.zh,
            "en": self.invariant.en,
            "state": self.state,
            "looked_at": verdict.looked_at,
            "broken": len(verdict.broken),
            "examples": list(verdict.broken[:EXAMPLES_SHOWN]),
        }
        for name, words in (("why", verdict.absent), ("note", verdict.note)):
            if words is not None:
                told[name] = {"zh": words[0], "en": words[1]}
        return told


@dataclass
class Group:
    """The invariants of one file, gathered by its ``invariant`` decorator."""

    found: list[Invariant] = field(default_factory=list)

    def invariant(
        self, id_: str, zh: str, en: str
    ) -> Callable[[Callable[[Look], Verdict]], Callable[[Look], Verdict]]:
        """Name the sentence that the decorated check holds the store to."""

        def keep(check: Callable[[Look], Verdict]) -> Callable[[Look], Verdict]:
            self.found.append(Invariant(id_, zh, en, check))
            return check

        return keep


NO_HISTORY = ("没有给出收发记录（--history）", "no history of what clients were told was given (--history)")


def judged(looked_at: int, broken: Iterable[str], note: tuple[str, str] | None = None) -> Verdict:
    """A verdict on ``looked_at`` rows, with a line for each that breaks the rule."""
    return Verdict(looked_at=looked_at, broken=tuple(broken), note=note)


def not_applicable(zh: str, en: str) -> Verdict:
    """Not looked at, and why."""
    return Verdict(absent=(zh, en))


def many(rule: str, count: int) -> list[str]:
    """``rule: 3`` where three rows break it, nothing where none does."""
    return [f"{rule}: {count}"] if count else []
