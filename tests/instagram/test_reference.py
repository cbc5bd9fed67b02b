"""The reference page says what the code does."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from instagram import instagram_login, meanings, page_login, subscriptions
from instagram.client import Instagram
from instagram.errors import Outcome, SendError, table
from instagram.events import Inbound, Kind
from instagram.login import InstagramLogin, PageLogin

PAGE = (Path(__file__).parents[2] / "docs/reference/instagram.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """The cells of the table that begins with this heading."""
    start = PAGE.index(f"| {heading} |")
    lines = PAGE[start : PAGE.index("\n\n", start)].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_of_errors_is_the_one_in_the_code() -> None:
    assert table() in PAGE, "print it with python -m instagram.errors and put it into the page"


def test_every_kind_of_event_has_its_row() -> None:
    found = {kind.strip("`"): opens for kind, _, opens, does in rows("Kind") if does}
    event = Inbound(key="k", kind="message", account="1", customer="2", at=datetime(2026, 1, 1, tzinfo=UTC), raw={})
    assert found == {kind: "yes" if event.model_copy(update={"kind": kind}).starts else "no" for kind in get_args(Kind)}


def test_every_member_of_an_event_is_explained() -> None:
    named = set(re.findall(r"`(\w+)`", " ".join(row[0] for row in rows("Member"))))
    plain = {"key", "kind", "standby", "account", "customer", "at", "mid", "is_self"}
    assert named - {"mention", "ref", "ad_id", "source", "product_id"} == set(Inbound.model_fields) - plain
    assert all(hasattr(Inbound, name) for name in ("mention", "ref", "ad_id", "source", "product_id"))


def test_every_outcome_and_every_member_of_an_error_is_explained() -> None:
    assert [row[0].strip("`") for row in rows("`SendError.outcome`")] == sorted(
        get_args(Outcome), key=["retry", "message", "person", "account", "unknown"].index
    )
    start = PAGE.index("| `window` |")
    names = re.findall(r"^\| `(\w+)` \|", PAGE[start : PAGE.index("\n\n", start)], re.MULTILINE)
    assert names == ["window", "throttled", "done", "act", "most_tries"]
    assert all(hasattr(SendError("retry", "m"), name) for name in names)


def test_every_call_is_explained_and_exists() -> None:
    client = _called(PAGE[PAGE.index("## Sending") : PAGE.index("## Errors")])
    assert client == {name for name in vars(Instagram) if not name.startswith("_")} - {"usage", "sent_since"}
    login = _called(PAGE[PAGE.index("## Authorising") :])
    offered = {name for one in (PageLogin, InstagramLogin) for name in vars(one) if not name.startswith("_")}
    assert login == offered | {"denied"}


def _called(section: str) -> set[str]:
    start = section.index("| Call |")
    first = [line.split("|")[1] for line in section[start : section.index("\n\n", start)].splitlines()[2:]]
    return set(re.findall(r"`(\w+)\(", " ".join(first)))


def test_permissions_and_fields_are_those_of_the_code() -> None:
    needed = rows("| Page | Instagram Login")[0][1:]
    assert [tuple(re.findall(r"`(\w+)`", cell)) for cell in needed] == [page_login.NEEDED, instagram_login.NEEDED]
    asked = tuple(re.findall(r"`(\w+)`", rows("| Page | Instagram Login")[1][1]))
    assert (*page_login.NEEDED, *asked) == page_login.ASKED
    assert f"up to {page_login.MOST_REQUESTS * 100:,}" in PAGE
    assert f"about {instagram_login.LIFE.days} days" in PAGE
    section = re.sub(r"\s+", " ", PAGE[PAGE.index("Of a page only") :].split("\n\n")[0])
    assert tuple(re.findall(r"`(\w+)`", section)) == (
        *subscriptions.PAGE_FIELDS,
        *subscriptions.LOGIN_FIELDS,
        subscriptions.LOGIN_ECHOES,
    )


def test_what_the_page_says_of_single_errors() -> None:
    tries = {(row.code, row.subcode): row.most_tries for row in meanings.MEANINGS if row.most_tries}
    assert tries == {(1, 99): 2, (1, 1357046): 1}
