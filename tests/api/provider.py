"""A small OpenID provider with real keys: discovery, the page where people agree, tokens, and who they are."""

import base64
import hashlib
import json
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.responses import Response

CLIENT, SECRET = "switchboard", "the client's secret"


class Provider:
    """Everybody who comes is `person` and agrees at once. `odd` changes an ID token's claims before it is signed."""

    def __init__(self) -> None:
        self.url = ""
        self.person: dict[str, Any] = {"sub": "1", "name": "Eva Nováková", "email": "Eva@shop.example.com"}
        self.userinfo: dict[str, Any] = {}
        self.odd: dict[str, Any] = {}
        self.denies = ""
        self.auth_methods = ["client_secret_basic", "client_secret_post"]
        self.metadata: dict[str, Any] = {}
        self.key = _key("first")
        self.published = self.key
        self.key_set: dict[str, Any] | None = None
        self.unsigned: str | None = None
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.now = 0

    def app(self) -> FastAPI:
        app = FastAPI()
        app.get("/.well-known/openid-configuration")(self.discovery)
        app.get("/authorize")(self.authorize)
        app.post("/token")(self.token)
        app.get("/keys")(self.keys)
        app.get("/userinfo")(self.about)
        return app

    async def discovery(self) -> dict[str, Any]:
        self.asked.append("discovery")
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "token_endpoint_auth_methods_supported": self.auth_methods,
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        } | self.metadata

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        answer = {"state": asked["state"], "iss": self.url}
        if self.denies:
            answer["error"] = self.denies
        else:
            answer["code"] = secrets.token_urlsafe(16)
            self.codes[answer["code"]] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", 303)

    async def token(self, request: Request) -> Response:
        self.asked.append("token")
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(form.get("code", ""), None)
        if not self._is_client(request, form):
            return JSONResponse({"error": "invalid_client"}, 401)
        if asked is None or form["redirect_uri"] != asked["redirect_uri"] or form["grant_type"] != "authorization_code":
            return JSONResponse({"error": "invalid_grant"}, 400)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        if challenge.rstrip("=") != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": asked["nonce"],
            **self.person,
            **self.odd,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        signed = self.unsigned or jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)
        return JSONResponse({"access_token": "an access token", "token_type": "Bearer", "id_token": signed})

    async def keys(self) -> dict[str, Any]:
        self.asked.append("keys")
        return self.key_set if self.key_set is not None else {"keys": [self.published.as_dict(private=False)]}

    async def about(self, request: Request) -> dict[str, Any]:
        self.asked.append("userinfo")
        assert request.headers["authorization"] == "Bearer an access token"
        return self.userinfo

    def turn_key(self) -> None:
        """Sign with a new key from now on."""
        self.key = self.published = _key("second")

    def _is_client(self, request: Request, form: dict[str, str]) -> bool:
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if self.auth_methods[0] == "client_secret_basic":
            return request.headers.get("authorization") == f"Basic {basic}" and "client_secret" not in form
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)


def without_signature(claims: dict[str, Any]) -> str:
    """A token that says it needs no signature."""
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def by_shared_secret(claims: dict[str, Any]) -> str:
    """A token that whoever has the client's secret can make."""
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _key(id: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": id, "use": "sig", "alg": "RS256"})
