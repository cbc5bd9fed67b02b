"""Health, errors as problem details, the OpenAPI document, and pages that need nothing from outside."""

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect
from sqlalchemy import text

from api.app import create_app
from api.errors import ProblemDetails
from api.roles import ROLES

pytestmark = pytest.mark.anyio


async def test_alive_and_ready(shop: Any) -> None:
    assert (await shop.http.get("/healthz")).json() == {"status": "alive"}
    answer = await shop.http.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "database": True, "temporal": True, "ended": []},
    )


async def test_which_part_is_missing(lonely: Any) -> None:
    answer = await lonely.http.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "not ready", "database": True, "temporal": False, "ended": []},
    )
    async with lonely.parts.database.begin() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        await session.execute(text("DELETE FROM alembic_version"))
    assert (await lonely.http.get("/readyz")).json()["database"] is False
    assert (await lonely.http.get("/healthz")).status_code == 200
    assert (await lonely.deliver(lonely.message("M1", "hi"))).status_code == 200


async def test_a_work_that_ends_is_told_and_the_others_end_in_order(
    parts: Any, serve: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> datetime:
        raise LookupError("the clock is gone")

    async with serve(create_app(replace(parts, now=broken))) as url, httpx.AsyncClient(base_url=url) as http:
        for _ in range(500):
            if (answer := (await http.get("/readyz")).json())["ended"]:
                break
            await asyncio.sleep(0.02)
        assert answer["ended"] == ["sharer"]
        assert answer["status"] == "not ready"
    assert "the sharer of this process ended, restart it" in caplog.text
    await parts.database.close()
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    async with parts.database.begin() as session:
        for _ in range(500):
            if not (left := await session.scalar(text(others))):
                break
            await asyncio.sleep(0.02)
    assert not left


async def test_unknown_routes_and_methods(lonely: Any) -> None:
    answer = await lonely.http.get("/no/such")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address. /docs lists what there is.",
        "instance": "/no/such",
    }
    answer = await lonely.http.delete("/webhooks/instagram")
    assert (answer.status_code, answer.json()["status"]) == (405, 405)
    assert answer.headers["allow"] in ("GET", "POST", "GET, POST", "POST, GET")


async def test_bad_input_names_its_path(lonely: Any) -> None:
    answer = await lonely.http.post(
        "/external/web/api/chatbotUpdate", content=b"{}", headers={"Idempotency-Key": "a" * 501}
    )
    assert answer.status_code == 422
    details = ProblemDetails.model_validate(answer.json())
    assert [(problem.path, problem.severity) for problem in details.problems or ()] == [
        ("header/Idempotency-Key", "error")
    ]


async def test_a_mistake_of_ours_tells_nothing_of_the_inside(
    parts: Any, serve: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(parts)

    @app.get("/broken")
    async def broken() -> None:
        raise ValueError("the secret inside")

    async with serve(app) as url, httpx.AsyncClient(base_url=url) as http:
        # The server writes to a log of its own, whose level any other server in this process may have set.
        log = logging.getLogger("uvicorn.error")
        log.addHandler(caplog.handler)
        caplog.set_level(logging.ERROR, logger="uvicorn.error")
        answer = await http.get("/broken")
        log.removeHandler(caplog.handler)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text
    assert "the secret inside" in caplog.text


async def test_openapi_describes_every_route_with_its_errors(lonely: Any) -> None:
    document = (await lonely.http.get("/openapi.json")).json()
    operations = {f"{m} {path}": op for path, methods in document["paths"].items() for m, op in methods.items()}
    assert len(operations) > 15
    assert {f"{name.split()[0].upper()} {name.split()[1]}" for name in operations} <= set(ROLES)
    for name, operation in operations.items():
        assert operation["summary"], name
        assert operation["description"], name
    responses = operations["post /external/web/api/chatbotUpdate"]["responses"]
    assert set(responses) == {"200", "401", "404", "410", "413", "422", "503"}
    for status in ("401", "422"):
        assert list(responses[status]["content"]) == ["application/problem+json"]
    assert {"ProblemDetails", "Problem"} <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in str(document)
    references = re.findall(r'"\$ref": ?"#/components/schemas/(\w+)"', (await lonely.http.get("/openapi.json")).text)
    assert set(references) <= set(document["components"]["schemas"])


async def test_the_start_page_links_to_what_is_there(lonely: Any) -> None:
    answer = await lonely.http.get("/")
    links = re.findall(r'href="([^"]+)"', answer.text)
    assert "http://temporal.example.com" in links
    for link in links:
        if not link.startswith("http"):
            assert (await lonely.http.get(f"/{link}")).status_code in (200, 503), link


@pytest.mark.browser
async def test_the_docs_page_needs_nothing_from_outside(lonely: Any, page: Page) -> None:
    await page.goto(f"{lonely.http.base_url}/docs")
    await expect(page.get_by_text("Receive events")).to_be_visible()
    await expect(page.get_by_text("A chatbot speaks")).to_be_visible()


async def test_metrics_are_prometheus_text(lonely: Any) -> None:
    answer = await lonely.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "# TYPE switchboard_webhooks_total counter" in answer.text


async def test_events_forwarded_are_counted(shop: Any, free_port: Callable[[], int]) -> None:
    await shop.deliver(shop.message("M1", "hi"), shop.message("M2", "there", second=1))
    await shop.settled()
    assert await shop.counter('switchboard_inbox_outcomes_total{outcome="forwarded"}') == 2
