"""The bureau's own sign-in service, by OpenID Connect: who somebody is, told by it and checked here.

Code flow with PKCE (RFC 7636), state and nonce (OpenID Connect Core 1.0, 3.1), the issuer of the answer (RFC 9207).
Nothing here knows the store. Off unless the operator names an issuer (docs/single-sign-on.md).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from django.utils.crypto import constant_time_compare
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, InvalidKeyIdError, JoseError, MissingClaimError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from anlan.accounts.errors import ProofWrong, ProviderRefused, ProviderUnreachable
from anlan.accounts.rules import PROOF_PROBLEMS

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""What a proof may be signed with, whatever the service says of itself: its published keys only, never ``none``,
never a secret both sides know.
"""
ANSWER_WITHIN_S = 4.0
HELD_FOR = timedelta(hours=1)
"""So long the service's description and keys are good; a key that is not among them is asked for at once."""
SLACK_S = 60
"""So far the service's clock may be from ours."""
HAS_LEFT = "http://schemas.openid.net/event/backchannel-logout"
LEAVING_WITHIN = timedelta(minutes=2)
"""So old may be what the service says of somebody's leaving; told later again it ends nothing."""
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Proof:
    """What the service says, checked: ``subject`` is its own lasting name for the person."""

    issuer: str
    subject: str
    username: str
    name: str
    is_twofold: bool
    session: str = ""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Of whom (``subject``) or of which one session there the service says that it is over, and when it said so."""

    subject: str
    session: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser's session holds between going to the service and coming back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass
class Provider:
    """One sign-in service, as the operator set it up."""

    issuer: str
    client: str
    secret: str = ""
    claim: str = "preferred_username"
    scope: str = "openid profile"
    label: str = ""
    factors: frozenset[str] = frozenset()
    admit: str = ""
    _held: dict[str, tuple[datetime, Any]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        _must_be_private(self.issuer)

    @property
    def title(self) -> str:
        """What people call it."""
        return self.label or urlsplit(self.issuer).hostname or self.issuer

    def begin(self, back: str, *, at: datetime) -> Begun:
        """Where to send the browser, and what to keep until it comes back. Raises ``ProviderUnreachable``."""
        nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        session = self._session(back)
        url, state = session.create_authorization_url(
            self._described(at)["authorization_endpoint"], nonce=nonce, code_verifier=verifier
        )
        return Begun(url, state, nonce, verifier)

    def proof(self, told: Mapping[str, str], *, back: str, nonce: str, verifier: str, at: datetime) -> Proof:
        """Who the browser that came back with ``told`` (its query) belongs to.

        Raises ``ProviderRefused`` where the service let nobody in, ``ProviderUnreachable``, and ``ProofWrong`` where
        what it sent can't be trusted.
        """
        described = self._described(at)
        if described.get("authorization_response_iss_parameter_supported") or "iss" in told:
            self._same(told.get("iss", ""), self.issuer, "issuer", at)
        if error := told.get("error"):
            raise ProviderRefused(service=self.title, at=at, problem=error[:80])
        token = self._token(described, told.get("code", ""), back, verifier, at)
        if not isinstance(token.get("id_token"), str):
            raise self._wrong("format", at)
        claims = self._claims(token, nonce, at)
        return Proof(
            issuer=self.issuer,
            subject=str(claims["sub"]),
            username=str(claims.get(self.claim) or "").strip(),
            name=str(claims.get("name") or "").strip(),
            is_twofold=self._is_twofold(claims),
            session=str(claims.get("sid") or ""),
        )

    def leaving(self, token: str, *, at: datetime) -> Leaving:
        """Whose session is over, as the service itself comes to tell (OpenID Connect Back-Channel Logout 1.0, 2.6).

        Raises ``ProofWrong`` where what it sent can't be trusted, ``ProviderUnreachable``.
        """
        told = self._verified(token, at)
        claims = told.claims
        self._same(str(claims.get("iss", "")), self.issuer, "issuer", at)
        audience = claims.get("aud")
        if self.client not in (audience if isinstance(audience, list) else [audience]):
            raise self._wrong("audience", at)
        has_left = isinstance(claims.get("events"), dict) and HAS_LEFT in claims["events"]
        who = [str(claims.get(name) or "") for name in ("sub", "sid")]
        issued = claims.get("iat")
        # A proof of who somebody is bears a nonce, and must not pass for this.
        if not has_left or not any(who) or "nonce" in claims or not isinstance(issued, int) or not claims.get("jti"):
            raise self._wrong("format", at)
        told_at = datetime.fromtimestamp(issued, UTC)
        if not -timedelta(seconds=SLACK_S) <= at - told_at <= LEAVING_WITHIN + timedelta(seconds=SLACK_S):
            raise self._wrong("expired", at)
        return Leaving(subject=who[0], session=who[1], told_at=told_at)

    def leave(self, back: str, *, at: datetime) -> str:
        """Where to end the session at the service as well; nothing where it has no such place."""
        place = self._described(at).get("end_session_endpoint")
        if not place:
            return ""
        told = {"client_id": self.client, "post_logout_redirect_uri": back}
        return str(requests.Request("GET", place, params=told).prepare().url)

    def keys_count(self, *, at: datetime) -> int:
        """How many keys the service publishes."""
        return len(self._keys(at).keys)

    def _is_twofold(self, claims: Mapping[str, Any]) -> bool:
        """Whether the service asked for a second proof, by one of the marks the operator takes for that."""
        ways = claims.get("amr")
        marks = {f"amr:{way}" for way in ways} if isinstance(ways, list) else set()
        return bool(self.factors & (marks | {f"acr:{claims.get('acr')}"}))

    def _claims(self, token: Mapping[str, Any], nonce: str, at: datetime) -> CodeIDToken:
        told = self._verified(token["id_token"], at)
        # RFC 8725, 3.11: what was made for something else must not pass for this, though the same key signed it.
        if str(told.header.get("typ", "JWT")).upper() != "JWT":
            raise self._wrong("format", at)
        wanted = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client},
            "sub": {"essential": True},
        }
        given = {"nonce": nonce, "client_id": self.client, "access_token": token.get("access_token")}
        claims = CodeIDToken(told.claims, told.header, wanted, given)
        try:
            claims.validate(now=int(at.timestamp()), leeway=SLACK_S)
        except ExpiredTokenError as problem:
            raise self._wrong("expired", at) from problem
        except (InvalidClaimError, MissingClaimError) as problem:
            raise self._wrong(str(problem.claim), at) from problem
        except (JoseError, ValueError, TypeError) as problem:
            raise self._wrong("format", at) from problem
        return claims

    def _verified(self, signed: str, at: datetime) -> Any:
        """What one of the service's published keys signed."""
        try:
            return self._decoded(signed, self._keys(at))
        except InvalidKeyIdError:
            # Signed with a key that was not among those held: the service has changed its keys.
            try:
                return self._decoded(signed, self._keys(at, anew=True))
            except (JoseError, ValueError, TypeError) as problem:
                raise self._wrong("signature", at) from problem
        except (JoseError, ValueError, TypeError) as problem:
            raise self._wrong("signature", at) from problem

    def _decoded(self, signed: str, keys: KeySet) -> Any:
        return jwt.decode(signed, keys, registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False))

    def _token(
        self, described: Mapping[str, Any], code: str, back: str, verifier: str, at: datetime
    ) -> dict[str, Any]:
        try:
            token = self._session(back).fetch_token(
                described["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                timeout=ANSWER_WITHIN_S,
                allow_redirects=False,
            )
        except OAuthError as problem:
            raise ProviderRefused(service=self.title, at=at, problem=str(problem.error)[:80]) from problem
        except (requests.RequestException, ValueError) as problem:
            raise ProviderUnreachable(service=self.title, at=at) from problem
        return dict(token)

    def _session(self, back: str) -> Any:
        return OAuth2Session(
            self.client,
            self.secret or None,
            scope=self.scope,
            redirect_uri=back,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self.secret else "none",
        )

    def _described(self, at: datetime) -> Mapping[str, Any]:
        """The service's description of itself (OpenID Connect Discovery 1.0, 4)."""
        described: Mapping[str, Any] = self._kept(
            "description", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration", at
        )
        self._same(str(described.get("issuer", "")), self.issuer, "issuer", at)
        if not all(described.get(each) for each in ("authorization_endpoint", "token_endpoint", "jwks_uri")):
            raise ProviderUnreachable(service=self.title, at=at)
        return described

    def _keys(self, at: datetime, *, anew: bool = False) -> KeySet:
        address = self._described(at)["jwks_uri"]
        try:
            return KeySet.import_key_set(self._kept("keys", address, at, anew=anew))
        except (JoseError, KeyError, ValueError, TypeError) as problem:
            raise self._wrong("signature", at) from problem

    def _kept(self, what: str, address: str, at: datetime, *, anew: bool = False) -> Any:
        """What stands at the address, as asked within the hour."""
        row = self._held.get(what)
        if row is None or anew or not timedelta() <= at - row[0] < HELD_FOR:
            row = self._held[what] = (at, self._asked(address, at))
        return row[1]

    def _asked(self, address: str, at: datetime) -> Any:
        try:
            answer = requests.get(address, timeout=ANSWER_WITHIN_S, allow_redirects=False)
            answer.raise_for_status()
            told = answer.json()
        except (requests.RequestException, ValueError) as problem:
            raise ProviderUnreachable(service=self.title, at=at) from problem
        if answer.status_code != 200 or not isinstance(told, dict):
            raise ProviderUnreachable(service=self.title, at=at)
        return told

    def _same(self, told: str, wanted: str, problem: str, at: datetime) -> None:
        if not constant_time_compare(told, wanted):
            raise self._wrong(problem, at)

    def _wrong(self, problem: str, at: datetime) -> ProofWrong:
        known = {"iss": "issuer", "aud": "audience", "azp": "audience", "iat": "expired"}.get(problem, problem)
        return ProofWrong(service=self.title, at=at, problem=PROOF_PROBLEMS.get(known, PROOF_PROBLEMS["format"]))


def _must_be_private(issuer: str) -> None:
    """Between the two only TLS will do, save on one machine: whoever can change the keys on their way is anybody."""
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError(f"ANLAN_OIDC_ISSUER must begin with https:// (it is {issuer!r})")
