"""The entities of an authored document one by one, as people edit them, and whether two of them mean the same."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, cast, get_args

from pydantic import ValidationError

from routing.configuration import (
    Automessage,
    Category,
    Chatbot,
    Connector,
    CustomField,
    DecisionTree,
    DisconnectionCause,
    Languages,
    Queue,
    Spec,
    Template,
    Terminate,
    TimeCondition,
    TimeGroup,
)

Kind = Literal[
    "connectors",
    "automessages",
    "time_groups",
    "time_conditions",
    "decision_trees",
    "chatbots",
    "queues",
    "terminates",
    "templates",
    "categories",
    "custom_fields",
    "disconnection_causes",
]
"""The kinds whose entities have names."""
KINDS: tuple[Kind, ...] = get_args(Kind)
"""In the order of the grammar, which is the order of every document that is written out."""
LANGUAGES = "languages"
"""The kind of the one entity without a name; its name is the empty text."""
FORMAT = 1
EMPTY: dict[str, Any] = {"format": FORMAT}
"""The document before there is any; not to be changed."""
GRAMMAR: dict[str, type[Spec]] = {
    LANGUAGES: Languages,
    "connectors": Connector,
    "automessages": Automessage,
    "time_groups": TimeGroup,
    "time_conditions": TimeCondition,
    "decision_trees": DecisionTree,
    "chatbots": Chatbot,
    "queues": Queue,
    "terminates": Terminate,
    "templates": Template,
    "categories": Category,
    "custom_fields": CustomField,
    "disconnection_causes": DisconnectionCause,
}


Change = Literal["added", "changed", "removed"]


class Key(NamedTuple):
    """Which entity: its kind and its name."""

    kind: str
    name: str

    @property
    def path(self) -> str:
        return f"{self.kind}/{self.name}" if self.name else self.kind


Entities = dict[Key, dict[str, Any]]
"""Entities by key, as they are written, in the order of the document."""


def entities_of(document: Mapping[str, Any]) -> Entities:
    """What stands in a document, kinds in the grammar's order and names in the author's; what is no entity is left out.

    So a document that does not hold loses whatever could not be edited as an entity.
    """
    found: Entities = {}
    if isinstance(languages := document.get(LANGUAGES), dict):
        found[Key(LANGUAGES, "")] = cast("dict[str, Any]", languages)
    for kind in KINDS:
        entities = document.get(kind)
        for name, entity in cast("dict[str, Any]", entities).items() if isinstance(entities, dict) else ():
            if isinstance(entity, dict):
                found[Key(kind, name)] = cast("dict[str, Any]", entity)
    return found


def document_of(entities: Mapping[Key, dict[str, Any]]) -> dict[str, Any]:
    """The document with these entities: kinds in the grammar's order, empty ones left out."""
    document = {**EMPTY}
    if (languages := entities.get(Key(LANGUAGES, ""))) is not None:
        document[LANGUAGES] = languages
    for kind in KINDS:
        if named := {key.name: entity for key, entity in entities.items() if key.kind == kind}:
            document[kind] = named
    return document


def meaning(key: Key, entity: dict[str, Any] | None) -> str | None:
    """An entity as JSON, the same for all ways of writing it: `PT30S` or 30, a default or nothing.

    One that the grammar cannot read means what it says, letter for letter; languages that are not there, the default.
    """
    if entity is None:
        if key.kind != LANGUAGES:
            return None
        entity = {}
    try:
        read = GRAMMAR[key.kind].model_validate(entity, by_alias=True, by_name=False)
    except ValidationError:
        return json.dumps(entity, ensure_ascii=False)
    return read.model_dump_json(by_alias=True, exclude_defaults=True)


def agree(key: Key, one: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    """Whether both mean the same, or neither is there."""
    return json.dumps(one) == json.dumps(other) or meaning(key, one) == meaning(key, other)


def normal(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with every entity written in the one way of its meaning, so that documents can be compared."""
    found: Entities = {}
    for key, entity in entities_of(document).items():
        written = json.loads(meaning(key, entity) or "{}")
        if written or key.kind != LANGUAGES:
            found[key] = written
    return document_of(found)


def changed(before: Mapping[Key, dict[str, Any]], after: Mapping[Key, dict[str, Any]]) -> dict[Key, Change]:
    """What became of each entity whose meaning differs, those that are there first and then those that are gone."""
    keys: Iterable[Key] = dict.fromkeys([*after, *before])
    found: dict[Key, Change] = {}
    for key in keys:
        if not agree(key, before.get(key), after.get(key)):
            found[key] = "added" if key not in before else "removed" if key not in after else "changed"
    return found
