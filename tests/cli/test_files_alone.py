"""`check` and `scenarios` on files: no server, no settings, no network."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Shell

TESTS = Path(__file__).parents[1]
EVERYTHING = str(TESTS / "configurations" / "everything.yaml")
PATTERN = str(TESTS / "configurations" / "pattern.yaml")
SCENARIOS = str(TESTS / "scenarios" / "pattern.yaml")
TEN = """
format: 1
langauges: {default: en, offered: [en]}
connectors:
  shop: {title: Shop, next: {type: decision_tree, name: welcom}}
decision_trees:
  welcome:
    title: Welcome
    start: first
    decisions:
      first:
        title: First
        actions:
          - {type: send_mesage, text: Hello}
          - {type: send_message, text: "Hello {{ custmer.name }}"}
          - {type: create_ticket, title: T, category: orders}
          - type: target
            execution: when_client_chooses
            answer: {type: pattern, pattern: "/(?=x)/"}
            to: {type: decision, name: second}
        no_answer: {after: soon, to: {type: queue, name: people}}
queues:
  people: {title: People, priority: 11}
terminates:
  bye: {title: Bye, cause: boredom}
"""
WRONG = (
    "scenarios: {wrong: {title: Wrong, connector: shop, at: 2026-11-23T10:00:00+01:00,"
    " steps: [{user: hi}, {bot: Something else}, {place: queues/nowhere}]}}"
)


def test_check_lists_ten_mistakes_with_path_and_cure(shell: Shell) -> None:
    file = shell.write(TEN)
    told = shell.run("check", file, "--json")
    errors = [problem for problem in told.json["problems"] if problem["severity"] == "error"]
    assert (told.code, told.json["holds"], len(errors)) == (1, False, 10)
    assert all(one["message"] for one in errors)
    shown = shell.run("check", file)
    assert shown.code == 1
    assert all(one["path"] in shown.out for one in errors)
    assert "did you mean `welcome`?" in shown.out
    assert shown.out.endswith(f"{file}: 10 errors, 0 warnings\n")


def test_check_of_a_good_file(shell: Shell) -> None:
    told = shell.run("check", EVERYTHING)
    assert (told.code, told.err) == (0, "")
    assert told.out.endswith("0 errors, 0 warnings\n")


def test_the_standard_input_is_a_file_too(shell: Shell) -> None:
    assert shell.run("check", "-", input=Path(EVERYTHING).read_text()).out == "-: 0 errors, 0 warnings\n"
    told = shell.run("check", "-", "--json", input=TEN)
    assert (told.code, told.json["holds"]) == (1, False)
    told = shell.run("scenarios", "-", "--configuration", PATTERN, input=Path(SCENARIOS).read_text())
    assert (told.code, told.out.splitlines()[-1].partition(":")[0]) == (0, "-")


def test_what_is_no_yaml_is_a_problem_with_its_line(shell: Shell) -> None:
    told = shell.run("check", shell.write("format: 1\nqueues: {a: [\n"))
    assert told.code == 1
    assert "line" in told.out


def test_a_file_that_is_not_there_cannot_be_checked(shell: Shell) -> None:
    told = shell.run("check", "nowhere.yaml")
    assert told.code == 2
    assert told.err.startswith("nowhere.yaml cannot be read")
    told = shell.run("check", "nowhere.yaml", "--json")
    assert (told.code, told.err) == (2, "")
    assert told.json["error"].startswith("nowhere.yaml cannot be read")


def test_scenarios_that_hold(shell: Shell) -> None:
    told = shell.run("scenarios", SCENARIOS, "--configuration", PATTERN, "--json")
    assert (told.code, told.json["holds"]) == (0, True)
    assert all(one["holds"] for one in told.json["scenarios"])
    assert shell.run("scenarios", "run", SCENARIOS, "--configuration", PATTERN, "--json") == told


def test_a_failing_scenario_says_what_happened_instead(shell: Shell) -> None:
    told = shell.run("scenarios", shell.write(WRONG), "--configuration", PATTERN)
    assert told.code == 1
    assert "step 2, bot: expected Something else" in told.out
    assert "step 3, place: expected queues/nowhere" in told.out


def test_a_misspelt_step_cannot_run(shell: Shell) -> None:
    told = shell.run("scenarios", shell.write(WRONG.replace("user:", "usr:")), "--configuration", PATTERN)
    assert told.code == 2
    assert "did you mean `user`?" in told.err


def test_scenarios_cannot_run_on_a_configuration_with_errors_and_every_error_is_named(shell: Shell) -> None:
    told = shell.run("scenarios", SCENARIOS, "--configuration", shell.write(TEN))
    assert told.code == 2
    assert "has 10 errors, so nothing can run on it" in told.err
    assert "connectors/shop/next/name: " in told.err


def test_two_files_of_scenarios_at_once_are_refused(shell: Shell) -> None:
    told = shell.run("scenarios", "a.yaml", "b.yaml", "--configuration", PATTERN)
    assert (told.code, "here are 2: a.yaml, b.yaml" in told.err) == (2, True)


def test_progress_is_shown_on_a_terminal_and_never_in_the_result() -> None:
    """The standard error is a terminal here, and the standard output is a pipe."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "cli", "scenarios", SCENARIOS, "--configuration", PATTERN, "--json"]
    environment = os.environ | {"TERM": "xterm"}
    done = subprocess.run(command, cwd=TESTS.parent, env=environment, stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert done.returncode == 0
    assert json.loads(done.stdout)["holds"] is True
    assert "Scenarios" in shown
