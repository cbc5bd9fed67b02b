"""Saved templates, filled in for the customer who is about to get them (SPEC 8)."""

from collections.abc import Mapping

from api.dependencies import Parts
from api.errors import Problem, Refusal
from api.pictures import REFUSED
from api.positions import told
from routing.phrases import phrase
from routing.templates import TemplateFailed
from store import revisions
from store.conversations import Conversation


async def filled_in(
    parts: Parts, found: Conversation, name: str, language: str | None, values: Mapping[str, str]
) -> str:
    """The text of a template of the current revision, with what the running conversation knows.

    422 where there is none of this name, or its text would have gaps; 503 where the conversation does not answer.
    """
    async with parts.database.begin() as session:
        number = await revisions.current_number(session)
        graph = None if number is None else await parts.production.graph(session, number)
    template = None if graph is None else graph.configuration.templates.get(name)
    if graph is None or template is None:
        known = ", ".join(graph.configuration.templates) if graph is not None else ""
        message = f"there is no such template; there are: {known or 'none'}"
        raise _refused([Problem(path="template", code="unknown", message=message)])
    state = await told(parts, found)
    if state is None:
        raise Refusal(503, f"{found.name} does not say what it knows, with which the template is filled in. Try again.")
    try:
        said = phrase(graph, state, template, parts.now(), language=language, values=values)
    except TemplateFailed as error:
        raise _refused([Problem(path="template", code="template", message=str(error))]) from error
    gaps = [
        Problem(path=f"variables/{name}", code="missing", message="the conversation does not know it: give a value")
        for name in said.missing
    ]
    gaps += [
        Problem(path=f"variables/{name}", code="unread", message="the template does not read it: leave it out")
        for name in said.unread
    ]
    if gaps:
        raise _refused(gaps)
    return said.text


def _refused(problems: list[Problem]) -> Refusal:
    return Refusal(422, REFUSED, problems)
