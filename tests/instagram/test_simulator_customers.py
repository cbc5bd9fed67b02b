"""Everything a customer, the business and Meta can do, as the webhooks that tell of it."""

import json
from typing import Any

import pytest

from instagram.webhooks import Inbound, parse, verified

pytestmark = pytest.mark.anyio
LOGIN, PAGE = "17841400000000001", "17841400000000002"
TOKEN = "IGAA-simulated-1"
SECRET = "a-test-secret"


async def told(simulator: Any, account: str = LOGIN) -> list[Inbound]:
    """What the app under test would read in the webhooks so far."""
    records = await simulator.control("GET", f"/webhooks?account={account}")
    return [event for record in records for event in parse(json.dumps(record["body"]).encode())]


async def items(simulator: Any, form: str = "messaging") -> list[dict[str, Any]]:
    records = await simulator.control("GET", f"/webhooks?account={LOGIN}")
    entries = [entry for record in records for entry in record["body"]["entry"]]
    return [item for entry in entries for item in entry.get(form, [])]


@pytest.fixture
async def jana(simulator: Any) -> str:
    return await simulator.customer(LOGIN)


def path(customer: str, what: str) -> str:
    return f"/accounts/{LOGIN}/customers/{customer}/{what}"


async def test_attachments_of_every_kind(simulator: Any, jana: str) -> None:
    kinds = ("image", "video", "audio", "file", "share", "ig_post", "ig_reel", "reel", "story_mention", "sticker")
    for kind in (*kinds, "ephemeral", "unsupported_type", "hologram"):
        await simulator.say(LOGIN, jana, attachments=[{"type": kind}])
    payloads = {
        item["message"]["attachments"][0]["type"]: item["message"]["attachments"][0] for item in await items(simulator)
    }
    for kind in kinds:
        served = await simulator.http.get(payloads[kind]["payload"]["url"])
        assert served.status_code == 200
        assert len(served.content) > 200
    for kind in ("ephemeral", "unsupported_type", "hologram"):
        assert payloads[kind] == {"type": kind}
    assert payloads["ig_post"]["payload"]["ig_post_media_id"].startswith("18")
    assert payloads["ig_reel"]["payload"]["reel_video_id"].startswith("18")


async def test_attachments_as_given(simulator: Any, jana: str) -> None:
    page = (await simulator.control("GET", "/samples"))["page"]
    uploaded = await simulator.http.post(
        "/control/media", content=b"RIFF....WAVE", headers={"Content-Type": "audio/wav"}
    )
    assert (uploaded.json()["type"], uploaded.json()["url"][-4:]) == ("audio", ".wav")
    said = [
        {"type": "share", "url": "https://p/1"},
        {"type": "ig_post", "url": "https://p/1", "title": "A post", "payload": {"ig_post_media_id": "180"}},
        {"type": "ig_reel", "url": page},
        {"type": "audio", "url": uploaded.json()["url"]},
        {"type": "fallback", "payload": {"anything": [1, 2]}},
    ]
    await simulator.say(LOGIN, jana, attachments=said)
    (item,) = await items(simulator)
    share, post, reel, audio, fallback = item["message"]["attachments"]
    assert share == {"type": "share", "payload": {"url": "https://p/1"}}
    assert post["payload"] == {"url": "https://p/1", "title": "A post", "ig_post_media_id": "180"}
    assert (await simulator.http.get(reel["payload"]["url"])).headers["content-type"].startswith("text/html")
    assert (await simulator.http.get(audio["payload"]["url"])).content == b"RIFF....WAVE"
    assert fallback["payload"] == {"anything": [1, 2]}


async def test_files_are_found_at_the_address_that_was_given(start: Any) -> None:
    simulator = await start(url="http://instagram.internal:8090/")
    jana = await simulator.customer(LOGIN)
    await simulator.say(LOGIN, jana, attachments=[{"type": "image"}])
    (item,) = await items(simulator)
    url = item["message"]["attachments"][0]["payload"]["url"]
    assert url == "http://instagram.internal:8090/samples/image.png"


async def test_stories_and_referrals(simulator: Any, jana: str) -> None:
    await simulator.say(LOGIN, jana, text="nice", story={"url": "https://s/1", "id": "181"})
    await simulator.say(LOGIN, jana, text="hi", story={})
    await simulator.say(LOGIN, jana, referral={"ref": "flyer", "source": "https://ig.me/m/shop"})
    ad = {"ref": "AD", "source": "ADS", "ad_id": "12", "ads_context_data": {"ad_title": "Sale"}}
    await simulator.say(LOGIN, jana, text="in stock?", referral=ad)
    await simulator.say(LOGIN, jana, text="this one?", referral={"product": {"id": "77"}})
    await simulator.say(LOGIN, jana, postback={"title": "Hours?", "payload": "H"}, referral={"ref": "menu"})
    first, second, flyer, sale, product, postback = await items(simulator)
    assert first["message"]["reply_to"] == {"story": {"url": "https://s/1", "id": "181"}}
    assert second["message"]["reply_to"]["story"]["url"].endswith("/samples/image.png")
    assert flyer["referral"]["ref"] == "flyer"
    assert "message" not in flyer
    assert sale["message"]["referral"] == {**ad, "type": "OPEN_THREAD"}
    assert product["message"]["referral"]["product"] == {"id": "77"}
    assert postback["postback"]["referral"]["ref"] == "menu"
    assert len((await simulator.thread(LOGIN, jana))["messages"]) == 5


async def test_edits_reactions_and_unsending(simulator: Any, jana: str) -> None:
    said = (await simulator.say(LOGIN, jana, text="0"))["mid"]
    for number in range(1, 6):
        await simulator.control("POST", path(jana, "edits"), {"mid": said, "text": str(number)})
    await simulator.control("POST", path(jana, "edits"), {"mid": said, "text": "6"}, expect=422)
    await simulator.control("POST", path(jana, "reactions"), {"mid": said, "emoji": "😮", "reaction": "wow"})
    await simulator.control("POST", path(jana, "reactions"), {"mid": said, "emoji": None})
    await simulator.control("DELETE", path(jana, f"messages/{said}"), expect=204)
    await simulator.control("DELETE", path(jana, f"messages/{said}"), expect=409)
    await simulator.control("POST", path(jana, "edits"), {"mid": said, "text": "7"}, expect=422)
    await simulator.control("POST", path(jana, "reactions"), {"mid": said}, expect=409)
    found = await items(simulator)
    assert [item["message_edit"]["num_edit"] for item in found if "message_edit" in item] == [1, 2, 3, 4, 5]
    assert found[6]["reaction"] == {"mid": said, "action": "react", "reaction": "wow", "emoji": "😮"}
    assert found[7]["reaction"] == {"mid": said, "action": "unreact"}
    assert found[8]["message"] == {"mid": said, "is_deleted": True}
    shown = (await simulator.thread(LOGIN, jana))["messages"][0]
    assert (shown["deleted"], shown["edits"], "text" in shown) == (True, 5, False)


async def test_a_person_of_the_business_in_the_app(simulator: Any, jana: str) -> None:
    await simulator.say(LOGIN, jana, text="hi")
    await simulator.control("POST", path(jana, "app-replies"), {"text": "Hello"}, expect=201)
    pictured = {"attachments": [{"type": "image", "url": "https://e.org/a.png"}]}
    sent = await simulator.control("POST", path(jana, "app-replies"), pictured, expect=201)
    await simulator.control("DELETE", path(jana, f"messages/{sent['mid']}"), expect=204)
    for wrong in ({}, {"text": "x", **pictured}):
        await simulator.control("POST", path(jana, "app-replies"), wrong, expect=422)
    _, text, picture, gone = await items(simulator)
    assert (text["sender"]["id"], text["recipient"]["id"]) == (LOGIN, jana)
    assert text["message"]["is_echo"] is True
    assert picture["message"]["attachments"][0]["payload"]["url"] == "https://e.org/a.png"
    assert gone["message"] == {"mid": sent["mid"], "is_deleted": True, "is_echo": True}
    assert gone["sender"]["id"] == LOGIN


async def test_blocking(simulator: Any, jana: str) -> None:
    await simulator.say(LOGIN, jana, text="hi")
    await simulator.control("PUT", path(jana, "block"), {"blocked": True})
    refused = await simulator.text(LOGIN, jana, "hello", TOKEN)
    assert (refused["error"]["code"], refused["error"]["error_subcode"]) == (551, 1545041)
    await simulator.control("POST", path(jana, "messages"), {"text": "psst"}, expect=422)
    await simulator.control("PUT", path(jana, "block"), {"blocked": False})
    assert "message_id" in await simulator.text(LOGIN, jana, "hello", TOKEN)
    assert [send["delivered"] for send in await simulator.control("GET", "/sends")] == [False, True]


async def test_a_thread_that_another_app_controls(simulator: Any, jana: str) -> None:
    await simulator.say(LOGIN, jana, text="hi")
    inbox = "1217981644879628"
    taken = {"event": "take_thread_control", "metadata": "for people"}
    assert (await simulator.control("POST", path(jana, "hand-over"), taken))["owner"] == inbox
    await simulator.say(LOGIN, jana, text="still there?")
    refused = await simulator.text(LOGIN, jana, "hello", TOKEN)
    assert refused["error"]["error_subcode"] == 2018300
    assert [event.standby for event in await told(simulator) if event.kind == "message"] == [False, True]
    (change,) = await items(simulator, "changes")
    assert change["field"] == "messaging_handover"
    value = change["value"]
    assert value["take_thread_control"] == {
        "metadata": "for people",
        "previous_owner_app_id": "200000000000002",
        "new_owner_app_id": inbox,
    }
    passed = {"event": "pass_thread_control", "form": "messaging"}
    assert (await simulator.control("POST", path(jana, "hand-over"), passed))["owner"] is None
    assert (await items(simulator))[-1]["pass_thread_control"]["previous_owner_app_id"] == inbox
    assert "message_id" in await simulator.text(LOGIN, jana, "hello", TOKEN)
    for event in ("request_thread_control", "pass_thread_metadata", "app_roles"):
        await simulator.control("POST", path(jana, "hand-over"), {"event": event})
    kinds = [event.kind for event in await told(simulator)]
    assert kinds.count("handover") == 5


async def test_the_app_passes_and_takes_a_thread(simulator: Any, jana: str) -> None:
    await simulator.say(LOGIN, jana, text="hi")

    async def control(kind: str, **body: Any) -> Any:
        asked = {"recipient": {"id": jana}, **body}
        return await simulator.graph("POST", f"/v26.0/{LOGIN}/{kind}_thread_control", TOKEN, json=asked)

    assert await control("pass", target_app_id="5") == {"success": True}
    assert (await simulator.control("GET", f"/accounts/{LOGIN}/customers"))[0]["owner"] == "5"
    assert (await control("release"))["error"]["error_subcode"] == 2018300
    assert await control("request", metadata="please") == {"success": True}
    assert await control("take") == {"success": True}
    assert "message_id" in await simulator.text(LOGIN, jana, "hello", TOKEN)
    assert await control("release") == {"success": True}
    assert (await control("juggle"))["error"]["code"] == 100
    await control("take")
    body = {"recipient": {"id": jana}, "message": {"text": "bye"}, "thread_control": {"app_id": "7"}}
    assert "message_id" in await simulator.graph("POST", "/me/messages", TOKEN, json=body)
    assert (await simulator.control("GET", f"/accounts/{LOGIN}/customers"))[0]["owner"] == "7"


async def test_comments_and_private_replies(simulator: Any, jana: str) -> None:
    comments = f"/accounts/{LOGIN}/comments"
    made = await simulator.control("POST", comments, {"text": "Price?", "customer": jana}, expect=201)
    await simulator.control("POST", comments, {"text": "Size?", "customer": jana, "form": "flat"}, expect=201)
    await simulator.control("POST", comments, {"text": "thanks", "own": True}, expect=201)
    await simulator.control("POST", comments, {"text": "x"}, expect=422)
    await simulator.control("POST", comments, {"text": "x", "customer": "404"}, expect=404)
    records = await simulator.control("GET", f"/webhooks?account={LOGIN}")
    listed, flat, own = (record["body"]["entry"][0] for record in records)
    assert listed["changes"][0]["value"]["from"] == {"id": jana, "username": "jana"}
    assert (flat["field"], flat["value"]["text"]) == ("comments", "Size?")
    assert own["changes"][0]["value"]["from"]["self_ig_scoped_id"]
    assert {event.kind for event in await told(simulator)} == {"change"}

    reply = {"recipient": {"comment_id": made["id"]}, "message": {"text": "Ten"}}
    answer = await simulator.graph("POST", "/me/messages", TOKEN, json=reply)
    assert answer["recipient_id"] == jana
    assert (await simulator.thread(LOGIN, jana))["messages"][0]["text"] == "Ten"
    again = await simulator.graph("POST", "/me/messages", TOKEN, json=reply)
    assert (again["error"]["code"], again["error"]["error_subcode"]) == (100, 2534025)
    # A private reply opens no window: only the customer's own message does.
    assert (await simulator.text(LOGIN, jana, "more", TOKEN))["error"]["error_subcode"] == 2534014


async def test_comments_are_written_with_spaces(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    jana = await simulator.customer(LOGIN)
    await simulator.control("POST", f"/accounts/{LOGIN}/comments", {"text": "Größe a/b", "customer": jana})
    ((body, headers),) = await listener.until(1)
    assert b'"object": "instagram", ' in body
    assert b"Gr\\u00f6\\u00dfe a\\/b" in body
    assert verified(body, headers["x-hub-signature-256"], [SECRET])


async def test_the_dashboards_test_button(start: Any, listener: Any) -> None:
    simulator = await start(listener.url, login_secret="the-other-secret")
    for app, secret, form in (("instagram", "the-other-secret", "changes"), ("facebook", SECRET, "messaging")):
        await simulator.control("POST", "/dashboard-test", {"app": app}, expect=201)
        body, headers = (await listener.until(1 if app == "instagram" else 2))[-1]
        (entry,) = json.loads(body)["entry"]
        assert (entry["id"], form in entry) == ("0", True)
        assert verified(body, headers["x-hub-signature-256"], [secret])
        assert [event.account for event in parse(body)] == ["0"]


async def test_anything_can_be_told(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    item = {"sender": {"id": LOGIN}, "recipient": {"id": "5"}, "is_self": True, "message": {"mid": "m", "text": "me"}}
    new = {"account": LOGIN, "item": item}
    await simulator.control("POST", "/webhooks", new, expect=201)
    await simulator.control("POST", "/webhooks", {**new, "form": "standby", "thread": "5"}, expect=201)
    await simulator.control("POST", "/webhooks", {**new, "form": "flat", "item": {"field": "x", "value": {}}})
    await simulator.control("POST", "/webhooks", {**new, "entry": "0", "app": "facebook"})
    await simulator.control("POST", "/webhooks", {**new, "account": "404"}, expect=404)
    entries = [json.loads(body)["entry"][0] for body, _ in await listener.until(4)]
    assert {"standby", "messaging", "field"} <= {name for entry in entries for name in entry}
    assert {entry["id"] for entry in entries} == {LOGIN, "0"}


async def test_batches_of_several_accounts(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    await simulator.control("PUT", "/hold", {"held": True})
    for account in (LOGIN, PAGE):
        await simulator.say(account, await simulator.customer(account), text=account)
    numbers = [record["number"] for record in await simulator.control("GET", "/webhooks")]
    joined = {"webhooks": numbers, "joined": True}
    assert await simulator.control("POST", "/redeliver", joined) == {"statuses": [200]}
    assert [event.account for event in parse(listener.received[0][0])] == [LOGIN, PAGE]


async def test_how_times_are_written(simulator: Any, jana: str) -> None:
    for shape, kind in (("number", int), ("text", str), ("seconds", str)):
        await simulator.control("PUT", "/shapes", {"timestamps": shape})
        await simulator.say(LOGIN, jana, text=shape)
        written = (await items(simulator))[-1]["timestamp"]
        assert type(written) is kind
        assert len(str(written)) == (10 if shape == "seconds" else 13)
    times = [event.at.timestamp() for event in await told(simulator)]
    assert max(times) - min(times) < 5


async def test_a_hint_before_or_instead_of_a_message(simulator: Any, jana: str) -> None:
    await simulator.control("POST", "/faults", {"at": "webhook", "kind": "edit_hint", "mode": "announce"})
    announced = await simulator.say(LOGIN, jana, text="one")
    await simulator.control("POST", "/faults", {"at": "webhook", "kind": "edit_hint", "mode": "only"})
    only = await simulator.say(LOGIN, jana, text="two")
    await simulator.say(LOGIN, jana, text="three")
    hint, message, other, last = await items(simulator)
    assert hint["message_edit"] == {"mid": announced["mid"], "num_edit": 0}
    assert "sender" not in hint
    assert message["message"]["text"] == "one"
    assert other["message_edit"] == {"mid": only["mid"], "num_edit": 0}
    assert last["message"]["text"] == "three"
    # What it hints at can be read.
    read = await simulator.graph("GET", f"/{only['mid']}?fields=from,message", TOKEN)
    assert (read["from"]["id"], read["message"]) == (jana, "two")


async def test_ten_pictures_at_once(simulator: Any, jana: str) -> None:
    await simulator.say(LOGIN, jana, text="hi")
    one = {"type": "image", "payload": {"url": "https://e.org/a.png"}}

    async def send(attachments: Any) -> Any:
        body = {"recipient": {"id": jana}, "message": {"attachments": attachments}}
        return await simulator.graph("POST", "/me/messages", TOKEN, json=body)

    assert "message_id" in await send([one] * 10)
    assert "message_id" in await send(one)
    for wrong in ([one] * 11, [one, {"type": "video", "payload": {"url": "https://e.org/a.mp4"}}], [5]):
        assert (await send(wrong))["error"]["code"] == 100
    unreached = await send([{"type": "image", "payload": {"url": "file:///etc/passwd"}}])
    assert unreached["error"]["error_subcode"] == 2018008
    shown = (await simulator.thread(LOGIN, jana))["messages"]
    assert [len(message.get("attachments", [])) for message in shown] == [0, 10, 1]


async def test_human_agent_needs_the_review(simulator: Any, jana: str) -> None:
    await simulator.say(LOGIN, jana, text="hi")
    await simulator.control("POST", "/clock", {"advance": 25 * 3600})
    body = {"recipient": {"id": jana}, "message": {"text": "x"}, "tag": "HUMAN_AGENT"}
    await simulator.control("PATCH", "/apps/instagram", {"human_agent": False})
    response = await simulator.http.post("/me/messages", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert (response.status_code, "code" in response.json()["error"]) == (403, False)
    assert "Human Agent" in response.json()["error"]["message"]
    told = await simulator.control("PATCH", "/apps/instagram", {"human_agent": True})
    assert (told["id"], told["human_agent"]) == ("200000000000002", True)
    assert "message_id" in await simulator.graph("POST", "/me/messages", TOKEN, json=body)
    await simulator.control("POST", "/clock", {"advance": 7 * 24 * 3600})
    assert (await simulator.graph("POST", "/me/messages", TOKEN, json=body))["error"]["error_subcode"] == 2534022
