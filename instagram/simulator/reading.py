"""The Graph API's endpoints that read threads, messages, customers and accounts."""

from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from instagram.simulator.caller import Caller, caller, messaging, token_of
from instagram.simulator.database import Unknown
from instagram.simulator.documents import answers, query
from instagram.simulator.errors import GraphError, missing, wrong
from instagram.simulator.faults import Place
from instagram.simulator.fields import Asked, choose, parse
from instagram.simulator.line import Line
from instagram.simulator.nodes import (
    BRIEF,
    DETAILED,
    Wanted,
    account_node,
    conversation,
    detail,
    linked,
    login_node,
    messages,
    page_node,
    profile,
)
from instagram.simulator.paging import after_of, limit_of, paged
from instagram.simulator.threads import Customer
from instagram.simulator.tokens import Token
from instagram.simulator.world import World

Json = dict[str, Any]

_PAGES = {"limit": "items on a page, 25 if not given, at most 100", "after": "the cursor of the page before"}


def add(router: APIRouter, world: World, line: Line) -> None:
    """Adds the endpoints. The address of the last is a bare id, which would catch those of others."""

    @router.get(
        "/{id}/conversations",
        summary="The threads of an account, changed last first",
        responses=answers(
            {
                "data": [{"id": "aWdfZAG06MzQwMjgyMzY2ODQx", "updated_time": "2026-11-20T10:00:00+0000"}],
                "paging": {"cursors": {"before": "MTAy", "after": "MTAz"}},
            }
        ),
        openapi_extra=query(platform="instagram", user_id="only the thread with this customer", fields="", **_PAGES),
    )
    async def conversations(id: str, request: Request) -> Response:
        reader = messaging(world, request, id)
        if request.query_params.get("platform", "instagram") != "instagram":
            raise wrong("Only platform=instagram is simulated.")
        asked = parse(request.query_params.get("fields", ""))
        only = request.query_params.get("user_id")
        limit, after = limit_of(request), after_of(request)

        def do() -> Json:
            found: list[Customer] = []
            if only is None:
                found = world.threads.customers(reader.account.id, limit=limit + 1, before=after)
            else:
                with suppress(Unknown):
                    found = [world.threads.customer(reader.account.id, only)]
            found = [customer for customer in found if customer.updated is not None]
            items = [(one.updated or 0, _conversation(world, reader, one, asked, request)) for one in found[:limit]]
            return paged(request, reader.token.token, items, more=len(found) > limit)

        return await line.answer(request, world.faults.pick("read", reader.account.id, only), do)

    @router.get(
        "/{id}/messages",
        summary="The messages of a thread, newest first",
        responses=answers({"data": [{"id": "aWdfZAG1faXRlbToxOk", "created_time": "2026-11-20T10:00:00+0000"}]}),
        openapi_extra=query(fields="id,created_time,from,message", **_PAGES),
    )
    async def thread(id: str, request: Request) -> Response:
        reader = messaging(world, request)
        asked = parse(request.query_params.get("fields", ""))
        limit, after = limit_of(request), after_of(request)
        try:
            customer = world.threads.customer_in(reader.account.id, id)
        except Unknown as error:
            raise missing(id) from error

        def do() -> Json:
            items, more = messages(world, reader.account, customer, asked, limit=limit, before=after)
            return paged(request, reader.token.token, items, more=more)

        return await line.answer(request, world.faults.pick("read", reader.account.id, customer.id), do)

    @router.get(
        "/{id}",
        summary="Read an account, a page, a customer, a thread or a message by its id, or `me`",
        responses=answers(
            {"id": "1000000000000001", "username": "jana.novak", "name": "Jana Nováková"},
            errors={
                400: "9000001: a message that was deleted, or is not among the thread's newest 20; 100/33: nothing",
                401: "190, 104: no living token; 9010: a customer without a profile",
                403: "230: a customer who wrote nothing yet, or gave no consent",
            },
        ),
        openapi_extra=query(fields="names of members, as id,from,message or messages.limit(5){id,from,message}"),
    )
    async def read(id: str, request: Request) -> Response:
        asked = parse(request.query_params.get("fields", ""))
        token = token_of(world, request)
        if token.kind == "user":
            fault = world.faults.pick("login", None, None)
            return await line.answer(request, fault, lambda: _of_person(world, token, id, asked, request))
        reader = caller(world, request)
        if id in ("me", token.subject, reader.account.id):
            fault = world.faults.pick("read", reader.account.id, None)
            return await line.answer(request, fault, lambda: _self(world, reader, id, asked, request))
        reader = messaging(world, request)
        place, customer = _place(world, reader, id)
        fault = world.faults.pick(place, reader.account.id, customer.id)
        return await line.answer(request, fault, lambda: _found(world, reader, customer, id, asked, request))


def _place(world: World, reader: Caller, id: str) -> tuple[Place, Customer]:
    """Whose id this is: a customer's own, or of something in a customer's thread."""
    account = reader.account.id
    with suppress(Unknown):
        return "profile", world.threads.customer(account, id)
    with suppress(Unknown):
        return "read", world.threads.customer_in(account, id)
    with suppress(Unknown):
        return "read", world.threads.customer(account, world.threads.message(account, id).customer)
    raise missing(id)


def _found(world: World, reader: Caller, customer: Customer, id: str, asked: Wanted, request: Request) -> Json:
    if id == customer.id:
        return choose(profile(customer, request), asked)
    if id == customer.conversation:
        return _conversation(world, reader, customer, asked, request)
    message = world.threads.message(reader.account.id, id)
    if message.deleted or world.threads.newer(message, DETAILED) >= DETAILED:
        raise GraphError(9000001, None, "The message was deleted.")
    return choose(detail(reader.account, message, customer), asked or BRIEF)


def _conversation(world: World, reader: Caller, customer: Customer, asked: Wanted, request: Request) -> Json:
    def page(items: list[tuple[int, Json]], rest: bool) -> Json:
        path = f"/{customer.conversation}/messages"
        return paged(request, reader.token.token, items, more=rest, path=path)

    return conversation(world, reader.account, customer, asked, page)


def _self(world: World, reader: Caller, id: str, asked: Wanted, request: Request) -> Json:
    account = reader.account
    if reader.flavour == "login":
        node = choose(login_node(account, request), asked)
        return {"data": [node]} if world.shapes.me == "wrapped" and id == "me" else node
    if id == account.id:
        return choose(account_node(account, request), asked)
    name = world.people.page_name(reader.node)
    return choose({"id": reader.node, "name": name, **linked(account, asked, request)}, asked)


def _of_person(world: World, token: Token, id: str, asked: Wanted, request: Request) -> Json:
    """What a Facebook user's token reads: themselves, their pages, and the accounts of those."""
    if id in ("me", token.subject):
        return choose({"id": token.subject, "name": world.people.get(token.subject).name}, asked)
    for page in world.people.pages(token.subject):
        if token.pages is not None and page.id not in token.pages:
            continue
        if page.id == id:
            return page_node(world, page, token, asked or {"name": Asked()}, request)
        if page.account == id:
            return choose(account_node(world.accounts.get(id), request), asked)
    raise missing(id)
