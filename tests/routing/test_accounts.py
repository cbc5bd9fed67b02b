"""What authorisation filled in is kept by documents that do not know it."""

from routing.accounts import connector_of, with_account, with_known_accounts
from routing.configuration import Configuration


def document(**accounts: str) -> Configuration:
    to = {"type": "queue", "name": "people"}
    connectors = {name: {"title": name, "account": account, "next": to} for name, account in accounts.items()}
    return Configuration.model_validate({"format": 1, "connectors": connectors, "queues": {"people": {"title": "P"}}})


def accounts(configuration: Configuration) -> dict[str, str]:
    return {name: one.account for name, one in configuration.connectors.items()}


def test_an_account_belongs_to_one_connector() -> None:
    known = document(shop="1", kiosk="")
    assert connector_of(known, "1") == "shop"
    assert connector_of(known, "2") is None
    assert accounts(with_account(known, "kiosk", "2")) == {"shop": "1", "kiosk": "2"}
    assert accounts(known) == {"shop": "1", "kiosk": ""}, "the document itself is left as it was"


def test_an_empty_account_keeps_the_known_one() -> None:
    assert accounts(with_known_accounts(document(shop="", kiosk=""), document(shop="1"))) == {"shop": "1", "kiosk": ""}
    assert accounts(with_known_accounts(document(shop="3"), document(shop="1"))) == {"shop": "3"}
    unchanged = document(shop="3")
    assert with_known_accounts(unchanged, document(shop="1")) is unchanged


def test_an_account_that_the_document_gives_to_another_connector_is_not_doubled() -> None:
    assert accounts(with_known_accounts(document(shop="", kiosk="1"), document(shop="1"))) == {"shop": "", "kiosk": "1"}
