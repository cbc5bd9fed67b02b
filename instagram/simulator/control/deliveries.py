"""The control API's calls about what the app under test asked for and is told."""

import json
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import Response

from instagram.simulator.apps import AppName
from instagram.simulator.clock import iso
from instagram.simulator.control.answers import NOT_THERE, found
from instagram.simulator.control.delivery_inputs import DashboardTest, Hold, NewComment, NewWebhook, Redelivery
from instagram.simulator.courier import Courier
from instagram.simulator.database import Unknown, together
from instagram.simulator.sends import SendKind
from instagram.simulator.webhooks import Form
from instagram.simulator.world import World

Json = dict[str, Any]

_TEST = {
    "sender": {"id": "12334"},
    "recipient": {"id": "23245"},
    "timestamp": "1527459824",
    "message": {"mid": "random_mid", "text": "random_text"},
}
_AFTER = Query(0, ge=0, description="only those numbered higher")
_LIMIT = Query(-1, ge=-1, description="at most so many; -1 for all")


def add(router: APIRouter, world: World, courier: Courier) -> None:
    @router.get("/sends", summary="Every send that was asked of the Graph API, refused ones included")
    async def sends(
        account: str | None = None,
        customer: str | None = None,
        delivered: bool | None = Query(None, description="messages that reached the thread, or did not"),
        kind: SendKind | None = None,
        after: int = _AFTER,
        limit: int = _LIMIT,
    ) -> Response:
        listed = world.sends.listed(
            account=account, customer=customer, delivered=delivered, kind=kind, after=after, limit=limit
        )
        return Response(listed, media_type="application/json")

    @router.get("/webhooks", summary="Every webhook with every attempt to deliver it")
    async def webhooks(
        undelivered: bool = Query(False, description="only those not taken yet"),
        account: str | None = None,
        customer: str | None = Query(None, description="only with `account`"),
        after: int = _AFTER,
        limit: int = _LIMIT,
    ) -> list[Json]:
        if customer is not None and account is None:
            raise HTTPException(422, "customer: give the account too, for customers are the account's own")
        records = world.webhooks.records(
            undelivered=undelivered, account=account, customer=customer, after=after, limit=limit
        )
        return [_webhook(record) for record in records]

    @router.get("/counts", summary="How many sends and webhooks there are, and how many webhooks are still to be told")
    async def counts() -> Json:
        return {**world.sends.count(), **world.webhooks.count()}

    @router.post("/webhooks", status_code=201, summary="Tell anything, in any form of envelope", responses=NOT_THERE)
    async def tell(new: NewWebhook) -> Json:
        account = found(world.accounts.get, new.account)
        apps: list[AppName] | None = None if new.app is None else [new.app]
        numbers = world.webhooks.add(account, new.item, new.form, new.thread, entry=new.entry, apps=apps)
        world.changes.tell(account=account.id, customer=new.thread)
        return {"webhooks": numbers}

    @router.post("/dashboard-test", status_code=201, summary="Press the Test button of Meta's dashboard")
    async def dashboard_test(test: DashboardTest) -> Json:
        form: Form = "changes" if test.app == "instagram" else "messaging"
        item: Json = {"field": "messages", "value": _TEST} if form == "changes" else _TEST
        account = world.accounts.all()[0]
        numbers = world.webhooks.add(account, item, form, "dashboard", entry="0", apps=[test.app])
        world.changes.tell(account=account.id, customer="dashboard")
        return {"webhooks": numbers}

    @router.post(
        "/accounts/{account}/comments",
        status_code=201,
        summary="Somebody comments on a post of the account",
        responses=NOT_THERE,
    )
    async def comment(account: str, new: NewComment) -> Json:
        known = found(world.accounts.get, account)
        author: Json = {"id": account, "username": known.username, "self_ig_scoped_id": "1000000000000001"}
        if new.customer is not None:
            customer = found(world.threads.customer, account, new.customer)
            author = {"id": customer.id, "username": customer.username}
        with together(world.database):
            made = world.comments.add(account, new.customer or account, new.text)
            media = {"id": new.media_id, "media_product_type": "FEED"}
            told: Json = {"id": made.id, "from": author, "text": new.text, "media": media}
            numbers = world.webhooks.add(known, {"field": "comments", "value": told}, new.form, "comments")
        world.changes.tell(account=account, customer="comments")
        return {"id": made.id, "webhooks": numbers}

    @router.post("/redeliver", summary="Deliver webhooks again, as often and in whatever order", responses=NOT_THERE)
    async def redeliver(again: Redelivery) -> Json:
        try:
            statuses = await courier.deliver_again(
                again.webhooks, times=again.times, joined=again.joined, app=again.app
            )
        except Unknown as error:
            raise HTTPException(404, str(error)) from error
        return {"statuses": statuses}

    @router.get("/hold", summary="Whether webhooks are held back")
    async def held() -> Json:
        return {"held": world.held}

    @router.put("/hold", summary="Hold webhooks back, or let them go")
    async def hold(wanted: Hold) -> Json:
        world.hold(wanted.held)
        if not wanted.held:
            courier.wake()
        return {"held": world.held}


def _webhook(webhook: Json) -> Json:
    body: Any = json.loads(webhook["body"])
    state: Literal["delivered", "waiting", "late"] = "waiting" if webhook["due"] is None else "late"
    return {
        "number": webhook["number"],
        "thread": webhook["thread"],
        "app": webhook["app"],
        "body": body,
        "created": iso(webhook["created"]),
        "delivered": iso(webhook["delivered"]),
        "state": "delivered" if not webhook["pending"] else state,
        "attempts": [{**attempt, "at": iso(attempt["at"])} for attempt in webhook["attempts"]],
    }
