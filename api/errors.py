"""Errors as RFC 9457 problem details, with the path of each problem where a document was wrong."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """One thing that is wrong: where, what, and what to do about it."""

    path: str = Field(description="The place in the document, from the root: `button/0/text`.", examples=["transfer"])
    code: str = Field(description="A word for programs.", examples=["unknown_queue"])
    severity: Literal["error", "warning"] = "error"
    message: str = Field(description="A sentence for people, with the cure.")


class ProblemDetails(BaseModel):
    """An error as RFC 9457 describes it; `problems` where a document was refused."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Unprocessable Entity",
                    "status": 422,
                    "detail": "The body was refused and nothing of it took effect: 1 problem.",
                    "problems": [
                        {"path": "text", "code": "string_type", "severity": "error", "message": "must be a string"}
                    ],
                }
            ]
        }
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str | None = Field(None, description="The path that was asked for.")
    problems: list[Problem] | None = None


class Refusal(HTTPException):
    """An error to be answered: `detail` says what and what to do, `problems` where."""

    def __init__(self, status: int, detail: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(status, detail)
        self.problems = problems


def refused(errors: Sequence[Any]) -> Refusal:
    """422 from the errors of a pydantic model; never repeats the input, which may be secret or long."""
    problems = [
        Problem(path="/".join(_place(error["loc"])), code=error["type"], message=error["msg"]) for error in errors
    ]
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    return Refusal(422, f"The input was refused and nothing of it took effect: {count}.", problems)


def _place(location: Sequence[str | int]) -> list[str]:
    """A place in the body begins at its root; one in a query, path or header says so."""
    return [str(part) for part in (location[1:] if location[:1] == ("body",) else location)]


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of a route, for its description in OpenAPI."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Answer every error of the app as problem details, unknown routes and mistakes of our own included."""
    app.add_exception_handler(HTTPException, _refusal)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(SQLAlchemyError, _store)
    app.add_exception_handler(Exception, _unexpected)


def describe(document: dict[str, Any]) -> None:
    """Put into an OpenAPI document what errors look like here, in place of the framework's own form of them."""
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    details = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= details.pop("$defs") | {"ProblemDetails": details}
    for operations in document["paths"].values():
        for operation in operations.values():
            invalid = operation["responses"].get("422", {})
            if "HTTPValidationError" in str(invalid):
                invalid.update(answers(422)[422])


async def _refusal(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 400 and error.__cause__ is not None and not isinstance(error, Refusal):
        # The framework's own word for a body that is not even text, or that it cannot get to the bottom of.
        error = _unreadable()
    problems = error.problems if isinstance(error, Refusal) else ()
    return _answer(request, error.status_code, str(error.detail), problems, error.headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return await _refusal(request, refused(error.errors()))


def _unreadable() -> Refusal:
    message = "send JSON in UTF-8 that is not nested so deeply"
    return Refusal(422, "The body cannot be read.", [Problem(path="", code="unreadable", message=message)])


async def _store(request: Request, error: Exception) -> JSONResponse:
    # The statement's values may be a customer's words or a secret, so only the driver's sentence is logged.
    logger.error("%s %s: the store failed: %s", request.method, request.url.path, getattr(error, "orig", error))
    return _answer(request, 503, "The database does not answer as it should. Try again in a moment.")


async def _unexpected(request: Request, _: Exception) -> JSONResponse:
    # The traceback is logged by the server, to which the framework raises the error once more.
    return _answer(request, 500, "Something went wrong here, not in what you sent. The log of the API says more.")


def _answer(
    request: Request,
    status: int,
    detail: str,
    problems: Sequence[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    title = HTTPStatus(status).phrase
    if detail == title:
        detail = _DETAILS.get(status, detail)
    body = ProblemDetails(
        title=title, status=status, detail=detail, instance=request.url.path, problems=list(problems) or None
    )
    return JSONResponse(body.model_dump(exclude_none=True), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


_DETAILS = {
    404: "There is nothing at this address. /docs lists what there is.",
    405: "This address does not know this method; the header Allow names those that it knows.",
}
