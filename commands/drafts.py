"""What others have in the sandbox and have not applied, and what a file would put in its place."""

from collections.abc import Iterable
from dataclasses import dataclass

from routing.entities import Entities, Key, agree


@dataclass(frozen=True)
class Draft:
    """An entity of the sandbox that nobody has applied, and who changed it last."""

    key: Key
    author: str


class Overwriting(Exception):
    """A file would take the place of others' drafts; the text names them and says what to do."""

    def __init__(self, file: str, drafts: Iterable[Draft]) -> None:
        told = ", ".join(f"{one.key.path} ({one.author})" for one in drafts)
        super().__init__(
            f"in the sandbox are changes of others that were not applied, and {file} has them not: {told}. Take them "
            "over into the file (switchboard export), discard them there, or give --overwrite"
        )


def replaced(mine: Entities, production: Entities, given: Entities) -> list[Key]:
    """Entities of the sandbox that differ from production and also from what is given, in the sandbox's order."""
    return [
        key
        for key, one in mine.items()
        if not agree(key, one, production.get(key)) and not agree(key, one, given.get(key))
    ]
