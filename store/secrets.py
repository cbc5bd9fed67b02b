"""Secrets that administrators enter apart from the configuration, and the vault that encrypts them and tokens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.rows import columns, read, read_first
from store.tables import secrets


@dataclass(frozen=True)
class Kept:
    """A secret that somebody entered; its value is told to nobody."""

    name: str
    updated_at: datetime


class VaultError(ValueError):
    """A key that is none, or a value that no key of the vault opens; never names either."""


class Vault:
    """Encryption with rotating keys: the first key encrypts, each of them decrypts.

    Keys are of the form that `cryptography.fernet.Fernet.generate_key` makes; raises VaultError for another, or none.
    To rotate, put the new key in front and drop the old one when nothing is encrypted with it any more.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise VaultError("no encryption key is given: make one with Fernet.generate_key()")
        self._fernet = MultiFernet([_fernet(number, key) for number, key in enumerate(keys, start=1)])

    def encrypt(self, value: str) -> bytes:
        return self._fernet.encrypt(value.encode())

    def decrypt(self, value: bytes) -> str:
        """The plain text; raises VaultError when none of the keys encrypted it."""
        try:
            return self._fernet.decrypt(value).decode()
        except InvalidToken:
            raise VaultError(
                "a stored secret was encrypted with none of the given encryption keys: "
                "put the key that encrypted it back, at the end of the list"
            ) from None


async def set_secret(session: AsyncSession, vault: Vault, name: str, value: str) -> None:
    """Keep a secret under its name, in place of the one that was there."""
    encrypted = vault.encrypt(value)
    await session.execute(
        insert(secrets)
        .values(name=name, value=encrypted)
        .on_conflict_do_update(index_elements=["name"], set_={"value": encrypted, "updated_at": func.now()})
    )


async def get_secrets(session: AsyncSession, vault: Vault, names: Iterable[str]) -> dict[str, str]:
    """Plain values by name, without those that nobody entered; raises VaultError when one cannot be decrypted."""
    rows = await session.execute(select(secrets.c.name, secrets.c.value).where(secrets.c.name.in_(list(names))))
    return {name: vault.decrypt(value) for name, value in rows}


async def secrets_kept(session: AsyncSession) -> list[Kept]:
    """All secrets by name, without their values."""
    return await read(session, select(*columns(secrets, Kept)).order_by(secrets.c.name), Kept)


async def secret_kept(session: AsyncSession, name: str) -> Kept | None:
    return await read_first(session, select(*columns(secrets, Kept)).where(secrets.c.name == name), Kept)


async def delete_secret(session: AsyncSession, name: str) -> bool:
    """False when there is none of this name."""
    return await session.scalar(delete(secrets).where(secrets.c.name == name).returning(secrets.c.name)) is not None


async def encrypt_anew(session: AsyncSession, vault: Vault) -> int:
    """Encrypt every secret with the vault's first key; how many there are."""
    found = list(await session.execute(select(secrets.c.name, secrets.c.value).with_for_update()))
    for name, value in found:
        changed = update(secrets).where(secrets.c.name == name)
        await session.execute(changed.values(value=vault.encrypt(vault.decrypt(value))))
    return len(found)


def _fernet(number: int, key: str) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise VaultError(
            f"encryption key {number} is not 32 bytes in URL-safe base64: make one with Fernet.generate_key()"
        ) from None
