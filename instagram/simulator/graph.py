"""The Graph API's endpoints for messages and accounts, of both flavours under one address."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from instagram.simulator import reading, setup
from instagram.simulator.caller import messaging, read_body
from instagram.simulator.database import together
from instagram.simulator.documents import GRAPH, answers, body
from instagram.simulator.errors import GraphError, wrong
from instagram.simulator.faults import Fault
from instagram.simulator.line import Line
from instagram.simulator.sending import act, hand_over, send
from instagram.simulator.world import World

Json = dict[str, Any]


def routes(world: World) -> APIRouter:
    """The endpoints, without a version: the app strips it. Their addresses are bare ids, so they come last."""
    router = APIRouter(tags=[GRAPH])
    line = Line(world.changes)

    @router.post(
        "/{id}/messages",
        summary="Send a message, or a sender action",
        responses=answers(
            {"recipient_id": "1000000000000001", "message_id": "aWdfZAG1faXRlbToxOk"},
            errors={
                403: "10/2534022: outside the window (login); 10/2018300: another app controls the thread",
                429: "613: over the limit that was set, if one was",
            },
        ),
        openapi_extra=body(
            text={"recipient": {"id": "1000000000000001"}, "message": {"text": "Hello"}},
            quick_replies={
                "recipient": {"id": "1000000000000001"},
                "message": {
                    "text": "Pick",
                    "quick_replies": [{"content_type": "text", "title": "Red", "payload": "R"}],
                },
            },
            buttons={
                "recipient": {"id": "1000000000000001"},
                "message": {
                    "attachment": {
                        "type": "template",
                        "payload": {
                            "template_type": "button",
                            "text": "Look",
                            "buttons": [{"type": "web_url", "title": "Shop", "url": "https://example.org/"}],
                        },
                    }
                },
            },
            images={
                "recipient": {"id": "1000000000000001"},
                "message": {"attachments": [{"type": "image", "payload": {"url": "https://example.org/a.png"}}]},
            },
            human_agent={
                "recipient": {"id": "1000000000000001"},
                "messaging_type": "MESSAGE_TAG",
                "tag": "HUMAN_AGENT",
                "message": {"text": "Hello again"},
            },
            private_reply={"recipient": {"comment_id": "17900000000000001"}, "message": {"text": "Hello"}},
            typing={"recipient": {"id": "1000000000000001"}, "sender_action": "typing_on"},
        ),
    )
    async def send_message(id: str, request: Request) -> Response:
        sender = messaging(world, request, id)
        asked = await read_body(request)
        recipient = asked.get("recipient")
        customer = str(recipient.get("id")) if isinstance(recipient, dict) else None
        account = sender.account.id
        action = "sender_action" in asked
        if world.sends.over_limit(account):
            refusal = GraphError(613, None, "Calls to this api have exceeded the rate limit.", 429)
            world.sends.record(account, customer, asked, error=refusal.told)
            raise refusal
        fault = world.faults.pick("action" if action else "send", account, customer)
        if fault is None and not action:
            fault = world.chaos.send()

        def do() -> Json:
            kind = fault.kind if fault else None
            try:
                with together(world.database):
                    answer = (act if action else send)(world, sender, asked)
                    world.sends.record(account, customer, asked, mid=answer.get("message_id"), fault=kind)
            except GraphError as error:
                world.sends.record(account, customer, asked, error=error.told, fault=kind)
                raise
            return answer

        def undone(fault: Fault) -> None:
            world.sends.record(account, customer, asked, fault=fault.kind)

        return await line.answer(request, fault, do, undone)

    @router.post(
        "/{id}/{kind}_thread_control",
        summary="Pass, take, request or release the control over a thread",
        responses=answers({"success": True}, errors={403: "10/2018300: another app controls the thread"}),
        openapi_extra=body(
            to_an_inbox={"recipient": {"id": "1000000000000001"}, "target_app_id": "1217981644879628"},
            take={"recipient": {"id": "1000000000000001"}, "metadata": "why"},
        ),
    )
    async def control(id: str, kind: str, request: Request) -> Response:
        sender = messaging(world, request, id)
        if kind not in ("pass", "take", "request", "release"):
            raise wrong(f"{kind}_thread_control does not exist")
        asked = await read_body(request)
        fault = world.faults.pick("action", sender.account.id, None)
        return await line.answer(request, fault, lambda: hand_over(world, sender, asked, kind))

    setup.add(router, world, line)
    reading.add(router, world, line)
    return router
