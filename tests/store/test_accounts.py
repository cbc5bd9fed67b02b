"""Connected accounts: overwritten when connected again, paused, and never showing their token."""

from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError

from store.accounts import Flavour, account, accounts, connect_account, pause_account, resume_account
from store.database import Database
from store.secrets import Vault

pytestmark = pytest.mark.anyio
TOKEN = "IGAA-very-secret"


async def _connect(
    database: Database, vault: Vault, id: str, flavour: Flavour = "login", token: str | None = TOKEN
) -> None:
    async with database.begin() as session:
        await connect_account(
            session,
            vault,
            id=id,
            flavour=flavour,
            username="cornershop",
            name=None,
            page_id=None,
            token=token,
            token_expires_at=datetime.fromisoformat("2027-01-01T00:00:00+01:00"),
        )


async def test_an_account_keeps_its_token_encrypted_and_out_of_sight(database: Database, vault: Vault) -> None:
    await _connect(database, vault, "1784")
    async with database.begin() as session:
        known = await account(session, vault, "1784")
        listed = await accounts(session)
        assert await account(session, vault, "1785") is None
    assert known is not None
    assert (known.token, known.flavour, known.status) == (TOKEN, "login", "active")
    assert known.token_expires_at == datetime.fromisoformat("2026-12-31T23:00:00+00:00")
    assert [one.username for one in listed] == ["cornershop"]
    for shown in (repr(known), str(known), repr(listed), repr(vault), repr(vars(listed[0]))):
        assert TOKEN not in shown


async def test_connecting_again_overwrites_and_resumes(database: Database, vault: Vault) -> None:
    await _connect(database, vault, "1784")
    async with database.begin() as session:
        assert await pause_account(session, "1784", "token is dead")
    async with database.begin() as session:
        paused = await account(session, vault, "1784")
    assert paused is not None
    assert (paused.status, paused.paused_reason) == ("paused", "token is dead")
    await _connect(database, vault, "1784", token="fresh")
    async with database.begin() as session:
        again = await account(session, vault, "1784")
        assert len(await accounts(session)) == 1
    assert again is not None
    assert (again.status, again.paused_reason, again.token) == ("active", None, "fresh")


async def test_resume(database: Database, vault: Vault) -> None:
    await _connect(database, vault, "1784", token=None)
    async with database.begin() as session:
        await pause_account(session, "1784", "x")
        assert await resume_account(session, "1784")
        known = await account(session, vault, "1784")
        assert not await pause_account(session, "nobody", "x")
        assert not await resume_account(session, "nobody")
    assert known is not None
    assert (known.status, known.paused_reason, known.token) == ("active", None, None)


async def test_an_unknown_flavour_is_refused(database: Database, vault: Vault) -> None:
    with pytest.raises(IntegrityError, match="accounts_flavour_check"):
        await _connect(database, vault, "1784", flavour="telegram")  # type: ignore[arg-type]  # the point of the test
