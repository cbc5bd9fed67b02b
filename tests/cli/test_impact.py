"""`impact`: whom another configuration would have sent elsewhere, of those who wrote to a real workflow and store."""

import pytest

from tests.api.test_recorded_conversations import Run, shop
from tests.api.test_recorded_conversations import run as run
from tests.cli.conftest import Desk, Shell, lines

pytestmark = pytest.mark.anyio


@pytest.fixture
async def past(run: Run, shell: Shell) -> Desk:
    """A shop in which four customers wrote: in the morning, twice after five o'clock, and on a Saturday."""
    for day, clock in ((0, "10:00"), (0, "17:30"), (1, "17:30"), (5, "17:30")):
        run.at(day, clock)
        run.says("hi", "1") if clock == "10:00" else run.says("hi")
    shell.set(URL=run.office.url, TOKEN=await run.office.token("eva", "admin"))
    return Desk(shell, run.office, run.eva)


async def test_impact_lists_those_who_would_have_gone_elsewhere(past: Desk) -> None:
    longer = shop()
    await past.run("import", past.write(longer))
    told = await past.run("impact", "--exit-code")
    assert told.code == 0
    assert told.out.splitlines()[-1].startswith("4 conversations: 0 would have gone elsewhere, ")
    longer["time_groups"]["hours"]["definitions"][0]["to"] = "18:00"
    await past.run("import", past.write(longer))
    told = await past.run("impact")
    assert (told.code, told.err) == (0, ""), "without --exit-code it only tells, and there is no bar beside a pipe"
    moved = lines(told.out, ["igdm_"])
    assert len(moved) == 2
    assert all(line.endswith("terminates/closed  -> decision_trees/orders") for line in moved), moved
    assert "2  terminates/closed  -> decision_trees/orders" in told.out
    assert "4 conversations: 2 would have gone elsewhere, " in told.out
    assert (await past.run("impact", "--exit-code")).code == 1
    told = await past.run("impact", "--exit-code", "--json", "--listed", "1")
    assert (told.code, told.json["counts"]["moved"], len(told.json["moved"])) == (1, 2, 1)
    assert "and 1 more\n" in (await past.run("impact", "--listed", "1")).out


async def test_impact_looks_only_at_what_is_asked_for(past: Desk) -> None:
    await past.run("import", past.write(shop()))
    assert (await past.run("impact", "--json", "--last", "1")).json["compared"] == 1
    assert (await past.run("impact", "--json", "--connector", "another")).json["compared"] == 0
    assert (await past.run("impact", "--json", "--account", "another")).json["compared"] == 0
    assert (await past.run("impact", "--json", "--since", "2100-01-01T00:00Z")).json["compared"] == 0
    assert (await past.run("impact", "--json", "--until", "2000-01-01T00:00Z")).json["compared"] == 0
    told = await past.run("impact", "--since", "yesterday")
    assert (told.code, "since" in told.out) == (2, True)


async def test_impact_of_a_sandbox_with_errors_cannot_run(past: Desk) -> None:
    await past.run("import", past.write(shop() | {"queues": {}}))
    told = await past.run("impact")
    assert (told.code, "unknown-destination" in told.out) == (2, True)
