"""`impact`: which recorded conversations would have gone elsewhere on the sandbox, and where (SPEC 9.3)."""

from argparse import Namespace
from typing import Any

from commands.client import LONG, Api
from commands.installation import Installation
from commands.output import count, print_json, print_table, progress


def impact_command(given: Namespace, at: Installation) -> int:
    """Run the newest recorded conversations again on the sandbox, and list those that would have gone elsewhere.

    Nothing is sent or asked: requests and chatbots answer as they did.
    """
    wanted = {
        "last": given.last,
        "account": given.account,
        "connector": given.connector,
        "since": given.since,
        "until": given.until,
        "listed": given.listed,
    }
    with Api(at.remote()) as api, progress("Comparing conversations"):
        report = api.post(
            "impact", {name: value for name, value in wanted.items() if value is not None}, patience=LONG
        ).json()
    if given.json:
        print_json(report)
    else:
        _print_report(report)
    return 1 if given.exit_code and report["counts"]["moved"] else 0


def _print_report(report: dict[str, Any]) -> None:
    counts = report["counts"]
    print_table(_moved(one) for one in report["moved"])
    if hidden := counts["moved"] - len(report["moved"]):
        print(f"and {hidden} more")
    if report["flows"]:
        print("\nFrom where to where:")
        print_table(((str(one["count"]), one["old"], f"-> {one['new']}") for one in report["flows"]), numbers=1)
        print()
    told = [
        f"{counts['moved']} would have gone elsewhere",
        f"{counts['texts_only']} would have read other words",
        f"{counts['undecided']} cannot be known",
        f"{counts['unfaithful']} cannot be run again",
        f"{counts['same']} stay the same",
    ]
    print(f"{count(report['compared'], 'conversation')}: {', '.join(told)}")
    if report["needs"]:
        needs = ", ".join(f"{need} ({number})" for need, number in report["needs"].items())
        print(f"what would have to be known, and was not recorded: {needs}")


def _moved(one: dict[str, Any]) -> tuple[str, ...]:
    conversation, turning = one["conversation"], one["turning"]
    opened = conversation["opened_at"][:16].replace("T", " ")
    return conversation["name"], opened, turning["old_to"], f"-> {turning['new_to']}"
