"""The people who work here: administrators make and change them, everybody may change a little of themselves."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from api.access import Admin, Principal, Viewer, address, record
from api.dependencies import Given
from api.errors import Problem, Refusal, answers
from api.lists import NEXT, Cursor, Limit, paged
from api.sessions import tried
from store import attempts, passwords, users
from store.audit import SYSTEM
from store.users import LastAdmin, NameTaken, Role

router = APIRouter(tags=["users"])

ROLE = "`viewer` reads, `agent` talks to customers, `supervisor` sees to all conversations, `admin` may do everything."
Name = Annotated[str, Path(description="The user's name.", examples=["eva"])]
Title = Annotated[str | None, Field(min_length=1, max_length=200, description="How others see them.")]
Email = Annotated[str | None, Field(max_length=320, pattern=r"^[^@\s]+@[^@\s]+$", examples=["eva@shop.example.com"])]
Password = Annotated[SecretStr, Field(min_length=passwords.SHORTEST, max_length=passwords.LONGEST)]


class User(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str = Field(examples=["eva"])
    display_name: str = Field(examples=["Eva Nováková"])
    email: str | None
    role: Role = Field(description=ROLE)
    active: bool = Field(description="Who is not cannot log in, and has no session and no token.")
    issuer: str | None = Field(description="The provider at which they sign on; null for who has a password.")
    created_at: datetime
    last_seen_at: datetime | None = Field(description="To the minute.")


class Users(BaseModel):
    items: list[User]
    cursor: str | None = Field(description=NEXT)


class NewUser(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"name": "eva", "display_name": "Eva Nováková", "role": "agent", "password": "tell her on another way"}
            ]
        },
    )

    name: str = Field(
        pattern=f"^{users.NAME}$", description="With which they log in. It cannot be changed later.", examples=["eva"]
    )
    display_name: Title = Field(None, description="The name, unless you say more.")
    email: Email = None
    role: Role = Field(description=ROLE)
    password: Password = Field(description=f"At least {passwords.SHORTEST} characters. They may change it themselves.")


class UserChanges(BaseModel):
    """What is left out stays as it is, and so does null, which empties `email` only."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"role": "supervisor"}]})

    display_name: Title = None
    email: Email = None
    role: Role | None = Field(None, description=ROLE)
    active: bool | None = Field(None, description="False ends their sessions and tokens at once.")
    password: Password | None = Field(None, description="Ends their sessions, and any wait after wrong passwords.")


class MyChanges(BaseModel):
    """What is left out stays as it is, and so does null, which empties `email` only."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"display_name": "Eva N."}]})

    display_name: Title = None
    email: Email = None
    password: Password | None = Field(None, description="Ends all your other sessions. Needs `current_password`.")
    current_password: Annotated[SecretStr | None, Field(max_length=passwords.LONGEST)] = None


@router.get("/api/v1/users", summary="List users", responses=answers(401, 403, 422))
async def list_users(
    parts: Given,
    _: Admin,
    role: Annotated[Role | None, Query(description="Only those with exactly this role.")] = None,
    active: Annotated[bool | None, Query(description="Only active ones, or only those who are not.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Users:
    """Newest first."""
    async with parts.database.begin() as session:
        page = await paged(users.users(session, role=role, active=active, cursor=cursor, limit=limit))
    return Users(items=[User.model_validate(one) for one in page.items], cursor=page.cursor)


@router.post("/api/v1/users", summary="Make a user", status_code=201, responses=answers(401, 403, 409, 413, 422))
async def create_user(parts: Given, by: Admin, given: NewUser) -> User:
    """Tell them their password on another way, and ask them to change it. 409 where the name is taken."""
    if given.name == SYSTEM:
        told = Problem(path="name", code="reserved", message=f"{SYSTEM} is Switchboard itself: choose another name")
        raise Refusal(422, "This name is not for people.", [told])
    hashed = await passwords.hashed(given.password.get_secret_value())
    plain = given.model_dump(include={"name", "email", "role"})
    try:
        async with parts.database.begin() as session:
            made = await users.create_user(
                session, **plain, display_name=given.display_name or "", password=hashed, now=parts.now()
            )
            await record(session, by, "user.created", f"users/{made.name}", role=made.role)
    except NameTaken as error:
        raise Refusal(409, str(error)) from error
    return User.model_validate(made)


@router.get("/api/v1/users/{name}", summary="Look at a user", responses=answers(401, 403, 404))
async def read_user(parts: Given, _: Admin, name: Name) -> User:
    """One user, without anything that lets somebody in."""
    async with parts.database.begin() as session:
        return User.model_validate(_found(await users.user(session, name), name))


@router.patch("/api/v1/users/{name}", summary="Change a user", responses=answers(401, 403, 404, 409, 413, 422))
async def change_user(parts: Given, by: Admin, name: Name, given: UserChanges) -> User:
    """A role counts at once, in sessions and tokens too. 409 where nobody could administer Switchboard any more."""
    hashed = await passwords.hashed(given.password.get_secret_value()) if given.password is not None else None
    try:
        async with parts.database.begin() as session:
            before = _found(await users.user(session, name), name)
            if hashed is not None and before.issuer is not None:
                raise Refusal(409, f"{name} signs on at {before.issuer} and has no password here.")
            changed = await users.change_user(session, name, **_changes(given))
            if hashed is not None:
                await users.set_password(session, name, hashed, keep=by.id if by.name == name else None)
                await attempts.forgive(session, name)
            after = _found(changed, name)
            if told := _told(before, after, hashed is not None):
                await record(session, by, "user.changed", f"users/{name}", **told)
    except LastAdmin as error:
        raise Refusal(409, f"{error}") from error
    return User.model_validate(after)


@router.delete("/api/v1/users/{name}", summary="Remove a user", status_code=204, responses=answers(401, 403, 404, 409))
async def delete_user(parts: Given, by: Admin, name: Name) -> None:
    """With their sessions and tokens; what they did stays in the audit log under their name.

    Rather make them inactive: then nobody else gets their name, and who signs on at a provider stays out.
    """
    try:
        async with parts.database.begin() as session:
            if not await users.delete_user(session, name):
                _found(None, name)
            await record(session, by, "user.deleted", f"users/{name}")
    except LastAdmin as error:
        raise Refusal(409, f"{error}") from error


@router.get("/api/v1/me", summary="Look at yourself", responses=answers(401))
async def read_me(parts: Given, by: Viewer) -> User:
    """The user who asks; for an API token, its owner."""
    async with parts.database.begin() as session:
        return User.model_validate(_found(await users.user(session, by.name), by.name))


@router.patch("/api/v1/me", summary="Change yourself", responses=answers(401, 403, 409, 413, 422, 429))
async def change_me(request: Request, parts: Given, by: Viewer, given: MyChanges) -> User:
    """Your name for others, your e-mail, your password. Wrong current passwords count like failed logins."""
    hashed = await _new_password(request, parts, by, given)
    async with parts.database.begin() as session:
        before = _found(await users.user(session, by.name), by.name)
        if hashed is not None:
            await attempts.succeeded(session, by.name, address(request))
            await users.set_password(session, by.name, hashed, keep=by.id)
        after = _found(await users.change_user(session, by.name, **_changes(given)), by.name)
        if told := _told(before, after, hashed is not None):
            await record(session, by, "user.changed", f"users/{by.name}", **told)
    return User.model_validate(after)


async def _new_password(request: Request, parts: Given, by: Principal, given: MyChanges) -> str | None:
    if given.password is None:
        return None
    current = given.current_password.get_secret_value() if given.current_password else ""
    async with parts.database.begin() as session:
        if _found(await users.user(session, by.name), by.name).issuer is not None:
            raise Refusal(409, "You sign on at a provider and have no password here. Change it there.")
    if await tried(request, parts, by.name, current) is None:
        told = Problem(path="current_password", code="wrong", message="this is not your present password")
        raise Refusal(422, "The password was not changed.", [told])
    return await passwords.hashed(given.password.get_secret_value())


def _changes(given: UserChanges | MyChanges) -> dict[str, Any]:
    said = given.model_dump(exclude_unset=True, exclude={"password", "current_password"})
    return {name: value for name, value in said.items() if value is not None or name == "email"}


def _told(before: users.User, after: users.User, password: bool) -> dict[str, Any]:
    """What changed, for the audit log: what somebody may do with both values, the rest by its name only."""
    fields = [name for name in ("display_name", "email") if getattr(before, name) != getattr(after, name)]
    told: dict[str, Any] = {"fields": fields + ["password"] * password} if fields or password else {}
    for name in ("role", "active"):
        if getattr(before, name) != getattr(after, name):
            told[name] = [getattr(before, name), getattr(after, name)]
    return told


def _found(user: users.User | None, name: str) -> users.User:
    if user is None:
        raise Refusal(404, f"There is no user {name}.")
    return user
