"""Customers beyond one conversation: who they are, their custom fields, what they talked about (SPEC 8)."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from api import tags
from api.access import Agent, Viewer, record
from api.conversations import ConversationItem, link, shown
from api.dependencies import Given, Parts
from api.documents import READ, TAG
from api.errors import Problem, Refusal, answers
from api.lists import NEXT, Cursor, Limit, paged
from api.tags import IfMatch
from api.tickets import TicketItem, items
from store import attachments, contacts, conversations, deletions, tickets
from store.contacts import Contact, alias

router = APIRouter(tags=["contacts"])

Id = Annotated[
    str,
    Path(
        description="The account's id, a dash, and Instagram's id of the customer for it.",
        examples=["17841400000000001-4711"],
        pattern="^[^-]+-.+$",
    ),
]
LISTED = 100
"""So many conversations and tickets are told with a contact; the lists of both have all."""
LARGEST = 10_000
"""So many characters a custom field may have, as JSON."""
DEEPEST = 20
"""So deep may lists and objects lie in each other there."""


def _plain(value: Any) -> Any:
    """The value, if it can be kept."""
    if _is_deeper(value, DEEPEST):
        raise ValueError(f"lists and objects may lie in each other {DEEPEST} times")
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise ValueError("NaN and Infinity are not JSON: leave them out, or write them as texts") from None
    if len(written) > LARGEST:
        raise ValueError(f"it may have {LARGEST:,} characters as JSON: keep the rest elsewhere")
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(levels == 0 or _is_deeper(one, levels - 1) for one in inner)


Value = Annotated[Any, AfterValidator(_plain)]


class ContactItem(BaseModel):
    """A customer in a list."""

    id: str = Field(examples=["17841400000000001-4711"])
    account: str
    customer: str = Field(description="Instagram's id of the customer, for this account.")
    name: str | None = Field(description="Null for one of whom Instagram does not tell.", examples=["Jana Nováková"])
    username: str | None = Field(examples=["jana.n"])
    picture: str | None = Field(description="A link to the customer's picture, good for 30 days.")
    language: str | None = Field(
        description="The language that somebody set: conversations begin in it. Null where it is found out each time."
    )
    fields: dict[str, Any] = Field(description="The custom fields.", examples=[{"size": "38"}])
    updated_at: datetime | None = Field(
        description="When something was heard of them last. Null for those of whom only conversations are kept."
    )


class OneContact(ContactItem):
    """A customer with all that was talked about."""

    profile_at: datetime | None = Field(description="When Instagram was last asked for name and picture.")
    languages: list[str] = Field(description="Those of the conversations, the newest first.", examples=[["cs", "en"]])
    conversations: list[ConversationItem] = Field(description=f"The newest {LISTED}, last opened first.")
    tickets: list[TicketItem] = Field(description=f"The newest {LISTED} of the conversations, newest first.")
    audit: str = Field(
        description="As which `object` the audit log has this contact, without naming anybody.",
        examples=["contacts/0123456789abcdef01234567"],
    )


class ContactItems(BaseModel):
    items: list[ContactItem]
    cursor: str | None = Field(description=NEXT)


class ContactValues(BaseModel):
    """What is to be different; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"fields": {"size": "38", "note": None}}, {"language": "cs"}]}
    )

    fields: dict[str, Value] = Field(
        default={},
        description="By name: custom fields of the current revision with any JSON value; null takes one away.",
    )
    language: str | None = Field(None, description="A language that the current revision offers; null for none.")


@router.get("/api/v1/contacts", summary="List contacts", responses=answers(401, 422))
async def list_contacts(
    parts: Given,
    _: Viewer,
    search: Annotated[
        str | None, Query(description="With this in their name or username.", min_length=1, max_length=200)
    ] = None,
    field: Annotated[str | None, Query(description="That have this custom field.", examples=["size"])] = None,
    value: Annotated[
        str | None, Query(description="With this in what `field` holds.", min_length=1, max_length=200)
    ] = None,
    account: Annotated[str | None, Query(description="Of this connected account.")] = None,
    language: Annotated[str | None, Query(description="For whom somebody set this language.", examples=["cs"])] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ContactItems:
    """Of whom something was heard last first. All filters that are given have to agree; case does not matter."""
    if value is not None and field is None:
        told = Problem(path="query/value", code="no_field", message="name the custom field that holds it in `field`")
        raise Refusal(422, "It is not said which custom field to look at.", [told])
    wanted: contacts.Filters = {
        "who": search,
        "field": field,
        "value": value,
        "account": account,
        "language": language,
    }
    async with parts.database.begin() as session:
        page = await paged(contacts.contacts(session, cursor=cursor, limit=limit, **wanted))
        listed = await _items(session, parts, page.items)
    return ContactItems(items=listed, cursor=page.cursor)


@router.get("/api/v1/contacts/{id}", summary="Look at a contact", responses=READ | answers(401, 404, 422))
async def read_contact(request: Request, response: Response, parts: Given, _: Viewer, id: Id) -> OneContact:
    """Profile, custom fields, languages, conversations and tickets. Its `ETag` is for `If-Match` when you change it."""
    async with parts.database.begin() as session:
        account, customer = await known(session, id)
        return await _answer(response, session, parts, account, customer, request)


@router.patch(
    "/api/v1/contacts/{id}",
    summary="Change a contact",
    responses={200: {"headers": TAG}} | answers(401, 403, 404, 412, 413, 422),
)
async def change_contact(
    response: Response, parts: Given, by: Agent, id: Id, given: ContactValues, if_match: IfMatch = None
) -> OneContact:
    """Fields that are not named stay as they are. It counts from the customer's next conversation on: one that runs
    goes on with what it knew when it opened. With `If-Match`, 412 where somebody else was there first."""
    async with parts.database.begin() as session:
        account, customer = await known(session, id)
        await contacts.meet(session, account, customer)
        before = await contacts.held(session, account, customer)
        assert before is not None, "it was met in this transaction"
        tags.check(if_match, _content(before), "this contact")
        language = given.language if "language" in given.model_fields_set else before.language
        new = {name: value for name, value in given.fields.items() if _differs(before, name, value)}
        await _check(session, parts, new, language if language != before.language else None)
        if new or language != before.language:
            await contacts.change(session, account, customer, fields=new, language=language)
            told = {"language": [before.language, language]} if language != before.language else {}
            about = f"contacts/{alias(parts.hash_key, account, customer)}"
            await record(session, by, "contact.changed", about, fields=sorted(new), **told)
        return await _answer(response, session, parts, account, customer)


# What the routes have in common ---------------------------------------------------------------------------------------


async def known(session: AsyncSession, id: str) -> tuple[str, str]:
    """The account and the customer of a contact's id, or 404 where nothing is kept of them."""
    account, _, customer = id.partition("-")
    if not await deletions.knows(session, account, customer):
        raise Refusal(404, f"There is no contact {id}.")
    return account, customer


async def _check(session: AsyncSession, parts: Parts, fields: dict[str, Any], language: str | None) -> None:
    """422 for what the current revision has not; anything may be taken away."""
    current = await parts.production.current(session)
    graph = None if current is None else await parts.production.graph(session, current.number)
    there = {} if graph is None else graph.configuration.custom_fields
    offered = () if graph is None else graph.configuration.languages.offered
    problems: list[Problem] = []
    for name, value in fields.items():
        if value is not None and name not in there:
            message = f"the current revision has no custom field {name}; it has {', '.join(there) or 'none'}"
            problems.append(Problem(path=f"fields/{name}", code="unknown", message=message))
    if language is not None and language not in offered:
        message = f"the current revision does not offer {language}; it offers {', '.join(offered) or 'none'}"
        problems.append(Problem(path="language", code="unknown", message=message))
    if problems:
        raise Refusal(422, "Nothing was written.", problems)


def _differs(before: Contact, name: str, value: Any) -> bool:
    if value is None or name not in before.fields:
        return (value is not None) or name in before.fields
    return json.dumps(before.fields[name], sort_keys=True) != json.dumps(value, sort_keys=True)  # 1 is not true


def _content(contact: Contact) -> dict[str, Any]:
    """What people change, which the tag is of."""
    return {"fields": contact.fields, "language": contact.language}


async def _answer(
    response: Response, session: AsyncSession, parts: Parts, account: str, customer: str, request: Request | None = None
) -> Any:
    contact = await contacts.contact(session, account, customer) or Contact.unknown(account, customer)
    [item] = await _items(session, parts, [contact])
    talks = await conversations.conversations(session, account=account, customer=customer, limit=LISTED)
    made = await tickets.tickets(session, account=account, customer=customer, limit=LISTED)
    found = OneContact(
        **item.model_dump(),
        profile_at=contact.profile_at,
        languages=await contacts.languages(session, account, customer),
        conversations=await shown(session, parts, talks.items),
        tickets=items(made.items, parts.now()),
        audit=f"contacts/{alias(parts.hash_key, account, customer)}",
    )
    # The picture's link is another one each time, and means the same.
    beside = found.model_dump(mode="json", exclude={"picture"}) | {"picture": contact.picture}
    tag = tags.tag_of(_content(contact), beside)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request is not None and tags.unchanged(request, tag):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return found


async def _items(session: AsyncSession, parts: Parts, found: Sequence[Contact]) -> list[ContactItem]:
    kept = await attachments.attachments(session, [one.picture for one in found if one.picture is not None])
    pictures = {one.id: link(parts, one.id, one.title) for one in kept if one.size is not None}
    return [
        ContactItem(
            id=f"{one.account}-{one.customer}",
            account=one.account,
            customer=one.customer,
            name=one.name,
            username=one.username,
            picture=pictures.get(one.picture or ""),
            language=one.language,
            fields=one.fields,
            updated_at=one.updated_at,
        )
        for one in found
    ]
