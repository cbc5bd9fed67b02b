"""Parts of a decision tree tried out while they are written: its templates, and the answers that it waits for."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.access import Supervisor
from api.dependencies import Given
from api.drafts import Draft
from api.errors import Refusal, answers
from routing.answers import PatternError, match_pattern, match_similar, same_title
from routing.entities import Key, document_of, entities_of
from routing.filters import FILTERS, shown, truncate
from routing.problems.problem import Report
from routing.problems.shape import Shape
from routing.samples import EXAMPLE, listed, sample
from routing.templates import (
    TemplateFailed,
    evaluate,
    inspect,
    inspect_expression,
    render,
    render_url,
)
from store import sandbox

router = APIRouter(tags=["preview"])

Written = Annotated[str, Field(max_length=20_000)]


class Name(BaseModel):
    name: str = Field(examples=["customer.name"])
    example: str = Field(description="Its value in the sample.", examples=["Jana Nováková"])


class Names(BaseModel):
    """What a template can read."""

    names: list[Name]
    filters: list[str] = Field(examples=[["date", "default"]])
    sample: dict[str, Any] = Field(description="Example values; send them to `render`, changed as you like.")


class Rendering(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"template": "Hello {{ customer.name }}", "sample": {"customer": {"name": "Jana"}}}]
        },
    )

    template: Written = Field(description="What is rendered.")
    form: Literal["text", "url", "expression"] = Field(
        default="text", description="A text, an address (values are percent-encoded), or an expression without braces."
    )
    sample: dict[str, Any] = Field(default={}, description="The values that it reads.")


class Rendered(BaseModel):
    text: str = Field(description="What comes out, as people read it; empty where there are mistakes.")
    value: Any = Field(default=None, description="Of an expression: its value, with its type.")
    mistakes: list[str]


class Matching(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"type": "pattern", "wanted": "/[0-9]{6}/", "text": "No 123456"}]},
    )

    type: Literal["pattern", "similar", "button"] = Field(description="The kind of the answer.")
    wanted: Written = Field(description="The pattern, the words, or the button's title, as in the answer of a target.")
    text: Written = Field(description="What the customer writes.")


class Matched(BaseModel):
    matches: bool
    groups: dict[str, str] = Field(default={}, description="Of a pattern: what becomes `answer.<group>`.")
    word: str | None = Field(default=None, description="Of similar words: the one that was found.")
    mistake: str | None = Field(default=None, description="Why the pattern cannot be used.")


@router.post("/api/v1/preview/names", summary="What templates can read", responses=answers(401, 403, 413, 422))
async def names(parts: Given, _: Supervisor, given: Draft) -> Names:
    """Of the templates of a decision tree as it would be, with example values. Nothing is saved."""
    async with parts.database.begin() as session:
        document = await sandbox.document(session)
    drafted = document_of({**entities_of(document), Key(given.kind, given.name): given.document})
    return await asyncio.to_thread(_names, drafted, given.name, parts)


@router.post("/api/v1/preview/render", summary="Render a template", responses=answers(401, 403, 413, 422))
async def rendered(_: Supervisor, given: Rendering) -> Rendered:
    """With these values, by the rules of every template. Nothing is sent; a secret is shown as dots."""
    return await asyncio.to_thread(_rendered, given)


@router.post("/api/v1/preview/match", summary="Match an answer", responses=answers(401, 403, 413, 422))
async def matched(_: Supervisor, given: Matching) -> Matched:
    """Whether the answer of a target would be taken, by the rules of every conversation."""
    return await asyncio.to_thread(_matched, given)


def _names(document: dict[str, Any], tree: str, parts: Given) -> Names:
    configuration = Shape(json.loads(json.dumps(document)), Report()).configuration
    if configuration is None:
        raise Refusal(422, "Nothing of the sandbox can be read.")
    found = sample(configuration, tree, parts.now())
    return Names(
        names=[Name(name=name, example=truncate(value, EXAMPLE)) for name, value in listed(found)],
        filters=list(FILTERS),
        sample=found,
    )


def _rendered(given: Rendering) -> Rendered:
    expression = given.form == "expression"
    found = (inspect_expression if expression else inspect)(given.template)
    if found.mistakes:
        return Rendered(text="", mistakes=list(found.mistakes))
    values = {**given.sample, "secrets": _Dots()}
    try:
        if expression:
            value = evaluate(given.template, values)
            return Rendered(text=shown(value), value=value, mistakes=[])
        return Rendered(text=(render_url if given.form == "url" else render)(given.template, values), mistakes=[])
    except TemplateFailed as error:
        return Rendered(text="", mistakes=[str(error)])


class _Dots(Mapping[str, str]):
    """Any secret, unseen."""

    def __getitem__(self, key: str) -> str:
        return "••••••"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _matched(given: Matching) -> Matched:
    match given.type:
        case "pattern":
            try:
                groups = match_pattern(given.wanted, given.text)
            except PatternError as error:
                return Matched(matches=False, mistake=str(error))
            return Matched(matches=groups is not None, groups=groups or {})
        case "similar":
            word = match_similar(given.wanted, given.text)
            return Matched(matches=word is not None, word=word)
        case "button":
            return Matched(matches=same_title(given.wanted, given.text))
