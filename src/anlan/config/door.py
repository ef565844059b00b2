"""Between the web server and Django: a request is whole before a thread has anything to do with it.

A thread of a web process is dear: there are a few, and while one reads what a phone sends over a bad line it answers
nobody. So bodies are read where waiting costs nothing, in the server's event loop, up to a size and within a time
(``bodies``); then the request waits in a lane for a thread of its kind (``lanes``), which runs Django's WSGI handler.

The server speaks RSGI to us: https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import IO, Any, Protocol

from anlan.config.bodies import body_read
from anlan.config.lanes import Lanes, lane_of
from anlan.core.door_errors import PositionsPutOff
from anlan.core.errors import DomainError

log = logging.getLogger("anlan.door")

DRAIN_S = 5.0
"""So long a stop waits for requests that are being answered."""
Headers = list[tuple[str, str]]
Application = Callable[[dict[str, Any], Any], Any]
"""A WSGI application (PEP 3333)."""


class Answering(Protocol):
    """What of the server's side of a request is used here; its methods may be called from any thread."""

    def __call__(self) -> Awaitable[bytes]: ...
    def __aiter__(self) -> Any: ...
    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...
    def response_stream(self, status: int, headers: Headers) -> Any: ...


class Door:
    """Takes requests for ``application`` in one process with ``threads`` threads for what is usual."""

    def __init__(self, application: Application, *, threads: int) -> None:
        self.application, self.threads = application, threads
        self.lanes: Lanes | None = None
        self._asked: set[asyncio.Future[None]] = set()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # Here and not before: threads don't come along when a process is forked.
        self.lanes = Lanes(self.threads)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._asked:
            loop.run_until_complete(asyncio.wait(set(self._asked), timeout=DRAIN_S))

    async def __rsgi__(self, scope: Any, protocol: Answering) -> None:
        """One request from its head to its answer."""
        if scope.proto != "http":
            protocol.close(400)  # type: ignore[attr-defined]
            return
        headers = scope.headers.items()
        told = {name: value for name, value in headers if name in _ABOUT_BODY}
        try:
            length = int(told["content-length"]) if "content-length" in told else None
            if length is None and "transfer-encoding" not in told and scope.http_version != "2":
                length = 0
            lane = lane_of(scope.method, scope.path, length)
            # Read what is then put off all the same: a line left in the middle of a body can't be used again.
            body = await body_read(protocol, length)
            assert self.lanes is not None
            if self.lanes.is_full(lane):
                body.close()
                raise PositionsPutOff(after_s=self.lanes.AFTER_S)
        except DomainError as refusal:
            _refuse(protocol, scope, refusal)
            return
        done = asyncio.get_running_loop().create_future()
        self._asked.add(done)
        done.add_done_callback(self._asked.discard)
        environ = _environ(scope, headers, body)
        self.lanes.put(lane, _Request(self.application, environ, protocol, done))
        await done


class _Request:
    """A whole request, to be answered by whichever thread takes it."""

    __slots__ = ("application", "done", "environ", "loop", "protocol")

    def __init__(
        self, application: Application, environ: dict[str, Any], protocol: Answering, done: asyncio.Future[None]
    ) -> None:
        self.application, self.environ, self.protocol, self.done = application, environ, protocol, done
        self.loop = done.get_loop()

    def __call__(self) -> None:
        try:
            self._answer()
        except Exception:
            # Django answers for its own faults; what comes here is ours, and nobody may wait for ever.
            log.exception("a request could not be answered")
            self.protocol.response_bytes(500, [("content-type", "text/plain; charset=utf-8")], b"")
        finally:
            self.environ["wsgi.input"].close()
            self.loop.call_soon_threadsafe(self._is_done)

    def _is_done(self) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _answer(self) -> None:
        begun: list[Any] = []

        def start_response(status: str, headers: Headers, exc_info: Any = None) -> None:
            begun[:] = [int(status[:3]), headers]

        answer = self.application(self.environ, start_response)
        status, headers = begun
        try:
            if getattr(answer, "streaming", False) and not hasattr(answer, "file_to_stream"):
                out = self.protocol.response_stream(status, headers)
                for part in answer:
                    out.send_bytes(part)
            else:
                self.protocol.response_bytes(status, headers, b"".join(answer))
        finally:
            if hasattr(answer, "close"):
                answer.close()


_ABOUT_BODY = ("content-length", "transfer-encoding")
_PLAIN = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
_ALWAYS: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "granian",
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multiprocess": True,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}


def _environ(scope: Any, headers: Headers, body: IO[bytes]) -> dict[str, Any]:
    """The request as WSGI has it (PEP 3333)."""
    server, _, port = scope.server.rpartition(":")
    environ = {
        **_ALWAYS,
        "REQUEST_METHOD": scope.method,
        # Bytes of UTF-8 written as if each were a character: that is how WSGI carries a path.
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
    }
    for name, value in headers:
        if "_" in name:
            continue  # it would pass for the name with a hyphen, which a proxy before us may have taken out
        key = _PLAIN.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
        if key in environ:
            value = f"{environ[key]}{'; ' if name == 'cookie' else ', '}{value}"
        environ[key] = value
    if scope.authority and "HTTP_HOST" not in environ:
        environ["HTTP_HOST"] = scope.authority
    # Of a body that came in pieces Django wants to know the length, or it takes it for none.
    environ.setdefault("CONTENT_LENGTH", str(_size(body)))
    return environ


def _size(body: IO[bytes]) -> int:
    size = body.seek(0, 2)
    body.seek(0)
    return size


@lru_cache(maxsize=64)
def _told(kind: type[DomainError], facts: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    """A refusal in both languages; a crowd that is put off is told the same a thousand times."""
    return kind(**dict(facts)).as_json()


def _refuse(protocol: Answering, scope: Any, refusal: DomainError) -> None:
    """Answer without a thread: as JSON to a program, in plain words to a browser."""
    told = _told(type(refusal), tuple(refusal.facts.items()))  # type: ignore[arg-type]  # a class can be hashed
    headers = [("connection", "close"), ("cache-control", "no-store")]
    if (after_s := refusal.facts.get("after_s")) is not None:
        headers = [("retry-after", str(after_s)), ("cache-control", "no-store")]
    if scope.path.startswith("/api/") or "application/json" in scope.headers.get("accept", ""):
        headers.append(("content-type", "application/json; charset=utf-8"))
        text = json.dumps(told, ensure_ascii=False)
    else:
        headers.append(("content-type", "text/plain; charset=utf-8"))
        text = "\n\n".join(told["detail_i18n"].values())
    protocol.response_bytes(refusal.status, headers, text.encode())
