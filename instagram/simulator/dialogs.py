"""Both OAuth dialogs as pages for a browser: www.facebook.com's and www.instagram.com's."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from instagram.simulator.apps import NAME, SCOPES, AppName
from instagram.simulator.database import Unknown
from instagram.simulator.documents import LOGIN, Responses, form, query
from instagram.simulator.pages import page
from instagram.simulator.world import World

Json = dict[str, Any]

_DENIED = {
    "error": "access_denied",
    "error_reason": "user_denied",
    "error_description": "The user denied your request",
}
_WORDS = {
    "pages_show_list": "See the list of your pages",
    "instagram_basic": "See the profile and posts of your Instagram account",
    "instagram_manage_messages": "Read and answer the messages of your Instagram account",
    "pages_manage_metadata": "Be told of what happens on your pages",
    "pages_messaging": "Read and answer the messages of your pages",
    "pages_read_engagement": "Read what is posted on your pages",
    "instagram_manage_comments": "Read and answer comments",
    "business_management": "Manage your business",
    "public_profile": "See your name and picture",
    "instagram_business_basic": "See your profile and posts",
    "instagram_business_manage_messages": "Read and answer your messages",
    "instagram_business_manage_comments": "Read and answer comments",
    "instagram_business_content_publish": "Publish posts",
    "instagram_business_manage_insights": "See how your posts do",
}
_PARAMETERS = {
    "client_id": "the app's id in this flavour",
    "redirect_uri": "where the dialog leads in the end",
    "response_type": "code",
    "scope": "permissions, separated by commas",
    "state": "given back as it is",
}


class DialogError(Exception):
    """What Meta says instead of showing the dialog."""


@dataclass(frozen=True)
class Asked:
    """What the app wants from the person."""

    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None

    def leads(self, mark: str = "", **told: str) -> str:
        """The address at the end, with what it is told and the state."""
        parts = urlsplit(self.redirect_uri)
        state = {} if self.state is None else {"state": self.state}
        written = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *told.items(), *state.items()])
        return urlunsplit(parts._replace(query=written)) + mark


def routes(world: World) -> APIRouter:
    """The dialogs. A browser asks for one, and posts its form to the same address."""
    router = APIRouter(tags=[LOGIN])
    shown: Responses = {200: {"description": "The dialog"}}
    wrong: Responses = {400: {"description": "What the app asks for is wrong, and how", "content": {"text/html": {}}}}
    leads: Responses = {302: {"description": "To redirect_uri: code and state, or error=access_denied and state"}}

    @router.get(
        "/dialog/oauth",
        summary="Facebook's dialog: choose pages, untick permissions",
        response_class=HTMLResponse,
        responses={**shown, **wrong},
        openapi_extra=query(
            **_PARAMETERS,
            config_id="a configuration of Facebook Login for Business, instead of scope: stands for every permission",
            person="who is logged in, the first person if not given",
        ),
    )
    async def facebook(request: Request) -> Response:
        try:
            asked = _asked(world, "facebook", dict(request.query_params))
            people = world.people.all()
            chosen = request.query_params.get("person", people[0].id)
            person = world.people.get(chosen)
        except (DialogError, Unknown) as error:
            return _refused(request, error)
        others = [
            {"name": other.name, "url": f"?{urlencode({**request.query_params, 'person': other.id})}"}
            for other in people
            if other.id != person.id
        ]
        pages = [
            {
                "id": one.id,
                "name": one.name,
                "username": world.accounts.get(one.account).username if one.account else None,
                "tasks": ", ".join(task.lower() for task in one.tasks),
                "answers": "MESSAGING" in one.tasks,
            }
            for one in world.people.pages(person.id)
        ]
        told = {"person": person, "others": others, "pages": pages, "permissions": _permissions(asked)}
        return page(request, "facebook.html", {**told, "app": NAME, "hidden": _hidden(request)}, forms=True)

    @router.post(
        "/dialog/oauth",
        summary="Facebook's dialog, filled in",
        status_code=302,
        response_class=RedirectResponse,
        responses={**leads, **wrong},
        openapi_extra=form(
            **_PARAMETERS,
            person="who is logged in",
            pages="a chosen page's id; once for each",
            permissions="a granted permission; once for each",
            decision="allow or deny",
        ),
    )
    async def facebook_decided(request: Request) -> Response:
        filled = await request.form()
        told = {name: value for name, value in filled.items() if isinstance(value, str)}
        try:
            asked = _asked(world, "facebook", told)
            person = world.people.get(told.get("person", ""))
        except (DialogError, Unknown) as error:
            return _refused(request, error)
        if told.get("decision") != "allow":
            return RedirectResponse(asked.leads(**_DENIED), 302)
        # The profile cannot be unticked.
        scopes = _granted(asked, [str(value) for value in filled.getlist("permissions")], ("public_profile",))
        own = {one.id for one in world.people.pages(person.id)}
        pages = tuple(str(value) for value in filled.getlist("pages") if value in own)
        code = world.tokens.new_code("facebook", person.id, scopes, pages, asked.redirect_uri)
        return RedirectResponse(asked.leads(code=code), 302)

    @router.get(
        "/oauth/authorize",
        summary="Instagram's dialog: allow as one of the accounts",
        response_class=HTMLResponse,
        responses={**shown, **wrong},
        openapi_extra=query(
            **_PARAMETERS,
            enable_fb_login="0 or 1: nothing comes of it here",
            force_authentication="0 or 1: nothing comes of it here",
            force_reauth="true or false: nothing comes of it here",
        ),
    )
    async def instagram(request: Request) -> Response:
        try:
            asked = _asked(world, "instagram", dict(request.query_params))
        except DialogError as error:
            return _refused(request, error)
        # Those that are meant for this flavour come first.
        accounts = sorted(
            world.accounts.all(), key=lambda account: (account.flavour != "login", account.token is not None)
        )
        told = {"accounts": accounts, "permissions": _permissions(asked), "app": NAME, "hidden": _hidden(request)}
        return page(request, "instagram.html", told, forms=True)

    @router.post(
        "/oauth/authorize",
        summary="Instagram's dialog, filled in",
        status_code=302,
        response_class=RedirectResponse,
        responses={**leads, **wrong},
        openapi_extra=form(
            **_PARAMETERS,
            account="who is logged in: an account's id",
            permissions="a granted permission; once for each",
            decision="allow or deny",
        ),
    )
    async def instagram_decided(request: Request) -> Response:
        filled = await request.form()
        told = {name: value for name, value in filled.items() if isinstance(value, str)}
        try:
            asked = _asked(world, "instagram", told)
            account = world.accounts.get(told.get("account", "")) if told.get("decision") == "allow" else None
        except (DialogError, Unknown) as error:
            return _refused(request, error)
        if account is None:
            return RedirectResponse(asked.leads(**_DENIED), 302)
        ticked = [str(value) for value in filled.getlist("permissions")]
        scopes = _granted(asked, ticked, ("instagram_business_basic",))
        code = world.tokens.new_code("instagram", account.id, scopes, None, asked.redirect_uri)
        return RedirectResponse(asked.leads("#_", code=code), 302)

    return router


def _asked(world: World, name: AppName, told: dict[str, str]) -> Asked:
    """What is asked for, or DialogError with what is wrong about it."""
    app = world.apps.named(name)
    if told.get("client_id") != app.id:
        raise DialogError(f"Invalid app ID: client_id must be {app.id}, the id of the {name.title()} app.")
    address = told.get("redirect_uri", "")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.fragment:
        raise DialogError("Invalid redirect_uri: write a whole address, beginning with http:// or https://, without #.")
    known = world.apps.redirect_uris(name)
    if known and address not in known:
        raise DialogError("URL blocked: this redirect_uri is not on the list of the app's settings, to the letter.")
    if told.get("response_type", "") != "code":
        raise DialogError("Invalid response_type: only code is known here.")
    if name == "facebook" and told.get("config_id"):
        return Asked(address, SCOPES[name], told.get("state"))
    scopes = tuple(scope for scope in re.split(r"[,\s]+", told.get("scope", "")) if scope)
    unknown = [scope for scope in scopes if scope not in SCOPES[name]]
    if unknown:
        raise DialogError(f"Invalid scopes: {', '.join(unknown)}. Known here: {', '.join(SCOPES[name])}.")
    if name == "instagram" and "instagram_business_basic" not in scopes:
        raise DialogError("Invalid scopes: instagram_business_basic must be among them.")
    if name == "facebook" and "public_profile" not in scopes:
        scopes = (*scopes, "public_profile")
    return Asked(address, scopes, told.get("state"))


def _granted(asked: Asked, ticked: list[str], always: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(scope for scope in asked.scopes if scope in ticked or scope in always)


def _permissions(asked: Asked) -> list[Json]:
    fixed = ("public_profile", "instagram_business_basic")
    return [{"name": scope, "words": _WORDS[scope], "fixed": scope in fixed} for scope in asked.scopes]


def _hidden(request: Request) -> list[tuple[str, str]]:
    """What the form says again, so that its answer can be checked."""
    names = ("client_id", "redirect_uri", "response_type", "scope", "config_id", "state")
    return [(name, request.query_params[name]) for name in names if name in request.query_params]


def _refused(request: Request, error: Exception) -> Response:
    return page(request, "refused.html", {"reason": str(error)}, status=400)
