"""What goes wrong on demand: lost answers, errors, limits, and what the record says of it afterwards."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.anyio
LOGIN, PAGE = "17841400000000001", "17841400000000002"
TOKEN = "IGAA-simulated-1"


@pytest.fixture
async def jana(simulator: Any) -> str:
    made = await simulator.customer(LOGIN)
    await simulator.say(LOGIN, made, text="hi")
    return made


async def send(simulator: Any, customer: str, text: str = "hello") -> httpx.Response:
    body = {"recipient": {"id": customer}, "message": {"text": text}}
    return await simulator.http.post("/v26.0/me/messages", json=body, headers={"Authorization": f"Bearer {TOKEN}"})


async def fault(simulator: Any, kind: str, **more: Any) -> Any:
    return await simulator.control("POST", "/faults", {"kind": kind, **more}, expect=201)


async def texts(simulator: Any, customer: str) -> list[str]:
    thread = await simulator.thread(LOGIN, customer)
    return [message["text"] for message in thread["messages"] if message["author"] == "api"]


@pytest.mark.parametrize(
    ("kind", "delivered"), [("lost_answer", True), ("broken_answer", True), ("lost_request", False)]
)
async def test_no_answer_comes(simulator: Any, jana: str, kind: str, delivered: bool) -> None:
    await fault(simulator, kind, hang=0.3)
    began = time.monotonic()
    with pytest.raises(httpx.RemoteProtocolError):
        await send(simulator, jana)
    waited = time.monotonic() - began
    assert waited < 0.25 if kind == "broken_answer" else waited >= 0.3
    assert await texts(simulator, jana) == (["hello"] if delivered else [])
    (record,) = await simulator.control("GET", "/sends")
    assert (record["fault"], record["delivered"], record["mid"] is not None) == (kind, delivered, delivered)
    assert (await send(simulator, jana, "again")).status_code == 200


async def test_a_caller_who_gives_up_ends_the_silence(simulator: Any, jana: str) -> None:
    await fault(simulator, "lost_answer", hang=600)
    async with httpx.AsyncClient(base_url=simulator.url, timeout=0.3) as impatient:
        body = {"recipient": {"id": jana}, "message": {"text": "hello"}}
        with pytest.raises(httpx.ReadTimeout):
            await impatient.post("/me/messages", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert await texts(simulator, jana) == ["hello"]


async def test_a_silence_does_not_hold_up_the_stop(running: Any) -> None:
    async with running() as simulator:
        jana = await simulator.customer(LOGIN)
        await simulator.say(LOGIN, jana, text="hi")
        await fault(simulator, "lost_request", hang=600)
        waiting = asyncio.create_task(send(simulator, jana))
        while not await simulator.control("GET", "/sends"):  # noqa: ASYNC110  only the record says that it came
            await asyncio.sleep(0.01)
        began = time.monotonic()
    assert time.monotonic() - began < 4
    with pytest.raises(httpx.HTTPError):
        await waiting


@pytest.mark.parametrize(
    ("kind", "more", "status", "numbers", "delivered"),
    [
        ("error_sent", {}, 500, (1, None), True),
        ("error_unsent", {}, 503, (2, None), False),
        ("odd_answer", {}, 400, (1, 1357046), True),
        ("throttled", {}, 400, (613, 2534040), False),
        ("throttled", {"code": 80002}, 400, (80002, None), False),
        ("error", {"status": 403, "code": 368, "message": "No."}, 403, (368, None), False),
        ("error", {"code": 100, "subcode": 2018109}, 400, (100, 2018109), False),
        ("error", {"in_200": True, "code": 2}, 200, (2, None), False),
        ("error", {"status": 500}, 500, (None, None), False),
    ],
)
async def test_errors(
    simulator: Any,
    jana: str,
    kind: str,
    more: dict[str, Any],
    status: int,
    numbers: tuple[int | None, int | None],
    delivered: bool,
) -> None:
    await fault(simulator, kind, **more)
    answer = await send(simulator, jana)
    error = answer.json()["error"]
    assert (answer.status_code, error.get("code"), error.get("error_subcode")) == (status, *numbers)
    assert error["type"] == "IGApiException"
    assert await texts(simulator, jana) == (["hello"] if delivered else [])
    assert (await simulator.control("GET", "/sends"))[0]["fault"] == kind
    assert (await send(simulator, jana)).status_code == 200


async def test_headers_of_limits(simulator: Any, jana: str) -> None:
    await fault(simulator, "throttled", minutes=19, retry_after=7)
    answer = await send(simulator, jana)
    assert answer.headers["Retry-After"] == "7"
    usage = answer.headers["X-Business-Use-Case-Usage"]
    assert f'"{LOGIN}": [' in usage
    assert '"estimated_time_to_regain_access": 19' in usage
    await fault(simulator, "usage", percentage=93)
    answer = await send(simulator, jana)
    assert answer.status_code == 200
    assert '"call_count": 93' in answer.headers["X-Business-Use-Case-Usage"]
    assert '"call_count": 93' in answer.headers["X-App-Usage"]
    await fault(simulator, "error", code=2, transient=True)
    assert (await send(simulator, jana)).json()["error"]["is_transient"] is True


async def test_slow_answers(simulator: Any, jana: str) -> None:
    await fault(simulator, "slow", seconds=0.3)
    began = time.monotonic()
    assert (await send(simulator, jana)).status_code == 200
    assert time.monotonic() - began >= 0.3


async def test_where_and_how_often(simulator: Any, jana: str) -> None:
    other = await simulator.customer(LOGIN, "tom")
    await simulator.say(LOGIN, other, text="hi")
    await fault(simulator, "error", customer=other, code=4, times=2)
    await fault(simulator, "error", account=PAGE, code=17)
    forever = await fault(simulator, "error", at="profile", code=230, times=None)
    assert (await send(simulator, jana)).status_code == 200
    assert [(await send(simulator, other)).json().get("error", {}).get("code") for _ in range(3)] == [4, 4, None]
    for _ in range(3):
        assert (await simulator.graph("GET", f"/{jana}", TOKEN))["error"]["code"] == 230
    assert "user_id" in await simulator.graph("GET", "/me", TOKEN)
    waiting = await simulator.control("GET", "/faults")
    assert [(one["code"], one["times"], one["hits"]) for one in waiting] == [(17, 1, 0), (230, None, 3)]
    await simulator.control("DELETE", f"/faults/{forever['number']}", expect=204)
    await simulator.control("DELETE", f"/faults/{forever['number']}", expect=404)
    assert "username" in await simulator.graph("GET", f"/{jana}", TOKEN)
    await simulator.control("DELETE", "/faults", expect=204)
    assert await simulator.control("GET", "/faults") == []


async def test_every_place(simulator: Any, jana: str) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    calls = {
        "read": [("GET", "/me"), ("GET", "/me/conversations"), ("GET", f"/me/conversations?user_id={jana}")],
        "profile": [("GET", f"/{jana}")],
        "login": [("GET", "/me/subscribed_apps"), ("GET", "/me/messenger_profile?fields=ice_breakers")],
    }
    for at, paths in calls.items():
        for method, path in paths:
            await fault(simulator, "error", at=at, code=999)
            answer = await simulator.http.request(method, path, headers=bearer)
            assert answer.json()["error"]["code"] == 999, path
    typing = {"recipient": {"id": jana}, "sender_action": "typing_on"}
    for at in ("action", "any"):
        await fault(simulator, "error", at=at, code=999)
        answer = await simulator.http.post("/me/messages", json=typing, headers=bearer)
        assert answer.json()["error"]["code"] == 999
    await fault(simulator, "error")
    assert (await simulator.http.post("/me/messages", json=typing, headers=bearer)).json() == {"recipient_id": jana}
    await simulator.control("DELETE", "/faults")
    await fault(simulator, "error_unsent", at="login")
    exchanged = await simulator.http.post("/oauth/access_token", data={"code": "x"})
    assert (exchanged.status_code, exchanged.json()["error_type"]) == (503, "OAuthException")
    await fault(simulator, "lost_answer", at="login", hang=0)
    with pytest.raises(httpx.RemoteProtocolError):
        await simulator.http.post("/oauth/access_token", data={"code": "x"})
    kinds = [(send["kind"], send["delivered"]) for send in await simulator.control("GET", "/sends")]
    assert kinds == [("action", None)] * 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "nonsense"},
        {"kind": "edit_hint", "at": "send"},
        {"kind": "error", "at": "webhook"},
        {"kind": "throttled", "code": 5},
        {"kind": "error", "times": 0},
        {"kind": "error", "chance": 2},
        {"kind": "error", "unknown": 1},
    ],
)
async def test_wrong_faults(simulator: Any, wrong: dict[str, Any]) -> None:
    await simulator.control("POST", "/faults", wrong, expect=422)


async def test_a_fault_does_not_hide_a_refusal(simulator: Any) -> None:
    silent = await simulator.customer(LOGIN)
    await fault(simulator, "broken_answer")
    with pytest.raises(httpx.RemoteProtocolError):
        await send(simulator, silent)
    await fault(simulator, "usage")
    assert (await send(simulator, silent)).json()["error"]["error_subcode"] == 2534014
    records = await simulator.control("GET", "/sends")
    assert [(one["fault"], one["delivered"], one["error"]["subcode"]) for one in records] == [
        ("broken_answer", False, 2534014),
        ("usage", False, 2534014),
    ]


async def test_faults_survive_a_restart(running: Any, tmp_path: Path) -> None:
    data = tmp_path / "simulator.db"
    async with running(data=data) as simulator:
        await fault(simulator, "error", code=4, times=3)
        jana = await simulator.customer(LOGIN)
        await simulator.say(LOGIN, jana, text="hi")
        assert (await send(simulator, jana)).status_code == 400
        await simulator.control("PUT", "/limits", {"sends_per_second": 1000})
        await simulator.control("PUT", "/hold", {"held": True})
    async with running(data=data) as simulator:
        (waiting,) = await simulator.control("GET", "/faults")
        assert (waiting["code"], waiting["times"], waiting["hits"]) == (4, 2, 1)
        assert await simulator.control("GET", "/limits") == {"sends_per_second": 1000}
        assert (await simulator.control("PUT", "/hold", {"held": False})) == {"held": False}
        assert (await send(simulator, jana)).status_code == 400
        await simulator.control("POST", "/reset")
        assert await simulator.control("GET", "/faults") == []
        assert await simulator.control("GET", "/limits") == {"sends_per_second": None}


async def test_a_limit_of_sends(simulator: Any, jana: str) -> None:
    await simulator.control("PUT", "/limits", {"sends_per_second": 5})
    await simulator.control("PUT", "/limits", {}, expect=422)
    answers = [await send(simulator, jana, str(number)) for number in range(8)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert {answer.json()["error"]["code"] for answer in refused} == {613}
    assert len(await texts(simulator, jana)) == 8 - len(refused)
    assert len(await simulator.control("GET", "/sends?delivered=false")) == len(refused)
    await asyncio.sleep(1)
    assert (await send(simulator, jana)).status_code == 200
    await simulator.control("PUT", "/limits", {"sends_per_second": None})
    assert {(await send(simulator, jana)).status_code for _ in range(10)} == {200}


async def test_the_record_can_be_read_in_parts(simulator: Any, jana: str) -> None:
    other = await simulator.customer(LOGIN, "tom")
    await simulator.say(LOGIN, other, text="hi")
    for number in range(3):
        await send(simulator, jana, f"{number}")
    await send(simulator, other, 'ä"\\')
    await send(simulator, other, " ")
    await simulator.client("login").act(jana, "typing_on")

    async def read(query: str) -> list[Any]:
        return [one["number"] for one in await simulator.control("GET", f"/sends{query}")]

    numbers = await read("")
    assert numbers == list(range(numbers[0], numbers[0] + 6))
    assert await read(f"?account={LOGIN}&customer={jana}&kind=message") == numbers[:3]
    assert await read(f"?account={PAGE}") == []
    assert await read(f"?delivered=true&after={numbers[0]}&limit=2") == numbers[1:3]
    assert await read("?delivered=false") == numbers[4:5]
    assert await read("?kind=action") == numbers[5:]
    (odd,) = await simulator.control("GET", f"/sends?after={numbers[2]}&limit=1")
    assert odd["body"]["message"]["text"] == 'ä"\\'
    counts = await simulator.control("GET", "/counts")
    assert counts == {"sends": 5, "delivered": 4, "webhooks": 6, "pending": 6}
    told = [one["number"] for one in await simulator.control("GET", "/webhooks")]
    later = await simulator.control("GET", f"/webhooks?after={told[1]}&limit=3")
    assert [one["number"] for one in later] == told[2:5]
    await simulator.control("GET", f"/webhooks?customer={jana}", expect=422)
