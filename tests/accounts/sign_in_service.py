"""A sign-in service over HTTP on this machine: describes itself, publishes keys, signs real proofs, checks PKCE.

What it does wrong is told by ``service.planted``: a change of the claims, the key, or the algorithm.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey
from joserfc.jws import JWSRegistry

CLIENT, SECRET = "anlan-tests", "between the two of us"


@dataclass
class Service:
    issuer: str = ""
    keys: list[ECKey] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    planted: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def rotate(self) -> None:
        """Another key, under another name; the old one is published no more."""
        self.keys = [ECKey.generate_key("P-256", parameters={"kid": f"key-{time.monotonic_ns()}"})]

    def let_in(self, address: str) -> dict[str, str]:
        """What somebody's browser brings back, who said their password at ``address``."""
        told = dict(parse_qsl(urlsplit(address).query))
        assert told["response_type"] == "code"
        assert told["code_challenge_method"] == "S256"
        assert "openid" in told["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = told
        return {"code": code, "state": told["state"], "iss": self.issuer}

    def token(self, told: dict[str, str], authorization: str) -> dict[str, Any]:
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        begun = self.codes.pop(told.get("code", ""), None)  # opens once
        challenge = base64.urlsafe_b64encode(hashlib.sha256(told.get("code_verifier", "").encode()).digest())
        if authorization != f"Basic {wanted}":
            return {"error": "invalid_client"}
        if (
            begun is None
            or begun["redirect_uri"] != told["redirect_uri"]
            or begun["code_challenge"] != challenge.rstrip(b"=").decode()
        ):
            return {"error": "invalid_grant"}
        return {"access_token": "a", "token_type": "Bearer", "id_token": self.signed(begun["nonce"])}

    def signed(self, nonce: str) -> str:
        at = int(time.time())
        told = {"iss": self.issuer, "aud": CLIENT, "sub": "s-1", "nonce": nonce, "iat": at, "exp": at + 300}
        claims = {**told, "preferred_username": "ada", **self.claims, **self.planted.get("claims", {})}
        algorithm = self.planted.get("alg", "ES256")
        if algorithm == "none":
            head, body = ({"alg": "none", "typ": "JWT"}, claims)
            parts = [
                base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in (head, body)
            ]
            return ".".join([*parts, ""])
        key = self.planted.get("key", self.keys[0])
        if algorithm == "HS256":  # with what everybody can read as if it were a secret of two
            key = OctKey.import_key(json.dumps(self.published()))
        head = {"alg": algorithm, "kid": self.planted.get("kid", self.keys[0].kid), **self.planted.get("head", {})}
        return jwt.encode(head, claims, key, registry=JWSRegistry(algorithms=[algorithm], strict_check_header=False))

    def leaving(self, **more: Any) -> str:
        """What it signs to say that somebody has left; ``iat`` in seconds from now, ``key`` another than its own."""
        key = more.pop("key", self.keys[0])
        at = int(time.time()) + more.pop("iat", 0)
        event = {"http://schemas.openid.net/event/backchannel-logout": {}}
        told = {"iss": self.issuer, "aud": CLIENT, "iat": at, "exp": at + 120, "jti": "j-1", "events": event, **more}
        head = {"alg": "ES256", "kid": self.keys[0].kid, "typ": "logout+jwt"}
        return jwt.encode(head, told, key, registry=JWSRegistry(algorithms=["ES256"], strict_check_header=False))

    def published(self) -> dict[str, Any]:
        return KeySet(self.keys).as_dict(private=False)

    def described(self) -> dict[str, Any]:
        return {
            "issuer": self.planted.get("issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/leave",
            # What a service says of itself must not open a door.
            "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
        }


class _Answers(BaseHTTPRequestHandler):
    service: Service

    def do_GET(self) -> None:
        self.service.asked.append(self.path)
        pages = {"/.well-known/openid-configuration": self.service.described, "/keys": self.service.published}
        self._tell(pages[self.path](), 200)

    def do_POST(self) -> None:
        self.service.asked.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        told = self.service.token(
            {key: values[0] for key, values in parse_qs(body).items()}, self.headers.get("Authorization", "")
        )
        self._tell(told, 400 if "error" in told else 200)

    def _tell(self, told: dict[str, Any], status: int) -> None:
        data = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *told: Any) -> None:
        """Quiet."""


@contextmanager
def served() -> Iterator[Service]:
    """A service that answers while the block runs."""
    service = Service()
    service.rotate()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answers", (_Answers,), {"service": service}))
    server.daemon_threads = True
    service.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
