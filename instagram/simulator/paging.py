"""Lists in pages, as the Graph API gives them."""

from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from instagram.simulator.errors import wrong
from instagram.simulator.names import cursor, place_of

Json = dict[str, Any]

VERSION = "simulator.version"  # Where the app puts the version that stood in the address (app.py).
_USUAL, _MOST = 25, 100


def limit_of(request: Request) -> int:
    """How many items one page may have."""
    written = request.query_params.get("limit", str(_USUAL))
    if not written.isdigit() or not int(written):
        raise wrong(f"limit {written!r} is no number from 1 on")
    return min(int(written), _MOST)


def after_of(request: Request) -> int | None:
    """The place behind which the page begins."""
    written = request.query_params.get("after")
    if not written:
        return None
    try:
        return int(place_of(written))
    except ValueError as error:
        raise wrong("Invalid cursors values") from error


def paged(request: Request, token: str, items: list[tuple[int, Json]], *, more: bool, path: str | None = None) -> Json:
    """A page of items with their places, and the address of the next where there is `more`.

    `path` is the list's address if not the request's. As on Meta's pages, the token stands in the next address.
    """
    answer: Json = {"data": [item for _, item in items]}
    if not items:
        return answer
    before, after = cursor(items[0][0]), cursor(items[-1][0])
    paging: Json = {"cursors": {"before": before, "after": after}}
    answer["paging"] = paging
    if more:
        asked = dict(request.query_params) if path is None else {}
        query = {**asked, "limit": len(items), "access_token": token, "after": after}
        root = f"{str(request.base_url).rstrip('/')}{request.scope.get(VERSION, '')}"
        paging["next"] = f"{root}{path or request.url.path}?{urlencode(query)}"
    return answer
