"""`check` and `scenarios`: whether a configuration holds, of files alone or of an installation's sandbox."""

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from commands import files
from commands.client import LONG, Api
from commands.installation import CannotRun, Installation
from commands.output import count, print_json, print_problems, print_result, progress
from detection import detect
from routing.graph import Graph
from routing.problems import Problem, check
from routing.scenarios import Result, Scenarios, run

SANDBOX = "the sandbox"


def check_command(given: Namespace, at: Installation) -> int:
    """Every problem of a configuration, with its path and the cure: of a file, or without one of the sandbox."""
    if given.file is None:
        with Api(at.remote()) as api:
            found = api.get("problems").json()["problems"]
        name, problems = SANDBOX, tuple(Problem.model_validate(one) for one in found)
    else:
        name, problems = given.file, files.checked(given.file)[1].problems
    errors = sum(problem.severity == "error" for problem in problems)
    if given.json:
        print_json({"holds": not errors, "problems": [problem.model_dump() for problem in problems]})
    else:
        print_problems(problems)
        print(f"{name}: {count(errors, 'error')}, {count(len(problems) - errors, 'warning')}")
    return 1 if errors else 0


def scenarios_command(given: Namespace, at: Installation) -> int:
    """Run scripted conversations and say of every failing step what happened instead.

    Those of a file, or without one those that the installation keeps; on the configuration of another file, or without
    one on the installation's sandbox.
    """
    words = given.words[1:] if given.words[:1] == ["run"] else given.words
    if len(words) > 1:
        raise CannotRun(f"one file of scenarios is run at once, and here are {len(words)}: {', '.join(words)}")
    file = words[0] if words else None
    if file is not None and given.configuration is not None:
        name, results = file, _run(files.scenarios(file)[1], _graph_of_file(given.configuration))
    else:
        with Api(at.remote()) as api:
            name, results = _with_api(api, file, given.configuration)
    failed = [result for result in results if not result.holds]
    if given.json:
        print_json({"holds": not failed, "scenarios": [told(one) for one in results]})
    else:
        for result in results:
            print_result(result)
        print(f"{name}: {len(results) - len(failed)} of {count(len(results), 'scenario')} hold")
    return 1 if failed else 0


def told(result: Result) -> dict[str, Any]:
    """A scenario's result for programs."""
    return {"holds": result.holds, **result.model_dump()}


def _with_api(api: Api, file: str | None, configuration: str | None) -> tuple[str, list[Result]]:
    if file is not None:
        scenarios = files.scenarios(file)[1]
        graph = files.graph(SANDBOX, check(api.get("sandbox").json()))
        return file, _run(scenarios, graph)
    if configuration is not None:
        kept = Scenarios.model_validate(api.get("scenarios").json())
        return configuration, _run(kept, _graph_of_file(configuration))
    with progress("Running the scenarios"):
        answer = api.post("scenarios/run", {}, patience=LONG).json()
    return SANDBOX, [Result.model_validate(one) for one in answer["results"]]


def _graph_of_file(file: str) -> Graph:
    return files.graph(file, files.checked(file)[1])


def _run(scenarios: Scenarios, graph: Graph) -> list[Result]:
    return list(_each(scenarios, graph))


def _each(scenarios: Scenarios, graph: Graph) -> Iterator[Result]:
    with progress("Scenarios", len(scenarios.scenarios)) as done:
        for name, scenario in scenarios.scenarios.items():
            yield run(graph, name, scenario, detect)
            done()
