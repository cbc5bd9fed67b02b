"""The control API's calls about customers."""

import sqlite3
from typing import Any

from fastapi import APIRouter, HTTPException

from instagram.simulator.control.answers import NOT_THERE, TAKEN, customer_answer, found
from instagram.simulator.control.thread_inputs import Block, CustomerChange, NewCustomer
from instagram.simulator.world import World

Json = dict[str, Any]


def add(router: APIRouter, world: World) -> None:
    people = "/accounts/{account}/customers"

    @router.get(people, summary="The customers of an account, whose thread changed last first", responses=NOT_THERE)
    async def customers(account: str) -> list[Json]:
        found(world.accounts.get, account)
        return [customer_answer(customer) for customer in world.threads.customers(account)]

    @router.post(people, status_code=201, summary="Invent a customer", responses={**NOT_THERE, **TAKEN})
    async def add_customer(account: str, new: NewCustomer) -> Json:
        found(world.accounts.get, account)
        try:
            made = world.threads.add_customer(
                account, new.username, new.name, new.id, picture=new.picture, profile=new.profile
            )
        except sqlite3.IntegrityError as error:
            raise HTTPException(409, f"the account has a customer {new.id} already") from error
        return customer_answer(made)

    @router.patch(people + "/{customer}", summary="Change what is known of a customer", responses=NOT_THERE)
    async def change_customer(account: str, customer: str, change: CustomerChange) -> Json:
        person = found(world.threads.customer, account, customer)
        # A name may be taken away, so null is not the same as not given.
        changed = change.model_dump(exclude_unset=True)
        if any(value is None for name, value in changed.items() if name != "name"):
            raise HTTPException(422, "only the name may be null")
        return customer_answer(world.threads.change_customer(person, **changed) if changed else person)

    @router.put(
        people + "/{customer}/block", summary="The customer blocks or unblocks the business", responses=NOT_THERE
    )
    async def block(account: str, customer: str, wanted: Block) -> Json:
        person = found(world.threads.customer, account, customer)
        return customer_answer(world.threads.change_customer(person, blocked=wanted.blocked))
