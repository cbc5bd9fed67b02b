"""Single sign-on at an OpenID provider: discovery, the way there with PKCE, and the claims of who comes back."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from api.claims import Identity, Reading, SignOnError

SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Only signatures that nobody but the provider can make: not `none`, and none by a shared secret."""
REMEMBERED = timedelta(hours=1)
"""So long the provider's addresses and keys are taken for true; an unknown key is looked up at once."""
LONGEST_TOKEN = 64_000
"""Bytes: who is in many groups has a long ID token."""
LEEWAY = 120
"""Seconds by which the provider's clock may differ."""


@dataclass(frozen=True)
class Journey:
    """On the way to the provider: where to, and what must be known again when the person comes back."""

    address: str
    state: str
    nonce: str
    verifier: str


class SignOn:
    """One OpenID provider. Every call raises SignOnError; the client's secret is in no message, no repr and no log."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        title: str = "Single sign-on",
        reading: Reading,
    ) -> None:
        self.title = title
        self._http = http
        self.issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._secret = client_secret
        self._reading = reading
        self._metadata: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    def __repr__(self) -> str:
        return f"SignOn({self._client_id} at {self.issuer})"

    async def begin(self, redirect_uri: str, now: datetime) -> Journey:
        """The way to the provider's page."""
        metadata = await self._discovered(now)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        client = OAuth2Client(
            None,
            client_id=self._client_id,
            redirect_uri=redirect_uri,
            scope="openid email profile",
            code_challenge_method="S256",
        )
        address, _ = client.create_authorization_url(
            metadata["authorization_endpoint"], state=state, code_verifier=verifier, nonce=nonce
        )
        return Journey(address, state, nonce, verifier)

    async def identity(self, code: str, redirect_uri: str, nonce: str, verifier: str, now: datetime) -> Identity:
        """Who the code stands for, from an ID token that the provider signed for us and for this journey."""
        metadata = await self._discovered(now)
        answer = await self._exchanged(metadata, code, redirect_uri, verifier)
        claims = await self._checked(metadata, answer, nonce, now)
        if self._reading.lacks(claims) and isinstance(answer.get("access_token"), str):
            claims = await self._told(metadata, answer["access_token"], claims["sub"]) | claims
        return self._reading.identity(self.issuer, claims)

    async def _discovered(self, now: datetime) -> dict[str, Any]:
        """The provider's addresses (OpenID Connect Discovery 1.0, section 4)."""
        if self._metadata is None or now - self._metadata[0] > REMEMBERED:
            told = await self._asked("GET", f"{self.issuer}/.well-known/openid-configuration")
            if str(told.get("issuer", "")).rstrip("/") != self.issuer:
                raise SignOnError(f"The provider at {self.issuer} says that it is another one.")
            # Whoever is known by https is reached by https.
            schemes = ("https://",) if self.issuer.startswith("https://") else ("https://", "http://")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not str(told.get(name, "")).startswith(schemes):
                    raise SignOnError(f"The provider does not tell its {name}.")
            self._metadata = (now, told)
        return self._metadata[1]

    async def _exchanged(
        self, metadata: Mapping[str, Any], code: str, redirect_uri: str, verifier: str
    ) -> dict[str, Any]:
        """The answer to the code (OpenID Connect Core 1.0, section 3.1.3)."""
        offered = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        auth = ClientAuth(self._client_id, self._secret, method)
        address, headers, body = auth.prepare("POST", metadata["token_endpoint"], headers, urlencode(form))
        answer = await self._asked("POST", address, headers=headers, content=body)
        if not isinstance(answer.get("id_token"), str):
            raise SignOnError("The provider did not say who you are. Its administrator must allow the scope openid.")
        return answer

    async def _checked(
        self, metadata: Mapping[str, Any], answer: Mapping[str, Any], nonce: str, now: datetime
    ) -> dict[str, Any]:
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        # An empty list would allow more than those.
        allowed = [one for one in SIGNATURES if one in offered] or ["RS256"]
        registry = JWSRegistry(algorithms=allowed, strict_check_header=False)
        registry.max_payload_length = LONGEST_TOKEN
        try:
            try:
                token = jwt.decode(answer["id_token"], await self._key_set(metadata, now), registry=registry)
            except InvalidKeyIdError:
                self._keys = None  # the provider has a new one
                token = jwt.decode(answer["id_token"], await self._key_set(metadata, now), registry=registry)
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": metadata["issuer"]},
                    "aud": {"essential": True, "value": self._client_id},
                },
                {"nonce": nonce, "client_id": self._client_id, "access_token": answer.get("access_token")},
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
            if not claims["sub"]:
                raise ValueError("an empty subject")
        except (JoseError, ValueError) as error:
            raise SignOnError(f"What the provider says of you cannot be trusted: {type(error).__name__}.") from error
        return dict(claims)

    async def _key_set(self, metadata: Mapping[str, Any], now: datetime) -> KeySet:
        if self._keys is None or now - self._keys[0] > REMEMBERED:
            told: Any = await self._asked("GET", metadata["jwks_uri"])
            if not isinstance(told.get("keys"), list):
                raise SignOnError("The provider does not tell its keys.")
            self._keys = (now, KeySet.import_key_set(told))
        return self._keys[1]

    async def _told(self, metadata: Mapping[str, Any], access_token: str, subject: str) -> dict[str, Any]:
        """More of the same person, from where some providers keep it (section 5.3)."""
        if "userinfo_endpoint" not in metadata:
            return {}
        headers = {"Authorization": f"Bearer {access_token}"}
        told = await self._asked("GET", metadata["userinfo_endpoint"], headers=headers)
        return told if told.get("sub") == subject else {}

    async def _asked(self, method: str, address: str, **options: Any) -> dict[str, Any]:
        try:
            response = await self._http.request(method, address, **options)
            told = json.loads(response.content)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise SignOnError(f"The provider does not answer as it should: {type(error).__name__}.") from error
        if not isinstance(told, dict) or response.status_code != 200:
            reason = told.get("error") if isinstance(told, dict) else None
            known = reason if isinstance(reason, str) and reason.replace("_", "").isalnum() else "no reason"
            raise SignOnError(f"The provider refused, with {response.status_code} and {known[:50]}.")
        return told
