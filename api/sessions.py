"""Logging in and out: passwords, how often they may be tried, and the cookie of a session (SPEC 7)."""

import math
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Cookie, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from api.access import COOKIE, Principal, Viewer, address, in_session, record, same_origin, unknown
from api.chatbots import CALLBACK
from api.dependencies import Given, Parts
from api.errors import Refusal, answers
from store import attempts, audit, passwords, sessions, users
from store.users import Role

router = APIRouter(tags=["sessions"])

WRONG = "The name or the password is wrong."
Kept = Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)]


class Ways(BaseModel):
    """How people log in here."""

    password: Literal[True] = True
    sign_on: str | None = Field(description="Where single sign-on begins, null where it is not set up.")
    sign_on_title: str | None = Field(description="What to write on the button that leads there.")


class Login(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "eva", "password": "…"}]})

    name: Annotated[str, Field(max_length=200, description="The user's name; capitals do not matter.")]
    password: Annotated[SecretStr, Field(max_length=passwords.LONGEST)]


class Session(BaseModel):
    """Who is logged in, and what they may do."""

    name: str = Field(examples=["eva"])
    display_name: str = Field(examples=["Eva Nováková"])
    role: Role
    kind: Literal["session", "token"] = Field(description="Whether a person or a program asks.")
    expires_at: datetime | None = Field(description="When this ends at the latest; null for a token that never does.")
    csrf_token: str | None = Field(
        description="Send it as `X-CSRF-Token` with whatever is not a GET. Null for an API token, which needs none."
    )
    chatbot_callback: str = Field(
        description="Where chatbots send their answers, as they are told with each message.",
        examples=["https://dm.example.com/external/web/api/chatbotUpdate"],
    )


@router.get("/api/v1/login", summary="How to log in here")
async def ways(parts: Given) -> Ways:
    """What the login page offers. Nobody needs to be logged in."""
    on = parts.oidc
    return Ways(sign_on="/api/v1/sign-on" if on else None, sign_on_title=on.title if on else None)


@router.post("/api/v1/login", summary="Log in", responses=answers(401, 403, 413, 422, 429))
async def login(request: Request, response: Response, parts: Given, given: Login, cookie: Kept = None) -> Session:
    """Sets the session's cookie; a session that the browser had ends.

    401 says neither whether the name nor whether the password was wrong. After 5 failures of a name, or 20 of an
    address, 429 tells in `Retry-After` how many seconds to wait; each further failure doubles them, up to 15 minutes.
    """
    same_origin(request, parts)
    name, password, now = given.name.strip().lower(), given.password.get_secret_value(), parts.now()
    kept = await tried(request, parts, name, password)
    if kept is None:
        async with parts.database.begin() as session:
            # Of a name that is none here nothing is kept: people type their password into the wrong field.
            known = await users.user(session, name) is not None
            about = f"users/{name}" if known else "users"
            await audit.record(session, "", "login.refused", about, {"address": address(request)})
        raise unknown(WRONG)
    renewed = await passwords.hashed(password) if passwords.outdated(kept) else None
    async with parts.database.begin() as session:
        await attempts.succeeded(session, name, address(request))
        if await users.password_of(session, name) != kept:
            raise unknown(WRONG)  # changed, or deactivated, in this moment
        if renewed is not None:
            await users.renew_hash(session, name, renewed)
        if cookie is not None:
            await sessions.end_of(session, cookie)
        secret = await sessions.begin(session, name, now)
        begun = await sessions.session_of(session, secret, now)
        assert begun is not None, "it was begun in this transaction"
        await audit.record(session, name, "login.succeeded", f"users/{name}", {"address": address(request)})
    keep(response, parts, secret)
    return _told(parts, in_session(begun, secret))


@router.get("/api/v1/session", summary="Who am I?", responses=answers(401))
async def session(response: Response, parts: Given, by: Viewer) -> Session:
    """Who asks, and the CSRF token of their session."""
    response.headers["Cache-Control"] = "no-store"
    return _told(parts, by)


@router.post("/api/v1/logout", summary="Log out", status_code=204, responses=answers(401, 403, 409))
async def logout(response: Response, parts: Given, by: Viewer) -> None:
    """Ends this session. 409 for an API token, which is revoked instead."""
    if by.kind != "session":
        raise Refusal(409, "An API token has no session. Revoke it: DELETE /api/v1/tokens/{id}.")
    async with parts.database.begin() as session:
        await sessions.end(session, by.id)
        await record(session, by, "login.ended", f"users/{by.name}")
    response.delete_cookie(COOKIE, secure=parts.secure_cookies, httponly=True, samesite="lax")


async def tried(request: Request, parts: Parts, name: str, password: str) -> str | None:
    """The kept hash, if this is the password of that active user; 429 when it was tried too often."""
    async with parts.database.begin() as session:
        wait = await attempts.attempt(session, name, address(request), parts.now())
        kept = await users.password_of(session, name) if wait is None else None
    if wait is not None:
        seconds = math.ceil(wait.total_seconds())
        refusal = Refusal(429, f"Too many wrong passwords. Try again in {seconds} seconds.")
        refusal.headers = {"Retry-After": str(seconds)}
        raise refusal
    return kept if await passwords.verified(password, kept) else None


def keep(response: Response, parts: Parts, secret: str) -> None:
    """Hand the session to the browser."""
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(sessions.LONGEST.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=parts.secure_cookies,
    )


def _told(parts: Parts, by: Principal) -> Session:
    return Session(
        name=by.name,
        display_name=by.display_name,
        role=by.role,
        kind=by.kind,
        expires_at=by.expires_at,
        csrf_token=by.csrf_token,
        chatbot_callback=parts.public_url + CALLBACK,
    )
