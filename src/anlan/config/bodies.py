"""Reading what a request brings, before anybody waits for it but the event loop.

Generous to a phone on a bad line, which sends a little all the time; hard on what sends nothing.
"""

from __future__ import annotations

import asyncio
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from anlan.core.door_errors import BodyCut, BodyTooLarge, BodyTooSlow

BYTES_AT_MOST = 64 * 1024**2
"""The largest photo is 12 MB and a form of a million characters 9 MB; what is refused above those the pages tell."""
IN_MEMORY_BYTES = 512 * 1024
FIRST_S = 30.0
REST_S = 30.0
"""Nothing for so long, and the line is taken for dead."""
LEAST_BYTES_PER_S = 1000
"""On the whole. A line of the second generation brings five times as much."""


async def body_read(protocol: Any, length: int | None) -> IO[bytes]:
    """The whole body; ``length`` is what the head promises, None where it does not say.

    Raises ``BodyTooLarge``, ``BodyTooSlow`` and ``BodyCut``.
    """
    if length == 0:
        return BytesIO()
    if length is not None and length > BYTES_AT_MOST:
        raise BodyTooLarge(limit_mb=BYTES_AT_MOST // 1024**2)
    spool = cast(IO[bytes], SpooledTemporaryFile(IN_MEMORY_BYTES))  # noqa: SIM115 - whoever answers closes it
    try:
        await _read(protocol, length, spool)
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    return spool


async def _read(protocol: Any, length: int | None, into: IO[bytes]) -> None:
    loop, parts = asyncio.get_running_loop(), aiter(protocol)
    began, taken, empty = loop.time(), 0, 0
    while True:
        until = began + FIRST_S + taken / LEAST_BYTES_PER_S
        try:
            async with asyncio.timeout(min(REST_S, until - loop.time())):
                part = await anext(parts)
        except StopAsyncIteration:
            break
        except TimeoutError:
            raise BodyTooSlow(kb=taken // 1024, waited_s=round(loop.time() - began)) from None
        taken += len(part)
        empty += not part
        if taken > BYTES_AT_MOST:
            raise BodyTooLarge(limit_mb=BYTES_AT_MOST // 1024**2)
        into.write(part)
    # The server tells a line that broke as an empty part more than the one at the end.
    if taken != length if length is not None else empty > 1:
        raise BodyCut(kb=taken // 1024)
