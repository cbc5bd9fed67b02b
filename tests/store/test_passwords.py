"""Passwords are kept as Argon2id hashes that tell nothing, not even by the time they take."""

import statistics
import time

import argon2
import pytest

from store import passwords

pytestmark = pytest.mark.anyio


async def test_a_hash_is_argon2id_and_each_is_another() -> None:
    one, other = await passwords.hashed("correct horse"), await passwords.hashed("correct horse")
    assert one.startswith("$argon2id$")
    assert one != other
    assert "horse" not in one
    assert await passwords.verified("correct horse", one)
    assert not await passwords.verified("Correct horse", one)
    assert not passwords.outdated(one)


async def test_other_parameters_are_renewed() -> None:
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("correct horse")
    assert passwords.outdated(weak)
    assert await passwords.verified("correct horse", weak)


async def test_keyboards_compose_letters_in_different_ways() -> None:
    assert await passwords.verified("Nova\u0301kova\u0301 1", await passwords.hashed("Nov\u00e1kov\u00e1 1"))


@pytest.mark.parametrize("odd", ["\x00" * 10, "\ud800" * 10, "🙂" * 10, " " * 10, "a" * 1000])
async def test_every_character_counts(odd: str) -> None:
    passwords.check(odd)
    kept = await passwords.hashed(odd)
    assert await passwords.verified(odd, kept)
    assert not await passwords.verified(odd[:-1], kept)


@pytest.mark.parametrize("weak", ["", "123456789", "a" * 1001])
def test_too_short_or_too_long(weak: str) -> None:
    with pytest.raises(passwords.WeakPassword, match="at least 10 characters") as caught:
        passwords.check(weak)
    assert not weak or weak not in str(caught.value)


async def test_a_name_that_is_not_there_takes_as_long() -> None:
    kept = await passwords.hashed("correct horse")

    async def taken(hash: str | None) -> float:
        times: list[float] = []
        for _ in range(5):
            begun = time.perf_counter()
            assert not await passwords.verified("wrong password", hash)
            times.append(time.perf_counter() - begun)
        return statistics.median(times)

    known, unknown = await taken(kept), await taken(None)
    assert unknown > known / 3


async def test_what_is_no_hash_is_an_error_and_no_wrong_password() -> None:
    with pytest.raises(ValueError, match="no Argon2 hash"):
        await passwords.verified("correct horse", "plain")


def test_generated_ones_are_long_and_different() -> None:
    made = {passwords.generated() for _ in range(100)}
    assert len(made) == 100
    assert all(len(one) == 24 for one in made)
