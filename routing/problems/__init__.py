"""check(): every problem of an authored document in one pass, never just the first (SPEC section 3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from routing.graph import Graph
from routing.problems.answers import check_answers
from routing.problems.entities import check_entities
from routing.problems.flow import check_flow
from routing.problems.names import check_names
from routing.problems.problem import CODES, Problem, Report
from routing.problems.rests import check_rests
from routing.problems.shape import Shape
from routing.problems.templates import check_templates
from routing.problems.texts import check_texts
from routing.problems.window import check_window

__all__ = ["CODES", "Checked", "Problem", "check"]


@dataclass(frozen=True)
class Checked:
    """The problems in the order of the document; the graph is None when one of them is an error."""

    problems: tuple[Problem, ...]
    graph: Graph | None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop an apply."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def check(document: object) -> Checked:
    """All problems of a document as `documents.read` gives it; never raises for JSON values.

    What cannot be read is reported, left out, and hides what would only follow from it.
    """
    report = Report()
    shape = Shape(document, report)
    configuration = shape.configuration
    if configuration is not None:
        check_names(configuration, report)
        exits = check_flow(configuration, report)
        check_rests(configuration, exits, report)
        check_window(configuration, report)
        check_answers(configuration, report)
        check_texts(configuration, report)
        check_templates(configuration, document, report)
        check_entities(configuration, report)
    problems = tuple(_ordered(document, shape, report))
    failed = configuration is None or any(problem.severity == "error" for problem in problems)
    return Checked(problems, None if failed or configuration is None else Graph(configuration))


def _ordered(document: object, shape: Shape, report: Report) -> list[Problem]:
    """The problems by their places in the document, each once, under the names that its author wrote."""
    given = {slug: name for name, slug in shape.names.items()}
    problems = dict.fromkeys(
        problem.model_copy(update={"path": "/".join(given.get(step, step) for step in problem.path.split("/"))})
        if given
        else problem
        for problem in report.problems
    )
    seen: dict[int, dict[str, tuple[int, object]]] = {}

    def order(problem: Problem) -> tuple[list[int], str, str]:
        found: list[int] = []
        value = document
        for step in problem.path.split("/") if problem.path else ():
            fields = seen.get(id(value))
            if fields is None:
                fields = seen[id(value)] = dict(_entries(value))
            position, value = fields.get(step, (len(fields), None))
            found.append(position)
        return found, problem.path, problem.code

    return sorted(problems, key=order)


def _entries(value: object) -> Iterator[tuple[str, tuple[int, object]]]:
    """What a mapping or list holds, with its positions."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[object, object]", value)
        yield from ((str(key), (position, item)) for position, (key, item) in enumerate(fields.items()))
    elif isinstance(value, list | tuple):
        yield from ((str(position), (position, item)) for position, item in enumerate(cast("list[object]", value)))
