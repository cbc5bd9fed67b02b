"""Ids as long and as odd as Meta's."""

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


def conversation_id(account: str, customer: str) -> str:
    """The id of the thread in the Conversations API."""
    return _encoded(f"ig_dm_thread:1:{account}:{thread_number(account, customer)}")


def thread_number(account: str, customer: str) -> str:
    """39 digits, the same for the same two parties."""
    digest = hashlib.sha256(f"{account}/{customer}".encode()).hexdigest()
    return "340282366841710301244" + str(int(digest[:15], 16)).zfill(18)[:18]


def _encoded(name: str) -> str:
    # Base 64 as Meta writes it: Z is its escape character, so Z itself becomes ZA and the padding ZD.
    return base64.urlsafe_b64encode(name.encode()).decode().replace("Z", "ZA").replace("=", "ZD")
