"""`apply`: make a configuration the one that new conversations follow."""

from argparse import Namespace
from typing import Any

from commands import direct, files
from commands.checking import SANDBOX
from commands.client import LONG, NO_TOKEN, Api, Refused
from commands.drafts import Overwriting
from commands.installation import CannotRun, Installation
from commands.output import count, print_json, print_problems, print_result, progress
from commands.sandbox import not_done, put_document, put_scenarios, told_not_done
from routing.problems import Problem
from routing.scenarios import Result

WITHOUT_A_TOKEN = (
    f"{NO_TOKEN}. Whoever has the settings of the store can apply a file without one: "
    "switchboard apply FILE --direct --note …"
)


def apply_command(given: Namespace, at: Installation) -> int:
    """Check a file, put it into the sandbox and apply that; without a file apply the sandbox as it is.

    The installation checks everything once more and runs its scenarios. Where it refuses, each problem is shown.
    """
    if given.author is not None and not given.direct:
        raise CannotRun("--author goes with --direct: over the API the token says who applies")
    if given.direct and (given.file is None or given.running == "move"):
        raise CannotRun("--direct takes a file, and leaves open conversations alone: only the API can move them")
    document, checked = None, None
    kept = None if given.scenarios is None else files.scenarios(given.scenarios)[0]
    if given.file is not None:
        document, checked = files.checked(given.file)
        if checked.graph is None:
            told_not_done(given, "applied", f"{count(len(checked.errors), 'error')} to mend first", checked.problems)
            return 1
    try:
        if given.direct and checked is not None:
            return _applied(given, direct.apply(given, at, document, checked, kept))
        remote = at.remote()
        if not remote.token:
            raise CannotRun(WITHOUT_A_TOKEN)
        with Api(remote) as api:
            return _applied(given, _over_the_api(api, given, document, kept))
    except (Overwriting, Refused) as error:
        return not_done(given, "applied", error)


def _over_the_api(api: Api, given: Namespace, document: Any, kept: dict[str, Any] | None) -> dict[str, Any]:
    """The API's answer, all of it."""
    etag = None
    if given.file is not None:
        etag = put_document(api, given.file, document, overwrite=given.overwrite).etag
    if kept is not None:
        put_scenarios(api, kept)
    wanted = {"note": given.note, "running": given.running, "override_reason": given.override}
    with progress("Applying"):
        # With the tag, what is applied is what was put there, and not what somebody has made of it since.
        return api.post("apply", wanted, if_match=etag, patience=LONG).json()


def _applied(given: Namespace, answer: dict[str, Any]) -> int:
    warnings = [Problem.model_validate(one) for one in answer["warnings"]]
    if given.json:
        told = {name: answer[name] for name in ("applied", "scenarios", "running", "moving")}
        print_json(told | {"revision": answer["number"], "problems": [one.model_dump() for one in warnings]})
        return 0
    print_problems(warnings)
    for one in answer["scenarios"]:
        if not one["holds"]:
            print_result(Result.model_validate(one))
    what = "is now revision" if answer["applied"] else "is the current configuration already, revision"
    print(f"{given.file or SANDBOX} {what} {answer['number']}")
    if answer["running"]:
        counts = [f"{one['conversations']} on revision {one['revision']}" for one in answer["running"]]
        total = count(sum(one["conversations"] for one in answer["running"]), "open conversation")
        print(f"{total}: {', '.join(counts)}; {answer['moving']} asked to move")
    return 0
