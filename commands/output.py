"""What commands print: results on the standard output, for people or as JSON, and progress on the standard error."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from routing.problems import Problem
from routing.scenarios import Result


def print_json(found: dict[str, Any]) -> None:
    print(json.dumps(found, ensure_ascii=False, indent=2))


def print_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        print(f"{problem.severity:<7} {problem.path or '(document)'}\n        {problem.message} [{problem.code}]")


def print_result(result: Result) -> None:
    print(f"{'holds' if result.holds else 'FAILS'}  {result.name}: {result.title}")
    for failure in result.failures:
        print(f"       step {failure.step + 1}, {failure.key}: expected {failure.expected}")
        print(f"       {'':>4} but {failure.happened}")
    if not result.holds:
        for line in result.transcript:
            print(f"         | {line}")


def print_table(rows: Iterable[Sequence[str]], numbers: int = 0) -> None:
    """Columns one below the other, the first `numbers` of them flush right; nothing is cut and no colour is used."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    texts = [[Text(cell) for cell in row] for row in rows]
    for index in range(max((len(row) for row in texts), default=0)):
        table.add_column(justify="right" if index < numbers else "left", no_wrap=True)
    for row in texts:
        table.add_row(*row)
    written = StringIO()
    # A pipe has no width, and a line that a program reads must stay one.
    Console(file=written, width=100_000, color_system=None).print(table)
    for line in written.getvalue().splitlines():
        print(line.rstrip())


def count(number: int, noun: str) -> str:
    """`1 error`, `2 errors`, `2 entities`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    """While it runs, a bar on a terminal says how far it has come; call what it gives for each part that is done.

    Without a total it says how long it has taken. Nothing is written where the standard error is no terminal.
    """
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    waiting = [SpinnerColumn(), TextColumn("{task.description}")]
    with Progress(
        *(waiting if total is None else columns),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as shown:
        task = shown.add_task(what, total=total)
        yield lambda: shown.advance(task)
