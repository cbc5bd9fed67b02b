"""Conversations in lists and one by one: who, where, what was said last, and until when it can be answered (SPEC 8)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.access import Viewer
from api.dependencies import Given, Parts
from api.errors import Refusal, answers
from api.lists import NEXT, Cursor, Limit, paged
from routing.explain import title_of
from routing.graph import Graph
from routing.stage import PEOPLE_WINDOW, WINDOW
from store import contacts, messages, queues, revisions, tickets
from store import conversations as store
from store.attachments import LINK_LIFE, attachment, signed_path
from store.contacts import Contact
from store.messages import Author, Direction, MessageRow
from store.messages import State as SendState

router = APIRouter(tags=["conversations"])

State = Literal["open", "ended"]
Name = Annotated[str, Path(description="The conversation's name.", examples=["igdm_0123456789abcdef01234567"])]
MaySend = Literal["all", "people", "nothing"]
MAY_SEND = (
    "What Instagram takes now: of `all`; of `people` alone, as `HUMAN_AGENT`; or `nothing`, until the customer writes "
    "again. Of a conversation that has ended, `nothing`."
)
LISTED = 100
"""So many tickets of one conversation are told with it."""


class ConversationCustomer(BaseModel):
    """The customer, as far as Instagram tells."""

    id: str = Field(description="Instagram's id of the customer, for this account.")
    name: str | None = Field(examples=["Jana Nováková"])
    username: str | None = Field(examples=["jana.n"])


class LastLine(BaseModel):
    """The newest message."""

    at: datetime
    direction: Direction
    author: Author
    agent: str | None
    kind: str
    text: str | None = Field(description="Null where there is none, or where it was taken back.")
    state: SendState


class ConversationItem(BaseModel):
    """A conversation in a list."""

    name: str = Field(examples=["igdm_0123456789abcdef01234567"])
    state: State
    account: str
    connector: str
    customer: ConversationCustomer
    revision: int = Field(description="The revision that it follows.")
    place: str | None = Field(description="Where it stands.", examples=["decision_trees/orders/decisions/which"])
    place_title: str | None = Field(description="What that is called.", examples=["Orders › Which order?"])
    waiting: str | None = Field(
        description="What it waits for there: `answer`, `time`, `request`, `ticket`, `bot`, `queue` or `agent`."
    )
    language: str | None = Field(description="The customer's, once it is sure.")
    queue: str | None = Field(description="The queue that has it, or under which its end is booked.")
    opened_at: datetime
    last_customer_at: datetime | None = Field(description="When the customer wrote last.")
    window_closes_at: datetime | None = Field(
        description="Until then anybody may answer: 24 hours after the customer's last message."
    )
    human_agent_until: datetime | None = Field(
        description="Until then people may still answer, marked as such: 7 days after the customer's last message."
    )
    may_send: MaySend = Field(description=MAY_SEND)
    last_line: LastLine | None
    ended_at: datetime | None
    cause: str | None = Field(description="Why it ended: a disconnection cause.")
    terminate: str | None = Field(description="The terminate through which it ended.")
    answered: bool
    missed: bool = Field(description="It ended under a queue, and nobody had answered.")


class ConversationItems(BaseModel):
    items: list[ConversationItem]
    cursor: str | None = Field(description=NEXT)


class FollowedRevision(BaseModel):
    """The revision that a conversation follows, and who made it."""

    number: int
    author: str
    note: str
    created_at: datetime


class QueueStay(BaseModel):
    """The newest stay in a queue of people."""

    queue: str
    priority: int
    entered_at: datetime
    agent: str | None = Field(description="Who accepted it.")
    accepted_at: datetime | None
    left_at: datetime | None


class OneConversation(ConversationItem):
    """A conversation with what belongs to it."""

    workflow: str = Field(
        description="The id of its workflow; one after the other, a customer's conversations share it."
    )
    temporal_url: str = Field(description="Where Temporal UI shows it.")
    followed: FollowedRevision | None
    picture: str | None = Field(description="A link to the customer's picture, good for 30 days.")
    fields: dict[str, Any] = Field(description="The customer's custom fields as they are now.")
    stay: QueueStay | None
    tickets: list[int] = Field(description="The numbers of its tickets, the newest first.")
    recorded: bool = Field(description="Whether it can be run again: in a preview, and for impact reports.")


@router.get("/api/v1/conversations", summary="List conversations", responses=answers(401, 422))
async def list_conversations(
    parts: Given,
    _: Viewer,
    state: Annotated[State | None, Query(description="Only open ones, or only those that have ended.")] = None,
    account: Annotated[str | None, Query(description="Of this connected account.")] = None,
    customer: Annotated[str | None, Query(description="Of the customer with this id.")] = None,
    who: Annotated[
        str | None, Query(description="Of customers with this in their name or username.", min_length=1, max_length=200)
    ] = None,
    connector: Annotated[str | None, Query(description="That came in through this connector.")] = None,
    queue: Annotated[str | None, Query(description="That this queue has, or that ended under it.")] = None,
    place: Annotated[
        str | None,
        Query(description="That stand at this path or below it.", examples=["decision_trees/orders"], min_length=1),
    ] = None,
    language: Annotated[str | None, Query(description="In this language.", examples=["cs"])] = None,
    cause: Annotated[str | None, Query(description="That ended for this cause.")] = None,
    terminate: Annotated[str | None, Query(description="That ended through this terminate.")] = None,
    answered: Annotated[bool | None, Query(description="That a person answered, or that ended as answered.")] = None,
    missed: Annotated[bool | None, Query(description="Missed chats, or all others.")] = None,
    revision: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="That follow this revision.")] = None,
    opened_after: Annotated[AwareDatetime | None, Query(description="Opened from this time on, with its zone.")] = None,
    opened_before: Annotated[AwareDatetime | None, Query(description="Opened before this time, with its zone.")] = None,
    text: Annotated[
        str | None,
        Query(
            description="With a message whose words begin with all of these, in any order and in any case.",
            examples=["brown leav"],
            min_length=1,
            max_length=200,
        ),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ConversationItems:
    """Last opened first. All filters that are given have to agree."""
    wanted: store.Filters = {
        "state": state,
        "account": account,
        "customer": customer,
        "who": who,
        "connector": connector,
        "queue": queue,
        "place": place.strip("/") if place else None,
        "language": language,
        "cause": cause,
        "terminate": terminate,
        "answered": answered,
        "missed": missed,
        "revision": revision,
        "opened_after": opened_after,
        "opened_before": opened_before,
        "words": text,
    }
    async with parts.database.begin() as session:
        page = await paged(store.conversations(session, cursor=cursor, limit=limit, **wanted))
        items = await shown(session, parts, page.items)
    return ConversationItems(items=items, cursor=page.cursor)


@router.get("/api/v1/conversations/{name}", summary="Look at a conversation", responses=answers(401, 404))
async def read_conversation(parts: Given, _: Viewer, name: Name) -> OneConversation:
    """With its customer, its revision and that one's author, its tickets, and where Temporal UI shows it."""
    async with parts.database.begin() as session:
        found = await conversation_of(session, name)
        [item] = await shown(session, parts, [found])
        revision = await revisions.summary(session, found.revision)
        known = await contacts.contact(session, found.account, found.customer)
        stay = await queues.stay(session, name)
        made = await tickets.tickets(session, conversation=name, limit=LISTED)
        picture = await _picture(session, parts, known)
        recorded = await store.is_recorded(session, name)
    return OneConversation(
        **item.model_dump(),
        workflow=found.workflow_id,
        temporal_url=temporal_url(parts, found),
        followed=None if revision is None else FollowedRevision.model_validate(revision, from_attributes=True),
        picture=picture,
        fields=known.fields if known is not None else {},
        stay=None if stay is None else QueueStay.model_validate(stay, from_attributes=True),
        tickets=[one.number for one in made.items],
        recorded=recorded,
    )


async def conversation_of(session: AsyncSession, name: str) -> store.Conversation:
    """The conversation of this name, or 404."""
    found = await store.conversation(session, name)
    if found is None:
        raise Refusal(404, f"There is no conversation {name}.")
    return found


async def shown(session: AsyncSession, parts: Parts, found: Sequence[store.Conversation]) -> list[ConversationItem]:
    """Conversations as lists show them, with what is kept elsewhere; a few statements for all of them."""
    people = await contacts.contacts_of(session, [(one.account, one.customer) for one in found])
    lines = await messages.last_lines(session, [one.name for one in found])
    numbers = {one.revision for one in found}
    graphs = {number: await parts.production.graph(session, number) for number in sorted(numbers)}
    now = parts.now()
    return [
        _item(one, people.get((one.account, one.customer)), lines.get(one.name), graphs[one.revision], now)
        for one in found
    ]


def _item(
    one: store.Conversation, contact: Contact | None, line: MessageRow | None, graph: Graph | None, now: datetime
) -> ConversationItem:
    wrote = one.last_customer_at
    return ConversationItem(
        name=one.name,
        state="open" if one.ended_at is None else "ended",
        account=one.account,
        connector=one.connector,
        customer=ConversationCustomer(
            id=one.customer,
            name=contact.name if contact is not None else None,
            username=contact.username if contact is not None else None,
        ),
        revision=one.revision,
        place=one.place,
        place_title=title_of(graph, one.place) if one.place is not None and graph is not None else None,
        waiting=one.waiting,
        language=one.language,
        queue=one.queue,
        opened_at=one.opened_at,
        last_customer_at=wrote,
        window_closes_at=None if wrote is None else wrote + WINDOW,
        human_agent_until=None if wrote is None else wrote + PEOPLE_WINDOW,
        may_send=may_send(one, now),
        last_line=None if line is None else LastLine.model_validate(line, from_attributes=True),
        ended_at=one.ended_at,
        cause=one.cause,
        terminate=one.terminate,
        answered=one.answered,
        missed=one.missed,
    )


def may_send(one: store.Conversation, now: datetime) -> MaySend:
    """Whose messages Instagram takes; where no word of the customer is known, it is Instagram's to say."""
    if one.ended_at is not None:
        return "nothing"
    if one.last_customer_at is None or now <= one.last_customer_at + WINDOW:
        return "all"
    return "people" if now <= one.last_customer_at + PEOPLE_WINDOW else "nothing"


def temporal_url(parts: Parts, found: store.Conversation) -> str:
    """The running workflow; of one that has ended all runs of its id, of which it is one."""
    root = f"{parts.temporal_ui_url}/namespaces/{quote(parts.temporal.namespace, safe='')}/workflows"
    if found.ended_at is None:
        return f"{root}/{quote(found.workflow_id, safe='')}"
    wanted = f'WorkflowId = "{found.workflow_id}"'
    return f"{root}?query={quote(wanted, safe='')}"


async def _picture(session: AsyncSession, parts: Parts, contact: Contact | None) -> str | None:
    kept = await attachment(session, contact.picture) if contact is not None and contact.picture is not None else None
    return None if kept is None or kept.size is None else link(parts, kept.id, kept.title)


def link(parts: Parts, id: str, title: str) -> str:
    """A fresh link to a stored file."""
    return parts.public_url + signed_path(parts.hash_key, id, title, parts.now() + LINK_LIFE)
