"""Who calls the Graph API: which token came, and which account it may act for."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, cast

from fastapi import Request

from instagram.simulator.accounts import Account
from instagram.simulator.apps import MESSAGES, AppName, Flavour
from instagram.simulator.errors import GraphError, missing, wrong
from instagram.simulator.tokens import Token
from instagram.simulator.world import World

Json = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """An account, by the token of one flavour."""

    account: Account
    token: Token

    @property
    def flavour(self) -> Flavour:
        return "login" if self.token.kind == "login" else "page"

    @property
    def app(self) -> AppName:
        return self.token.app

    @property
    def node(self) -> str:
        """The id in this flavour's addresses: the page's or the account's."""
        return self.token.subject


def token_of(world: World, request: Request) -> Token:
    """The living token that came with a request; raises GraphError where none did, or a dead one."""
    scheme, _, written = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not written:
        written = request.query_params.get("access_token", "")
    if not written:
        raise GraphError(104, None, "An access token is required to request this resource.", 401)
    token = world.tokens.find(written.strip())
    if token is None:
        raise GraphError(190, None, "Invalid OAuth access token - Cannot parse access token", 401)
    request.state.flavour = "login" if token.kind == "login" else "page"
    trouble = world.tokens.trouble(token)
    if trouble is not None:
        raise trouble
    proof = request.query_params.get("appsecret_proof")
    if proof is not None:
        expected = hmac.new(world.apps.facebook.secret.encode(), token.token.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(proof.encode(), expected.encode()):
            raise GraphError(100, None, "Invalid appsecret_proof provided in the API argument")
    return token


def caller(world: World, request: Request, id: str | None = None) -> Caller:
    """The account that a request speaks for; an `id` in the address must be its own in this flavour."""
    token = token_of(world, request)
    account: Account | None = None
    if token.kind == "page":
        account = world.accounts.of_page(token.subject)
    elif token.kind == "login":
        account = world.accounts.get(token.subject)
    if account is None:
        raise missing(id or "me")
    request.state.account = account.id
    if id not in (None, "me", token.subject):
        raise missing(id or "")
    return Caller(account, token)


def messaging(world: World, request: Request, id: str | None = None) -> Caller:
    """The same, if it may read and write messages."""
    found = caller(world, request, id)
    if MESSAGES[found.app] not in found.token.scopes:
        raise GraphError(10, None, f"(#10) This needs the permission {MESSAGES[found.app]}.", 403)
    if found.token.kind == "page" and found.token.owner is not None:
        page = world.people.page(found.token.owner, found.token.subject)
        if page is None:
            raise GraphError(190, 492, "Error validating access token: no role on the page.", 401)
        if "MESSAGING" not in page.tasks:
            raise GraphError(200, None, "(#200) This needs the task MESSAGING on the page.", 403)
    if not found.account.message_access:
        told = "The account owner has disabled access to instagram direct messages"
        raise GraphError(200, None if found.flavour == "login" else 2534041, told, 403)
    return found


async def read_body(request: Request) -> Json:
    """The JSON object that came, or an empty one."""
    raw = await request.body()
    if not raw:
        return {}
    try:
        decoded = json.loads(raw)
    except ValueError as error:
        raise wrong("The body is no JSON.") from error
    if not isinstance(decoded, dict):
        raise wrong("The body is no JSON object.")
    return cast("Json", decoded)
