"""Which webhooks an account sends to the app: `subscribed_apps`, of both flavours (facts 1.5)."""

from typing import Literal

from instagram.errors import SendError
from instagram.graph import Graph
from instagram.values import identifier, items, listed

LOGIN_FIELDS = (
    "messages",
    "message_reactions",
    "messaging_postbacks",
    "messaging_seen",
    "messaging_referral",
    "message_edit",
    "messaging_optins",
    "messaging_handover",
    "standby",
)
# Meta's pages differ on whether Instagram Login has it as a field of its own, so a refusal of it is no failure.
LOGIN_ECHOES = "message_echoes"
# Of a page any field switches Instagram's events on; which of those come is chosen in the App Dashboard (facts 3.1).
PAGE_FIELDS = ("messages", "messaging_postbacks")


async def subscribe(graph: Graph, sender: str, flavour: Literal["page", "login"]) -> None:
    """Has the account's events sent to the app. Raises SendError."""
    if flavour == "page":
        return await _subscribe(graph, sender, PAGE_FIELDS)
    try:
        await _subscribe(graph, sender, (*LOGIN_FIELDS, LOGIN_ECHOES))
    except SendError as error:
        if error.code != 100 or error.outcome != "message":
            raise
        await _subscribe(graph, sender, LOGIN_FIELDS)


async def subscribed(graph: Graph, sender: str, app_id: str | None = None) -> tuple[str, ...]:
    """The fields that the app gets, of all apps where `app_id` is not given; empty for none. Raises SendError."""
    answer = await graph.call("GET", f"{sender}/subscribed_apps")
    if not isinstance(answer.get("data"), list):
        raise SendError("retry", "the answer to reading subscriptions has no list of apps")
    apps = [app for app in items(answer) if app_id is None or identifier(app.get("id")) in (app_id, None)]
    return tuple(dict.fromkeys(field for app in apps for field in listed(app.get("subscribed_fields"))))


async def unsubscribe(graph: Graph, sender: str) -> None:
    """Stops the account's events. Raises SendError."""
    await graph.call("DELETE", f"{sender}/subscribed_apps")


async def _subscribe(graph: Graph, sender: str, fields: tuple[str, ...]) -> None:
    await graph.call("POST", f"{sender}/subscribed_apps", {"subscribed_fields": ",".join(fields)})
