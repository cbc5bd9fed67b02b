"""Who a customer is, and the questions that an account offers to who has not written yet."""

import logging
from collections.abc import Sequence
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from instagram.errors import SendError
from instagram.graph import Graph
from instagram.values import items, string, words

ICE_BREAKERS = 4  # An account may offer so many (facts 2.2).

_log = logging.getLogger(__name__)


class Profile(BaseModel):
    """Who a customer is, as far as Instagram tells: each may be None. The picture's link dies within days."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    username: str | None = None
    name: str | None = None
    picture: str | None = None


async def profile(graph: Graph, customer: str) -> Profile:
    """Who this customer is; an empty profile where Instagram will not or cannot say (SPEC 6.6), never an error."""
    try:
        told = await graph.call("GET", quote(customer, safe=""), {"fields": "name,username,profile_pic"})
    except SendError as error:
        _log.info("no profile of customer %s of account %s: %s", customer, graph.owner, error)
        return Profile()
    return Profile(
        username=words(told.get("username")), name=words(told.get("name")), picture=words(told.get("profile_pic"))
    )


async def publish_ice_breakers(graph: Graph, sender: str, questions: Sequence[tuple[str, str]]) -> None:
    """Offers these (question, payload) in place of those before; none takes them away. Raises SendError.

    Raises ValueError for more than 4, which Instagram does not take.
    """
    if len(questions) > ICE_BREAKERS:
        raise ValueError(f"{len(questions)} ice breakers: Instagram takes {ICE_BREAKERS} at most, so leave some out")
    address = f"{sender}/messenger_profile"
    if not questions:
        await graph.call("DELETE", address, body={"platform": "instagram", "fields": ["ice_breakers"]})
        return
    actions = [{"question": question, "payload": payload} for question, payload in questions]
    offered = [{"call_to_actions": actions, "locale": "default"}]
    await graph.call("POST", address, body={"platform": "instagram", "ice_breakers": offered})


async def ice_breakers(graph: Graph, sender: str) -> list[tuple[str, str]]:
    """The (question, payload) that are offered now, of the default language. Raises SendError."""
    query = {"platform": "instagram", "fields": "ice_breakers"}
    told = items(await graph.call("GET", f"{sender}/messenger_profile", query))
    # Meta's pages show two shapes: the languages directly, or under the name of the field.
    languages = [language for one in told for language in (items(one.get("ice_breakers")) or [one])]
    default = next((one for one in languages if one.get("locale", "default") == "default"), {})
    actions = items(default.get("call_to_actions")) or [one for one in languages if "question" in one]
    found = [(string(action.get("question")), string(action.get("payload"))) for action in actions]
    return [(question, payload or "") for question, payload in found if question]
