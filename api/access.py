"""Who asks, and whether they may: sessions with protection against forged requests, API tokens, roles (SPEC 7)."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import Given, Parts
from api.errors import Refusal
from store import audit
from store.sessions import Session, csrf_token, session_of
from store.tokens import bearer
from store.users import Role, at_least

COOKIE = "switchboard_session"
CSRF = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

NOBODY = "Log in, or send an API token as `Authorization: Bearer …`."
FORGED = f"This change may come from another page: send the `csrf_token` of GET /api/v1/session as {CSRF}."
FOREIGN = "This request comes from another site. Use the page at Switchboard's own address."

_token = HTTPBearer(
    auto_error=False, scheme_name="token", description="An API token of `POST /api/v1/tokens`; needs no CSRF token."
)
_session = APIKeyCookie(
    name=COOKIE,
    auto_error=False,
    scheme_name="session",
    description=f"The cookie of `POST /api/v1/login`. Whatever is not a GET also needs the header `{CSRF}`, with the "
    "`csrf_token` of `GET /api/v1/session`.",
)


@dataclass(frozen=True)
class Principal:
    """Who asks: a person in a session, or a program with a token, whose role may be less than its owner's.

    `id` is the session's (a hash) or the token's number; neither is a secret. A token has no `csrf_token`.
    """

    name: str
    display_name: str
    role: Role
    kind: Literal["session", "token"]
    id: str
    expires_at: datetime | None
    csrf_token: str | None = field(default=None, repr=False)


async def principal(
    request: Request,
    parts: Given,
    sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_token)],
    cookie: Annotated[str | None, Depends(_session)],
) -> Principal:
    """By the API token, else by the session; 401 without either, 403 for what another page may have sent."""
    async with parts.database.begin() as session:
        if sent is not None:
            program = await bearer(session, sent.credentials, parts.now())
            if program is None:
                raise unknown(
                    "This API token is not known here: it may have expired, or been revoked.", "invalid_token"
                )
            return Principal(
                program.owner, program.display_name, program.role, "token", str(program.id), program.expires_at
            )
        person = None if cookie is None else await session_of(session, cookie, parts.now())
    if cookie is None or person is None:
        raise unknown(NOBODY)
    if request.method not in SAFE:
        same_origin(request, parts)
        if not hmac.compare_digest(request.headers.get(CSRF, "").encode(), csrf_token(cookie).encode()):
            raise Refusal(403, FORGED)
    return in_session(person, cookie)


def in_session(person: Session, secret: str) -> Principal:
    """Whoever is logged in in this session, of which the browser keeps the secret."""
    return Principal(
        person.owner,
        person.display_name,
        person.role,
        "session",
        person.id,
        person.expires_at,
        csrf_token=csrf_token(secret),
    )


@cache
def require(least: Role) -> Callable[..., Awaitable[Principal]]:
    """A dependency: who asks, if they have at least this role; 403 otherwise."""

    async def allowed(found: Annotated[Principal, Depends(principal)]) -> Principal:
        if not at_least(found.role, least):
            raise Refusal(403, lacking(found.role, least))
        return found

    return allowed


Viewer = Annotated[Principal, Depends(require("viewer"))]
Agent = Annotated[Principal, Depends(require("agent"))]
Supervisor = Annotated[Principal, Depends(require("supervisor"))]
Admin = Annotated[Principal, Depends(require("admin"))]


def lacking(role: Role, least: Role) -> str:
    """Why somebody may not."""
    return f"This needs the role {least}; yours is {role}."


def in_person(found: Principal) -> None:
    """403 for a program: what would let a stolen API token outlive its end is done by people only."""
    if found.kind != "session":
        raise Refusal(403, "API tokens cannot do this. Log in as a person.")


def same_origin(request: Request, parts: Parts) -> None:
    """403 for what a browser says comes from a page of another site; programs that are no browser say nothing."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    ours = (request.headers.get("host"), urlsplit(parts.public_url).netloc)
    if site not in (None, "same-origin", "none") or (origin is not None and urlsplit(origin).netloc not in ours):
        raise Refusal(403, FOREIGN)


def address(request: Request) -> str:
    """Where the request comes from, as far as the proxies in front of this process are trusted to say."""
    return request.client.host if request.client else ""


async def record(session: AsyncSession, by: Principal, action: str, object: str, **details: Any) -> None:
    """Into the audit log, in the transaction of the change; an API token is named by its number."""
    told = {"token": int(by.id)} if by.kind == "token" else {}
    await audit.record(session, by.name, action, object, told | details)


def unknown(detail: str, error: str = "") -> Refusal:
    """401, with what RFC 9110 and RFC 6750 want beside it."""
    refusal = Refusal(401, detail)
    refusal.headers = {"WWW-Authenticate": 'Bearer realm="Switchboard"' + (f', error="{error}"' if error else "")}
    return refusal
