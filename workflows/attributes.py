"""The search attributes by which conversations are found in Temporal UI."""

from temporalio.common import SearchAttributeKey

ACCOUNT = SearchAttributeKey.for_keyword("SwitchboardAccount")
CONNECTOR = SearchAttributeKey.for_keyword("SwitchboardConnector")
PLACE = SearchAttributeKey.for_keyword("SwitchboardPlace")
QUEUE = SearchAttributeKey.for_keyword("SwitchboardQueue")
LANGUAGE = SearchAttributeKey.for_keyword("SwitchboardLanguage")
REVISION = SearchAttributeKey.for_int("SwitchboardRevision")
OUTCOME = SearchAttributeKey.for_keyword("SwitchboardOutcome")

SEARCH_ATTRIBUTES: dict[str, str] = {
    ACCOUNT.name: "Keyword",
    CONNECTOR.name: "Keyword",
    PLACE.name: "Keyword",
    QUEUE.name: "Keyword",
    LANGUAGE.name: "Keyword",
    REVISION.name: "Int",
    OUTCOME.name: "Keyword",
}
"""Each attribute's name and Temporal type, as a server is told of them."""
