"""`diff`, `export`, `import`: the sandbox and production of an installation, and files beside them."""

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from commands import files
from commands.checking import SANDBOX
from commands.client import Api, Refused
from commands.drafts import Draft, Overwriting, replaced
from commands.installation import CannotRun, Installation
from commands.output import count, print_json, print_problems
from routing.accounts import entities_with_known_accounts
from routing.diff import EntityChange, diff
from routing.documents import write
from routing.entities import EMPTY, document_of, entities_of, normal
from routing.problems import Problem

REFUSALS = (409, 412, 422)
"""The API's answers that are about the configuration, and not about the request."""
TRIES = 5
"""So often a file is put into the sandbox anew because somebody changed that in the same moment."""


@dataclass(frozen=True)
class Put:
    """What a file changed in the sandbox, and the tag that the sandbox has now."""

    etag: str
    changes: list[dict[str, Any]]


# Differences ----------------------------------------------------------------------------------------------------------


def diff_command(given: Namespace, at: Installation) -> int:
    """What applying would change, by entity and field: the sandbox, or a file, against production."""
    with Api(at.remote()) as api:
        if given.file is None:
            found = api.get("diff").json()
            name, differs = SANDBOX, found["differs"]
            entities = [EntityChange.model_validate(one) for one in found["entities"]]
        else:
            name, (differs, entities) = given.file, _compared(api, files.mapping(given.file))
    if given.json:
        print_json({"differs": differs, "entities": [one.model_dump(mode="json") for one in entities]})
    else:
        _print_differences(name, differs, entities)
    return 1 if differs and given.exit_code else 0


def _compared(api: Api, document: dict[str, Any]) -> tuple[bool, Sequence[EntityChange]]:
    production = api.get("production").json()
    # A connector that the file has without an account keeps the one that production knows.
    known = document_of(entities_with_known_accounts(entities_of(document), entities_of(production)))
    whole = {kind: known.get(kind, entities) for kind, entities in document.items()}
    # Text against text, since mappings with another order of names are equal.
    differs = json.dumps(normal(production)) != json.dumps(normal(whole))
    entities = diff(production, whole).entities
    return differs or bool(entities), entities


def _print_differences(name: str, differs: bool, entities: Sequence[EntityChange]) -> None:
    for one in entities:
        title = f" ({one.title})" if one.title != one.name else ""
        print(f"{one.change:<8} {one.path}{title}")
        for field in one.fields:
            print(f"         {field.words}")
    if entities:
        print(f"{name}: {count(len(entities), 'entity')} {'differs' if len(entities) == 1 else 'differ'}")
    else:
        print(f"{name}: only the order of names differs" if differs else f"{name}: no differences")


# Out of the installation, and into it ---------------------------------------------------------------------------------


def export_command(given: Namespace, at: Installation) -> int:
    """Write out the sandbox, a revision or the kept scenarios; the same content is always the same bytes."""
    with Api(at.remote()) as api:
        if given.scenarios:
            document = api.get("scenarios").json()
        elif given.production:
            document = api.get("production").json()
        elif given.revision is not None:
            document = api.get(f"revisions/{given.revision}").json()["document"]
        else:
            document = api.get("sandbox").json()
    # --json is as good as --format json, so that it means the same everywhere.
    as_json = given.json or given.format == "json"
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n" if as_json else write(document))
    return 0


def import_command(given: Namespace, at: Installation) -> int:
    """Put files into the installation without applying them: a configuration into the sandbox, scenarios beside it."""
    if given.file is None and given.scenarios is None:
        raise CannotRun("nothing to import: name a file, or scenarios with --scenarios FILE")
    document = None if given.file is None else files.mapping(given.file)
    kept = None if given.scenarios is None else files.scenarios(given.scenarios)[0]
    try:
        with Api(at.remote()) as api:
            put = None
            if document is not None:
                put = put_document(api, str(given.file), document, overwrite=given.overwrite)
            scenarios = [] if kept is None else put_scenarios(api, kept)
            found = api.get("problems").json()
    except (Overwriting, Refused) as error:
        return not_done(given, "imported", error)
    changes = put.changes if put is not None else []
    if given.json:
        told = {"imported": True, "changes": changes, "scenarios": scenarios}
        print_json(told | {"errors": found["errors"], "warnings": found["warnings"]})
        return 0
    for change in changes:
        print(f"{change['change']:<8} {change['path']}")
    for name in scenarios:
        print(f"changed  scenarios/{name}")
    print(f"the sandbox: {count(found['errors'], 'error')}, {count(found['warnings'], 'warning')}")
    return 0


def not_done(given: Namespace, done: str, error: Overwriting | Refused) -> int:
    """Say that the configuration is why something was not done (`done`: applied, imported); the exit code.

    What the API refused for another reason is raised anew.
    """
    if isinstance(error, Refused) and error.status not in REFUSALS:
        raise error
    problems = error.problems if isinstance(error, Refused) else []
    told_not_done(given, done, str(error), problems)
    return 1


def told_not_done(given: Namespace, done: str, why: str, problems: Sequence[Problem]) -> None:
    if given.json:
        print_json({done: False, "reason": why, "problems": [one.model_dump() for one in problems]})
    else:
        print_problems(problems)
        print(f"{given.file or given.scenarios or SANDBOX}: not {done}, {why}")


def put_document(api: Api, file: str, document: dict[str, Any], *, overwrite: bool) -> Put:
    """Put a configuration, read from `file`, in place of the sandbox.

    Raises Overwriting where others have drafts there that the file has not, Refused for what cannot be kept.
    """
    for attempt in range(TRIES):
        seen = api.get("sandbox")
        if not overwrite and (drafts := _drafts_of_others(api, seen.json(), document)):
            raise Overwriting(file, drafts)
        try:
            answer = api.put("sandbox", document, seen.headers["etag"])
        except Refused as error:
            if error.status != 412 or attempt == TRIES - 1:
                raise
        else:
            told = answer.json()
            return Put(told["etag"], told["changes"])
    raise AssertionError("the last try answers or raises")


def put_scenarios(api: Api, document: dict[str, Any]) -> list[str]:
    """Keep these scenarios instead of the present ones; the names of those that this changed."""
    seen = api.get("scenarios")
    return api.put("scenarios", document, seen.headers["etag"]).json()["changed"]


def _drafts_of_others(api: Api, sandbox: dict[str, Any], given: dict[str, Any]) -> list[Draft]:
    if sandbox == EMPTY:
        return []
    production = entities_of(api.get("production").json())
    known = entities_with_known_accounts(entities_of(given), production)
    keys = replaced(entities_of(sandbox), production, known)
    if not keys:
        return []
    me = api.get("session").json()["name"]
    drafts = [Draft(key, api.get(f"sandbox/{key.path}").json()["sandbox"]["author"]) for key in keys]
    return [one for one in drafts if one.author != me]
