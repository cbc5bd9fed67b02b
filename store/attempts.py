"""How often passwords may be tried: growing delays by name and by address, which all processes share (SPEC 7)."""

import hashlib
from datetime import datetime, timedelta
from ipaddress import IPv6Network, ip_address

from sqlalchemy import case, delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables

FREE = {"name": 5, "address": 20}
"""So many failures cost no delay; many people may share an address."""
FIRST_DELAY = timedelta(seconds=5)
"""The delay that the last of them brings; each further failure doubles it."""
LONGEST_DELAY = timedelta(minutes=15)
FORGOTTEN = timedelta(days=1)
"""Failures are forgotten when there was none for so long."""


async def attempt(session: AsyncSession, name: str, address: str, now: datetime) -> timedelta | None:
    """May a password of this name be tried from this address? None if so, else how long to wait.

    A try counts as failed until `succeeded` says otherwise, so that many at once gain nothing. Commit before trying.
    """
    table = tables.attempts
    await session.execute(delete(table).where(table.c.last_at < now - FORGOTTEN))
    keys = _keys(name, address)
    fresh = insert(table).values([{"key": key, "failures": 0, "last_at": now} for key in keys])
    # Writing the key of a row that is there changes nothing and locks it.
    locked = fresh.on_conflict_do_update(index_elements=["key"], set_={"key": fresh.excluded.key})
    rows = await session.execute(locked.returning(table.c.key, table.c.failures, table.c.blocked_until))
    known = {row.key: row for row in rows}
    until = max((row.blocked_until for row in known.values() if row.blocked_until is not None), default=now)
    if until > now:
        return until - now
    for key, what in keys.items():
        failures = known[key].failures + 1
        blocked = now + delay(failures, FREE[what]) if failures >= FREE[what] else None
        values = {"failures": failures, "last_at": now, "blocked_until": blocked}
        await session.execute(update(table).where(table.c.key == key).values(**values))
    return None


async def succeeded(session: AsyncSession, name: str, address: str) -> None:
    """The try was right: the name's failures are forgotten, and for the address it does not count."""
    table = tables.attempts
    for key, what in _keys(name, address).items():
        if what == "name":
            await session.execute(delete(table).where(table.c.key == key))
        else:
            left = func.greatest(table.c.failures - 1, 0)
            blocked = case((left >= FREE[what], table.c.blocked_until), else_=None)
            await session.execute(update(table).where(table.c.key == key).values(failures=left, blocked_until=blocked))


async def forgive(session: AsyncSession, name: str) -> None:
    """Forget the name's failures, as when an administrator has set a new password."""
    table = tables.attempts
    [key] = (key for key, what in _keys(name, "").items() if what == "name")
    await session.execute(delete(table).where(table.c.key == key))


def delay(failures: int, free: int) -> timedelta:
    """How long the next try must wait after so many failures, of which all but the last were free."""
    doublings = min(failures - free, 20)  # more would only overflow
    return min(FIRST_DELAY * 2**doublings, LONGEST_DELAY)


def _keys(name: str, address: str) -> dict[str, str]:
    """What is counted for by key, in the order in which every transaction locks them."""
    told = {"name": name, "address": _network(address)}
    keys = {
        hashlib.sha256(f"{what}:{value}".encode("utf-8", "replace")).hexdigest(): what for what, value in told.items()
    }
    return dict(sorted(keys.items()))


def _network(address: str) -> str:
    """Whose an address is: of IPv6, 64 bits belong to one connection, so that each of them has 2^64 addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4 or parsed.ipv4_mapped is not None:
        return address
    return str(IPv6Network((int(parsed), 64), strict=False))
