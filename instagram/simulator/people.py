"""Who logs in to Facebook, and the pages they have."""

import json
import sqlite3
from dataclasses import dataclass

from instagram.simulator.database import row, rows

TASKS = ("ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE")


@dataclass(frozen=True)
class Person:
    """A Facebook user, by the id under which the app knows them."""

    id: str
    name: str


@dataclass(frozen=True)
class Page:
    """A Facebook page as one person has it: `tasks` is what they may do there; `account` is its Instagram account."""

    number: int
    id: str
    name: str
    tasks: tuple[str, ...]
    account: str | None


class People:
    """Every person, every page, and who may do what where."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def all(self) -> list[Person]:
        return [Person(**found) for found in rows(self._database, "select * from people order by rowid")]

    def get(self, id: str) -> Person:
        return Person(**row(self._database, "person", id, "select * from people where id = ?", id))

    def add(self, person: Person) -> None:
        """Raises sqlite3.IntegrityError where the id is taken."""
        self._database.execute("insert into people values (?, ?)", (person.id, person.name))

    def add_page(self, id: str, name: str) -> None:
        """Raises sqlite3.IntegrityError where the id is taken."""
        self._database.execute("insert into pages (id, name) values (?, ?)", (id, name))

    def page_name(self, id: str) -> str:
        return row(self._database, "page", id, "select name from pages where id = ?", id)["name"]

    def give_role(self, person: str, page: str, tasks: tuple[str, ...]) -> None:
        """No tasks take the role away."""
        query = "delete from roles where person = ? and page = ?"
        values: tuple[str, ...] = (person, page)
        if tasks:
            query, values = "insert or replace into roles values (?, ?, ?)", (person, page, json.dumps(tasks))
        self._database.execute(query, values)

    def pages(self, person: str, *, after: int = 0, limit: int = 10_000) -> list[Page]:
        """Those where this person has a role, oldest first, from behind the page numbered `after`."""
        query = f"{_PAGES} where roles.person = ? and pages.number > ? order by pages.number limit ?"
        return [_page(found) for found in rows(self._database, query, person, after, limit)]

    def page(self, person: str, page: str) -> Page | None:
        """None where this person has no role on it."""
        found = rows(self._database, f"{_PAGES} where roles.person = ? and pages.id = ?", person, page)
        return _page(found[0]) if found else None

    def roles(self, page: str) -> dict[str, list[str]]:
        """Who may do what on a page."""
        found = rows(self._database, "select person, tasks from roles where page = ? order by person", page)
        return {role["person"]: json.loads(role["tasks"]) for role in found}

    def every_page(self) -> list[tuple[str, str]]:
        """Id and name of each."""
        return [
            (page["id"], page["name"]) for page in rows(self._database, "select id, name from pages order by number")
        ]


_PAGES = (
    "select pages.number, pages.id, pages.name, roles.tasks, accounts.id as account from roles"
    " join pages on pages.id = roles.page left join accounts on accounts.page_id = pages.id"
)


def _page(found: dict[str, object]) -> Page:
    return Page(**{**found, "tasks": tuple(json.loads(str(found["tasks"])))})  # pyright: ignore[reportArgumentType]  its columns
