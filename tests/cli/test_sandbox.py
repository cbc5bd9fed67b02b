"""`check`, `diff`, `export`, `import` and `scenarios` of an installation: nothing is lost, and the same is the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from routing.documents import read, write
from tests.api.drafts import SCENARIOS, applied, small
from tests.api.drafts import write as put
from tests.cli.conftest import Desk, lines
from tests.cli.test_apply import coffee

pytestmark = pytest.mark.anyio
EVERYTHING = (Path(__file__).parents[1] / "configurations" / "everything.yaml").read_text(encoding="utf-8")


def backwards(found: Any) -> Any:
    """The same with all names in the other order; lists mean what they mean and stay."""
    if isinstance(found, dict):
        return {name: backwards(inner) for name, inner in reversed(found.items())}
    return [backwards(inner) for inner in found] if isinstance(found, list) else found


# Out and in again -----------------------------------------------------------------------------------------------------


async def test_an_export_has_the_order_of_the_author_and_is_always_the_same(desk: Desk) -> None:
    assert (await desk.run("import", desk.write(EVERYTHING))).code == 0
    first = await desk.run("export")
    assert (first.code, first.err) == (0, "")
    assert first.out == write(await desk.get("sandbox"))
    assert await desk.run("export") == first
    told = await desk.run("import", desk.write(first.out), "--json")
    assert told.json["changes"] == []
    assert await desk.run("export") == first
    as_json = (await desk.run("export", "--format", "json")).out
    assert as_json == (await desk.run("export", "--json")).out
    assert json.dumps(json.loads(as_json)) == json.dumps(read(first.out)), "both have the same order"


async def test_import_of_an_export_keeps_every_order(desk: Desk) -> None:
    """Whatever order somebody wrote: names, fields, and fields inside of fields; kinds come in the grammar's."""
    given = read(EVERYTHING)
    assert isinstance(given, dict)
    for document in (given, {kind: backwards(entities) for kind, entities in given.items()}):
        await put(desk.eva, {"format": 1})
        assert (await desk.run("import", desk.write(document))).code == 0
        found = json.loads((await desk.run("export", "--json")).out)
        assert {kind: json.dumps(found[kind]) for kind in found} == {kind: json.dumps(document[kind]) for kind in found}
        assert set(found) == {kind for kind in document if document[kind]}
        yaml = (await desk.run("export")).out
        await put(desk.eva, {"format": 1})
        assert (await desk.run("import", "-", input=yaml)).code == 0
        assert (await desk.run("export")).out == yaml


async def test_another_order_is_kept_where_the_sandbox_means_the_same_already(desk: Desk) -> None:
    given = small(queues={"people": {"title": "People", "priority": 5}, "other": {"title": "Other"}})
    await put(desk.eva, given)
    turned = small(queues=backwards(given["queues"]))
    assert (await desk.run("import", desk.write(turned))).code == 0
    assert json.dumps((await desk.get("sandbox"))["queues"]) == json.dumps(turned["queues"])


async def test_production_and_revisions_are_exported_too(desk: Desk) -> None:
    number = await applied(desk.eva, small())
    await applied(desk.eva, coffee())
    first = await desk.run("export", "--revision", str(number))
    assert "Tea?" in first.out
    assert (await desk.run("export", "--production")).out == first.out.replace("Tea?", "Coffee?")
    told = await desk.run("export", "--revision", "99")
    assert (told.code, told.out, "99" in told.err) == (2, "", True)


async def test_scenarios_go_out_and_in(desk: Desk) -> None:
    file = desk.write(SCENARIOS, "scenarios.yaml")
    told = await desk.run("import", "--scenarios", file)
    assert (told.code, lines(told.out, ["changed"])) == (0, ["changed  scenarios/tea"])
    assert (await desk.run("import", "--scenarios", file, "--json")).json["scenarios"] == []
    out = (await desk.run("export", "--scenarios")).out
    assert read(out) == SCENARIOS
    assert (await desk.run("import", "--scenarios", desk.write(out, "again.yaml"), "--json")).json["scenarios"] == []


async def test_an_import_need_not_hold_and_tells_what_it_changed(desk: Desk) -> None:
    await put(desk.eva, small())
    file = desk.write(small(queues={"folk": {"title": "Folk"}}))
    told = await desk.run("import", file)
    assert told.code == 0
    assert told.out == ("added    queues/folk\nremoved  queues/people\nthe sandbox: 1 error, 0 warnings\n")
    told = await desk.run("check")
    assert (told.code, told.out.splitlines()[-1]) == (1, "the sandbox: 1 error, 0 warnings")
    assert "error   decision_trees/menu/decisions/first/actions/1/to/name\n" in told.out
    assert (await desk.run("check", "--json")).json["holds"] is False


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"format": 2}, "format"),
        ({"format": 1, "queus": {}}, "queus"),
        ({"format": 1, "queues": 3}, "queues"),
        ({"format": 1, "queues": {"a b": {}}}, "queues/a b"),
    ],
)
async def test_what_cannot_be_kept_is_refused_with_its_place(desk: Desk, document: Any, path: str) -> None:
    before = await desk.get("sandbox")
    file = desk.write(document)
    told = await desk.run("import", file)
    assert told.code == 1
    assert [line.partition(" ")[2].strip() for line in lines(told.out, ["error"])] == [path]
    assert f"{file}: not imported, " in told.out
    assert [one["path"] for one in (await desk.run("import", file, "--json")).json["problems"]] == [path]
    assert await desk.get("sandbox") == before


async def test_nothing_is_imported_where_the_scenarios_cannot_be_read(desk: Desk) -> None:
    before = await desk.get("sandbox")
    broken = desk.write({"scenarios": {"tea": {"title": "Tea"}}}, "scenarios.yaml")
    for command in (["import"], ["apply", "--note", "x"]):
        told = await desk.run(*command, desk.write(small()), "--scenarios", broken)
        assert (told.code, broken in told.err) == (2, True)
    assert await desk.get("sandbox") == before
    told = await desk.run("import")
    assert (told.code, "nothing to import" in told.err) == (2, True)


# What is different ----------------------------------------------------------------------------------------------------


async def test_differences_of_the_sandbox_and_of_a_file_are_told_alike(desk: Desk) -> None:
    await applied(desk.eva, small())
    file = desk.write(coffee())
    told = await desk.run("diff", "--exit-code")
    assert (told.code, told.out) == (0, "the sandbox: no differences\n")
    told = await desk.run("diff", file)
    assert told.code == 0, "without --exit-code it only tells"
    assert lines(told.out, ["changed"]) == ["changed  decision_trees/menu (Menu)"]
    assert "Coffee?" in told.out
    assert told.out.endswith(f"{file}: 1 entity differs\n")
    await put(desk.eva, coffee())
    mine = await desk.run("diff", "--exit-code", "--json")
    theirs = await desk.run("diff", file, "--exit-code", "--json")
    assert (mine.code, mine.json["differs"]) == (1, True)
    assert mine == theirs


async def test_a_file_need_not_know_which_account_was_authorised(desk: Desk) -> None:
    given = small()
    given["connectors"]["shop"]["account"] = "17841400000000001"
    await applied(desk.eva, given)
    assert (await desk.run("diff", desk.write(small()), "--exit-code")).code == 0


async def test_another_order_of_names_is_a_difference_of_its_own(desk: Desk) -> None:
    queues = {"people": {"title": "People"}, "other": {"title": "Other"}}
    await applied(desk.eva, small(queues=queues))
    told = await desk.run("diff", desk.write(small(queues=backwards(queues))), "--exit-code")
    assert (told.code, told.out.endswith("only the order of names differs\n")) == (1, True)


async def test_a_file_that_is_no_configuration_has_differences_and_no_traceback(desk: Desk) -> None:
    await applied(desk.eva, small())
    told = await desk.run("diff", desk.write({"queues": 3, "foo": [1]}), "--exit-code")
    assert told.code == 1
    told = await desk.run("diff", desk.write("- a list"), "--exit-code")
    assert (told.code, "holds no document" in told.err) == (2, True)


# Scenarios on the sandbox ---------------------------------------------------------------------------------------------


async def test_scenarios_run_on_sandbox_and_file_as_one_asks(desk: Desk) -> None:
    await put(desk.eva, small())
    await put(desk.eva, SCENARIOS, "/api/v1/scenarios")
    told = await desk.run("scenarios")
    assert (told.code, told.out) == (0, "holds  tea: Tea\nthe sandbox: 1 of 1 scenario hold\n")
    file = desk.write(coffee())
    told = await desk.run("scenarios", "run", "--configuration", file)
    assert (told.code, told.out.splitlines()[-1]) == (1, f"{file}: 0 of 1 scenario hold")
    assert "step 2, bot: expected Tea?\n" in told.out
    await put(desk.eva, coffee())
    told = await desk.run("scenarios", "--json")
    assert (told.code, told.json["holds"], told.json["scenarios"][0]["failures"][0]["step"]) == (1, False, 1)
    other = json.loads(json.dumps(SCENARIOS).replace("Tea?", "Coffee?"))
    told = await desk.run("scenarios", desk.write(other, "scenarios.yaml"))
    assert (told.code, told.out.splitlines()[0]) == (0, "holds  tea: Tea")


async def test_scenarios_cannot_run_on_a_sandbox_with_errors(desk: Desk) -> None:
    await put(desk.eva, small(queues={}))
    await put(desk.eva, SCENARIOS, "/api/v1/scenarios")
    told = await desk.run("scenarios")
    assert told.code == 2
    assert "error   decision_trees/menu/decisions/first/actions/1/to/name\n" in told.out
    assert "nothing can run on it" in told.err
    told = await desk.run("scenarios", "--json")
    assert (told.code, told.json["problems"][0]["code"]) == (2, "unknown-destination")
