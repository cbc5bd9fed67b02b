"""The Graph API's endpoints for messages, of both flavours under one address."""

import hashlib
import hmac
import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from instagram.simulator.database import Unknown
from instagram.simulator.sending import GraphError, act, send
from instagram.simulator.world import Account, Customer, Message, World

Json = dict[str, Any]

_MESSAGES = re.compile(r"\bmessages(?:\.limit\((\d{1,3})\))?(?:\{([^{}]*)\})?")
_DETAILED = 20  # Details are given only of a thread's newest messages (facts 2.5).


async def answer_error(request: Request, error: Exception) -> Response:
    """Meta's error envelope; the class name in it differs by flavour (facts 2.4)."""
    assert isinstance(error, GraphError)
    kind = "IGApiException" if getattr(request.state, "flavour", "page") == "login" else "OAuthException"
    told: Json = {"message": error.message, "type": kind, "code": error.code}
    if error.subcode is not None:
        told["error_subcode"] = error.subcode
    return JSONResponse({"error": {**told, "fbtrace_id": "Asimulated"}}, error.status)


def routes(world: World, secret: str) -> APIRouter:
    """The endpoints, without a version: the app strips it."""
    router = APIRouter(include_in_schema=False)

    @router.post("/{id}/messages")
    async def send_message(id: str, request: Request) -> Json:
        account = _account(world, secret, request, id)
        body = await _body(request)
        recipient = body.get("recipient")
        customer = str(recipient.get("id")) if isinstance(recipient, dict) else None
        try:
            answer = act(world, account, body) if "sender_action" in body else send(world, account, body)
        except GraphError as error:
            told = {"code": error.code, "subcode": error.subcode, "message": error.message}
            world.records.record_send(account.id, customer, body, None, told)
            raise
        world.records.record_send(account.id, customer, body, answer.get("message_id"), None)
        return answer

    @router.post("/{id}/subscribed_apps")
    async def subscribe(id: str, request: Request) -> Json:
        account = _account(world, secret, request, id)
        fields = request.query_params.get("subscribed_fields") or (await _body(request)).get("subscribed_fields")
        if not fields:
            raise GraphError(100, None, "(#100) The parameter subscribed_fields is required.")
        world.subscribe(account, fields if isinstance(fields, str) else ",".join(fields))
        return {"success": True}

    @router.get("/{id}/subscribed_apps")
    async def subscriptions(id: str, request: Request) -> Json:
        account = _account(world, secret, request, id)
        fields = account.subscribed.split(",") if account.subscribed else []
        return {"data": [{"id": "simulated-app", "subscribed_fields": fields}] if fields else []}

    @router.get("/{id}/conversations")
    async def conversations(id: str, request: Request) -> Json:
        account = _account(world, secret, request, id)
        if request.query_params.get("platform", "instagram") != "instagram":
            raise GraphError(100, None, "(#100) Only platform=instagram is simulated.")
        only = request.query_params.get("user_id")
        try:
            customers = world.customers(account.id) if only is None else [world.customer(account.id, only)]
        except Unknown:
            customers = []
        found = [
            {"id": customer.conversation, "updated_time": _iso(customer.last_wrote)}
            for customer in customers
            if customer.last_wrote is not None
        ]
        return {"data": found}

    @router.get("/{id}")
    async def read(id: str, request: Request) -> Json:
        account = _account(world, secret, request)
        fields = request.query_params.get("fields", "")
        if id in ("me", account.id, account.sender):
            return _chosen(_node(account), fields, always=("id",))
        with suppress(Unknown):
            return _profile(world.customer(account.id, id), request, fields)
        with suppress(Unknown):
            return _conversation(world, account, world.customer_in(account.id, id), fields)
        try:
            message = world.message(account.id, id)
        except Unknown as error:
            raise _missing(id) from error
        newest = world.thread(account.id, message.customer)[-_DETAILED:]
        if message.deleted or message.mid not in {other.mid for other in newest}:
            raise GraphError(9000001, None, "The message was deleted.")
        return _chosen(_detail(world, account, message), fields, always=("id",))

    return router


def _account(world: World, secret: str, request: Request, id: str | None = None) -> Account:
    """The account whose token came with the request; an `id` in the address must be its own."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        token = request.query_params.get("access_token", "")
    if not token:
        raise GraphError(104, None, "An access token is required to request this resource.", 401)
    account = world.account_by_token(token.strip())
    if account is None:
        raise GraphError(190, None, "Invalid OAuth access token - Cannot parse access token", 401)
    request.state.flavour = account.flavour
    proof = request.query_params.get("appsecret_proof")
    expected = hmac.new(secret.encode(), account.token.encode(), hashlib.sha256).hexdigest()
    if proof is not None and not hmac.compare_digest(proof.encode(), expected.encode()):
        raise GraphError(100, None, "Invalid appsecret_proof provided in the API argument")
    if id is not None and id not in ("me", account.sender):
        raise _missing(id)
    return account


def _missing(id: str) -> GraphError:
    reason = "does not exist, cannot be loaded due to missing permissions, or does not support this operation"
    return GraphError(100, 33, f"Unsupported request. Object with ID '{id}' {reason}")


async def _body(request: Request) -> Json:
    raw = await request.body()
    if not raw:
        return {}
    try:
        decoded = json.loads(raw)
    except ValueError as error:
        raise GraphError(100, None, "(#100) The body is no JSON.") from error
    if not isinstance(decoded, dict):
        raise GraphError(100, None, "(#100) The body is no JSON object.")
    return cast("Json", decoded)


def _chosen(node: Json, fields: str, always: tuple[str, ...] = ()) -> Json:
    wanted = {field.strip() for field in fields.split(",") if field.strip()}
    return {name: value for name, value in node.items() if name in always or not wanted or name in wanted}


def _node(account: Account) -> Json:
    if account.flavour == "page":
        return {"id": account.sender, "name": account.name, "instagram_business_account": {"id": account.id}}
    # The id that webhooks use is `user_id`; `id` is another one, made for the app (facts 3.2).
    return {
        "id": account.id[::-1],
        "user_id": account.id,
        "username": account.username,
        "name": account.name,
        "account_type": "BUSINESS",
    }


def _profile(customer: Customer, request: Request, fields: str) -> Json:
    if customer.last_wrote is None:
        raise GraphError(230, None, "User consent is required to access user profile", 403)
    node = {
        "name": customer.name,
        "username": customer.username,
        "profile_pic": f"{request.base_url}avatars/{customer.username}.svg",
        "follower_count": 0,
        "is_user_follow_business": False,
        "is_business_follow_user": False,
        "is_verified_user": False,
        "id": customer.id,
    }
    return _chosen(node, fields, always=("id",))


def _conversation(world: World, account: Account, customer: Customer, fields: str) -> Json:
    node: Json = {"id": customer.conversation, "updated_time": _iso(customer.last_wrote)}
    asked = _MESSAGES.search(fields)
    if asked is None:
        return node
    limit, expansion = int(asked[1] or 25), asked[2]
    newest_first = list(reversed(world.thread(account.id, customer.id)))[:limit]
    messages = [
        _chosen(_detail(world, account, message), expansion or "id,created_time", always=("id",))
        for message in newest_first
    ]
    return {"messages": {"data": messages}, "id": node["id"]}


def _detail(world: World, account: Account, message: Message) -> Json:
    customer = world.customer(account.id, message.customer)
    parties = [
        {"username": customer.username, "id": customer.id},
        {"username": account.username, "id": account.id},
    ]
    author, other = parties if message.author == "customer" else reversed(parties)
    node: Json = {
        "id": message.mid,
        "created_time": _iso(message.at),
        "from": author,
        "to": {"data": [other]},
        "message": message.content.get("text", ""),
    }
    images = [
        {"image_data": {"url": attachment["url"]}}
        for attachment in message.content.get("attachments", [])
        if attachment.get("type") == "image"
    ]
    return {**node, "attachments": {"data": images}} if images else node


def _iso(milliseconds: int | None) -> str:
    return datetime.fromtimestamp((milliseconds or 0) // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
