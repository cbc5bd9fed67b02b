"""Scenarios kept with the configuration: read, replaced and run."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from routing.documents import read
from tests.api.drafts import SCENARIOS, small, tag, write
from tests.api.people import Office, opened, problems

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
PATH = "/api/v1/scenarios"


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


@pytest.fixture
async def eva(office: Office) -> httpx.AsyncClient:
    return await office.person("eva", "admin")


def demo(name: str) -> Any:
    return read((ROOT / f"demo/{name}.yaml").read_text(encoding="utf-8"))


async def test_there_and_back(office: Office, eva: httpx.AsyncClient) -> None:
    assert (await eva.get(PATH)).json() == {"scenarios": {}}
    told = await write(eva, demo("scenarios"), PATH)
    assert told["changed"] == list(demo("scenarios")["scenarios"])
    assert told["etag"] == await tag(eva, PATH)
    assert (await eva.get(PATH)).json() == demo("scenarios")
    yaml = await eva.get(PATH, headers={"Accept": "application/yaml"})
    assert read(yaml.text) == demo("scenarios")
    again = {"Content-Type": "application/yaml", "If-Match": yaml.headers["etag"]}
    assert (await eva.put(PATH, content=yaml.content, headers=again)).json()["changed"] == []
    [entry] = await office.audit(action="scenarios")
    assert (entry.actor, entry.action, entry.object) == ("eva", "scenarios.replaced", "scenarios")
    assert entry.details["names"] == told["changed"]


async def test_who_changed_which(office: Office, eva: httpx.AsyncClient) -> None:
    petr = await office.person("petr", "admin")
    tea = SCENARIOS["scenarios"]["tea"]
    await write(eva, SCENARIOS, PATH)
    assert (await write(petr, {"scenarios": {"more": tea, "tea": tea}}, PATH))["changed"] == ["more"]
    told = (await eva.get(f"{PATH}/tea")).json()
    assert (told["name"], told["document"], told["author"]) == ("tea", tea, "eva")
    assert (await eva.get(f"{PATH}/more")).json()["author"] == "petr"
    assert (await eva.get(f"{PATH}/no")).status_code == 404


async def test_the_second_of_two_people_loses_nothing(eva: httpx.AsyncClient) -> None:
    seen = {"If-Match": await tag(eva, PATH)}
    await write(eva, SCENARIOS, PATH)
    assert (await eva.put(PATH, json={"scenarios": {}}, headers=seen)).status_code == 412
    assert (await eva.put(PATH, json={"scenarios": {}})).status_code == 428
    assert (await eva.get(PATH)).json() == SCENARIOS


async def test_what_cannot_be_read_is_not_kept(eva: httpx.AsyncClient) -> None:
    steps = [{"usr": "hi"}, {"user": "hi", "bot": "x"}]
    wrong = {"scenarios": {"a": {"title": "A", "connector": "shop", "at": "noon", "steps": steps}}}
    answer = await eva.put(PATH, json=wrong, headers={"If-Match": "*"})
    assert answer.status_code == 422
    assert [path for path, _ in problems(answer)] == [
        "scenarios/a/at",
        "scenarios/a/steps/0/usr",
        "scenarios/a/steps/1",
    ]
    assert "did you mean `user`?" in answer.json()["problems"][1]["message"]
    for odd in ([], {}, {"scenarios": []}, {"scenarios": {"A b": {}}}):
        assert (await eva.put(PATH, json=odd, headers={"If-Match": "*"})).status_code == 422
    assert (await eva.get(PATH)).json() == {"scenarios": {}}


async def test_they_run_on_the_sandbox(office: Office, eva: httpx.AsyncClient) -> None:
    await write(eva, demo("configuration"))
    await write(eva, demo("scenarios"), PATH)
    sven = await office.person("sven", "supervisor")
    told = (await sven.post(f"{PATH}/run")).json()
    assert told["holds"] is True
    assert [one["name"] for one in told["results"]] == list(demo("scenarios")["scenarios"])
    assert all(one["path"] and one["transcript"] and not one["failures"] for one in told["results"])


async def test_only_some_and_what_fails(eva: httpx.AsyncClient) -> None:
    tea = SCENARIOS["scenarios"]["tea"]
    coffee = tea | {"title": "Coffee", "steps": [{"user": "hi"}, {"bot": "Coffee?"}]}
    await write(eva, small())
    await write(eva, {"scenarios": {"coffee": coffee, "tea": tea}}, PATH)
    whole = (await eva.post(f"{PATH}/run")).json()
    assert (whole["holds"], [(one["name"], one["holds"]) for one in whole["results"]]) == (
        False,
        [("coffee", False), ("tea", True)],
    )
    assert whole["results"][0]["failures"] == [{"step": 1, "key": "bot", "expected": "Coffee?", "happened": "Tea?"}]
    assert whole["results"][0]["transcript"] == ["user: hi", "bot: Tea?"]
    some = (await eva.post(f"{PATH}/run", json={"names": ["tea"]})).json()
    assert (some["holds"], len(some["results"])) == (True, 1)
    unknown = await eva.post(f"{PATH}/run", json={"names": ["tea", "milk"]})
    assert problems(unknown) == [("names/1", "unknown-scenario")]


async def test_nothing_runs_on_what_does_not_hold(eva: httpx.AsyncClient) -> None:
    await write(eva, small(queues={}))
    await write(eva, SCENARIOS, PATH)
    answer = await eva.post(f"{PATH}/run")
    assert (answer.status_code, [code for _, code in problems(answer)]) == (422, ["unknown-destination"])
