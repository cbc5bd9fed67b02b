"""Entity tags: who changes something says which version they have seen, so that nobody overwrites anybody."""

import hashlib
import json
import re
from typing import Annotated, Any

from fastapi import Header, Request

from api.errors import Refusal

IfMatch = Annotated[
    str | None,
    Header(description="The `ETag` of what you have seen, or `*`. 412 where it is something else by now."),
]
IfNoneMatch = Annotated[str | None, Header(description="`*` to make it, and only if it is not there yet.")]
UNSAID = "Say in If-Match which version you change: its ETag, from reading it. So you overwrite nobody's changes."
_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def digest(content: Any) -> str:
    """The SHA-256 of a document as compact JSON, its names in the order of their author."""
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def tag_of(content: Any, *beside: Any) -> str:
    """A strong tag: the digest of what can be changed and, behind a dot, of whatever else is shown with it."""
    rest = f".{hashlib.sha256(json.dumps(beside, default=str).encode()).hexdigest()[:16]}" if beside else ""
    return f'"{digest(content)}{rest}"'


def unchanged(request: Request, tag: str) -> bool:
    """Whether the caller has exactly this representation, as `If-None-Match` says."""
    header = request.headers.get("if-none-match", "")
    return header.strip() == "*" or tag.strip('"') in _TAG.findall(header)


def check(if_match: str | None, content: Any, what: str) -> None:
    """Raises 412 where `content` (None: it is gone) is not what the caller has seen; nothing where they do not say.

    Only the first part of a tag counts, up to the dot: the content itself, in whatever form it was read. A proxy that
    compresses makes tags weak, and the content is the same all the same.
    """
    if if_match is None:
        return
    if content is None:
        raise Refusal(412, f"There is no {what} (any more). Read what there is, and make it anew if it is to be there.")
    seen = {one.split(".")[0] for one in _TAG.findall(if_match)}
    if if_match.strip() != "*" and digest(content) not in seen:
        refusal = Refusal(412, f"{what} was changed meanwhile, and nothing of yours was written. Read it again.")
        refusal.headers = {"ETag": tag_of(content)}
        raise refusal


def require(if_match: str | None, content: Any, what: str) -> None:
    """The same, and 428 where the caller does not say what they have seen."""
    if if_match is None:
        raise Refusal(428, UNSAID)
    check(if_match, content, what)
