"""The control API: what a test or the phone does to the local Instagram."""

from fastapi import APIRouter, HTTPException

from instagram.simulator.control import accounts, customers, deliveries, faults, login, machine, threads
from instagram.simulator.courier import Courier
from instagram.simulator.documents import CONTROL
from instagram.simulator.world import World


def routes(world: World, courier: Courier) -> APIRouter:
    """Everything under /control. What is not there answers 404, what is taken already 409, a wrong body 422."""
    router = APIRouter(prefix="/control", tags=[CONTROL])
    accounts.add(router, world)
    customers.add(router, world)
    threads.add(router, world)
    deliveries.add(router, world, courier)
    login.add(router, world)
    faults.add(router, world)
    machine.add(router, world)

    @router.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    async def unknown(path: str) -> None:
        raise HTTPException(404, f"no call of the control API is named {path!r} by that method: see /docs")

    return router
