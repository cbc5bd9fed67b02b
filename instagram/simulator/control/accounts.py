"""The control API's calls about accounts, pages and the people who have them."""

import sqlite3
from typing import Any

from fastapi import APIRouter, HTTPException

from instagram.simulator import seed
from instagram.simulator.accounts import Account
from instagram.simulator.apps import APP_OF
from instagram.simulator.control.account_inputs import AccountChange, NewAccount, NewPages, NewPerson, Role
from instagram.simulator.control.answers import NOT_THERE, TAKEN, account_answer, found
from instagram.simulator.database import together
from instagram.simulator.names import new_id
from instagram.simulator.people import TASKS, Person
from instagram.simulator.world import World

Json = dict[str, Any]


def add(router: APIRouter, world: World) -> None:
    @router.get("/accounts", summary="Every account, tokens included")
    async def accounts() -> list[Json]:
        return [account_answer(world, account) for account in world.accounts.all()]

    @router.post("/accounts", status_code=201, summary="Add an account", responses={**NOT_THERE, **TAKEN})
    async def add_account(new: NewAccount) -> Json:
        account = Account(
            *(new.id, new.flavour, new.username, new.name or new.username, new.token, new.page_id, new.account_type)
        )
        person = _person(world, new.person)
        try:
            with together(world.database):
                world.accounts.add(account)
                if account.page_id is not None:
                    if all(id != account.page_id for id, _ in world.people.every_page()):
                        world.people.add_page(account.page_id, account.name)
                    world.people.give_role(person, account.page_id, tuple(TASKS if new.tasks is None else new.tasks))
                if account.token is not None:
                    seed.connect(world.accounts, world.tokens, account, owner=person)
                if new.subscribed:
                    world.accounts.subscribe(account.sender, APP_OF[account.flavour], seed.FIELDS)
                elif new.subscribed is not None:
                    world.accounts.unsubscribe(account.sender, APP_OF[account.flavour])
        except sqlite3.IntegrityError as error:
            raise HTTPException(409, "its id, page_id or token belongs to another account") from error
        return account_answer(world, account)

    @router.patch("/accounts/{account}", summary="Change an account", responses=NOT_THERE)
    async def change_account(account: str, change: AccountChange) -> Json:
        known = found(world.accounts.get, account)
        world.accounts.change(account, kind=change.account_type, message_access=change.message_access)
        if change.subscribed:
            world.accounts.subscribe(known.sender, APP_OF[known.flavour], seed.FIELDS)
        elif change.subscribed is not None:
            world.accounts.unsubscribe(known.sender, APP_OF[known.flavour])
        return account_answer(world, world.accounts.get(account))

    @router.get("/people", summary="The Facebook users who can log in")
    async def people() -> list[Json]:
        return [_person_answer(world, person) for person in world.people.all()]

    @router.post("/people", status_code=201, summary="Add a Facebook user", responses=TAKEN)
    async def add_person(new: NewPerson) -> Json:
        person = Person(new.id or new_id("10"), new.name)
        try:
            world.people.add(person)
        except sqlite3.IntegrityError as error:
            raise HTTPException(409, f"there is a person {person.id} already") from error
        return _person_answer(world, person)

    @router.get("/pages", summary="Every Facebook page, and who may do what there")
    async def pages() -> list[Json]:
        return [_page_answer(world, id, name) for id, name in world.people.every_page()]

    @router.post("/pages", status_code=201, summary="Add pages, with or without accounts", responses=NOT_THERE)
    async def add_pages(new: NewPages) -> list[Json]:
        person = _person(world, new.person)
        made: list[tuple[str, str]] = []
        with together(world.database):
            for number in range(1, new.count + 1):
                id, name = new_id("10"), new.name if new.count == 1 else f"{new.name} {number}"
                world.people.add_page(id, name)
                world.people.give_role(person, id, tuple(TASKS if new.tasks is None else new.tasks))
                if new.accounts:
                    username = "".join(letter for letter in name.lower() if letter.isalnum())[:30] or "page"
                    world.accounts.add(Account(new_id("17"), "page", username, name, None, id))
                made.append((id, name))
        return [_page_answer(world, id, name) for id, name in made]

    @router.put("/pages/{page}/roles", summary="Say what a person may do on a page", responses=NOT_THERE)
    async def change_role(page: str, role: Role) -> Json:
        name = found(world.people.page_name, page)
        world.people.give_role(_person(world, role.person), page, tuple(role.tasks))
        return _page_answer(world, page, name)


def _person(world: World, id: str | None) -> str:
    return found(world.people.get, id).id if id is not None else world.people.all()[0].id


def _person_answer(world: World, person: Person) -> Json:
    return {"id": person.id, "name": person.name, "pages": [page.id for page in world.people.pages(person.id)]}


def _page_answer(world: World, id: str, name: str) -> Json:
    account = world.accounts.of_page(id)
    return {"id": id, "name": name, "account": account.id if account else None, "roles": world.people.roles(id)}
