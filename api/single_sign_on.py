"""Single sign-on in the browser: off to the provider, and back into a session (SPEC 7)."""

import itertools
import logging
import re
import secrets
import unicodedata
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Query, Request
from fastapi.responses import RedirectResponse
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from api.access import address
from api.claims import Identity, SignOnError
from api.dependencies import Given, Parts
from api.errors import Refusal, answers
from api.openid import SignOn
from api.pages import told
from api.sessions import Kept, keep
from store import audit, sessions, users
from store.users import LastAdmin, NameTaken, Role, User

logger = logging.getLogger(__name__)
router = APIRouter(tags=["sessions"])

COOKIE = "switchboard_sign_on"
LASTS = timedelta(minutes=10)
"""So long somebody may take at the provider."""
PATH = "/api/v1/sign-on"
AGAIN = "Go back to the login page and try once more."
PAGES = {
    303: {"description": "Onward"},
    **{
        status: {"description": "A page that says why", "content": {"text/html": {"schema": {"type": "string"}}}}
        for status in (400, 403, 502)
    },
}


@router.get(
    PATH,
    summary="Begin single sign-on",
    status_code=303,
    response_class=RedirectResponse,
    responses=PAGES | answers(404),
)
async def begin(
    request: Request,
    parts: Given,
    next: Annotated[str, Query(description="The page to see afterwards: a path here.", max_length=2000)] = "/",
) -> Response:
    """Off to the provider, in a browser. 404 where none is set up."""
    provider = _provider(parts)
    try:
        journey = await provider.begin(_back(parts), parts.now())
    except SignOnError as error:
        logger.error("single sign-on does not work: %s", error)
        return told(request, 502, "The provider does not answer", str(error), AGAIN)
    held = {
        "state": journey.state,
        "nonce": journey.nonce,
        "verifier": journey.verifier,
        "next": next if _is_local(next) else "/",
        "until": (parts.now() + LASTS).isoformat(),
    }
    onward = RedirectResponse(journey.address, 303)
    onward.set_cookie(
        COOKIE,
        _signed(parts).dumps(held),  # pyright: ignore[reportArgumentType]  it is text
        max_age=int(LASTS.total_seconds()),
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=parts.secure_cookies,
    )
    return onward


@router.get(
    f"{PATH}/callback",
    summary="Back from the provider",
    status_code=303,
    response_class=RedirectResponse,
    responses=PAGES | answers(404),
)
async def callback(
    request: Request,
    parts: Given,
    state: Annotated[str, Query(description="As it was sent along.")] = "",
    code: Annotated[str, Query(description="What the provider gives the person.")] = "",
    error: Annotated[str, Query(description="Why it gives nothing.")] = "",
    iss: Annotated[str | None, Query(description="Which provider it is (RFC 9207).")] = None,
    held: Annotated[str, Cookie(alias=COOKIE, include_in_schema=False)] = "",
    kept: Kept = None,
) -> Response:
    """Sets the session's cookie, of a user who is made when they come for the first time."""
    provider, now = _provider(parts), parts.now()
    begun = _opened(parts, held, now)
    if begun is None or not secrets.compare_digest(begun["state"].encode(), state.encode()):
        return _over(
            told(
                request,
                400,
                "This sign-on is not known here",
                "It was begun in another browser, or too long ago.",
                AGAIN,
            )
        )
    if not code or (iss is not None and iss.rstrip("/") != provider.issuer):
        logger.warning("a sign-on ended at the provider: %s", re.sub(r"[^a-z_]", "", error)[:50] or "no code")
        return _over(told(request, 403, "The provider did not let you in", "You are not logged in.", AGAIN))
    try:
        found = await provider.identity(code, _back(parts), begun["nonce"], begun["verifier"], now)
    except SignOnError as failure:
        logger.warning("a sign-on was refused: %s", failure)
        return _over(told(request, 403, "You are not let in", str(failure), AGAIN))
    async with parts.database.begin() as session:
        user = await _user(session, found, now)
        if user is None or not user.active:
            about = f"users/{user.name}" if user else "users"
            await audit.record(session, "", "login.refused", about, {"address": address(request), "at": found.issuer})
            return _over(told(request, 403, "You are not let in", "An administrator has to allow it.", AGAIN))
        if kept is not None:
            await sessions.end_of(session, kept)
        secret = await sessions.begin(session, user.name, now)
        details = {"address": address(request), "at": found.issuer}
        await audit.record(session, user.name, "login.succeeded", f"users/{user.name}", details)
    onward = RedirectResponse(begun["next"], 303)
    keep(onward, parts, secret)
    return _over(onward)


async def _user(session: AsyncSession, found: Identity, now: datetime) -> User | None:
    """Whom the provider means: by its subject only, since names and e-mail addresses can be somebody else's.

    None where no role is meant for them. A new person becomes a user; of one who is here, e-mail and role are renewed.
    """
    if found.role is None:
        return None
    known = await users.user_of_subject(session, found.issuer, found.subject)
    if known is None:
        return await _made(session, found, found.role, now)
    changes: dict[str, Any] = {"email": found.email} if found.email not in (None, known.email) else {}
    if found.managed and found.role != known.role:
        changes["role"] = found.role
    if not changes or not known.active:
        return known
    try:
        changed = await users.change_user(session, known.name, **changes)
    except LastAdmin as error:
        logger.warning("the provider takes a role away, which stays as it is: %s", error)
        return known
    told = {"role": [known.role, found.role]} if "role" in changes else {"fields": list(changes)}
    await audit.record(session, known.name, "user.changed", f"users/{known.name}", told | {"at": found.issuer})
    return changed


async def _made(session: AsyncSession, found: Identity, role: Role, now: datetime) -> User:
    """A new user, under the name that the provider tells or one like it that is free."""
    plain = unicodedata.normalize("NFKD", found.login).encode("ascii", "ignore").decode().strip().lower()
    wanted = re.sub(r"[^a-z0-9._@+-]+", "-", plain).strip("._@+-")[:90] or "user"
    for number in itertools.count(1):
        name = wanted if number == 1 else f"{wanted}-{number}"
        try:
            made = await users.create_user(
                session,
                name=name if name != audit.SYSTEM else f"{name}-1",
                display_name=found.display_name[:200],
                email=found.email,
                role=role,
                issuer=found.issuer,
                subject=found.subject,
                now=now,
            )
        except NameTaken:
            # Or this person has come twice at once, and the other time was first.
            other = await users.user_of_subject(session, found.issuer, found.subject)
            if other is not None:
                return other
        else:
            await audit.record(
                session, made.name, "user.created", f"users/{made.name}", {"role": role, "at": found.issuer}
            )
            return made
    raise AssertionError("the numbers do not end")


def _provider(parts: Parts) -> SignOn:
    if parts.oidc is None:
        raise Refusal(404, "Single sign-on is not set up here. Log in with a password.")
    return parts.oidc


def _back(parts: Parts) -> str:
    """Where the provider sends people; this address is entered there."""
    return f"{parts.public_url}{PATH}/callback"


def _opened(parts: Parts, held: str, now: datetime) -> dict[str, str] | None:
    """What this browser keeps of a sign-on that it began here, and not too long ago."""
    try:
        begun: dict[str, str] = _signed(parts).loads(held)
    except BadSignature:
        return None
    return begun if now < datetime.fromisoformat(begun["until"]) else None


def _over(response: Response) -> Response:
    response.delete_cookie(COOKIE, path=PATH)
    return response


def _is_local(path: str) -> bool:
    """Whether it leads to a page here: browsers take `//` and `/\\` for the beginning of another site."""
    return re.fullmatch(r"/([^/\\\x00-\x20][^\\\x00-\x20]*)?", path) is not None


def _signed(parts: Parts) -> URLSafeSerializer:
    return URLSafeSerializer(parts.hash_key, salt="switchboard sign-on")
