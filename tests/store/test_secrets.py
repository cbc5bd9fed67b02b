"""Encryption, rotation of keys, and the errors that name no secret."""

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from store.database import Database
from store.secrets import Vault, VaultError, get_secrets, set_secret

pytestmark = pytest.mark.anyio


def _key() -> str:
    return Fernet.generate_key().decode()


def test_the_first_key_encrypts_and_each_decrypts() -> None:
    old, new = _key(), _key()
    before = Vault([old]).encrypt("token ž")
    rotated = Vault([new, old])
    assert rotated.decrypt(before) == "token ž"
    assert Vault([new]).decrypt(rotated.encrypt("fresh")) == "fresh"
    with pytest.raises(VaultError, match="none of the given encryption keys"):
        Vault([new]).decrypt(before)


@pytest.mark.parametrize("bad", ["", "short", "ž" * 44, "A" * 43])
def test_a_bad_key_is_named_by_its_number_only(bad: str) -> None:
    with pytest.raises(VaultError, match="encryption key 2 is not 32 bytes") as caught:
        Vault([_key(), bad])
    assert not bad or bad not in str(caught.value)


def test_no_key_at_all() -> None:
    with pytest.raises(VaultError, match="no encryption key"):
        Vault([])


async def test_secrets_by_name(database: Database, vault: Vault) -> None:
    async with database.begin() as session:
        for value in ("first", "second"):
            await set_secret(session, vault, "crm", value)
        await set_secret(session, vault, "bot", "hush")
    async with database.begin() as session:
        assert await get_secrets(session, vault, ["crm", "bot", "missing"]) == {"crm": "second", "bot": "hush"}
        assert await get_secrets(session, vault, []) == {}
        stored = await session.scalar(text("SELECT string_agg(value::text, '') FROM secrets"))
    assert stored is not None
    for plain in (b"first", b"second", b"hush"):
        assert plain.hex() not in stored
