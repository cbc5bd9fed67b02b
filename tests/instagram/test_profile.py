"""What an account is set to: the questions that it offers, and the webhooks that it sends."""

import httpx
import pytest

from instagram.errors import SendError
from tests.instagram.scripted import ACCOUNT, Meta

pytestmark = pytest.mark.anyio


async def test_ice_breakers(meta: Meta, http: httpx.AsyncClient) -> None:
    address = f"/v26.0/{ACCOUNT}/messenger_profile"
    client = meta.client(http)
    for method in ("POST", "DELETE"):
        meta.answer(method, address, {"result": "success"})
    await client.publish_ice_breakers([("When are you open?", "HOURS"), ("Where are you?", "WHERE")])
    actions = [
        {"question": "When are you open?", "payload": "HOURS"},
        {"question": "Where are you?", "payload": "WHERE"},
    ]
    languages = [{"call_to_actions": actions, "locale": "default"}]
    assert meta.last().json == {"platform": "instagram", "ice_breakers": languages}
    await client.publish_ice_breakers([])
    assert (meta.last().method, meta.last().json) == (
        "DELETE",
        {"platform": "instagram", "fields": ["ice_breakers"]},
    )
    with pytest.raises(ValueError, match="4 at most"):
        await client.publish_ice_breakers([("q", "p")] * 5)
    other = {"call_to_actions": [{"question": "Kdy?", "payload": "CZ"}], "locale": "cs_CZ"}
    for shape in (
        {"data": [{"ice_breakers": [other, *languages]}]},
        {"data": [other, *languages]},
        {"data": [{"ice_breakers": actions}]},
    ):
        meta.answer("GET", address, shape)
        assert await client.ice_breakers() == [("When are you open?", "HOURS"), ("Where are you?", "WHERE")]
    for nothing in ({"data": []}, {"data": [{"ice_breakers": []}]}, {}):
        meta.answer("GET", address, nothing)
        assert await client.ice_breakers() == []


async def test_subscriptions(meta: Meta, http: httpx.AsyncClient) -> None:
    address = f"/v26.0/{ACCOUNT}/subscribed_apps"
    client = meta.client(http)
    for method in ("POST", "DELETE"):
        meta.answer(method, address, {"success": True})
    await client.subscribe()
    assert "messages" in meta.last().query["subscribed_fields"].split(",")
    apps = [{"id": "1", "subscribed_fields": ["messages", "standby"]}, {"id": 2, "subscribed_fields": "feed,messages"}]
    meta.answer("GET", address, {"data": apps})
    assert await client.subscribed() == ("messages", "standby", "feed")
    assert await client.subscribed("2") == ("feed", "messages")
    assert await client.subscribed("3") == ()
    meta.answer("GET", address, {"data": [{"subscribed_fields": ["messages"]}]})
    assert await client.subscribed("3") == ("messages",)  # Instagram Login lists only the app that asks
    meta.answer("GET", address, {})
    with pytest.raises(SendError, match="no list of apps"):
        await client.subscribed()
    await client.unsubscribe()
    assert meta.last().method == "DELETE"
    meta.answer("POST", address, (400, {"error": {"message": "dead", "code": 190}}))
    with pytest.raises(SendError) as error:
        await client.subscribe()
    assert (error.value.outcome, len(meta.of(address))) == ("account", 8)  # asked once, not again without echoes
