"""Passwords as Argon2id hashes (RFC 9106), worked out apart from the event loop and few at a time."""

import asyncio
import base64
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST = 10
"""Characters."""
LONGEST = 1000
"""Characters."""
TOGETHER = 2
"""So many hashes are worked out at once in a process: each takes 64 MiB and a tenth of a second."""

_hasher = PasswordHasher()
_threads = ThreadPoolExecutor(TOGETHER, thread_name_prefix="password")


class WeakPassword(ValueError):
    """A password that is not taken; the sentence says why, and never the password."""


def check(password: str) -> None:
    """Raises WeakPassword for one that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"A password has at least {SHORTEST} characters, and at most {LONGEST}.")


def generated() -> str:
    """A password that nobody guesses: 144 bits."""
    return secrets.token_urlsafe(18)


async def hashed(password: str) -> str:
    """What is kept of a password: its Argon2id hash, with salt and parameters."""
    return await _apart(_hasher.hash, _bytes(password))


async def verified(password: str, kept: str | None) -> bool:
    """Whether this is the password of that hash; takes as long where there is no hash, and is then False."""
    return await _apart(_verify, kept or _nobodys(), _bytes(password))


def outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's, so that it should be made anew."""
    return _hasher.check_needs_rehash(kept)


async def _apart(work, *arguments):
    return await asyncio.get_running_loop().run_in_executor(_threads, work, *arguments)


def _verify(kept: str, password: bytes) -> bool:
    try:
        return _hasher.verify(kept, password)
    except VerifyMismatchError:
        return False
    except InvalidHashError as error:
        raise ValueError("a stored password is no Argon2 hash: set that user's password anew") from error


def _bytes(password: str) -> bytes:
    """The same letters give the same bytes, however the keyboard composed them."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _nobodys() -> str:
    """A hash with today's parameters that no password has."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (_hasher.salt_len, _hasher.hash_len)
    )
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"
