"""The control API: what a test or the phone does to the local Instagram."""

from fastapi import APIRouter

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
    return router
