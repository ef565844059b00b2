"""Real receivers on this machine: an HTTP server and a mail server that write down what they get."""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


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
def http_receiver(port: int = 0, *, tls: ssl.SSLContext | None = None) -> Iterator[Got]:
    """An HTTP server on a free port (or the given one); with ``tls`` it shows that certificate."""
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
    served = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    if tls is not None:
        served.socket = tls.wrap_socket(served.socket, server_side=True)
    with _running(served) as server:
        got.port = server.server_address[1]
        yield got


def certificate_for(hosts: list[str], folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server needs to pass for these hosts, and the file by which a client would trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "local receiver")])
    begin = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=3))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, private = folder / "receiver.pem", folder / "receiver.key"
    trusted.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, private)
    return context, trusted


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
