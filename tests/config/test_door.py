"""The door before Django, on the real server: half a request has no thread, a whole one arrives as WSGI has it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

import anlan.core
from anlan.assurance.chaos.site import free_port

CATALOGUE = Path(anlan.core.__file__).with_name("locale")

APP = """
import json
import django
from django.conf import settings
settings.configure(LOCALE_PATHS=[CATALOGUE], USE_TZ=True)
django.setup()
from anlan.config import bodies
from anlan.config.door import Door
from anlan.config.lanes import Lanes

bodies.FIRST_S, bodies.REST_S = 6.0, 2.0
seen = []

def app(environ, start_response):
    body = environ["wsgi.input"].read()
    seen.append(environ["PATH_INFO"])
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"environ": told, "length": len(body), "seen": seen}).encode()]

door = Door(app, threads=2)
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("door")
    (folder / "app_behind.py").write_text(f"CATALOGUE = {str(CATALOGUE)!r}\n{APP}", encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    at = free_port()
    words = [sys.executable, "-m", "granian", "--interface", "rsgi", "--no-ws", "--workers", "1", "--port", str(at)]
    with subprocess.Popen([*words, "app_behind:door"], env=environment) as server:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", at)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield at
        server.terminate()


def asked(port, method="GET", path="/", body=None, headers=None):
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    line.request(method, path, body, headers or {}, encode_chunked=not isinstance(body, bytes | None))
    answer = line.getresponse()
    told = answer.read()
    line.close()
    return answer.status, told


def half(port, path="/api/calls", promised=500):
    """A request that stops in the middle of its body."""
    line = socket.create_connection(("127.0.0.1", port), timeout=30)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {promised}\r\n\r\n"
    line.sendall(head.encode() + b"abc")
    return line


def answered(line):
    text = b""
    while part := line.recv(65536):
        text += part
    line.close()
    head, _, body = text.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def test_fifty_requests_that_never_end_hold_no_thread_and_are_told_so(port):
    waiting = [half(port) for _ in range(50)]
    for _ in range(5):
        assert asked(port, "POST", "/api/calls", b"whole")[0] == 200
    answers = [answered(line) for line in waiting]
    assert {(status, told["code"]) for status, told in answers} == {(408, "body_too_slow")}
    words = answers[0][1]["detail_i18n"]
    assert words["zh-hans"] != words["en"]


def test_a_photo_on_a_line_that_falters_comes_through(port):
    line = half(port, "/photo", promised=3 + 20 * 1024**2)
    for _ in range(20):
        time.sleep(0.02)
        line.sendall(bytes(1024**2))
    status, told = answered(line)
    assert (status, told["length"]) == (200, 3 + 20 * 1024**2)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_request_cut_off_reaches_nobody(port, chunked):
    path = f"/api/cut-{chunked}"
    if chunked:
        line = socket.create_connection(("127.0.0.1", port), timeout=30)
        line.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n".encode())
    else:
        line = half(port, path)
    line.shutdown(socket.SHUT_WR)
    status, told = answered(line)
    assert (status, told["code"]) == (400, "body_cut")
    assert path not in json.loads(asked(port)[1])["seen"]


def test_what_is_too_large_is_refused_before_it_is_read(port):
    status, told = answered(half(port, promised=10**12))
    assert (status, told["code"]) == (413, "body_too_large")


def test_a_request_arrives_as_wsgi_has_it(port):
    headers = {"X-Case": "one", "X_Case": "two", "Cookie": "a=b; c=d", "Content-Type": "text/x"}
    status, told = asked(port, "POST", "/%E8%B7%AF?q=%20", b"12345", headers)
    read = json.loads(told)
    environ = read["environ"]
    assert (status, read["length"]) == (200, 5)
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/路"
    wanted = {
        "REQUEST_METHOD": "POST", "QUERY_STRING": "q=%20", "CONTENT_LENGTH": "5", "CONTENT_TYPE": "text/x",
        "HTTP_X_CASE": "one", "HTTP_COOKIE": "a=b; c=d", "REMOTE_ADDR": "127.0.0.1", "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
    }  # fmt: skip
    assert wanted.items() <= environ.items()  # and what wrote itself with an underscore passes for nothing else


def test_a_body_in_pieces_arrives_with_its_length(port):
    status, told = asked(port, "POST", "/pieces", iter([b"ab", b"cde"]), {"Transfer-Encoding": "chunked"})
    assert (status, json.loads(told)["environ"]["CONTENT_LENGTH"]) == (200, "5")
