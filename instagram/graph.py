"""HTTP calls to Meta: what comes back, what failed, and no secret in any log."""

import hashlib
import hmac
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import httpx

from instagram.errors import Outcome, SendError, Usage, outcome_of, usage_of
from instagram.values import Json, sound


class Graph:
    """Calls with one token to one version of the Graph API. Raises SendError; the token is in no message and no repr.

    `owner` says in messages whose token it is. With `app_secret` each call carries the `appsecret_proof` that apps may
    be set to require of Facebook's tokens. `usage` is what the latest answer told of the allowance, if anything.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        base_url: str,
        version: str,
        token: str,
        owner: str,
        app_secret: str | None = None,
    ) -> None:
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise ValueError(f"access token of {owner}: empty or not plain ASCII; authorise the account again")
        self._http = http
        self.root = f"{base_url.rstrip('/')}/{version.strip('/')}"
        self.owner = owner
        self._token = token
        self._proof = {"appsecret_proof": proof(app_secret, token)} if app_secret else {}
        self.usage: Usage | None = None

    def __repr__(self) -> str:
        return f"Graph({self.owner} at {self.root})"

    async def call(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: Mapping[str, Any] | None = None
    ) -> Json:
        """The JSON object that is answered; `path` comes after the version."""
        response = await answered(
            self._http,
            method,
            f"{self.root}/{path}",
            query={**(query or {}), **self._proof},
            body=body,
            token=self._token,
        )
        self.usage = usage_of(response.headers)
        return understood(response, [self._token])


def proof(app_secret: str, token: str) -> str:
    """The `appsecret_proof` of a token (facts 2.1)."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


async def answered(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    form: Mapping[str, str] | None = None,
    token: str | None = None,
) -> httpx.Response:
    """Any answer, a refusal included; SendError where none came. `token` travels in the header."""
    try:
        return await http.request(
            method,
            url,
            params=query or {},
            json=body,
            data=form,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            follow_redirects=False,
        )
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
        raise SendError("retry", f"no connection to Instagram: {type(error).__name__}") from error
    except httpx.RequestError as error:
        raise SendError(_doubt(method), f"connection to Instagram broke: {type(error).__name__}") from error


def understood(response: httpx.Response, secrets: Sequence[str]) -> Json:
    """The object of a good answer, as any database takes it; raises SendError for every other, with no secret in it."""
    error = outcome_of(response.status_code, response.content, response.headers, secrets=secrets)
    if error is None:
        return cast("Json", sound(response.json()))
    if error.outcome == "unknown":
        error.outcome = _doubt(response.request.method)
    raise error


def _doubt(method: str) -> Outcome:
    """What an unclear end means: reading changes nothing, so it may always be repeated."""
    return "retry" if method == "GET" else "unknown"


class _WithoutSecrets(logging.Filter):
    """httpx logs whole addresses, and Meta wants some secrets in them (facts 3): they are left out of its log."""

    _SECRET = re.compile(r"((?:token|secret|proof|code)=)[^&\s\"]*")

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._SECRET.sub(r"\1(hidden)", record.getMessage()), None
        return True


logging.getLogger("httpx").addFilter(_WithoutSecrets())
