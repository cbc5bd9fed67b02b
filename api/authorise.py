"""Authorising an Instagram account for a connector: Meta's dialog, then the choice of a page or account (SPEC 6.2)."""

import hashlib
import logging
import secrets
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from api.dependencies import Given, Parts
from api.pages import page, told
from api.signals import SignalError, publish_ice_breakers
from instagram.login import Candidate, LoginError, denied
from routing.accounts import connector_of
from routing.configuration import Configuration
from store import authorisations, invitations
from store.accounts import Flavour, account_summary, connect_account
from store.authorisations import Authorisation
from store.revisions import CannotAuthorise, authorise_connector, current_revision

logger = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)

LASTS = timedelta(minutes=30)
"""So long somebody may take from the first click to the choice."""
COOKIE = "switchboard_authorisation"
TITLE = "Authorise Switchboard to answer your Instagram messages"
Browser = Annotated[str, Cookie(alias=COOKIE)]


@router.get("/authorise/{invitation}")
async def invited(request: Request, parts: Given, invitation: str) -> Response:
    """What is about to happen, and which way: with Facebook or with Instagram."""
    found = invitations.opened(parts.hash_key, invitation, parts.now())
    if found is None:
        return told(request, 410, "This link has run out", "Ask for a new one where you got it.")
    return page(
        request,
        "authorise.html",
        title=TITLE,
        connector=await _title(parts, found.connector),
        invitation=invitation,
        flavours=sorted(parts.logins),
    )


@router.post("/authorise/{invitation}/{flavour}")
async def begin(request: Request, parts: Given, invitation: str, flavour: Flavour, browser: Browser = "") -> Response:
    """Off to Meta's dialog, with a state of this one's own; several may be under way in one browser."""
    found = invitations.opened(parts.hash_key, invitation, parts.now())
    if found is None:
        return told(request, 410, "This link has run out", "Ask for a new one where you got it.")
    if flavour not in parts.logins:
        return told(request, 404, "This way is not set up here", "Go back and choose another one.")
    browser, now = browser or secrets.token_urlsafe(32), parts.now()
    begun = Authorisation(
        id=secrets.token_urlsafe(24),
        connector=found.connector,
        flavour=flavour,
        author=found.author,
        browser=_digest(browser),
        created_at=now,
        expires_at=now + LASTS,
    )
    async with parts.database.begin() as session:
        await authorisations.begin(session, begun)
    state = invitations.signed_state(parts.hash_key, begun.id)
    answer = RedirectResponse(parts.logins[flavour].dialog(_callback(parts, flavour), state), 303)
    answer.set_cookie(
        COOKIE, browser, httponly=True, samesite="lax", secure=parts.public_url.startswith("https:"), max_age=24 * 3600
    )
    return answer


@router.get("/oauth/{flavour}/callback")
async def returned(request: Request, parts: Given, flavour: Flavour, browser: Browser = "") -> Response:
    """Back from Meta: the code becomes tokens, once, and only in the browser that began."""
    id = invitations.state(parts.hash_key, request.query_params.get("state", ""))
    async with parts.database.begin() as session:
        known = None if id is None else await authorisations.authorisation(session, id, parts.now())
        if known is None or known.flavour != flavour:
            return told(request, 400, "This authorisation is not known here", _AGAIN)
        if not secrets.compare_digest(known.browser, _digest(browser)):
            return told(request, 403, "This authorisation was begun in another browser", _AGAIN)
        if await authorisations.use(session, known.id, parts.now()) is None:
            return told(request, 400, "This authorisation was used already", _AGAIN)
    login = parts.logins[flavour]
    refusal = denied(request.query_params)
    if refusal is not None:
        return told(request, 200, "Nothing was connected", refusal, _AGAIN)
    code = request.query_params.get("code", "")
    if not code:
        return told(request, 400, "Meta sent no code", "Its answer names neither a code nor an error.", _AGAIN)
    try:
        candidates = await login.candidates(code, _callback(parts, flavour))
    except LoginError as error:
        return told(request, 502, "Meta did not let us in", str(error), _AGAIN)
    async with parts.database.begin() as session:
        kept = [one.model_dump(mode="json") for one in candidates]
        await authorisations.keep_candidates(session, parts.vault, known.id, kept)
    return RedirectResponse(f"/authorisations/{known.id}", 303)


@router.get("/authorisations/{id}")
async def choose(request: Request, parts: Given, id: str, browser: Browser = "") -> Response:
    """What may be connected; what is linked to another connector, or cannot be used, says why."""
    known, candidates = await _under_way(parts, id, browser)
    if known is None:
        return told(request, 400, "This authorisation is not known here", _AGAIN)
    if known.account is not None:
        return await _connected(request, parts, known)
    configuration = await _configuration(parts)
    choices = [_choice(candidate, configuration, known.connector) for candidate in candidates]
    return page(
        request,
        "choose.html",
        title=TITLE,
        connector=_titled(configuration, known.connector),
        flavour=known.flavour,
        choices=sorted(choices, key=lambda one: bool(one["refused"])),
    )


@router.post("/authorisations/{id}")
async def use(
    request: Request, parts: Given, id: str, account: Annotated[str, Form()], browser: Browser = ""
) -> Response:
    """Use this one: subscribe to its webhooks, keep its token, and fill in the connector's account."""
    known, candidates = await _under_way(parts, id, browser)
    candidate = next((one for one in candidates if one.account == account), None)
    if known is None or candidate is None:
        return told(request, 400, "This authorisation is not known here", _AGAIN)
    refused = _refused(candidate, await _configuration(parts), known.connector)
    if refused is not None:
        return told(request, 409, "This one cannot be used", refused, _AGAIN)
    try:
        await parts.logins[known.flavour].subscribe(candidate)
    except LoginError as error:
        return told(request, 502, "Meta does not deliver its messages yet", str(error), "Go back and try once more.")
    note = f"Connector {known.connector} is authorised for @{candidate.username or candidate.account}"
    try:
        async with parts.database.begin() as session:
            await authorise_connector(session, known.connector, candidate.account, known.author, note)
            await connect_account(
                session,
                parts.vault,
                id=candidate.account,
                flavour=known.flavour,
                username=candidate.username,
                name=candidate.name,
                page_id=candidate.page_id,
                token=candidate.token,
                token_expires_at=candidate.token_expires_at,
                kind=candidate.kind,
                authorised_by=candidate.authorised_by,
                data_access_expires_at=candidate.data_access_expires_at,
            )
            await authorisations.finish(session, known.id, candidate.account)
    except CannotAuthorise as error:
        return told(request, 409, "This one cannot be used", str(error), _AGAIN)
    logger.info("%s authorised account %s for connector %s", known.author, candidate.account, known.connector)
    try:
        await publish_ice_breakers(parts.temporal, parts.task_queue, f"{candidate.account}-{known.id}")
    except SignalError as error:
        logger.warning("ice breakers of %s are published later: %s", candidate.account, error)
    return RedirectResponse(f"/authorisations/{known.id}", 303)


_AGAIN = "Start again from the link that you were given."


async def _under_way(parts: Parts, id: str, browser: str) -> tuple[Authorisation | None, list[Candidate]]:
    """An authorisation that came back from Meta in this browser, and what can be connected."""
    async with parts.database.begin() as session:
        known = await authorisations.authorisation(session, id, parts.now())
        if known is None or known.used_at is None or not secrets.compare_digest(known.browser, _digest(browser)):
            return None, []
        kept = await authorisations.candidates(session, parts.vault, id)
    return known, [Candidate.model_validate(one) for one in kept]


async def _connected(request: Request, parts: Parts, known: Authorisation) -> Response:
    async with parts.database.begin() as session:
        account = await account_summary(session, known.account or "")
        current = await current_revision(session)
    if account is None:
        return told(request, 404, "This account is not connected any more", _AGAIN)
    name = f"@{account.username}" if account.username else account.name or account.id
    return page(
        request,
        "connected.html",
        title="Connected",
        name=name,
        connector=await _title(parts, known.connector),
        token=_token_state(account.token_expires_at, parts.now()),
        kind={"business": "business", "creator": "creator"}.get(account.kind, "Meta does not tell"),
        revision=current.number if current else None,
    )


def _token_state(expires_at: datetime | None, now: datetime) -> str:
    if expires_at is None:
        return "filled in; it does not run out by itself"
    return f"filled in; renewed by itself, else it would run out in {(expires_at - now).days} days"


def _choice(candidate: Candidate, configuration: Configuration, connector: str) -> dict[str, Any]:
    return {
        "account": candidate.account,
        "title": candidate.page_name or candidate.name or candidate.username or candidate.account,
        "username": candidate.username,
        "picture": candidate.picture,
        "refused": _refused(candidate, configuration, connector),
    }


def _refused(candidate: Candidate, configuration: Configuration, connector: str) -> str | None:
    """Why this one cannot be used; accounts are offered only while no other connector has them."""
    if candidate.refused is not None:
        return candidate.refused
    other = connector_of(configuration, candidate.account)
    if other is not None and other != connector:
        return f"Linked to the connector “{_titled(configuration, other)}” already."
    return None


async def _configuration(parts: Parts) -> Configuration:
    async with parts.database.begin() as session:
        current = await current_revision(session)
    return Configuration(format=1) if current is None else Configuration.model_validate(current.document)


async def _title(parts: Parts, connector: str) -> str:
    return _titled(await _configuration(parts), connector)


def _titled(configuration: Configuration, connector: str) -> str:
    found = configuration.connectors.get(connector)
    return found.title if found else connector


def _callback(parts: Parts, flavour: Flavour) -> str:
    return f"{parts.public_url}/oauth/{flavour}/callback"


def _digest(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()
