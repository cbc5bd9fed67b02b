"""The graphs of pinned revisions, parsed once in a process and shared by all its conversations."""

from functools import lru_cache

from routing.configuration import Configuration
from routing.graph import Graph

KEPT = 50
"""How many revisions stay parsed: those that open conversations are likely to be on."""


@lru_cache(maxsize=KEPT)
def graph_of(document: str) -> Graph:
    """The graph of a revision's canonical document, which was checked when it was applied."""
    return Graph(Configuration.model_validate_json(document))
