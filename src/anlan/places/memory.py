"""Memory handed back to the system."""

import contextlib
import ctypes


def memory_return() -> None:
    """Give back what working out a large network took and left free: the allocator would keep a third of it."""
    with contextlib.suppress(OSError, AttributeError):  # not every system has the GNU allocator
        ctypes.CDLL(None).malloc_trim(0)
