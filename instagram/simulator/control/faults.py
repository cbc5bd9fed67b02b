"""The control API's calls about what goes wrong."""

from typing import Any

from fastapi import APIRouter

from instagram.simulator.chaos import Plan
from instagram.simulator.control.answers import NOT_THERE, found
from instagram.simulator.control.delivery_inputs import Limits
from instagram.simulator.faults import Fault, KeptFault
from instagram.simulator.world import World

Json = dict[str, Any]


def add(router: APIRouter, world: World) -> None:
    @router.get("/faults", summary="The faults that are waiting for their occasion")
    async def faults() -> list[KeptFault]:
        return world.faults.all()

    @router.post("/faults", status_code=201, summary="Let something go wrong")
    async def add_fault(fault: Fault) -> KeptFault:
        kept = world.faults.add(fault)
        world.changes.tell(faults=True)
        return kept

    @router.delete("/faults", status_code=204, summary="Remove every fault")
    async def clear() -> None:
        world.faults.clear()
        world.changes.tell(faults=True)

    @router.delete("/faults/{number}", status_code=204, summary="Remove a fault", responses=NOT_THERE)
    async def remove(number: int) -> None:
        found(world.faults.remove, number)
        world.changes.tell(faults=True)

    @router.get("/chaos", summary="The chaos that is on, and what it did so far")
    async def chaos() -> Json:
        plan = world.chaos.plan
        return {"plan": None if plan is None else plan.model_dump(), "counters": world.chaos.counters}

    @router.put("/chaos", summary="Switch chaos on for a long run, or off with {}")
    async def change_chaos(plan: Plan) -> Json:
        world.chaos.set(plan if plan.model_fields_set else None)
        return await chaos()

    @router.get("/limits", summary="How many sends are allowed")
    async def limits() -> Json:
        return {"sends_per_second": world.sends.per_second}

    @router.put("/limits", summary="Limit the sends of each account, or not any more")
    async def change_limits(wanted: Limits) -> Json:
        world.sends.limit(wanted.sends_per_second)
        return await limits()
