"""Meta's error answers."""

from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse, Response

Json = dict[str, Any]


class GraphError(Exception):
    """An answer in Meta's error envelope (facts 2.4).

    `type` is the class name that Meta puts in; without one it is that of the flavour whose token came.
    """

    def __init__(
        self,
        code: int | None,
        subcode: int | None,
        message: str,
        status: int = 400,
        *,
        type: str | None = None,
        transient: bool = False,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.subcode = subcode
        self.message = message
        self.status = status
        self.type = type
        self.transient = transient
        self.headers = headers or {}

    @property
    def told(self) -> Json:
        """What the record of sends says of it."""
        return {"code": self.code, "subcode": self.subcode, "message": self.message}


class CodeError(GraphError):
    """An error of api.instagram.com, which has an envelope of its own (facts 2.4)."""

    def __init__(self, message: str) -> None:
        super().__init__(None, None, message)


def wrong(reason: str) -> GraphError:
    """A parameter that Meta refuses."""
    return GraphError(100, None, f"(#100) {reason}")


def missing(id: str) -> GraphError:
    """An object that is not there, or not for this token."""
    reason = "does not exist, is not open to this token, or cannot do this"
    return GraphError(100, 33, f"Unsupported request. Object with ID '{id}' {reason}")


def envelope(error: GraphError, request: Request) -> Json:
    """The body of the answer: the class name in it differs by flavour, and the exchange of codes has its own form."""
    if getattr(request.state, "envelope", "") == "code":
        return {"error_type": "OAuthException", "code": error.status, "error_message": error.message}
    flavour = getattr(request.state, "flavour", "page")
    told: Json = {
        "message": error.message,
        "type": error.type or ("IGApiException" if flavour == "login" else "OAuthException"),
    }
    if error.code is not None:
        told["code"] = error.code
    if error.subcode is not None:
        told["error_subcode"] = error.subcode
    if error.transient:
        told["is_transient"] = True
    return {"error": {**told, "fbtrace_id": "Asimulated"}}


async def answer_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GraphError)
    return JSONResponse(envelope(error, request), error.status, headers=error.headers)
