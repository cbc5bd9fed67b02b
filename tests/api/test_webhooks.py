"""The webhook refuses what is not Meta's, and keeps all that is, once, before it answers."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from api import webhooks
from api.limits import WEBHOOK
from store.database import Database

pytestmark = pytest.mark.anyio
PATH = "/webhooks/instagram"
QUERY = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "meatyhamhock"}


async def _kept(shop: Any) -> dict[str, dict[str, Any]]:
    async with shop.parts.database.begin() as session:
        return {row.key: row.event for row in await session.execute(text("SELECT key, event FROM inbox"))}


async def test_verification_echoes_the_challenge(lonely: Any) -> None:
    answer = await lonely.http.get(PATH, params=QUERY | {"hub.challenge": "0012.a_b-C"})
    assert (answer.status_code, answer.text) == (200, "0012.a_b-C")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"hub.verify_token": "wrong"}, 403),
        ({"hub.verify_token": "wröng"}, 403),
        ({"hub.mode": "unsubscribe"}, 403),
        ({"hub.challenge": "<script>"}, 400),
        ({"hub.challenge": "a" * 129}, 400),
        ({"hub.challenge": "1\n"}, 400),
        ({"hub.mode": None}, 400),
        ({"hub.challenge": None}, 400),
        ({"hub.verify_token": None}, 400),
    ],
)
async def test_verification_refused(lonely: Any, change: dict[str, str | None], status: int) -> None:
    query = {name: value for name, value in (QUERY | change).items() if value is not None}
    answer = await lonely.http.get(PATH, params=query)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "<script>" not in answer.text


async def test_signatures(lonely: Any, sign: Callable[..., str]) -> None:
    body = json.dumps(
        {"object": "instagram", "entry": [{"id": "1", "messaging": [lonely.message("M1", "hi")]}]}
    ).encode()
    for header in (None, "", "sha256=", sign(body, "guessed"), sign(body).upper(), sign(body + b" "), sign(body)[7:]):
        headers = {} if header is None else {"X-Hub-Signature-256": header}
        assert (await lonely.http.post(PATH, content=body, headers=headers)).status_code == 401
    assert await lonely.counter('switchboard_webhooks_total{result="signature"}') == 7
    assert await _kept(lonely) == {}
    for secret in ("another secret", "the app secret of the tests"):
        headers = {"X-Hub-Signature-256": sign(body, secret)}
        assert (await lonely.http.post(PATH, content=body, headers=headers)).status_code == 200
    assert list(await _kept(lonely)) == ["m:M1"]


@pytest.mark.parametrize("body", [b"", b"junk", b"[]", b"{}", b'"text"', b"\xff\xfe", b"[" * 100_000, b'{"entry": 1}'])
async def test_junk_is_400_and_counted(lonely: Any, body: bytes) -> None:
    answer = await lonely.send(body)
    assert answer.status_code == 400
    assert answer.json()["title"] == "Bad Request"
    assert await lonely.counter('switchboard_webhooks_total{result="junk"}') == 1
    assert await _kept(lonely) == {}


async def test_an_oversized_body_is_413_with_and_without_its_length(lonely: Any) -> None:
    body = b" " * (WEBHOOK + 1)

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 65_536):
            yield body[at : at + 65_536]

    for content in (body, chunks()):
        answer = await lonely.http.post(PATH, content=content)
        assert (answer.status_code, answer.json()["status"]) == (413, 413)
    assert await lonely.counter('switchboard_webhooks_total{result="too_large"}') == 2
    exact = json.dumps({"object": "instagram", "entry": []}).encode().ljust(WEBHOOK)
    assert (await lonely.send(exact)).status_code == 200


async def test_the_raw_bytes_are_signed(lonely: Any) -> None:
    item = json.dumps(lonely.message("M1", "Příliš 🥰 a/b")).replace("/", "\\/")
    body = f'{{"object":"instagram","entry":[{{"id":"{lonely.account}","messaging":[{item}]}}]}}'
    assert "\\u0159" in body
    assert (await lonely.send(body.encode())).status_code == 200
    assert (await _kept(lonely))["m:M1"]["text"] == "Příliš 🥰 a/b"


async def test_the_same_webhook_five_times_is_one_event(lonely: Any) -> None:
    for _ in range(5):
        answer = await lonely.deliver(lonely.message("M1", "hi"))
        assert (answer.status_code, answer.text) == (200, "kept")
    assert list(await _kept(lonely)) == ["m:M1"]
    assert await lonely.counter("switchboard_webhook_events_total") == 5
    assert await lonely.counter("switchboard_new_events_total") == 1


async def test_every_form_in_one_delivery_that_mixes_accounts(lonely: Any) -> None:
    test_button = {
        "sender": {"id": "12334"},
        "recipient": {"id": "23245"},
        "message": {"mid": "random_mid", "text": "x"},
    }
    answer = await lonely.post(
        [
            {"id": lonely.account, "messaging": [lonely.message("M1", "a"), lonely.message("M2", "b", customer="eva")]},
            {"id": "999", "messaging": [lonely.message("M3", "c")]},
            {"id": lonely.account, "standby": [lonely.message("M4", "d")]},
            {"id": "0", "changes": [{"field": "messages", "value": test_button}]},
            {"id": lonely.account, "field": "comments", "value": {"id": "C1"}},
            {"id": lonely.account, "messaging": [{"novelty": {"of": "tomorrow"}}]},
            "nonsense",
        ]
    )
    assert answer.status_code == 200
    kept = await _kept(lonely)
    assert {key: event["account"] for key, event in kept.items() if not key.startswith("x:")} == {
        "m:M1": lonely.account,
        "m:M2": lonely.account,
        "m:M3": "999",
        "standby:m:M4": lonely.account,
        "m:random_mid": "0",
    }
    assert sorted(event["kind"] for key, event in kept.items() if key.startswith("x:")) == [
        "change",
        "unknown",
        "unknown",
    ]


async def test_an_unknown_attachment_is_kept(lonely: Any) -> None:
    hologram = {"type": "hologram", "payload": {"depth": 3}}
    assert (await lonely.deliver(lonely.message("M1", attachments=[hologram, "odd"]))).status_code == 200
    event = (await _kept(lonely))["m:M1"]
    assert [one["type"] for one in event["attachments"]] == ["hologram", "unsupported"]
    assert event["raw"]["message"]["attachments"] == [hologram, "odd"]


async def test_what_takes_longer_than_meta_waits_is_503_and_kept_when_it_comes_again(
    lonely: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "PATIENCE", 0.3)
    async with lonely.parts.database.begin() as session:
        await session.execute(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
        assert (await lonely.deliver(lonely.message("M1", "hi"))).status_code == 503
    assert await _kept(lonely) == {}
    monkeypatch.setattr(webhooks, "PATIENCE", 15)
    assert (await lonely.deliver(lonely.message("M1", "hi"))).status_code == 200
    assert list(await _kept(lonely)) == ["m:M1"]


async def test_a_thousand_and_more_events_in_one_delivery(lonely: Any) -> None:
    items = [{"sender": {"id": "a"}, "message": {"mid": f"M{number}", "text": "x"}} for number in range(2_500)]
    assert (await lonely.deliver(*items, account="999")).status_code == 200
    assert len(await _kept(lonely)) == 2_500


async def test_a_store_that_fails_is_503_so_that_meta_delivers_again(
    lonely: Any, parts: Any, opened: Any, free_port: Callable[[], int]
) -> None:
    gone = replace(parts, database=Database(f"postgresql://nobody@127.0.0.1:{free_port()}/none"))
    async with opened("1", gone) as shop:
        answer = await shop.deliver(shop.message("M1", "hi"))
        assert answer.status_code == 503
        assert "nobody" not in answer.text
        assert await shop.counter('switchboard_webhooks_total{result="store"}') == 1
    await gone.database.close()
    async with parts.database.begin() as session:
        await session.execute(text("ALTER TABLE inbox RENAME TO elsewhere"))
    assert (await lonely.deliver(lonely.message("M1", "hi"))).status_code == 503
    async with parts.database.begin() as session:
        await session.execute(text("ALTER TABLE elsewhere RENAME TO inbox"))
    assert (await lonely.deliver(lonely.message("M1", "hi"))).status_code == 200
