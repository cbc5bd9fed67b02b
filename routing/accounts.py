"""Which connector an Instagram account belongs to: what authorisation fills in, and applying must not lose."""

from routing.configuration import Configuration
from routing.entities import Entities

CONNECTORS = "connectors"


def connector_of(configuration: Configuration, account: str) -> str | None:
    """The connector that is authorised for an account."""
    return next((name for name, one in configuration.connectors.items() if one.account == account), None)


def with_account(configuration: Configuration, connector: str, account: str) -> Configuration:
    """The configuration with this connector authorised for the account."""
    changed = configuration.connectors[connector].model_copy(update={"account": account})
    return configuration.model_copy(update={"connectors": {**configuration.connectors, connector: changed}})


def with_known_accounts(configuration: Configuration, current: Configuration) -> Configuration:
    """The configuration in which connectors without an account keep the one that the current configuration has.

    So a document that people keep elsewhere need not know what was authorised. One whose account the document gives to
    another connector is left empty.
    """
    taken = {one.account for one in configuration.connectors.values() if one.account}
    kept = {
        name: one.model_copy(update={"account": known.account})
        for name, one in configuration.connectors.items()
        if not one.account
        and (known := current.connectors.get(name)) is not None
        and known.account
        and known.account not in taken
    }
    return (
        configuration.model_copy(update={"connectors": {**configuration.connectors, **kept}}) if kept else configuration
    )


def entities_with_known_accounts(given: Entities, current: Entities) -> Entities:
    """`with_known_accounts`, for entities that may not hold."""
    accounts = [one.get("account") for key, one in given.items() if key.kind == CONNECTORS]
    taken = {account for account in accounts if isinstance(account, str)}
    return {
        key: {**one, "account": known}
        if key.kind == CONNECTORS
        and not one.get("account")
        and isinstance(known := current.get(key, {}).get("account"), str)
        and known
        and known not in taken
        else one
        for key, one in given.items()
    }
