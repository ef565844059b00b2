"""Real receivers on this machine: an HTTP server and a mail server that write down what they get."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Got:
    """What a receiver got, and what it answers from now on."""

    port: int = 0
    answers: int = 200
    body: bytes = b"{}"
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    mails: list[tuple[list[str], str]] = field(default_factory=list)

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _path, _headers, body in self.requests]


@contextmanager
def http_receiver(port: int = 0) -> Iterator[Got]:
    """An HTTP server on a free port (or the given one)."""
    got = Got()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            got.requests.append((self.path, dict(self.headers), body))
            self.send_response(got.answers)
            self.send_header("Content-Length", str(len(got.body)))
            self.end_headers()
            self.wfile.write(got.body)

        def log_message(self, *_: Any) -> None:
            pass

    ThreadingHTTPServer.allow_reuse_address = True
    with _running(ThreadingHTTPServer(("127.0.0.1", port), Handler)) as server:
        got.port = server.server_address[1]
        yield got


@contextmanager
def mail_receiver() -> Iterator[Got]:
    """A mail server that takes every mail, as far as SMTP without extensions goes."""
    got = Got()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 here")
            to: list[str] = []
            while line := self.rfile.readline().decode().strip():
                verb = line.upper()
                if verb.startswith("RCPT"):
                    to.append(line.split("<")[1].split(">")[0])
                elif verb.startswith("DATA"):
                    self.say("354 go on")
                    got.mails.append((to, self._mail()))
                elif verb.startswith("QUIT"):
                    self.say("221 bye")
                    return
                self.say("250 fine")

        def _mail(self) -> str:
            lines = []
            while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                lines.append(line)
            return "\n".join(lines)

    with _running(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as server:
        got.port = server.server_address[1]
        yield got


@contextmanager
def _running(server: Any) -> Iterator[Any]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
