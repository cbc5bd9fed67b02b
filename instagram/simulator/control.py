"""The control API: what a test or the phone does to the local Instagram."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import StreamingResponse

from instagram.simulator.courier import Courier
from instagram.simulator.customers import edit as edit_message
from instagram.simulator.customers import react, say, take_back
from instagram.simulator.database import Unknown
from instagram.simulator.inputs import (
    AppReply,
    ClockMove,
    CustomerMessage,
    Edit,
    Hold,
    NewAccount,
    NewCustomer,
    Reaction,
    Redelivery,
)
from instagram.simulator.world import Account, Customer, Message, World

Json = dict[str, Any]

HEARTBEAT = 15.0  # Seconds between signs of life on a quiet stream.
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
IMAGE_BYTES = 8_000_000  # As Instagram's own limit (facts 2.2).


def routes(world: World, courier: Courier) -> APIRouter:
    """Everything under /control. What is not there answers 404, what is taken already 409, a wrong body 422."""
    router = APIRouter(prefix="/control", tags=["control"])
    thread = "/accounts/{account}/customers/{customer}"

    @router.get("/accounts", summary="Every account, tokens included")
    async def accounts() -> list[Json]:
        return [_account(account) for account in world.accounts()]

    @router.post("/accounts", status_code=201, summary="Connect a further account")
    async def add_account(new: NewAccount) -> Json:
        account = Account(new.id, new.flavour, new.username, new.name or new.username, new.token, new.page_id)
        try:
            world.add_account(account)
        except sqlite3.IntegrityError as error:
            raise HTTPException(409, "its id, page_id or token belongs to another account") from error
        return _account(account)

    @router.get("/accounts/{account}/customers", summary="The customers of an account, who wrote last first")
    async def customers(account: str) -> list[Json]:
        return [_customer(customer) for customer in _found(world.customers, account)]

    @router.post("/accounts/{account}/customers", status_code=201, summary="Invent a customer")
    async def add_customer(account: str, new: NewCustomer) -> Json:
        try:
            return _customer(_found(world.add_customer, account, new.username, new.name, new.id))
        except sqlite3.IntegrityError as error:
            raise HTTPException(409, f"the account has a customer {new.id} already") from error

    @router.get(thread + "/thread", summary="The conversation as the customer's phone shows it")
    async def read_thread(account: str, customer: str) -> Json:
        person, messages = _found(world.customer, account, customer), world.thread(account, customer)
        return {
            "account": account,
            "customer": _customer(person),
            "seen_at": _time(person.seen_by_us),
            "typing": world.typing(account, customer),
            "quick_replies": world.offered(account, customer),
            "messages": [_message(message) for message in messages],
        }

    @router.post(thread + "/messages", status_code=201, summary="The customer writes, taps or attaches something")
    async def customer_says(account: str, customer: str, said: CustomerMessage) -> Json:
        person = _found(world.customer, account, customer)
        try:
            message = _found(say, world, person, said.model_dump(exclude_none=True))
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return _message(message) if message else {"mid": None}

    @router.delete(thread + "/messages/{mid}", status_code=204, summary="The customer takes a message back")
    async def customer_unsends(account: str, customer: str, mid: str) -> None:
        take_back(world, _own(world, account, customer, mid))

    @router.post(thread + "/edits", summary="The customer edits a message")
    async def customer_edits(account: str, customer: str, edit: Edit) -> Json:
        try:
            edit_message(world, _own(world, account, customer, edit.mid), edit.text)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return _message(world.message(account, edit.mid))

    @router.post(thread + "/reactions", summary="The customer reacts to a message")
    async def customer_reacts(account: str, customer: str, reaction: Reaction) -> Json:
        message = _found(world.message, account, reaction.mid)
        react(world, message, customer, reaction.emoji, reaction.reaction)
        return _message(world.message(account, reaction.mid))

    @router.post(thread + "/seen", status_code=204, summary="The customer has seen the newest message of the business")
    async def customer_sees(account: str, customer: str) -> None:
        messages = _found(world.thread, account, customer)
        mid = next((message.mid for message in reversed(messages) if message.author != "customer"), None)
        if mid is None:
            raise HTTPException(409, "the business has written nothing yet")
        world.add_event(account, customer, {"read": {"mid": mid}})

    @router.post(
        thread + "/app-replies", status_code=201, summary="A person of the business types in the Instagram app"
    )
    async def app_reply(account: str, customer: str, reply: AppReply) -> Json:
        _found(world.customer, account, customer)
        content = {"text": reply.text}
        message = world.add_message(account, customer, "app", content, {"message": {**content, "is_echo": True}})
        return _message(message)

    @router.get("/sends", summary="Every send that was asked of the Graph API, refused ones included")
    async def sends(account: str | None = None, customer: str | None = None) -> list[Json]:
        return [{**send, "at": _time(send["at"])} for send in world.records.sends(account, customer)]

    @router.get("/webhooks", summary="Every webhook with every attempt to deliver it")
    async def webhooks(undelivered: bool = Query(False, description="only those not taken yet")) -> list[Json]:
        return [_webhook(webhook) for webhook in world.records.webhooks() if not (undelivered and webhook["delivered"])]

    @router.post("/redeliver", summary="Deliver webhooks again, as often and in whatever order")
    async def redeliver(again: Redelivery) -> Json:
        try:
            statuses = await courier.deliver_again(again.webhooks, times=again.times, joined=again.joined)
        except Unknown as error:
            raise HTTPException(404, str(error)) from error
        return {"statuses": statuses}

    @router.put("/hold", summary="Hold webhooks back, or let them go")
    async def hold(wanted: Hold) -> Json:
        world.held = wanted.held
        if not wanted.held:
            courier.wake()
        return {"held": world.held}

    @router.get("/clock", summary="The simulator's time")
    async def clock() -> Json:
        return {"now": world.clock.now().isoformat(), "offset": world.clock.offset}

    @router.post("/clock", summary="Move the clock: the 24-hour window follows")
    async def move_clock(move: ClockMove) -> Json:
        try:
            if move.at is not None:
                world.advance((move.at - world.clock.now()).total_seconds())
            elif move.advance is not None:
                world.advance(move.advance)
        except (OverflowError, ValueError, OSError) as error:
            raise HTTPException(422, f"the clock cannot go there: {error}") from error
        return {"now": world.clock.now().isoformat(), "offset": world.clock.offset}

    @router.post("/media", status_code=201, summary="Keep an image (its bytes are the body) and give its address")
    async def add_media(request: Request) -> Json:
        type = request.headers.get("Content-Type", "").partition(";")[0].strip()
        if type not in IMAGES:
            raise HTTPException(415, f"{type or 'a body without a type'} is not one of {', '.join(IMAGES)}")
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            if len(content) > IMAGE_BYTES:
                raise HTTPException(413, f"over {IMAGE_BYTES} bytes")
        id = f"{uuid4().hex}.{type.partition('/')[2]}"
        world.records.add_media(id, type, bytes(content))
        return {"url": f"{request.base_url}media/{id}"}

    @router.post("/reset", status_code=204, summary="Forget everything, as at the first start")
    async def reset() -> None:
        world.reset()

    @router.get("/events", summary="Server-sent events: which account and customer changed, at once")
    async def events() -> StreamingResponse:
        return StreamingResponse(_stream(world), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return router


async def _stream(world: World) -> AsyncIterator[str]:
    with world.watching() as changes:
        yield ": here\n\n"
        while True:
            try:
                change = await asyncio.wait_for(changes.get(), HEARTBEAT)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            if change is None:
                return
            yield f"data: {json.dumps(change)}\n\n"


def _found(call: Any, *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except Unknown as error:
        raise HTTPException(404, str(error)) from error


def _own(world: World, account: str, customer: str, mid: str) -> Message:
    message: Message = _found(world.message, account, mid)
    if message.customer != customer or message.author != "customer":
        raise HTTPException(409, "that message is not this customer's own")
    return message


def _account(account: Account) -> Json:
    return {**account.__dict__, "sender": account.sender}


def _customer(customer: Customer) -> Json:
    return {
        "id": customer.id,
        "username": customer.username,
        "name": customer.name,
        "last_wrote": _time(customer.last_wrote),
    }


def _message(message: Message) -> Json:
    return {
        "mid": message.mid,
        "from": "customer" if message.author == "customer" else "business",
        "author": message.author,
        "at": _time(message.at),
        "edits": message.edits,
        "deleted": message.deleted,
        **message.content,
    }


def _webhook(webhook: Json) -> Json:
    return {
        "number": webhook["number"],
        "thread": webhook["thread"],
        "body": json.loads(webhook["body"]),
        "created": _time(webhook["created"]),
        "delivered": _time(webhook["delivered"]),
        "attempts": [{**attempt, "at": _time(attempt["at"])} for attempt in webhook["attempts"]],
    }


def _time(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
