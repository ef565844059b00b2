"""What a fault is: something done to a running centre, once for each trial, and looked at afterwards."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from anlan.assurance.findings import Look
from anlan.assurance.history import History
from anlan.assurance.verify import broken, store_verify
from anlan.core.clock import now


class NotPossible(Exception):
    """This machine can't do such a thing to a centre; the message says what it lacks."""


@dataclass(frozen=True)
class Setting:
    """Where a fault happens: the home of the store, how to get in, the seed, and how the server is called."""

    home: Path
    centre: dict[str, Any]
    seed: int
    count: int
    program: Sequence[str] = ()
    plant: str = ""
    on_trial: Callable[[int], None] = lambda _done: None


@dataclass
class Outcome:
    """Trials made, those that broke a promise, examples of them, and what else was counted."""

    trials: int = 0
    failed: int = 0
    examples: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def judge(self, name: str, history: History, *, also: Sequence[str] = ()) -> None:
        """One trial is over: hold the store to every invariant, and to what else went wrong (``also``)."""
        wrong = [
            f"{finding.invariant.id} {finding.verdict.broken[0]}"
            for finding in broken(store_verify(Look(at=now(), history=history)))
        ]
        self.trials += 1
        if wrong or also:
            self.failed += 1
            self.examples.append(f"{name}: " + "; ".join([*wrong, *also]))


class Fault(ABC):
    """One fault of the list. ``run`` makes ``setting.count`` trials and says what came of them."""

    id: ClassVar[str]
    title: ClassVar[str]
    store: ClassVar[str] = "SQLite"
    needs_server: ClassVar[bool] = False
    """Whether a server of its own is started; a plant then may be a server with a fault in it."""
    plants: ClassVar[tuple[str, ...]] = ()
    """Known faults that may be put in, each of which it must see."""

    @abstractmethod
    def run(self, setting: Setting) -> Outcome: ...
