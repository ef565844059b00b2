"""The door of the live stream: as much HTTP as ``GET /live`` needs, over plain asyncio.

A general server hands each message of each stream through its own layers; with hundreds of streams that was
most of what the live screens cost. Here a message is encoded once and written to the sockets as it is. The
answer has no length and ends with the connection, so that nothing has to be framed anew for each reader.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import sys
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from anlan.console.live import HUB, PORTER, Listener, listen

log = logging.getLogger("anlan.live")

HEAD_MAX = 16 * 1024
HEAD_WITHIN_S = 10.0
END_WITHIN_S = 10.0
BACKLOG = 4096
FILES_BESIDE = 64
"""What the process holds open beside its streams: store, logs, the door itself."""

Headers = dict[str, str]


class Door(asyncio.Protocol):
    """One connection: its request is read once, then it is only written to."""

    def __init__(self, lines: set[Door]) -> None:
        self._lines = lines
        self._head = b""
        self._work: asyncio.Task[None] | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._room = asyncio.Event()
        self._listener: Listener | None = None

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._room.set()
        self._lines.add(self)
        self._patience = asyncio.get_running_loop().call_later(HEAD_WITHIN_S, transport.abort)

    def data_received(self, data: bytes) -> None:
        if self._work is not None or self._transport.is_closing():
            return  # nothing more is expected from a listener
        self._head += data
        head, found, _ = self._head.partition(b"\r\n\r\n")
        if len(head) > HEAD_MAX:
            self._answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, {})
        elif found:
            self._head = b""
            self._work = asyncio.get_running_loop().create_task(self._serve(head))

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def connection_lost(self, error: Exception | None) -> None:
        self._lines.discard(self)
        self._stop_waiting()
        self._room.set()
        if self._listener is not None:
            HUB.listeners.discard(self._listener)
        if self._work is not None:
            self._work.cancel()

    # What the stream writes to

    def write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)

    def unsent(self) -> int:
        return self._transport.get_write_buffer_size()

    async def drained(self) -> None:
        await self._room.wait()

    def end(self) -> None:
        """Close when all has gone out; a reader that takes nothing is not waited for."""
        self._transport.close()
        self._stop_waiting()
        self._patience = asyncio.get_running_loop().call_later(END_WITHIN_S, self._transport.abort)

    def abort(self) -> None:
        self._transport.abort()

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    # The request

    async def _serve(self, head: bytes) -> None:
        self._stop_waiting()
        try:
            await self._stream(*_request(head))
        except ValueError:
            self._answer(HTTPStatus.BAD_REQUEST, {})
        except Exception:
            log.exception("a stream could not be opened")
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, {})

    async def _stream(self, method: str, target: str, headers: Headers) -> None:
        path, _, query = target.partition("?")
        actor = await PORTER.known(headers) if (path, method) == ("/live", "GET") else None
        if actor is None:
            self._answer(HTTPStatus.NOT_FOUND, headers)
        elif actor.kind == "anonymous":
            self._answer(HTTPStatus.UNAUTHORIZED, headers)
        elif len(self._lines) > streams_possible():
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, headers)
        else:
            stream = {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
            self.write(_head_of(HTTPStatus.OK, {**stream, **_cors(headers)}))
            self._listener = Listener(actor, self, headers)
            await listen(self._listener, headers.get("last-event-id") or (parse_qs(query).get("after") or [""])[0])

    def _answer(self, status: HTTPStatus, headers: Headers) -> None:
        more = {"Retry-After": "5"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
        self.write(_head_of(status, {"Content-Length": "0", **more, **_cors(headers)}))
        self.end()


def _request(head: bytes) -> tuple[str, str, Headers]:
    """Method, target and headers (names in lower case). Raises ``ValueError`` for what is no HTTP/1 request."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, version = first.split(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError(version)
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name != name.strip():
            raise ValueError(line)
        headers[name.lower()] = value.strip()
    return method, target, headers


def _head_of(status: HTTPStatus, headers: Headers) -> bytes:
    fields = {"Cache-Control": "no-store", "Connection": "close", **headers}
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _cors(headers: Headers) -> Headers:
    """The page comes from the neighbouring port of this very host; nobody else may read along."""
    origin = headers.get("origin", "")
    if _host_of(origin) is not None and _host_of(origin) == _host_of(f"//{headers.get('host', '')}"):
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Credentials": "true",
            "Vary": "Origin",
        }
    return {}


def _host_of(url: str) -> str | None:
    """The host of an address without its port; None when there is none or it can't be read."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def files_needed() -> int:
    """How many files the live stream must be able to hold open for all the streams it is set to hold."""
    return int(settings.LIVE_STREAMS_MAX) + FILES_BESIDE


def files_allowed() -> int:
    """How many files the system lets a process of this centre open."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


def streams_possible() -> int:
    """How many streams are held at once: as many as are set, fewer where the system allows fewer files."""
    return max(0, min(int(settings.LIVE_STREAMS_MAX), files_allowed() - FILES_BESIDE))


def files_allow() -> None:
    """Let this process open as many files as it needs and the system lets it.

    Many systems start a process with 1,024 of them and let it ask for more.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(files_needed(), files_allowed())
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def serve(host: str, port: int, *, until: asyncio.Event) -> None:
    """Answer at this address until told to stop; then all streams end."""
    lines: set[Door] = set()
    server = await asyncio.get_running_loop().create_server(lambda: Door(lines), host, port, backlog=BACKLOG)
    await until.wait()
    server.close()
    for line in list(lines):
        line.abort()
    await server.wait_closed()
