"""What the control API shows, and its errors."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import HTTPException, Request

from instagram.simulator.accounts import Account
from instagram.simulator.apps import APP_OF, AppName
from instagram.simulator.clock import iso
from instagram.simulator.database import Unknown
from instagram.simulator.documents import Responses
from instagram.simulator.threads import Customer, Message
from instagram.simulator.tokens import Token
from instagram.simulator.world import World

Json = dict[str, Any]
Found = TypeVar("Found")

NOT_THERE: Responses = {404: {"description": "Something named is not there"}}
TAKEN: Responses = {409: {"description": "An id or token is taken, or it cannot be now"}}


def found(call: Callable[..., Found], *arguments: Any) -> Found:
    """What a call gives, or 404 for something that is not there."""
    try:
        return call(*arguments)
    except Unknown as error:
        raise HTTPException(404, str(error)) from error


def address(world: World, request: Request) -> str:
    """Where the app under test finds the simulator's files, with a slash at the end."""
    return f"{(world.options.url or str(request.base_url)).rstrip('/')}/"


def account_answer(world: World, account: Account) -> Json:
    nodes: dict[AppName, str | None] = {"instagram": account.id, "facebook": account.page_id}
    subscribed = {
        app: fields.split(",")
        for app, node in nodes.items()
        if node and (fields := world.accounts.subscribed_fields(node, app))
    }
    return {
        "id": account.id,
        "flavour": account.flavour,
        "username": account.username,
        "name": account.name,
        "token": account.token,
        "page_id": account.page_id,
        "sender": account.sender,
        "connected": account.token is not None,
        "account_type": account.kind,
        "message_access": account.message_access,
        "app": APP_OF[account.flavour],
        "subscribed": subscribed,
    }


def customer_answer(customer: Customer) -> Json:
    return {
        "id": customer.id,
        "username": customer.username,
        "name": customer.name,
        "picture": customer.picture,
        "profile": customer.profile,
        "last_wrote": iso(customer.last_wrote),
        "blocked": customer.blocked,
        "owner": customer.owner,
    }


def message_answer(message: Message) -> Json:
    return {
        "mid": message.mid,
        "from": "customer" if message.author == "customer" else "business",
        "author": message.author,
        "at": iso(message.at),
        "edits": message.edits,
        "deleted": message.deleted,
        **message.content,
    }


def token_answer(world: World, token: Token) -> Json:
    trouble = world.tokens.trouble(token)
    return {
        "token": token.token,
        "kind": token.kind,
        "app": token.app,
        "owner": token.owner,
        "subject": token.subject,
        "scopes": list(token.scopes),
        "pages": None if token.pages is None else list(token.pages),
        "long": token.long,
        "created": iso(token.created),
        "expires": iso(token.expires),
        "data_access_expires": iso(token.data_access_expires),
        "alive": trouble is None,
        "trouble": None if trouble is None else f"{trouble.code}/{trouble.subcode}",
    }
