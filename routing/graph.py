"""A checked configuration, indexed by path, so that every place is found and followed in one step."""

import hashlib
from collections.abc import Iterator, Mapping

from routing.configuration import (
    KIND_OF,
    Action,
    Automessage,
    Chatbot,
    Condition,
    Configuration,
    Connector,
    CreateTicket,
    Decision,
    DecisionTree,
    Destination,
    Goal,
    Loop,
    Queue,
    Request,
    SaveData,
    SendMessage,
    Target,
    Terminate,
    TimeCondition,
)

Place = (
    Connector
    | Automessage
    | TimeCondition
    | DecisionTree
    | Chatbot
    | Queue
    | Terminate
    | Decision
    | Request
    | SendMessage
    | SaveData
    | CreateTicket
    | Condition
    | Loop
    | Target
)
"""Whatever a conversation can stand at."""

PLACES = ("connectors", *KIND_OF.values())


class Graph:
    """The places of a configuration by path, and what follows each of them."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self._places: dict[str, Place] = {}
        self._after: dict[str, str | None] = {}
        for kind in PLACES:
            entities: Mapping[str, Place] = getattr(configuration, kind)
            for name, entity in entities.items():
                self._places[f"{kind}/{name}"] = entity
        for tree_name, tree in configuration.decision_trees.items():
            for name, decision in tree.decisions.items():
                path = f"decision_trees/{tree_name}/decisions/{name}"
                self._places[path] = decision
                self._index(f"{path}/actions", decision.actions, None)

    def find(self, path: str) -> Place | None:
        """The place at a path; None where this configuration has none."""
        return self._places.get(path)

    def following(self, path: str) -> str | None:
        """What comes after an action: the next one, else what its owner continues with; None ends the decision.

        Behind the last action of a loop comes the loop itself, which goes on with its next element.
        """
        return self._after[path]

    def paths(self) -> Iterator[str]:
        """Every path, in the order of the document."""
        return iter(self._places)

    def _index(self, prefix: str, actions: tuple[Action, ...], after: str | None) -> None:
        for number, action in enumerate(actions):
            path = f"{prefix}/{number}"
            follows = f"{prefix}/{number + 1}" if number + 1 < len(actions) else after
            self._places[path] = action
            self._after[path] = follows
            match action:
                case Condition():
                    self._index(f"{path}/then", action.then, follows)
                    self._index(f"{path}/otherwise", action.otherwise, follows)
                case Loop():
                    self._index(f"{path}/actions", action.actions, path)
                case _:
                    pass


def path_of(to: Destination | Goal, tree: str | None = None) -> str:
    """The path of a destination; a decision is looked for in `tree` (its name)."""
    if to.type == "decision":
        return f"decision_trees/{tree}/decisions/{to.name}"
    return f"{KIND_OF[to.type]}/{to.name}"


def tree_of(path: str) -> str:
    """The name of the decision tree that a path lies in."""
    return path.split("/", 2)[1]


def decision_of(path: str) -> str:
    """The path of the decision that an action's path lies in."""
    return "/".join(path.split("/", 4)[:4])


def canonical(configuration: Configuration) -> str:
    """The document as JSON: the same document, the same bytes."""
    return configuration.model_dump_json(by_alias=True, exclude_defaults=True)


def digest(document: str) -> str:
    """The SHA-256 of a canonical document, in hex; a conversation pins its revision by it."""
    return hashlib.sha256(document.encode()).hexdigest()
