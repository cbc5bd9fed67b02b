"""The Graph API's endpoints that set an account up: who is told of it, and its ice breakers."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from instagram.simulator.apps import FACEBOOK_ID, INSTAGRAM_ID, NAME
from instagram.simulator.caller import caller, messaging, read_body
from instagram.simulator.documents import answers, body, query
from instagram.simulator.errors import wrong
from instagram.simulator.line import Line
from instagram.simulator.world import World

Json = dict[str, Any]

QUESTIONS = 4  # facts 2.2


def add(router: APIRouter, world: World, line: Line) -> None:
    @router.post(
        "/{id}/subscribed_apps",
        summary="Have the app told of what happens to an account",
        responses=answers({"success": True}),
        openapi_extra=query(subscribed_fields="messages,messaging_postbacks,…; may stand in a JSON body too"),
    )
    async def subscribe(id: str, request: Request) -> Response:
        account = caller(world, request, id)
        fields = request.query_params.get("subscribed_fields") or (await read_body(request)).get("subscribed_fields")
        if not fields:
            raise wrong("The parameter subscribed_fields is required.")
        written = fields if isinstance(fields, str) else ",".join(map(str, fields))

        def do() -> Json:
            world.accounts.subscribe(account.node, account.app, written)
            return {"success": True}

        return await line.answer(request, world.faults.pick("login", account.account.id, None), do)

    @router.get(
        "/{id}/subscribed_apps",
        summary="Whether the app is told, and of what",
        responses=answers({"data": [{"id": FACEBOOK_ID, "name": NAME, "subscribed_fields": ["messages"]}]}),
    )
    async def subscriptions(id: str, request: Request) -> Response:
        account = caller(world, request, id)

        def do() -> Json:
            fields = world.accounts.subscribed_fields(account.node, account.app)
            app = INSTAGRAM_ID if account.flavour == "login" else FACEBOOK_ID
            told = {"id": app, "name": NAME, "subscribed_fields": (fields or "").split(",")}
            return {"data": [told] if fields else []}

        return await line.answer(request, world.faults.pick("login", account.account.id, None), do)

    @router.delete(
        "/{id}/subscribed_apps",
        summary="Have the app told of nothing any more",
        responses=answers({"success": True}),
    )
    async def unsubscribe(id: str, request: Request) -> Response:
        account = caller(world, request, id)

        def do() -> Json:
            world.accounts.unsubscribe(account.node, account.app)
            return {"success": True}

        return await line.answer(request, world.faults.pick("login", account.account.id, None), do)

    @router.post(
        "/{id}/messenger_profile",
        summary="Publish ice breakers",
        responses=answers({"result": "success"}),
        openapi_extra=body(
            ice_breakers={
                "platform": "instagram",
                "ice_breakers": [
                    {"call_to_actions": [{"question": "When are you open?", "payload": "HOURS"}], "locale": "default"}
                ],
            }
        ),
    )
    async def publish(id: str, request: Request) -> Response:
        account = messaging(world, request, id)
        wanted = _ice_breakers(await read_body(request))

        def do() -> Json:
            world.accounts.publish_ice_breakers(account.account.id, wanted)
            return {"result": "success"}

        return await line.answer(request, world.faults.pick("login", account.account.id, None), do)

    @router.get(
        "/{id}/messenger_profile",
        summary="The ice breakers that are published",
        responses=answers(
            {
                "data": [
                    {
                        "call_to_actions": [{"question": "When are you open?", "payload": "HOURS"}],
                        "locale": "default",
                    }
                ]
            }
        ),
        openapi_extra=query(fields="ice_breakers", platform="instagram"),
    )
    async def published(id: str, request: Request) -> Response:
        account = messaging(world, request, id)
        if request.query_params.get("fields", "ice_breakers") != "ice_breakers":
            raise wrong("Only the field ice_breakers is simulated.")

        def do() -> Json:
            return {"data": world.accounts.ice_breakers(account.account.id)}

        return await line.answer(request, world.faults.pick("login", account.account.id, None), do)

    @router.delete(
        "/{id}/messenger_profile",
        summary="Take the ice breakers back",
        responses=answers({"result": "success"}),
        openapi_extra=body(required=False, ice_breakers={"platform": "instagram", "fields": ["ice_breakers"]}),
    )
    async def unpublish(id: str, request: Request) -> Response:
        account = messaging(world, request, id)
        asked = (await read_body(request)).get("fields") or request.query_params.get("fields", "")
        names = asked if isinstance(asked, list) else [name.strip(' "[]') for name in str(asked).split(",")]
        if names != ["ice_breakers"]:
            raise wrong("fields must be a list of what to delete: only ice_breakers is simulated.")

        def do() -> Json:
            world.accounts.publish_ice_breakers(account.account.id, [])
            return {"result": "success"}

        return await line.answer(request, world.faults.pick("login", account.account.id, None), do)


def _ice_breakers(asked: Json) -> list[Json]:
    if asked.get("platform", "instagram") != "instagram":
        raise wrong("Only platform=instagram is simulated.")
    wanted = asked.get("ice_breakers")
    if not isinstance(wanted, list) or not wanted:
        raise wrong("ice_breakers must be a list")
    if all(isinstance(item, dict) and "question" in item for item in wanted):
        # The older form has no locales.
        wanted = [{"call_to_actions": wanted, "locale": "default"}]
    for item in wanted:
        calls = item.get("call_to_actions") if isinstance(item, dict) else None
        if not isinstance(calls, list) or not 1 <= len(calls) <= QUESTIONS:
            raise wrong(f"ice_breakers: each locale takes 1 to {QUESTIONS} call_to_actions")
        for call in calls:
            if not isinstance(call, dict) or not all(
                isinstance(call.get(name), str) and call[name] for name in ("question", "payload")
            ):
                raise wrong("ice_breakers: each of call_to_actions needs a question and a payload")
    if sum(item.get("locale") == "default" for item in wanted) != 1:
        raise wrong("ice_breakers: exactly one must have the locale default")
    return wanted
