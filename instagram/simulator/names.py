"""Ids, tokens and codes as long and as odd as Meta's."""

import base64
import hashlib
import secrets
import time


def new_customer_id() -> str:
    """An Instagram-scoped id: 16 digits."""
    return str(secrets.randbelow(9 * 10**15) + 10**15)


def new_mid(account: str, customer: str) -> str:
    """A message id of some 170 characters, never given twice, also after the simulator forgot everything."""
    item = f"32{time.time_ns():020d}{secrets.randbelow(10**16):016d}"
    return _encoded(f"ig_dm_item:1:IGMessageID:{account}:{thread_number(account, customer)}:{item}")


def new_id(beginning: str) -> str:
    """Two digits and fifteen more, for anything else that Meta numbers: a page, a person, a comment."""
    return beginning + str(secrets.randbelow(10**15)).zfill(15)


def new_token(kind: str) -> str:
    """A token that nobody can guess, beginning as Meta's do: IGAA for Instagram Login, EAA for Facebook."""
    return ("IGAA" if kind == "login" else "EAA") + secrets.token_urlsafe(90)


def new_code() -> str:
    """An authorisation code."""
    return "AQ" + secrets.token_urlsafe(120)


def conversation_id(account: str, customer: str) -> str:
    """The id of the thread in the Conversations API."""
    return _encoded(f"ig_dm_thread:1:{account}:{thread_number(account, customer)}")


def thread_number(account: str, customer: str) -> str:
    """39 digits, the same for the same two parties."""
    return "340282366841710301244" + _digits(f"{account}/{customer}", 18)


def app_scoped_id(account: str) -> str:
    """The id under which one app alone knows an Instagram account: never the one of its webhooks (facts 3.2)."""
    return "25" + _digits(account, 15)


def cursor(place: object) -> str:
    """A paging cursor as opaque as Meta's."""
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def place_of(cursor: str) -> str:
    """What a cursor was made of; ValueError for one that was not made here."""
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()


def _digits(name: str, count: int) -> str:
    return str(int(hashlib.sha256(name.encode()).hexdigest()[:15], 16)).zfill(count)[:count]


def _encoded(name: str) -> str:
    # Base 64 as Meta writes it: Z is its escape character, so Z itself becomes ZA and the padding ZD.
    return base64.urlsafe_b64encode(name.encode()).decode().replace("Z", "ZA").replace("=", "ZD")
