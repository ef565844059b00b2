"""The bad line: what passes it, and what does not, while it is so."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from anlan.assurance.chaos.relay import ANSWERS_LOST, CUT, OPEN, RESET, TWICE, Relay


class Counting(BaseHTTPRequestHandler):
    """Answers every request, and knows how many came."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.release()
        self.send_response(201)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


@pytest.fixture
def there():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    server.came = threading.Semaphore(0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture
def relay(there):
    one = Relay(there.server_port, seed=1)
    one.start()
    yield one
    one.stop()


def asked(relay):
    """The status of a call through the line; None where no answer came."""
    line = http.client.HTTPConnection("127.0.0.1", relay.port, timeout=0.3)
    try:
        line.request("POST", "/api/calls", b"{}")
        return line.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        line.close()


def came(there, count):
    """Whether so many requests have come, and no more."""
    return all(there.came.acquire(timeout=5) for _ in range(count)) and not there.came.acquire(blocking=False)


@pytest.mark.parametrize(
    ("way", "status", "requests"),
    [(OPEN, 201, 1), (ANSWERS_LOST, None, 1), (CUT, None, 0), (RESET, None, 0), (TWICE, 201, 2)],
)
def test_a_line_does_what_it_is_told(relay, there, way, status, requests):
    relay.way = way
    assert asked(relay) == status
    assert came(there, requests)
    assert (relay.passed > 0) == (way != OPEN)
