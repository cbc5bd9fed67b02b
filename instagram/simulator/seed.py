"""Who is there from the start: two accounts in use, and more with which to try the authorisation."""

import sqlite3
from contextlib import suppress

from instagram.simulator.accounts import Account, Accounts
from instagram.simulator.apps import APP_OF
from instagram.simulator.people import TASKS, People, Person
from instagram.simulator.tokens import Tokens

OLGA = Person("10220000000000001", "Olga Owner")
PAUL = Person("10220000000000002", "Paul Pageless")

CORNER_SHOP_PAGE, GARDEN, NOTICEBOARD, BAKERY = (f"10000000000000{number}" for number in (2, 3, 4, 5))

ACCOUNTS = (
    Account("17841400000000001", "login", "cornershop", "Corner Shop", "IGAA-simulated-1"),
    Account("17841400000000002", "page", "cornershop.page", "Corner Shop Page", "EAA-simulated-2", CORNER_SHOP_PAGE),
    Account("17841400000000003", "page", "garden.studio", "Garden Studio", None, GARDEN),
    Account("17841400000000004", "page", "night.bakery", "Night Bakery", None, BAKERY),
    Account("17841400000000005", "login", "paper.boat", "Paper Boat"),
    Account("17841400000000006", "login", "lena.draws", "Lena Draws", kind="MEDIA_CREATOR"),
)
PAGES = (
    (CORNER_SHOP_PAGE, "Corner Shop Page", TASKS),
    (GARDEN, "Garden Studio", TASKS),
    (NOTICEBOARD, "Old Noticeboard", TASKS),  # no Instagram account
    (BAKERY, "Night Bakery", ("ANALYZE", "ADVERTISE")),  # no task MESSAGING
)
FIELDS = (
    "messages,messaging_postbacks,messaging_seen,message_reactions,message_edit,messaging_referral,"
    "messaging_handover,standby,comments"
)


def plant(accounts: Accounts, people: People, tokens: Tokens) -> None:
    """Adds whatever of this is not there."""
    for person in (OLGA, PAUL):
        with suppress(sqlite3.IntegrityError):
            people.add(person)
    for id, name, tasks in PAGES:
        with suppress(sqlite3.IntegrityError):
            people.add_page(id, name)
            people.give_role(OLGA.id, id, tasks)
    for account in ACCOUNTS:
        with suppress(sqlite3.IntegrityError):
            accounts.add(account)
            if account.token:
                connect(accounts, tokens, account, owner=OLGA.id)


def connect(accounts: Accounts, tokens: Tokens, account: Account, owner: str) -> None:
    """Gives the account's own token its meaning, for ever, and tells the app of everything from now on.

    `owner` is the person of a page's token. Raises sqlite3.IntegrityError where the token belongs to another.
    """
    if account.flavour == "page":
        tokens.add("page", account.sender, owner=owner, token=account.token)
    else:
        tokens.add("login", account.id, owner=account.id, token=account.token)
    accounts.subscribe(account.sender, APP_OF[account.flavour], FIELDS)
