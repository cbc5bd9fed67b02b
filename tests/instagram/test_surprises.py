"""What Instagram does that nobody would expect (facts, section 5): a test for each that this package can show.

`WHERE` says for each of the seventeen which files have it; here each is a test whose name begins with its number.
"""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from instagram.client import Outbound, Profile, parts
from instagram.errors import SendError
from instagram.login import InstagramLogin, LoginError
from instagram.webhooks import Inbound, parse, verified
from tests.instagram.scripted import ACCOUNT, Meta

pytestmark = pytest.mark.anyio

HERE, API, ACTIVITIES = (f"tests/{folder}/test_surprises.py" for folder in ("instagram", "api", "activities"))
WHERE: dict[int, tuple[str, ...]] = {
    1: (HERE,),  # an edit number 0, without a sender, announces a new message
    2: (HERE,),  # the dashboard's Test button: shapes of its own, and the account "0"
    3: (API,),  # the echo comes before the answer to the send
    4: (HERE,),  # one mid through two connections, and once more for its deletion
    5: (HERE,),  # IGApiException, HTTP 403, no code, an error inside a 200
    6: (HERE,),  # 1/1357046: an error, and yet sent
    7: (HERE,),  # three shapes of the first token, and #_ behind the code
    8: (HERE,),  # id is not user_id
    9: (HERE,),  # two apps, two secrets
    10: (HERE,),  # a share that became an ig_post
    11: (HERE,),  # bytes, not characters
    12: (HERE,),  # an unsupported item with nothing inside
    13: (ACTIVITIES,),  # a reel whose address is a web page
    14: (HERE, ACTIVITIES),  # Meta's review bot has no profile (9010), and is a contact all the same
    15: (HERE,),  # one delivery, several accounts
    16: (HERE, API),  # what comes in standby[] is not answered by machine
    17: (HERE, API),  # what the account itself writes is answered by nobody
}


def test_every_surprise_has_its_place() -> None:
    assert sorted(WHERE) == list(range(1, 18))
    here = {int(name.split("_")[1]) for name in globals() if name.startswith("test_") and name.split("_")[1].isdigit()}
    assert here == {number for number, files in WHERE.items() if HERE in files}


def item(content: dict[str, Any], sender: str = "7", recipient: str = ACCOUNT) -> dict[str, Any]:
    return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": 1762010770464, **content}


def told(*items: Any, form: str = "messaging", account: str = ACCOUNT) -> list[Inbound]:
    entry = {"id": account, "time": 1762010783728, form: list(items)}
    return parse(json.dumps({"object": "instagram", "entry": [entry]}).encode())


async def events_of(listener: Any, count: int) -> list[Inbound]:
    return [event for body, _ in await listener.until(count) for event in parse(body)]


async def test_1_a_new_message_is_announced_as_an_edit(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    client = simulator.client("login")
    customer = await simulator.customer(client.account)
    await simulator.control("POST", "/faults", {"at": "webhook", "kind": "edit_hint", "mode": "only"})
    await simulator.say(client.account, customer, text="did you get this?")
    (hint,) = await events_of(listener, 1)
    assert (hint.kind, hint.num_edit, hint.customer, hint.text, hint.starts) == ("edit", 0, None, None, False)
    assert hint.mid is not None
    read = await client.message(hint.mid)
    assert read is not None
    message = read.inbound(hint.account)
    assert (message.kind, message.customer, message.text) == ("message", customer, "did you get this?")
    assert message.starts
    # Should the message come by itself after all, it has the same key, and counts once.
    await simulator.control("POST", "/faults", {"at": "webhook", "kind": "edit_hint", "mode": "announce"})
    await simulator.say(client.account, customer, text="and this?")
    second, by_itself = (await events_of(listener, 3))[1:]
    assert (second.num_edit, by_itself.kind, second.mid) == (0, "message", by_itself.mid)
    again = await client.message(str(second.mid))
    assert again is not None
    assert again.inbound(hint.account).key == by_itself.key


async def test_2_the_test_button_of_the_dashboard(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    for app in ("instagram", "facebook"):
        await simulator.control("POST", "/dashboard-test", {"app": app})
    changes, messaging = (json.loads(body)["entry"][0] for body, _ in await listener.until(2))
    assert "changes" in changes
    assert "messaging" in messaging
    for event in await events_of(listener, 2):
        # Account "0" belongs to nobody, so no customer's conversation comes of it.
        assert (event.account, event.customer, event.text, event.at.year) == ("0", "12334", "random_text", 2018)


async def test_4_one_mid_through_two_connections_and_for_its_deletion(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    account = ACCOUNT
    customer = await simulator.customer(account)
    said = await simulator.say(account, customer, text="hi")
    (webhook,) = await simulator.control("GET", f"/webhooks?account={account}")
    await simulator.control("POST", "/redeliver", {"webhooks": [webhook["number"]], "app": "facebook"})
    await simulator.control("DELETE", f"/accounts/{account}/customers/{customer}/messages/{said['mid']}")
    first, copy, deletion = await events_of(listener, 3)
    assert first == copy
    assert (deletion.kind, deletion.mid) == ("delete", first.mid)
    assert deletion.key != first.key  # a filter of mids alone would swallow it
    (watched,) = told(first.raw, form="standby")
    assert watched.key not in (first.key, deletion.key)  # nor does a copy that one may only watch stand in its way


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        (403, {"type": "IGApiException", "code": 10, "error_subcode": 2534022, "message": "outside"}, "message"),
        (200, {"type": "IGApiException", "code": 10, "error_subcode": 2534022, "message": "outside"}, "message"),
        (401, {"type": "IGApiException", "code": 9010, "message": "No matching Instagram user"}, "person"),
        (400, {"type": "OAuthException", "code": 100, "message": "a parameter"}, "message"),  # no dead token, this
        (403, {"type": "IGApiException", "message": "To use 'Human Agent', your use must be reviewed"}, "message"),
        (400, {"code": "190", "message": "as text"}, "account"),
        (200, {"message": "in a 200, and no code"}, "message"),
    ],
)
async def test_5_errors_in_odd_clothes(
    meta: Meta, http: httpx.AsyncClient, status: int, error: dict[str, Any], outcome: str
) -> None:
    meta.answer("POST", f"/v26.0/{ACCOUNT}/messages", (status, {"error": error}))
    with pytest.raises(SendError) as raised:
        await meta.client(http).send("7", Outbound(text="hi"))
    assert raised.value.outcome == outcome
    assert raised.value.window is (error.get("error_subcode") == 2534022)
    assert len(meta.asked) == 1


async def test_6_an_error_and_yet_sent(simulator: Any) -> None:
    client = simulator.client("login")
    customer = await simulator.customer(client.account)
    first = await simulator.say(client.account, customer, text="hi")
    await simulator.control("POST", "/faults", {"at": "send", "kind": "odd_answer"})
    with pytest.raises(SendError) as raised:
        await client.send(customer, Outbound(text="Hello"))
    assert (raised.value.outcome, raised.value.subcode, raised.value.most_tries) == ("unknown", 1357046, 1)
    message = await client.message(first["mid"])
    assert message is not None
    record = await client.record_since(customer, message.at)
    assert ([sent.text for sent in record.sent], record.complete) == (["Hello"], True)


def login_of(meta: Meta, http: httpx.AsyncClient) -> InstagramLogin:
    options: dict[str, Any] = {"dialog_url": meta.url, "token_url": meta.url, "graph_url": meta.url}
    return InstagramLogin(http, **options, version="v26.0", app_id="88", app_secret="a-secret")


def with_answers(meta: Meta, short: Any, me: Any) -> None:
    meta.answer("POST", "/oauth/access_token", short)
    meta.answer("GET", "/access_token", {"access_token": "IGAA_LONG", "token_type": "bearer"})
    meta.answer("GET", "/v26.0/me", me)


async def test_7_three_shapes_of_a_token_and_a_hash_behind_the_code(meta: Meta, http: httpx.AsyncClient) -> None:
    permissions = ["instagram_business_basic", "instagram_business_manage_messages"]
    for short in (
        {"data": [{"access_token": "T", "user_id": "25", "permissions": ",".join(permissions)}]},
        {"access_token": "T", "user_id": "25", "permissions": ",".join(permissions)},
        {"access_token": "T", "user_id": 17841400000000000, "permissions": permissions},
    ):
        with_answers(meta, short, {"user_id": ACCOUNT, "id": "25", "username": "shop", "account_type": "BUSINESS"})
        for code in ("AQB", "AQB#_"):
            (found,) = await login_of(meta, http).candidates(code, "https://back")
            assert (found.token, found.scopes, found.refused) == ("IGAA_LONG", tuple(permissions), None)
    assert {asked.form["code"] for asked in meta.of("/oauth/access_token")} == {"AQB"}


async def test_8_webhooks_use_user_id_and_not_id(meta: Meta, http: httpx.AsyncClient) -> None:
    short = {"access_token": "T", "user_id": "2599"}
    with_answers(meta, short, {"user_id": int(ACCOUNT), "id": "2599", "username": "shop", "account_type": "BUSINESS"})
    (found,) = await login_of(meta, http).candidates("c", "https://back")
    assert (found.account, found.authorised_by) == (ACCOUNT, "2599")
    with_answers(meta, short, {"id": "2599", "username": "shop", "account_type": "BUSINESS"})
    with pytest.raises(LoginError, match="no user_id"):  # better none than one that no webhook ever names
        await login_of(meta, http).candidates("c", "https://back")


async def test_9_each_app_signs_with_a_secret_of_its_own(start: Any, listener: Any) -> None:
    simulator = await start(listener.url, login_secret="the-instagram-secret")
    for client in (simulator.client("login"), simulator.client("page")):
        await simulator.say(client.account, await simulator.customer(client.account), text="hi")
    secrets = {"login": "the-instagram-secret", "page": "a-test-secret"}
    for body, headers in await listener.until(2):
        (event,) = parse(body)
        mine, other = (secrets[name] for name in (("login", "page") if event.account == ACCOUNT else ("page", "login")))
        signature = headers["x-hub-signature-256"]
        assert verified(body, signature, [other, mine])
        assert not verified(body, signature, [other])


async def test_10_a_share_became_a_post(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    customer = await simulator.customer(ACCOUNT)
    post = {"url": "https://www.instagram.com/p/1/", "title": "Shoes"}
    for types in (["share"], ["ig_post"], ["share", "ig_post"]):
        await simulator.say(ACCOUNT, customer, attachments=[{"type": name, **post} for name in types])
    before, after, both = ([one.type for one in event.attachments] for event in await events_of(listener, 3))
    assert (before, after, both) == (["share"], ["ig_post"], ["ig_post"])


async def test_11_texts_are_counted_in_bytes(simulator: Any) -> None:
    client = simulator.client("page")
    customer = await simulator.customer(client.account)
    await simulator.say(client.account, customer, text="hi")
    text = "Здравствуйте! Ваш заказ собран. " * 20 + "До свидания!"
    assert len(text) < 1000 < len(text.encode())
    for call in parts(text):
        assert await client.send(customer, call)
    sent = (await simulator.thread(client.account, customer))["messages"][1:]
    assert " ".join(message["text"] for message in sent) == text
    with pytest.raises(ValueError, match="split it with parts"):
        Outbound(text=text)


async def test_12_a_message_with_nothing_inside(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    await simulator.say(ACCOUNT, await simulator.customer(ACCOUNT), unsupported=True)
    (event,) = await events_of(listener, 1)
    assert (event.kind, event.unsupported, event.text, event.attachments) == ("message", True, None, ())
    assert event.starts  # somebody wrote, whatever it was
    for content in ({"mid": "m"}, {"mid": "m", "text": None, "attachments": None}, {"mid": "m", "attachments": []}):
        (event,) = told(item({"message": content}))
        assert (event.unsupported, event.starts) == (True, True)


@pytest.mark.parametrize("flavour", ["login", "page"])
async def test_14_the_review_bot_has_no_profile(simulator: Any, flavour: Any) -> None:
    client = simulator.client(flavour)
    body = {"username": "review.bot", "profile": "missing"}
    bot = (await simulator.control("POST", f"/accounts/{client.account}/customers", body))["id"]
    await simulator.say(client.account, bot, text="Hello from App Review")
    assert (await simulator.graph("GET", f"/v26.0/{bot}", _token(flavour)))["error"]["code"] == 9010
    assert await client.profile(bot) == Profile()
    assert await client.send(bot, Outbound(text="Hello"))


def _token(flavour: str) -> str:
    return "IGAA-simulated-1" if flavour == "login" else "EAA-simulated-2"


async def test_15_one_delivery_mixes_accounts(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    people = {}
    for client in (simulator.client("login"), simulator.client("page")):
        people[client.account] = await simulator.customer(client.account)
        await simulator.say(client.account, people[client.account], text=f"to {client.account}")
    await listener.until(2)
    numbers = [webhook["number"] for webhook in await simulator.control("GET", "/webhooks")]
    await simulator.control("POST", "/redeliver", {"webhooks": numbers, "joined": True})
    body, _ = (await listener.until(3))[2]
    events = parse(body)
    assert [(event.account, event.customer) for event in events] == list(people.items())
    assert [event.text for event in events] == [f"to {account}" for account in people]


async def test_16_standby_is_for_watching(start: Any, listener: Any) -> None:
    simulator = await start(listener.url)
    customer = await simulator.customer(ACCOUNT)
    thread = f"/accounts/{ACCOUNT}/customers/{customer}"
    await simulator.control("POST", f"{thread}/hand-over", {"event": "take_thread_control"})
    await simulator.say(ACCOUNT, customer, text="to the other app")
    taken, message = await events_of(listener, 2)
    assert (taken.kind, (taken.handover or {})["action"]) == ("handover", "take_thread_control")
    assert (message.kind, message.standby, message.starts) == ("message", True, False)
    assert message.key == f"standby:m:{message.mid}"


def test_17_nobody_answers_the_account_itself(examples: Path) -> None:
    for name in ("in_doc_self_echo", "in_doc_self_postback", "in_doc_comment_self_changes"):
        (event,) = parse((examples / f"{name}.json").read_bytes())
        assert not event.starts
    # An echo without its mark, a message of the account to itself, and one that only is_self tells of.
    unmarked, to_itself, marked = told(
        item({"message": {"mid": "m1", "text": "x"}}, sender=ACCOUNT, recipient="7"),
        item({"message": {"mid": "m2", "text": "x"}}, sender=ACCOUNT, recipient=ACCOUNT),
        item({"message": {"mid": "m3", "text": "x", "is_self": True}}),
    )
    assert (unmarked.kind, unmarked.customer, unmarked.starts) == ("echo", "7", False)
    assert (to_itself.kind, to_itself.starts) == ("echo", False)
    assert (marked.is_self, marked.starts) == (True, False)
