"""What the Graph API lets an app read: threads in pages, messages in their own shapes, profiles."""

from typing import Any

import pytest

from instagram.client import Button, Outbound

pytestmark = pytest.mark.anyio
LOGIN, PAGE = "17841400000000001", "17841400000000002"
TOKEN = "IGAA-simulated-1"
FIELDS = "id,created_time,from,to,message,attachments,shares,story,reactions,reply_to,is_unsupported"


async def detail(simulator: Any, mid: str, token: str = TOKEN) -> dict[str, Any]:
    return await simulator.graph("GET", f"/v26.0/{mid}?fields={FIELDS}", token)


def numbers(answer: dict[str, Any]) -> tuple[int | None, int | None]:
    return answer["error"].get("code"), answer["error"].get("error_subcode")


async def test_a_thread_and_its_messages(simulator: Any) -> None:
    customer = await simulator.customer(LOGIN)
    await simulator.say(LOGIN, customer, text="hi")
    me = await simulator.graph("GET", "/v26.0/me?fields=user_id,username", TOKEN)
    assert (me["user_id"], me["username"], me["id"] == LOGIN) == (LOGIN, "cornershop", False)
    found = await simulator.graph("GET", f"/{LOGIN}/conversations?platform=instagram&user_id={customer}", TOKEN)
    (thread,) = found["data"]
    assert set(thread) == {"id", "updated_time"}
    told = await simulator.graph("GET", f"/v26.0/{thread['id']}?fields=messages", TOKEN)
    (listed,) = told["messages"]["data"]
    assert set(listed) == {"id", "created_time"}
    message = await simulator.graph("GET", f"/v26.0/{listed['id']}?fields=from,message", TOKEN)
    assert message == {"id": listed["id"], "from": {"username": "jana", "id": customer}, "message": "hi"}
    bare = await simulator.graph("GET", f"/{listed['id']}", TOKEN)
    assert set(bare) == {"id", "created_time"}
    people = await simulator.graph("GET", f"/{thread['id']}?fields=participants", TOKEN)
    assert {one["id"] for one in people["participants"]["data"]} == {LOGIN, customer}

    missing = await simulator.http.get("/v26.0/404", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (missing.status_code, missing.json()["error"]["type"]) == (400, "IGApiException")
    assert numbers(await simulator.graph("GET", "/v26.0/me")) == (104, None)
    assert numbers(await simulator.graph("GET", "/v26.0/me?access_token=nonsense")) == (190, None)
    assert numbers(await simulator.graph("GET", f"/{PAGE}/conversations", TOKEN)) == (100, 33)
    assert numbers(await simulator.graph("GET", f"/{LOGIN}/conversations?platform=messenger", TOKEN)) == (100, None)
    assert numbers(await simulator.graph("GET", f"/{listed['id']}", "EAA-simulated-2")) == (100, 33)


async def test_threads_come_in_pages(simulator: Any) -> None:
    customers = [await simulator.customer(LOGIN, f"c{number}") for number in range(5)]
    await simulator.customer(LOGIN, "silent")
    for customer in customers:
        await simulator.say(LOGIN, customer, text="hi")
    await simulator.text(LOGIN, customers[0], "hello", TOKEN)
    address: str | None = (
        f"{simulator.url}/v26.0/me/conversations?limit=2&fields=participants,messages.limit(1){{from}}"
    )
    found: list[str] = []
    calls = 0
    while address:
        answer = (await simulator.http.get(address, headers={"Authorization": f"Bearer {TOKEN}"})).json()
        for thread in answer["data"]:
            found.append(thread["participants"]["data"][1]["id"])
            assert len(thread["messages"]["data"]) == 1
        address, calls = answer["paging"].get("next"), calls + 1
    assert calls == 3
    assert found == [customers[0], *customers[:0:-1]]


async def test_only_the_newest_twenty_have_details(simulator: Any) -> None:
    customer = await simulator.customer(LOGIN)
    said = [(await simulator.say(LOGIN, customer, text=str(number)))["mid"] for number in range(30)]
    gone = said.pop(27)
    await simulator.control("DELETE", f"/accounts/{LOGIN}/customers/{customer}/messages/{gone}")
    for mid, known in ((said[-1], True), (said[10], True), (said[9], False), (said[0], False), (gone, False)):
        answer = await detail(simulator, mid)
        assert answer["message"] if known else numbers(answer) == (9000001, None)

    (thread,) = (await simulator.graph("GET", f"/me/conversations?user_id={customer}", TOKEN))["data"]
    first = await simulator.graph("GET", f"/v26.0/{thread['id']}?fields=messages.limit(25){{id,from}}", TOKEN)
    messages = first["messages"]["data"]
    assert [("from" in message) for message in messages] == [True] * 2 + [False] + [True] * 17 + [False] * 5
    address = first["messages"]["paging"]["next"]
    assert address.startswith(f"{simulator.url}/v26.0/{thread['id']}/messages?")
    rest = (await simulator.http.get(address)).json()
    assert len(rest["data"]) == 5
    assert "next" not in rest["paging"]
    read = [message["id"] for message in messages + rest["data"]]
    assert read == [*said[:26:-1], gone, *said[26::-1]]
    listed = await simulator.graph("GET", f"/{thread['id']}/messages?limit=3&fields=from,message", TOKEN)
    after = listed["paging"]["cursors"]["after"]
    more = await simulator.graph("GET", f"/{thread['id']}/messages?limit=18&after={after}&fields=from,message", TOKEN)
    assert [("message" in message) for message in more["data"]] == [True] * 17 + [False]
    assert numbers(await simulator.graph("GET", "/404/messages", TOKEN)) == (100, 33)


async def test_shapes_of_what_a_customer_said(simulator: Any) -> None:
    customer = await simulator.customer(LOGIN)

    async def said(**what: Any) -> dict[str, Any]:
        return await detail(simulator, (await simulator.say(LOGIN, customer, **what))["mid"])

    plain = await said(text="hi")
    assert (plain["message"], plain["is_unsupported"]) == ("hi", False)
    assert not {"attachments", "shares", "story", "reactions", "reply_to"} & set(plain)
    reply = await said(text="that", reply_to=plain["id"])
    assert reply["reply_to"] == {"mid": plain["id"]}
    files = await said(attachments=[{"type": "image"}, {"type": "video"}, {"type": "audio"}, {"type": "file"}])
    image, video, audio, file = files["attachments"]["data"]
    assert image["image_data"]["url"].endswith("/samples/image.png")
    assert video["video_data"]["url"].endswith("/samples/video.mp4")
    assert audio["file_url"].endswith("/samples/audio.wav")
    assert (file["file_url"][-4:], file["mime_type"]) == (".pdf", "application/pdf")
    both = await said(attachments=[{"type": "share", "url": "https://p/1"}, {"type": "ig_post", "title": "Post"}])
    assert [share["link"][:12] for share in both["shares"]["data"]] == ["https://p/1", simulator.url[:12]]
    assert both["shares"]["data"][1]["name"] == "Post"
    story = await said(text="nice", story={"url": "https://s/1", "id": "18"})
    assert story["story"] == {"reply_to": {"link": "https://s/1", "id": "18"}}
    mention = await said(attachments=[{"type": "story_mention", "url": "https://s/2"}])
    assert mention["story"] == {"mention": {"link": "https://s/2", "id": ""}}
    assert (await said(unsupported=True))["is_unsupported"] is True
    await simulator.control("POST", f"/accounts/{LOGIN}/customers/{customer}/reactions", {"mid": plain["id"]})
    (reaction,) = (await detail(simulator, plain["id"]))["reactions"]["data"]
    assert (reaction["reaction"], reaction["emoji"], reaction["users"][0]["id"]) == ("love", "❤️", customer)


async def test_shapes_of_what_the_business_said(simulator: Any) -> None:
    customer = await simulator.customer(PAGE)
    await simulator.say(PAGE, customer, text="hi")
    client = simulator.client("page")
    sent = await client.send(customer, Outbound(text="Look", buttons=(Button(text="Shop", url="https://e.org/"),)))
    told = await detail(simulator, sent, "EAA-simulated-2")
    assert (told["from"]["id"], told["to"]["data"][0]["id"], told["message"]) == (PAGE, customer, "")
    (template,) = told["attachments"]["data"]
    assert template["generic_template"]["title"] == "Look"
    assert template["generic_template"]["cta"]["data"] == [{"title": "Shop", "url": "https://e.org/"}]
    sent = await client.send(customer, Outbound(image="https://e.org/a.png"))
    (image,) = (await detail(simulator, sent, "EAA-simulated-2"))["attachments"]["data"]
    assert image["image_data"]["url"] == "https://e.org/a.png"


async def test_profiles(simulator: Any) -> None:
    people = f"/accounts/{LOGIN}/customers"

    async def profile(**about: Any) -> dict[str, Any]:
        made = await simulator.control("POST", people, {"username": "somebody", **about})
        await simulator.say(LOGIN, made["id"], text="hi")
        return await simulator.graph("GET", f"/v26.0/{made['id']}?fields=name,username,profile_pic", TOKEN)

    full = await profile(name="Jana")
    assert (full["name"], full["username"]) == ("Jana", "somebody")
    assert (await simulator.http.get(full["profile_pic"])).headers["content-type"] == "image/png"
    bare = await profile(picture=False)
    assert (bare["name"], bare["profile_pic"]) == (None, None)
    assert numbers(await profile(profile="withheld")) == (230, None)
    bot = await profile(profile="missing")
    assert (numbers(bot), bot["error"]["type"]) == ((9010, None), "IGApiException")
    silent = await simulator.customer(LOGIN)
    assert numbers(await simulator.graph("GET", f"/{silent}", TOKEN)) == (230, None)
    await simulator.say(LOGIN, silent, text="hi")
    await simulator.control("PUT", f"{people}/{silent}/block", {"blocked": True})
    assert numbers(await simulator.graph("GET", f"/{silent}", TOKEN)) == (100, 33)
    assert numbers(await simulator.text(LOGIN, silent, "hello", TOKEN)) == (551, 1545041)


async def test_ice_breakers(simulator: Any) -> None:
    address = f"/v26.0/{LOGIN}/messenger_profile"
    call = [{"question": "When are you open?", "payload": "HOURS"}]
    body = {"platform": "instagram", "ice_breakers": [{"call_to_actions": call, "locale": "default"}]}
    assert await simulator.graph("POST", address, TOKEN, json=body) == {"result": "success"}
    asked = f"{address}?fields=ice_breakers&platform=instagram"
    assert await simulator.graph("GET", asked, TOKEN) == {"data": body["ice_breakers"]}
    customer = await simulator.customer(LOGIN)
    assert (await simulator.thread(LOGIN, customer))["ice_breakers"] == call
    await simulator.say(LOGIN, customer, text="hi")
    assert (await simulator.thread(LOGIN, customer))["ice_breakers"] == []
    for wrong in (
        {},
        {"ice_breakers": [{"call_to_actions": call * 5, "locale": "default"}]},
        {"ice_breakers": [{"call_to_actions": call, "locale": "en_US"}]},
        {"ice_breakers": [{"call_to_actions": [{"question": "x"}], "locale": "default"}]},
        {"ice_breakers": [{"locale": "default"}]},
        {**body, "platform": "messenger"},
    ):
        assert numbers(await simulator.graph("POST", address, TOKEN, json=wrong)) == (100, None)
    assert numbers(await simulator.graph("DELETE", address, TOKEN, json={"fields": ["menu"]})) == (100, None)
    gone = {"platform": "instagram", "fields": ["ice_breakers"]}
    assert await simulator.graph("DELETE", address, TOKEN, json=gone) == {"result": "success"}
    assert await simulator.graph("GET", asked, TOKEN) == {"data": []}
    # The older form, without locales, is taken too.
    assert await simulator.graph("POST", address, TOKEN, json={"ice_breakers": call}) == {"result": "success"}
    assert await simulator.graph("GET", asked, TOKEN) == {"data": body["ice_breakers"]}
