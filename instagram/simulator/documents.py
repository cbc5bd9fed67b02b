"""What the OpenAPI document says of the Graph and login calls: bodies and answers by example."""

from typing import Any

from fastapi import FastAPI

Json = dict[str, Any]
Responses = dict[int | str, Json]  # as FastAPI takes them

GRAPH, LOGIN, CONTROL = "Graph (both flavours)", "login", "control"
TAGS: list[Json] = [
    {"name": CONTROL, "description": "What a test or the phone does to the local Instagram. No authorisation."},
    {
        "name": GRAPH,
        "description": "The Graph API of both flavours. The token comes as `Authorization: Bearer` or as "
        "`access_token`; any version may stand before the path, as in `/v26.0/me`. Errors come in Meta's envelope.",
    },
    {
        "name": LOGIN,
        "description": "Both OAuth dialogs, the exchange of codes and tokens, and what tokens are good for.",
    },
]


def describe(app: FastAPI, examples: dict[str, Any]) -> None:
    """Lets the document say how tokens come, and leaves out the 422 that only the control API answers.

    `examples` has good answers by call, as "GET /control/clock".
    """
    generate = app.openapi

    def openapi() -> Json:
        document = generate()
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        for path, calls in document["paths"].items():
            for method, call in calls.items():
                example = examples.get(f"{method.upper()} {path}")
                if example is not None:
                    good = next(answer for status, answer in call["responses"].items() if status.startswith("2"))
                    good["content"] = _json(example)
                if CONTROL not in call["tags"]:
                    call["responses"].pop("422", None)
                if GRAPH in call["tags"]:
                    call["security"] = [{"token": []}]
        return document

    app.openapi = openapi


def answers(good: Any, *, errors: dict[int, str] | None = None) -> Responses:
    """Examples of a good answer and of the errors: for each status what it means, as `code[/subcode] words`."""
    documented: Responses = {200: {"description": "As Meta answers", "content": _json(good)}}
    for status, words in {**_USUAL, **(errors or {})}.items():
        documented[status] = {"description": words, "content": _json(_error(words))}
    return documented


def body(*, required: bool = True, **examples: Json) -> Json:
    """A JSON body by examples, each under its name."""
    shown = {name: {"summary": name.replace("_", " "), "value": value} for name, value in examples.items()}
    content = {"application/json": {"schema": {"type": "object"}, "examples": shown}}
    return {"requestBody": {"required": required, "content": content}}


def form(**fields: str) -> Json:
    """A form, by its fields and what each is."""
    properties = {name: {"type": "string", "description": words} for name, words in fields.items()}
    schema = {"type": "object", "properties": properties, "required": list(fields)}
    return {"requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}}


def query(**parameters: str) -> Json:
    """Query parameters that a call reads by itself, and what each is."""
    return {
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, "description": words}
            for name, words in parameters.items()
        ]
    }


_USUAL = {
    400: "100 or 100/33: a wrong parameter, or an object that is not there or not this token's",
    401: "190 (463 expired, 458 and others revoked), 104: no living token",
}


def _error(words: str) -> Json:
    number = words.partition(":")[0].split()[0].strip(",").partition("/")
    told: Json = {"message": words, "type": "OAuthException"}
    if number[0].isdigit():
        told["code"] = int(number[0])
    if number[2].isdigit():
        told["error_subcode"] = int(number[2])
    return {"error": {**told, "fbtrace_id": "Asimulated"}}


def _json(example: Any) -> Json:
    return {"application/json": {"example": example}}
