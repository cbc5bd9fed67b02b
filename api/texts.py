"""Half characters: JSON can spell them (`"\\ud800"`), and they can neither be stored nor sent as UTF-8."""

import json
import re

from fastapi import Request

from api.errors import Problem, Refusal

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""How they begin, and whole ones that are spelt in two halves as well."""


async def whole(request: Request) -> None:
    """422 for a JSON body with half a character in a name or a text, before any of it is used or answered.

    A dependency of every route; only those matter of which the framework reads the body. Forms are read already.
    """
    is_form = request.headers.get("content-type", "").lower().startswith(_FORMS)
    if is_form or getattr(request.scope.get("route"), "body_field", None) is None:
        return
    body = await request.body()
    if _HALF.search(body) is None:
        return
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        message = "a text has half of a surrogate pair (RFC 8259, section 8.2): spell the whole character, or none"
        raise Refusal(
            422, "The body cannot be read.", [Problem(path="", code="unreadable", message=message)]
        ) from error
    except (ValueError, RecursionError):
        return  # it is no JSON, which is said elsewhere
