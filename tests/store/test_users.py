"""Users: names are theirs alone, an administrator is always left, and who is out is out everywhere."""

from datetime import datetime, timedelta

import anyio
import pytest
from sqlalchemy import text

from store import passwords, sessions, tokens
from store.audit import entries
from store.database import Database
from store.users import (
    ROLES,
    LastAdmin,
    NameTaken,
    Role,
    User,
    at_least,
    change_user,
    create_user,
    delete_user,
    ensure_admin,
    lesser,
    password_of,
    set_password,
    user,
    user_of_subject,
    users,
)

pytestmark = pytest.mark.anyio


async def _make(database: Database, noon: datetime, *names: str, role: Role = "agent", **more: str) -> None:
    async with database.begin() as session:
        for name in names:
            await create_user(session, name=name, role=role, now=noon, **more)


def test_roles_are_a_ladder() -> None:
    assert ROLES == ("viewer", "agent", "supervisor", "admin")
    for place, role in enumerate(ROLES):
        assert [least for least in ROLES if at_least(role, least)] == list(ROLES[: place + 1])
    assert lesser("admin", "agent") == lesser("agent", "admin") == "agent"
    assert lesser("viewer", "viewer") == "viewer"


async def test_a_user_as_made(database: Database, noon: datetime) -> None:
    await _make(database, noon, "eva", display_name="Eva N.", email="eva@example.com")
    async with database.begin() as session:
        found = await user(session, "eva")
        assert await user(session, "Eva") is None
    assert found == User("eva", "Eva N.", "eva@example.com", "agent", True, None, noon, None)


async def test_a_name_is_taken_once(database: Database, noon: datetime) -> None:
    await _make(database, noon, "eva")
    with pytest.raises(NameTaken, match="eva is taken"):
        await _make(database, noon, "eva", role="admin")
    async with database.begin() as session:
        found = await user(session, "eva")
    assert found is not None
    assert found.role == "agent"


@pytest.mark.parametrize("name", ["", "Eva", "eva nova", "-eva", "@eva", "eva/1", "e" * 101, "eva\n", "éva", "system"])
async def test_names_that_are_none(database: Database, noon: datetime, name: str) -> None:
    with pytest.raises(ValueError, match="a user's name is of the form"):
        await _make(database, noon, name)


async def test_lists(database: Database, noon: datetime) -> None:
    await _make(database, noon, "a", "b")
    await _make(database, noon + timedelta(1), "c", role="admin")
    async with database.begin() as session:
        await change_user(session, "a", active=False)
        assert [one.name for one in (await users(session)).items] == ["c", "b", "a"]
        page = await users(session, limit=2)
        assert [one.name for one in page.items] == ["c", "b"]
        assert [one.name for one in (await users(session, cursor=page.cursor)).items] == ["a"]
        assert [one.name for one in (await users(session, role="agent", active=True)).items] == ["b"]
        with pytest.raises(ValueError, match="cursor"):
            await users(session, cursor="x")


async def test_who_is_deactivated_loses_sessions_and_tokens(database: Database, noon: datetime) -> None:
    await _make(database, noon, "eva", "petr")
    async with database.begin() as session:
        secrets = [await sessions.begin(session, name, noon) for name in ("eva", "petr")]
        made = [
            await tokens.create_token(session, owner=name, name="t", role="agent", expires_at=None, now=noon)
            for name in ("eva", "petr")
        ]
        changed = await change_user(session, "eva", active=False)
    assert changed is not None
    assert not changed.active
    async with database.begin() as session:
        await change_user(session, "eva", active=True)
    async with database.begin() as session:
        assert [await sessions.session_of(session, secret, noon) is not None for secret in secrets] == [False, True]
        assert [await tokens.bearer(session, secret, noon) is not None for _, secret in made] == [False, True]


async def test_a_new_password_ends_the_other_sessions(database: Database, noon: datetime) -> None:
    await _make(database, noon, "eva", "petr")
    async with database.begin() as session:
        secrets = [await sessions.begin(session, name, noon) for name in ("eva", "eva", "petr")]
        kept = await sessions.session_of(session, secrets[0], noon)
        assert kept is not None
        await set_password(session, "eva", "a hash", keep=kept.id)
        assert [await sessions.session_of(session, secret, noon) is not None for secret in secrets] == [
            True,
            False,
            True,
        ]
        await set_password(session, "eva", "another hash")
        assert await sessions.session_of(session, secrets[0], noon) is None
        assert await password_of(session, "eva") == "another hash"
        assert await password_of(session, "petr") is None
        await change_user(session, "eva", active=False)
        assert await password_of(session, "eva") is None


async def test_an_administrator_is_always_left(database: Database, noon: datetime) -> None:
    await _make(database, noon, "anna", role="admin")
    await _make(database, noon, "old", role="admin")
    async with database.begin() as session:
        await change_user(session, "old", active=False)
    for changes in ({"role": "supervisor"}, {"active": False}):
        with pytest.raises(LastAdmin, match="anna is the last active administrator"):
            async with database.begin() as session:
                await change_user(session, "anna", **changes)
    with pytest.raises(LastAdmin):
        async with database.begin() as session:
            await delete_user(session, "anna")
    async with database.begin() as session:
        assert await change_user(session, "anna", role="admin", display_name="Anna") is not None
        assert await delete_user(session, "old")
        assert not await delete_user(session, "old")
        assert await change_user(session, "old", role="viewer") is None


async def test_two_administrators_cannot_go_at_once(database: Database, noon: datetime) -> None:
    await _make(database, noon, "anna", "eva", role="admin")
    refused: list[str] = []

    async def go(name: str) -> None:
        try:
            async with database.begin() as session:
                await change_user(session, name, role="viewer")
                await anyio.sleep(0.05)
        except LastAdmin:
            refused.append(name)

    async with anyio.create_task_group() as group:
        group.start_soon(go, "anna")
        group.start_soon(go, "eva")
    async with database.begin() as session:
        left = [one.name for one in (await users(session, role="admin")).items]
    assert len(refused) == 1
    assert left == refused


async def test_people_of_a_provider(database: Database, noon: datetime) -> None:
    await _make(database, noon, "eva", issuer="https://id.example.com", subject="1")
    await _make(database, noon, "petr", issuer="https://other.example.com", subject="1")
    with pytest.raises(NameTaken):
        await _make(database, noon, "eva2", issuer="https://id.example.com", subject="1")
    async with database.begin() as session:
        found = await user_of_subject(session, "https://id.example.com", "1")
        assert await user_of_subject(session, "https://id.example.com", "2") is None
    assert found is not None
    assert (found.name, found.issuer) == ("eva", "https://id.example.com")


async def test_the_first_administrator_with_a_given_password(database: Database, noon: datetime) -> None:
    async with database.begin() as session:
        assert await ensure_admin(session, "correct horse", noon) is None
        assert await ensure_admin(session, "another horse", noon) is None
    async with database.begin() as session:
        kept = await password_of(session, "admin")
        found = await user(session, "admin")
        [entry] = (await entries(session)).items
    assert await passwords.verified("correct horse", kept)
    assert found is not None
    assert found.role == "admin"
    assert (entry.actor, entry.action, entry.object) == ("system", "user.created", "users/admin")


async def test_the_first_administrator_with_a_password_made_up(database: Database, noon: datetime) -> None:
    told: list[str | None] = []

    async def start() -> None:
        async with database.begin() as session:
            told.append(await ensure_admin(session, None, noon))

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(start)
    [password] = [one for one in told if one is not None]
    async with database.begin() as session:
        assert await passwords.verified(password, await password_of(session, "admin"))


async def test_no_administrator_where_there_are_users(database: Database, noon: datetime) -> None:
    await _make(database, noon, "eva", role="viewer")
    async with database.begin() as session:
        assert await ensure_admin(session, None, noon) is None
        assert await user(session, "admin") is None


async def test_a_weak_first_password_is_refused(database: Database, noon: datetime) -> None:
    with pytest.raises(passwords.WeakPassword):
        async with database.begin() as session:
            await ensure_admin(session, "short", noon)
    async with database.begin() as session:
        assert (await users(session)).items == []


async def test_no_password_and_no_session_is_kept_as_it_is(database: Database, noon: datetime) -> None:
    async with database.begin() as session:
        password = await ensure_admin(session, None, noon)
        secret = await sessions.begin(session, "admin", noon)
        _, token = await tokens.create_token(session, owner="admin", name="t", role="agent", expires_at=None, now=noon)
    assert password is not None
    async with database.begin() as session:
        for table in ("users", "sessions", "tokens", "audit"):
            kept = await session.scalar(text(f"SELECT string_agg({table}::text, '') FROM {table}"))
            assert kept
            for plain in (password, secret, token, token.removeprefix("sb_")):
                assert plain not in kept
