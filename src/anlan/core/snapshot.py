"""Reference data held in memory, and looked at again when its rows have changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, ClassVar, Generic, TypeVar
from weakref import WeakSet

from django.conf import settings

Value = TypeVar("Value")


class Snapshot(Generic[Value]):
    """A value built from slowly changing rows, shared by all threads of a process.

    ``version`` is a cheap question about the rows (say highest id and count); it is asked at most every
    ``settings.SNAPSHOT_MAX_AGE_S`` seconds, and the value is built again when the answer differs.
    """

    _made: ClassVar[WeakSet[Snapshot[Any]]] = WeakSet()

    def __init__(self, load: Callable[[], Value], version: Callable[[], Hashable]) -> None:
        self._load = load
        self._version = version
        self._lock = threading.Lock()
        self._held: tuple[Hashable, Value] | None = None
        self._good_until = float("-inf")
        Snapshot._made.add(self)

    def get(self) -> Value:
        held = self._held
        if held is not None and time.monotonic() < self._good_until:
            return held[1]
        with self._lock:
            version = self._version()
            if self._held is None or self._held[0] != version:
                self._held = (version, self._load())
            # Reckoned once an asking: the settings are slow to ask, and a call asks a dozen snapshots.
            self._good_until = time.monotonic() + settings.SNAPSHOT_MAX_AGE_S
            return self._held[1]

    @property
    def is_held(self) -> bool:
        """Whether a value is at hand, perhaps one that is looked at again first."""
        return self._held is not None

    def forget(self) -> None:
        """Build anew at the next question."""
        self._held = None

    @classmethod
    def forget_all(cls) -> None:
        """Build every one of them anew at its next question."""
        for snapshot in cls._made:
            snapshot.forget()
