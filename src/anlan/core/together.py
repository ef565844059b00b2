"""Commands that wait for the disk together: one commit keeps all that came while the last one was written.

A commit that is really on disk takes milliseconds whatever it holds. With one writer at a time each command would
wait for all commits before its own; so whoever stands first writes for those behind as well, each as if alone,
and nobody is answered before the commit that holds their change has come back.
"""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.utils import translation

from anlan.core.errors import StoreBusy

MOST = 16
"""So many commands are kept by one commit."""
WAIT_S = 10.0

Act = Callable[[], Any]


class _Waiting:
    """A command that stands in line, and how it went."""

    def __init__(self, act: Act) -> None:
        self.act = act
        # What belongs to the one who asks goes along to who writes for them: purpose and language, of which
        # Django keeps the second by thread.
        self.context = contextvars.copy_context()
        self.language = translation.get_language()
        self.turn = threading.Event()
        self.is_first = False
        self.result: Any = None
        self.error: BaseException | None = None

    def acted(self) -> Any:
        with translation.override(self.language):
            return self.act()

    def answer(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.result


class Line:
    """Who wants to write to one store, in this process."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._is_led = False

    def write(self, act: Act, *, within_s: float = WAIT_S) -> Any:
        """What ``act`` returns, once it is kept; raises what ``act`` or the commit raised, and nothing is kept then.

        Raises ``StoreBusy`` where nobody got to it in ``within_s``.
        """
        own = _Waiting(act)
        with self._guard:
            if self._is_led:
                self._waiting.append(own)
            else:
                self._is_led = own.is_first = True
        if not own.is_first and not own.turn.wait(within_s):
            self._leave(own, within_s)
            own.turn.wait()
        if not own.is_first:
            return own.answer()
        try:
            return self._lead(own)
        finally:
            self._pass_on()

    def _leave(self, own: _Waiting, within_s: float) -> None:
        """Give up waiting, unless somebody has just begun to write this."""
        with self._guard:
            if own in self._waiting:
                self._waiting.remove(own)
                raise StoreBusy(waited_s=within_s)

    def _pass_on(self) -> None:
        """The next in line is the first; nobody, where nobody waits."""
        with self._guard:
            if not self._waiting:
                self._is_led = False
                return
            first = self._waiting.popleft()
            first.is_first = True
        first.turn.set()

    def _lead(self, own: _Waiting) -> Any:
        """Write one's own and what stands behind it, and commit once."""
        joined: list[_Waiting] = []
        try:
            with transaction.atomic():
                result = own.act()
                joined = self._behind()
                for other in joined:
                    _write(other)
                if transaction.get_rollback():
                    # Left so, Django would roll back without a word, and everybody be told that it was kept.
                    raise transaction.TransactionManagementError("a failed statement was passed over")
        except BaseException as error:
            # Whose own act went through has lost it with the commit.
            for other in joined:
                other.error = other.error or error
            raise
        finally:
            for other in joined:
                other.turn.set()
        return result

    def _behind(self) -> list[_Waiting]:
        """Those who stand behind the first now; who comes later waits for the next commit."""
        with self._guard:
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST - 1))]


def _write(other: _Waiting) -> None:
    """Write for somebody else, as if alone: what they are refused leaves nothing behind and hurts nobody."""
    try:
        with transaction.atomic():
            other.result = other.context.run(other.acted)
    except Exception as error:
        other.error = error


_LINES: dict[str, Line] = {}
_LINES_GUARD = threading.Lock()


def _line() -> Line:
    name = str(connection.settings_dict["NAME"])
    with _LINES_GUARD:
        return _LINES.setdefault(name, Line())


def commit_together(act: Act) -> Any:
    """Run ``act`` in a transaction and return what it returned once that is kept.

    Where the store lets many write at a time, or a transaction is open already, each has its own.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            return act()
    return _line().write(act, within_s=float(connection.settings_dict["OPTIONS"].get("timeout", WAIT_S)))
