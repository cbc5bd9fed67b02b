"""The control API's calls about what happens in a thread."""

from typing import Any

from fastapi import APIRouter, HTTPException, Request

from instagram.simulator.apps import FACEBOOK_ID, INSTAGRAM_ID
from instagram.simulator.clock import iso
from instagram.simulator.control.answers import NOT_THERE, TAKEN, address, customer_answer, found, message_answer
from instagram.simulator.control.thread_inputs import AppReply, CustomerMessage, Edit, HandOver, Reaction
from instagram.simulator.customers import attached, react, say, take_back
from instagram.simulator.customers import edit as edit_message
from instagram.simulator.sending import INBOX
from instagram.simulator.threads import Message
from instagram.simulator.world import World

Json = dict[str, Any]


def add(router: APIRouter, world: World) -> None:
    thread = "/accounts/{account}/customers/{customer}"

    @router.get(thread + "/thread", summary="The conversation as the customer's phone shows it", responses=NOT_THERE)
    async def read_thread(account: str, customer: str) -> Json:
        person = found(world.threads.customer, account, customer)
        messages = world.threads.messages(account, customer)
        return {
            "account": account,
            "customer": customer_answer(person),
            "seen_at": iso(person.seen_by_us),
            "typing": world.threads.typing(account, customer),
            "quick_replies": messages[-1].content.get("quick_replies", []) if messages else [],
            "ice_breakers": [] if messages else _questions(world, account),
            "messages": [message_answer(message) for message in messages],
        }

    @router.post(
        thread + "/messages",
        status_code=201,
        summary="The customer writes, taps or attaches something",
        responses=NOT_THERE,
    )
    async def customer_says(account: str, customer: str, said: CustomerMessage, request: Request) -> Json:
        person = found(world.threads.customer, account, customer)
        told = said.model_dump(exclude_none=True)
        try:
            message = found(say, world, person, told, address(world, request))
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return message_answer(message) if message else {"mid": None}

    @router.delete(
        thread + "/messages/{mid}",
        status_code=204,
        summary="The customer, or a person of the business, takes a message back",
        responses={**NOT_THERE, **TAKEN},
    )
    async def unsends(account: str, customer: str, mid: str) -> None:
        message = found(world.threads.message, account, mid)
        if message.customer != customer or message.author == "api":
            raise HTTPException(409, "that message was not written by a person in this thread")
        try:
            take_back(world, message)
        except ValueError as error:
            raise HTTPException(409, str(error)) from error

    @router.post(thread + "/edits", summary="The customer edits a message", responses={**NOT_THERE, **TAKEN})
    async def customer_edits(account: str, customer: str, edit: Edit) -> Json:
        try:
            edit_message(world, _own(world, account, customer, edit.mid), edit.text)
        except ValueError as error:
            raise HTTPException(422, str(error)) from error
        return message_answer(world.threads.message(account, edit.mid))

    @router.post(thread + "/reactions", summary="The customer reacts to a message", responses={**NOT_THERE, **TAKEN})
    async def customer_reacts(account: str, customer: str, reaction: Reaction) -> Json:
        message = found(world.threads.message, account, reaction.mid)
        if message.customer != customer or message.deleted:
            raise HTTPException(409, "that message is not in this thread, or was unsent")
        react(world, message, reaction.emoji, reaction.reaction)
        return message_answer(world.threads.message(account, reaction.mid))

    @router.post(
        thread + "/seen",
        status_code=204,
        summary="The customer has seen the newest message of the business",
        responses={**NOT_THERE, **TAKEN},
    )
    async def customer_sees(account: str, customer: str) -> None:
        person = found(world.threads.customer, account, customer)
        messages = world.threads.messages(account, customer)
        mid = next((message.mid for message in reversed(messages) if message.author != "customer"), None)
        if mid is None:
            raise HTTPException(409, "the business has written nothing yet")
        world.threads.add_event(person, {"read": {"mid": mid}})

    @router.post(
        thread + "/app-replies",
        status_code=201,
        summary="A person of the business types in the Instagram app",
        responses=NOT_THERE,
    )
    async def app_reply(account: str, customer: str, reply: AppReply, request: Request) -> Json:
        person = found(world.threads.customer, account, customer)
        content: Json = {"text": reply.text}
        echo: Json = {"text": reply.text, "is_echo": True}
        if reply.text is None:
            files = [item.model_dump(exclude_none=True) for item in reply.attachments]
            both = [attached(file, address(world, request)) for file in files]
            content, echo = {"attachments": [kept for kept, _ in both]}, {"attachments": [told for _, told in both]}
            echo["is_echo"] = True
        return message_answer(world.threads.add_message(person, "app", content, {"message": echo}))

    @router.post(thread + "/hand-over", summary="Another app takes, passes or asks for the thread", responses=NOT_THERE)
    async def hand_over(account: str, customer: str, moved: HandOver) -> Json:
        person = found(world.threads.customer, account, customer)
        known = found(world.accounts.get, account)
        own = INSTAGRAM_ID if known.flavour == "login" else FACEBOOK_ID
        target = moved.app_id or (own if moved.event == "pass_thread_control" else INBOX[known.flavour])
        told: Json = {"metadata": moved.metadata} if moved.metadata else {}
        match moved.event:
            case "pass_thread_control" | "take_thread_control":
                told |= {"previous_owner_app_id": person.owner or own, "new_owner_app_id": target}
                person = world.threads.change_customer(person, owner=None if target == own else target)
            case "request_thread_control":
                told |= {"requested_owner_app_id": target}
            case "pass_thread_metadata":
                told |= {"caller_app_id": target}
            case "app_roles":
                told |= {target: ["secondary_receiver"], own: ["primary_receiver"]}
        at = world.clock.stamp()
        item: Json = {"sender": {"id": customer}, "recipient": {"id": account}, "timestamp": at, moved.event: told}
        if moved.form == "changes":
            item = {"field": "messaging_handover", "value": {**item, "timestamp": at // 1000}}
        world.webhooks.add(known, item, moved.form, customer)
        world.changes.tell(account=account, customer=customer)
        return customer_answer(person)


def _own(world: World, account: str, customer: str, mid: str) -> Message:
    message = found(world.threads.message, account, mid)
    if message.customer != customer or message.author != "customer":
        raise HTTPException(409, "that message is not this customer's own")
    return message


def _questions(world: World, account: str) -> list[Json]:
    """The ice breakers of the default locale."""
    locales = world.accounts.ice_breakers(account)
    return next((item["call_to_actions"] for item in locales if item.get("locale") == "default"), [])
