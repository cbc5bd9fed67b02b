"""The control API's calls about tokens, codes, the apps' settings, and Meta's callbacks about a user."""

import base64
import hashlib
import hmac
import json
from typing import Any

import httpx
from fastapi import APIRouter, HTTPException

from instagram.simulator.apps import SCOPES, App, AppName
from instagram.simulator.control.answers import NOT_THERE, found, token_answer
from instagram.simulator.control.login_inputs import (
    AppChange,
    Callback,
    NewCode,
    NewToken,
    ShapeChange,
    TokenChange,
)
from instagram.simulator.documents import Responses
from instagram.simulator.names import app_scoped_id
from instagram.simulator.world import World

Json = dict[str, Any]

_TIMEOUT = 20.0  # Seconds for the app under test to answer a callback.
_UNREACHED: Responses = {502: {"description": "The app under test could not be reached"}}


def add(router: APIRouter, world: World) -> None:
    @router.get("/tokens", summary="Every token, dead ones included", responses=NOT_THERE)
    async def tokens(account: str | None = None) -> list[Json]:
        subjects: tuple[str, ...] | None = None
        if account is not None:
            known = found(world.accounts.get, account)
            subjects = (known.id, known.page_id) if known.page_id else (known.id,)
        return [token_answer(world, token) for token in world.tokens.all(subjects)]

    @router.post("/tokens", status_code=201, summary="Give a token without a dialog", responses=NOT_THERE)
    async def add_token(new: NewToken) -> Json:
        owner = new.subject
        if new.kind == "login":
            found(world.accounts.get, new.subject)
        elif new.kind == "user":
            found(world.people.get, new.subject)
        else:
            found(world.people.page_name, new.subject)
            owner = found(world.people.get, new.person).id if new.person else world.people.all()[0].id
        made = world.tokens.add(
            *(new.kind, new.subject),
            owner=owner,
            scopes=None if new.scopes is None else tuple(new.scopes),
            long=new.long,
            lasts=None if new.expires_in is None else new.expires_in * 1000,
        )
        return token_answer(world, made)

    @router.patch("/tokens/{token}", summary="Kill a token, let it expire, or bring it back", responses=NOT_THERE)
    async def change_token(token: str, change: TokenChange) -> Json:
        known = found(world.tokens.get, token)
        expires, revoked = known.expires, known.revoked
        if "expires_in" in change.model_fields_set:
            lasts = change.expires_in
            expires = None if lasts is None else world.clock.milliseconds() + lasts * 1000
        if "revoked" in change.model_fields_set:
            revoked = change.revoked
        world.tokens.change(token, revoked=revoked, expires=expires)
        world.changes.tell(account=known.subject)
        return token_answer(world, world.tokens.get(token))

    @router.post("/codes", status_code=201, summary="Give a code as a dialog does", responses=NOT_THERE)
    async def add_code(new: NewCode) -> Json:
        found(world.people.get if new.app == "facebook" else world.accounts.get, new.owner)
        scopes = SCOPES[new.app] if new.scopes is None else tuple(new.scopes)
        pages = None if new.pages is None else tuple(new.pages)
        return {"code": world.tokens.new_code(new.app, new.owner, scopes, pages, new.redirect_uri)}

    @router.get("/apps", summary="Both apps as Meta knows them")
    async def apps() -> list[Json]:
        return [_app(world, app) for app in (world.apps.facebook, world.apps.instagram)]

    @router.patch("/apps/{app}", summary="Change what Meta's dashboard has set for an app")
    async def change_app(app: AppName, change: AppChange) -> Json:
        world.apps.change(app, human_agent=change.human_agent, redirect_uris=change.redirect_uris)
        return _app(world, world.apps.named(app))

    @router.get("/shapes", summary="Which of Meta's several shapes are given")
    async def shapes() -> Json:
        return world.shapes.all()

    @router.put("/shapes", summary="Choose among Meta's several shapes")
    async def change_shapes(change: ShapeChange) -> Json:
        for name, value in change.model_dump(exclude_none=True).items():
            world.shapes.set(name, value)
        return world.shapes.all()

    @router.post(
        "/deauthorise",
        summary="Somebody removes the app: their tokens die, and Meta calls the app",
        responses={**NOT_THERE, **_UNREACHED},
    )
    async def deauthorise(callback: Callback) -> Json:
        owner, told = _user(world, callback)
        revoked = world.tokens.revoke(owner, callback.app, 458)
        return {"revoked": revoked, **await _call(world, callback, told)}

    @router.post(
        "/data-deletion",
        summary="Somebody wants their data deleted: Meta calls the app",
        responses={**NOT_THERE, **_UNREACHED},
    )
    async def data_deletion(callback: Callback) -> Json:
        return await _call(world, callback, _user(world, callback)[1])


def signed_request(app: App, user: str, issued_at: int) -> str:
    """The form field that Meta posts: signature and JSON, both base64url without padding (facts 1.7)."""
    told = {"algorithm": "HMAC-SHA256", "issued_at": issued_at, "user_id": user}
    content = _base64(json.dumps(told).encode())
    return f"{_base64(hmac.new(app.secret.encode(), content.encode(), hashlib.sha256).digest())}.{content}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _user(world: World, callback: Callback) -> tuple[str, str]:
    """Who is meant, as tokens name them, and as the app knows them."""
    if callback.app == "facebook":
        return found(world.people.get, callback.user_id).id, callback.user_id
    for account in world.accounts.all():
        if callback.user_id in (account.id, app_scoped_id(account.id)):
            return account.id, app_scoped_id(account.id)
    raise HTTPException(404, f"no account {callback.user_id!r} here, by its own id or the app's for it")


async def _call(world: World, callback: Callback, user: str) -> Json:
    issued_at = world.clock.milliseconds() // 1000
    form = {"signed_request": signed_request(world.apps.named(callback.app), user, issued_at)}
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT) as http:
            answer = await http.post(callback.url, data=form)
    except httpx.HTTPError as error:
        raise HTTPException(502, f"{callback.url}: {type(error).__name__}: {error}") from error
    try:
        body: Any = answer.json()
    except ValueError:
        body = answer.text
    return {"user_id": user, "status": answer.status_code, "body": body}


def _app(world: World, app: App) -> Json:
    return {
        "name": app.name,
        "id": app.id,
        "human_agent": world.apps.human_agent(app.name),
        "redirect_uris": world.apps.redirect_uris(app.name),
    }
