"""Administrators make, change and remove users; everybody changes a little of themselves."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from api.dependencies import Parts
from tests.api.people import PASSWORD, Office, login, opened, problems

pytestmark = pytest.mark.anyio
OTHER = "another horse battery"


@pytest.fixture
async def office(parts: Parts, serve: Any) -> AsyncIterator[Office]:
    async with opened(parts, serve) as office:
        yield office


def _new(name: str = "petr", **more: Any) -> dict[str, Any]:
    return {"name": name, "role": "agent", "password": PASSWORD} | more


async def test_a_new_user_can_log_in(office: Office) -> None:
    anna = await office.person("anna", "admin")
    given = _new(display_name="Petr P.", email="petr@example.com")
    answer = await anna.post("/api/v1/users", json=given)
    assert answer.status_code == 201
    expected = {
        "name": "petr",
        "display_name": "Petr P.",
        "email": "petr@example.com",
        "role": "agent",
        "active": True,
        "issuer": None,
        "created_at": "2026-11-02T12:00:00Z",
        "last_seen_at": None,
    }
    assert answer.json() == expected
    assert (await anna.get("/api/v1/users/petr")).json() == expected
    petr = await office.browser()
    assert (await petr.post("/api/v1/login", json=login(name="petr"))).status_code == 200
    assert (await petr.get("/api/v1/me")).json() == expected | {"last_seen_at": "2026-11-02T12:00:00Z"}


async def test_a_name_is_taken_once(office: Office) -> None:
    anna = await office.person("anna", "admin")
    assert (await anna.post("/api/v1/users", json=_new())).status_code == 201
    answer = await anna.post("/api/v1/users", json=_new(role="admin"))
    assert (answer.status_code, answer.json()["detail"]) == (409, "petr is taken: choose another name.")
    assert (await anna.get("/api/v1/users/petr")).json()["role"] == "agent"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (_new("Petr"), [("name", "string_pattern_mismatch")]),
        (_new("petr\n"), [("name", "string_pattern_mismatch")]),
        (_new("system"), [("name", "reserved")]),
        (_new(password="123456789"), [("password", "too_short")]),
        (_new(password="a" * 1001), [("password", "too_long")]),
        (_new(role="boss", email="no"), [("email", "string_pattern_mismatch"), ("role", "literal_error")]),
        (_new(display_name=""), [("display_name", "string_too_short")]),
        (_new(activ=True), [("activ", "extra_forbidden")]),
        ({}, [("name", "missing"), ("role", "missing"), ("password", "missing")]),
    ],
)
async def test_a_bad_user_names_each_problem(
    office: Office, given: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    anna = await office.person("anna", "admin")
    answer = await anna.post("/api/v1/users", json=given)
    assert answer.status_code == 422
    assert [(path.removeprefix("body/"), code) for path, code in problems(answer)] == expected
    assert len((await anna.get("/api/v1/users")).json()["items"]) == 1


async def test_lists(office: Office) -> None:
    anna = await office.person("anna", "admin")
    for name in ("b", "c"):
        office.later(timedelta(seconds=1))
        await anna.post("/api/v1/users", json=_new(name))
    await anna.patch("/api/v1/users/b", json={"active": False})

    async def names(**query: Any) -> list[str]:
        return [one["name"] for one in (await anna.get("/api/v1/users", params=query)).json()["items"]]

    assert await names() == ["c", "b", "anna"]
    assert await names(role="agent") == ["c", "b"]
    assert await names(active=True) == ["c", "anna"]
    page = (await anna.get("/api/v1/users", params={"limit": 2})).json()
    assert [one["name"] for one in page["items"]] == ["c", "b"]
    assert await names(cursor=page["cursor"]) == ["anna"]
    assert problems(await anna.get("/api/v1/users", params={"cursor": "x"})) == [("query/cursor", "unknown_cursor")]
    for wrong in ({"limit": 0}, {"limit": 201}, {"role": "boss"}):
        assert (await anna.get("/api/v1/users", params=wrong)).status_code == 422


async def test_changes(office: Office) -> None:
    anna = await office.person("anna", "admin")
    petr = await office.person("petr")
    given = {"display_name": "Petr", "email": "petr@example.com", "role": "supervisor"}
    changed = (await anna.patch("/api/v1/users/petr", json=given)).json()
    assert {name: changed[name] for name in given} == given
    changed = (await anna.patch("/api/v1/users/petr", json={"email": None, "role": None, "active": None})).json()
    assert (changed["email"], changed["role"], changed["active"]) == (None, "supervisor", True)
    assert (await petr.get("/api/v1/session")).json()["role"] == "supervisor"  # at once
    assert (await anna.patch("/api/v1/users/petr", json={})).status_code == 200
    entries = [(one.action, one.object, one.details) for one in await office.audit(object="users/petr")]
    assert entries == [
        ("user.changed", "users/petr", {"fields": ["display_name", "email"], "role": ["agent", "supervisor"]}),
        ("user.changed", "users/petr", {"fields": ["email"]}),
    ]


async def test_who_is_deactivated_is_out_at_once(office: Office) -> None:
    anna = await office.person("anna", "admin")
    petr = await office.person("petr")
    program = await office.program("petr")
    assert (await program.get("/api/v1/me")).status_code == 200
    assert (await anna.patch("/api/v1/users/petr", json={"active": False})).json()["active"] is False
    for client in (petr, program):
        assert (await client.get("/api/v1/me")).status_code == 401
    assert (await (await office.browser()).post("/api/v1/login", json=login(name="petr"))).status_code == 401
    await anna.patch("/api/v1/users/petr", json={"active": True})
    for client in (petr, program):
        assert (await client.get("/api/v1/me")).status_code == 401
    assert (await petr.post("/api/v1/login", json=login(name="petr"))).status_code == 200


async def test_the_last_administrator_stays(office: Office) -> None:
    anna = await office.person("anna", "admin")
    for attempt in (
        anna.patch("/api/v1/users/anna", json={"role": "supervisor", "display_name": "A"}),
        anna.patch("/api/v1/users/anna", json={"active": False}),
        anna.delete("/api/v1/users/anna"),
    ):
        answer = await attempt
        assert answer.status_code == 409
        assert answer.json()["detail"].startswith("anna is the last active administrator")
    assert (await anna.get("/api/v1/users/anna")).json()["display_name"] == "anna"
    await office.user("eva", "admin")
    assert (await anna.delete("/api/v1/users/anna")).status_code == 204
    assert (await anna.get("/api/v1/me")).status_code == 401


async def test_a_deleted_user_is_gone_and_stays_in_the_log(office: Office) -> None:
    anna = await office.person("anna", "admin")
    petr = await office.person("petr")
    await petr.patch("/api/v1/me", json={"display_name": "P"})
    assert (await anna.delete("/api/v1/users/petr")).status_code == 204
    assert (await petr.get("/api/v1/me")).status_code == 401
    for answer in (
        await anna.get("/api/v1/users/petr"),
        await anna.patch("/api/v1/users/petr", json={"role": "viewer"}),
        await anna.delete("/api/v1/users/petr"),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no user petr.")
    assert [(one.actor, one.action) for one in await office.audit(object="users/petr")] == [
        ("petr", "user.changed"),
        ("anna", "user.deleted"),
    ]


async def test_an_administrator_sets_a_password(office: Office) -> None:
    anna, petr = await office.person("anna", "admin"), await office.person("petr")
    for _ in range(6):
        await petr.post("/api/v1/login", json=login("wrong password", "petr"))
    assert (await anna.patch("/api/v1/users/petr", json={"password": OTHER})).status_code == 200
    assert (await petr.get("/api/v1/me")).status_code == 401
    assert (await petr.post("/api/v1/login", json=login(PASSWORD, "petr"))).status_code == 401
    assert (await petr.post("/api/v1/login", json=login(OTHER, "petr"))).status_code == 200  # without any wait
    changes = await office.audit(action="user.changed")
    assert [(one.actor, one.object, one.details) for one in changes] == [
        ("anna", "users/petr", {"fields": ["password"]})
    ]
    assert (await anna.patch("/api/v1/users/anna", json={"password": OTHER})).status_code == 200
    assert (await anna.get("/api/v1/me")).status_code == 200  # one's own session goes on


async def test_people_change_their_own_password(office: Office) -> None:
    eva, elsewhere = await office.person("eva", "viewer"), await office.browser()
    await office.session(elsewhere, "eva")
    given = {"password": OTHER, "current_password": PASSWORD}
    for wrong in ({"password": OTHER}, given | {"current_password": "wrong password"}):
        assert problems(await eva.patch("/api/v1/me", json=wrong)) == [("current_password", "wrong")]
    assert (await elsewhere.get("/api/v1/me")).status_code == 200
    assert (await eva.patch("/api/v1/me", json=given)).status_code == 200
    assert (await eva.get("/api/v1/me")).status_code == 200
    assert (await elsewhere.get("/api/v1/me")).status_code == 401
    browser = await office.browser()
    assert (await browser.post("/api/v1/login", json=login(PASSWORD))).status_code == 401
    assert (await browser.post("/api/v1/login", json=login(OTHER))).status_code == 200


async def test_a_current_password_cannot_be_guessed_either(office: Office) -> None:
    eva = await office.person("eva")
    guess = {"password": OTHER, "current_password": "wrong password"}
    assert [(await eva.patch("/api/v1/me", json=guess)).status_code for _ in range(6)] == [422] * 5 + [429]


async def test_people_cannot_raise_themselves(office: Office) -> None:
    eva = await office.person("eva", "viewer")
    for given in ({"role": "admin"}, {"active": True}, {"name": "anna"}):
        assert (await eva.patch("/api/v1/me", json=given)).status_code == 422
    answer = await eva.patch("/api/v1/users/eva", json={"role": "admin"})
    assert (answer.status_code, answer.json()["detail"]) == (403, "This needs the role admin; yours is viewer.")
    assert (await eva.get("/api/v1/me")).json()["role"] == "viewer"


async def test_people_of_a_provider_have_no_password_here(office: Office) -> None:
    anna, eva = await office.person("anna", "admin"), await office.browser()
    await office.user("eva", issuer="https://id.example.com", subject="1")
    await office.session(eva, "eva")
    given = {"password": OTHER, "current_password": PASSWORD}
    assert (await eva.patch("/api/v1/me", json=given)).status_code == 409
    answer = await anna.patch("/api/v1/users/eva", json={"password": OTHER, "role": "viewer"})
    assert answer.status_code == 409
    assert answer.json()["detail"] == "eva signs on at https://id.example.com and has no password here."
    assert (await eva.get("/api/v1/me")).json()["role"] == "agent"
