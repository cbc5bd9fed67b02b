"""The endpoints that turn codes into tokens, keep tokens alive, and tell what they are good for (facts 3)."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from instagram.simulator.caller import token_of
from instagram.simulator.documents import LOGIN, answers, form, query
from instagram.simulator.errors import GraphError, missing, wrong
from instagram.simulator.exchange import debugged, facebook, instagram, lengthened
from instagram.simulator.fields import parse
from instagram.simulator.line import Line
from instagram.simulator.names import app_scoped_id
from instagram.simulator.nodes import page_node
from instagram.simulator.paging import after_of, limit_of, paged
from instagram.simulator.tokens import DAY, Token
from instagram.simulator.world import World

Json = dict[str, Any]

_TOKEN = {"access_token": "EAAB…", "token_type": "bearer", "expires_in": 5183944}


def routes(world: World) -> APIRouter:
    router = APIRouter(tags=[LOGIN])
    line = Line(world.changes)

    @router.get(
        "/oauth/access_token",
        summary="Facebook: exchange a code, or a token for a long-lived one",
        responses=answers(_TOKEN, errors={400: "100/36009: the code was used; 100/36008: another redirect_uri"}),
        openapi_extra=query(
            client_id="the Facebook app's",
            client_secret="its secret",
            redirect_uri="exactly as in the dialog",
            code="of the dialog",
            grant_type="fb_exchange_token for a long-lived token; client_credentials for the app's own",
            fb_exchange_token="the user's token to exchange",
        ),
    )
    async def facebook_token(request: Request) -> Response:
        fault = world.faults.pick("login", None, None)
        return await line.answer(request, fault, lambda: facebook(world, dict(request.query_params)))

    @router.post(
        "/oauth/access_token",
        summary="Instagram: exchange a code for a token of one hour",
        responses={
            200: {
                "description": "In one of three shapes: see PUT /control/shapes",
                "content": {
                    "application/json": {
                        "example": {"data": [{"access_token": "IGAA…", "user_id": "25…", "permissions": "a,b"}]}
                    }
                },
            },
            400: {
                "description": "A wrong app, secret, address or code",
                "content": {
                    "application/json": {
                        "example": {
                            "error_type": "OAuthException",
                            "code": 400,
                            "error_message": "Invalid platform app",
                        }
                    }
                },
            },
        },
        openapi_extra=form(
            client_id="the Instagram app's",
            client_secret="its secret",
            grant_type="authorization_code",
            redirect_uri="exactly as in the dialog",
            code="of the dialog, without the #_ behind it",
        ),
    )
    async def instagram_token(request: Request) -> Response:
        told = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
        request.state.envelope = "code"
        fault = world.faults.pick("login", None, None)
        return await line.answer(request, fault, lambda: instagram(world, told))

    @router.get(
        "/access_token",
        summary="Instagram: exchange a token of one hour for one of 60 days",
        responses=answers(_TOKEN),
        openapi_extra=query(grant_type="ig_exchange_token", client_secret="the Instagram app's", access_token=""),
    )
    async def exchange(request: Request) -> Response:
        token = _login_token(world, request, "ig_exchange_token")
        if request.query_params.get("client_secret") != world.apps.instagram.secret:
            raise GraphError(101, None, "Error validating client secret.")
        if token.long:
            raise wrong("This access token is long-lived already.")
        fault = world.faults.pick("login", token.subject, None)
        return await line.answer(request, fault, lambda: lengthened(world, token))

    @router.get(
        "/refresh_access_token",
        summary="Instagram: a new token of 60 days for one that is at least 24 hours old",
        responses=answers({**_TOKEN, "permissions": "instagram_business_basic"}),
        openapi_extra=query(grant_type="ig_refresh_token", access_token="the long-lived token"),
    )
    async def refresh(request: Request) -> Response:
        token = _login_token(world, request, "ig_refresh_token")
        if not token.long:
            raise wrong("Only a long-lived access token can be refreshed.")
        if world.clock.milliseconds() - token.created < DAY:
            raise wrong("The access token must be at least 24 hours old to be refreshed.")
        fault = world.faults.pick("login", token.subject, None)
        return await line.answer(request, fault, lambda: lengthened(world, token, permissions=True))

    @router.get(
        "/debug_token",
        summary="Facebook: what a token is good for, and until when",
        responses=answers(
            {"data": {"app_id": "100000000000001", "type": "PAGE", "is_valid": True, "expires_at": 0, "scopes": []}}
        ),
        openapi_extra=query(input_token="the token in question", access_token="the app's own: its id|its secret"),
    )
    async def debug(request: Request) -> Response:
        app = world.apps.facebook
        if request.query_params.get("access_token") != f"{app.id}|{app.secret}":
            raise GraphError(190, None, "Invalid OAuth access token: the app's own is needed, id|secret", 401)
        asked = request.query_params.get("input_token", "")
        fault = world.faults.pick("login", None, None)
        return await line.answer(request, fault, lambda: {"data": debugged(world, app, asked)})

    @router.get(
        "/{user}/accounts",
        summary="Facebook: the pages that the user chose, with their tokens",
        responses=answers(
            {
                "data": [{"id": "100000000000002", "name": "Corner Shop Page", "access_token": "EAA…", "tasks": []}],
                "paging": {"cursors": {"before": "MQ", "after": "Mg"}, "next": "http://…"},
            }
        ),
        openapi_extra=query(
            fields="id,name,access_token,tasks,instagram_business_account{id,username,name,profile_picture_url}",
            limit="pages at once, 25 if not given, at most 100",
            after="the cursor of the page before",
        ),
    )
    async def pages(user: str, request: Request) -> Response:
        token = _user_token(world, request, user)
        asked = parse(request.query_params.get("fields", ""))
        limit, after = limit_of(request), after_of(request) or 0

        def do() -> Json:
            if "pages_show_list" not in token.scopes:
                return {"data": []}
            found = world.people.pages(token.subject, after=after)
            found = [page for page in found if token.pages is None or page.id in token.pages]
            items = [(page.number, page_node(world, page, token, asked, request)) for page in found[:limit]]
            return paged(request, token.token, items, more=len(found) > limit)

        return await line.answer(request, world.faults.pick("login", None, None), do)

    @router.get(
        "/{user}/permissions",
        summary="Facebook: the permissions that the user gave",
        responses=answers({"data": [{"permission": "pages_show_list", "status": "granted"}]}),
    )
    async def permissions(user: str, request: Request) -> Response:
        token = _user_token(world, request, user)
        told = {"data": [{"permission": scope, "status": "granted"} for scope in token.scopes]}
        return await line.answer(request, world.faults.pick("login", None, None), lambda: told)

    @router.delete(
        "/{user}/permissions",
        summary="Take everything back that was given to the app",
        responses=answers({"success": True}),
    )
    async def withdraw(user: str, request: Request) -> Response:
        token = _owned(world, request, user)

        def do() -> Json:
            world.tokens.revoke(token.owner or "", token.app, 458)
            return {"success": True}

        return await line.answer(request, world.faults.pick("login", None, None), do)

    @router.delete(
        "/{user}/permissions/{permission}",
        summary="Take one permission back",
        responses=answers({"success": True}),
    )
    async def withdraw_one(user: str, permission: str, request: Request) -> Response:
        token = _owned(world, request, user)

        def do() -> Json:
            world.tokens.drop_scope(token.owner or "", token.app, permission)
            return {"success": True}

        return await line.answer(request, world.faults.pick("login", None, None), do)

    return router


def _login_token(world: World, request: Request, grant_type: str) -> Token:
    asked = request.query_params.get("grant_type")
    if asked != grant_type:
        raise wrong(f"grant_type must be {grant_type}, not {asked!r}")
    token = token_of(world, request)
    if token.kind != "login":
        raise GraphError(190, None, "Invalid OAuth access token: none of Instagram Login", 401)
    return token


def _user_token(world: World, request: Request, user: str) -> Token:
    token = token_of(world, request)
    if token.kind != "user" or user not in ("me", token.subject):
        raise missing(user)
    return token


def _owned(world: World, request: Request, user: str) -> Token:
    """The token of whoever gives up what they gave: a Facebook user, or an account of Instagram Login."""
    token = token_of(world, request)
    known = {"me", token.subject}
    if token.kind == "login":
        known.add(app_scoped_id(token.subject))
    if token.kind == "page" or user not in known:
        raise missing(user)
    return token
