"""The OpenAPI document and the reference page say what the simulator does."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from playwright.async_api import Browser, expect

from instagram.simulator import seed
from instagram.simulator.chaos import SendChances, WebhookChances
from instagram.simulator.documents import CONTROL, GRAPH, LOGIN
from instagram.simulator.faults import Fault, Kind, Place
from instagram.simulator.media import SAMPLES, TYPES
from instagram.simulator.shapes import DEFAULTS

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs/reference/simulator.md").read_text()
SIMULATOR = ROOT / "instagram/simulator"


@pytest.fixture
async def document(simulator: Any) -> dict[str, Any]:
    return (await simulator.http.get("/openapi.json")).json()


def calls(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(method.upper(), path, call) for path, calls in document["paths"].items() for method, call in calls.items()]


async def test_every_call_has_a_summary_a_tag_a_body_and_its_errors(document: dict[str, Any]) -> None:
    assert [tag["name"] for tag in document["tags"]] == [CONTROL, GRAPH, LOGIN]
    assert all(tag["description"] for tag in document["tags"])
    for method, path, call in calls(document):
        name = f"{method} {path}"
        assert call.get("summary"), name
        assert call["tags"] in ([CONTROL], [GRAPH], [LOGIN]), name
        assert (call["tags"] == [CONTROL]) == path.startswith("/control/"), name
        bare = path.endswith(("/seen", "/subscribed_apps", "/reset"))
        wanted = method in ("POST", "PUT", "PATCH") and not bare
        assert ("requestBody" in call) == wanted or path.endswith("/messenger_profile"), name
        if call["tags"] != [CONTROL]:
            assert "400" in call["responses"], name
            assert "422" not in call["responses"], name
        elif "{" in path and path != "/control/apps/{app}":
            assert "404" in call["responses"], name
        good = next(answer for status, answer in call["responses"].items() if status[0] in "23")
        json = good.get("content", {}).get("application/json")
        assert json is None or "example" in json or "$ref" in str(json["schema"]), name


async def test_examples_have_the_members_that_answers_have(document: dict[str, Any], simulator: Any) -> None:
    jana = await simulator.customer("17841400000000001")
    await simulator.say("17841400000000001", jana, text="Hello")
    await simulator.text("17841400000000001", jana, "Hi", "IGAA-simulated-1")
    compared = 0
    for method, path, call in calls(document):
        if method != "GET" or not path.startswith("/control/"):
            continue
        example = call["responses"]["200"].get("content", {}).get("application/json", {}).get("example")
        if example is None:
            continue
        filled = path.replace("{account}", "17841400000000001").replace("{customer}", jana)
        answer = (await simulator.http.get(filled)).json()
        if isinstance(example, list):
            example, answer = example[0], answer[0]
        if path not in ("/control/samples", "/control/chaos"):
            assert set(example) == set(answer), path
        assert set(example) <= set(answer), path
        compared += 1
    assert compared > 12


async def test_an_unknown_control_call_is_said_to_be_none(simulator: Any) -> None:
    for method, path in (("GET", "/control/sand"), ("POST", "/control/sends"), ("GET", "/control/a/b/c")):
        answer = await simulator.http.request(method, path)
        assert (answer.status_code, "see /docs" in answer.json()["detail"]) == (404, True)


@pytest.mark.browser
async def test_the_page_shows_it_and_needs_nothing_from_outside(simulator: Any, browser: Browser) -> None:
    page = await browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{simulator.url}/docs")
    for tag in (CONTROL, GRAPH, LOGIN):
        await expect(page.locator("h3.opblock-tag").filter(has_text=tag).first).to_be_visible()
    await expect(page.get_by_text("Send a message, or a sender action")).to_be_visible()
    await page.close()
    assert all(url.startswith((simulator.url, "data:", "blob:")) for url in asked), asked


async def test_the_reference_names_every_call(document: dict[str, Any]) -> None:
    missing = [f"{method} {path}" for method, path, _ in calls(document) if f"`{method} {path}`" not in REFERENCE]
    assert missing == []


def test_the_reference_names_every_word() -> None:
    words = [*get_args(Kind), *get_args(Place), *Fault.model_fields, *SendChances.model_fields]
    words += [*WebhookChances.model_fields, *DEFAULTS, *SAMPLES.values(), *(kind for kind, _ in TYPES.values())]
    assert [word for word in words if not re.search(rf"`[^`]*\b{re.escape(word)}\b[^`]*`", REFERENCE)] == []


def test_the_reference_has_everybody_who_is_there_from_the_start() -> None:
    for account in seed.ACCOUNTS:
        assert f"`{account.id}`" in REFERENCE
        assert f"`{account.username}`" in REFERENCE
        assert account.token is None or f"`{account.token}`" in REFERENCE
    for id, name, _ in seed.PAGES:
        assert f"`{id}`" in REFERENCE
        assert name in REFERENCE
    for person in (seed.OLGA, seed.PAUL):
        assert f"`{person.id}`" in REFERENCE
        assert person.name in REFERENCE


def test_the_reference_has_every_test_id() -> None:
    templates = "".join(path.read_text() for path in (SIMULATOR / "templates").iterdir())
    scripts = "".join(path.read_text() for path in (SIMULATOR / "static").glob("*.js"))
    found = set(re.findall(r'data-testid="([\w-]+)"', templates)) | set(re.findall(r"testid: '([\w-]+)'", scripts))
    assert len(found) > 60
    assert sorted(name for name in found if f"`{name}`" not in REFERENCE) == []


def test_every_option_is_in_the_reference() -> None:
    options = re.findall(r'(?:add\(|add_argument\()"(?:--)?([a-z-]+)"', (SIMULATOR / "__main__.py").read_text())
    assert len(options) == 7
    for option in options:
        assert f"`--{option}`" in REFERENCE
        assert f"`SIMULATOR_{option.upper().replace('-', '_')}`" in REFERENCE
