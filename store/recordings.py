"""What conversations took in, beside their traces, and whole conversations as they were, to be run again (SPEC 9.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, literal, literal_column, null, select, update
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncSession

from routing.recordings import Happened, Recording
from store import tables
from store.columns import Time

UNDER_WAY = timedelta(seconds=30)
"""Of an open conversation, what came due within this time may still be being done: its recording ends before."""
EMPTIED = ("key", "at", "kind", "mid")
"""What is kept of a customer's message that was taken back."""


async def record(session: AsyncSession, conversation: str, number: int, happened: Happened) -> None:
    """Keep an event under its number; one that is there already is left as it is."""
    values = {
        "conversation": conversation,
        "number": number,
        "visit": happened.number,
        "at": happened.at,
        "event": happened.event.model_dump(mode="json"),
        "asked": None if happened.asked is None else happened.asked.model_dump(mode="json"),
    }
    await session.execute(insert(tables.happened).values(**values).on_conflict_do_nothing())


async def forget_message(session: AsyncSession, conversations: Sequence[str], mid: str) -> None:
    """Empty a message that its writer took back, wherever one of these conversations took it in."""
    table = tables.happened
    event = cast(table.c.event, JSONB)
    wrote = event.contains({"type": "wrote", "messages": [{"mid": mid}]})
    typed = event.contains({"type": "agent_wrote", "mid": mid})
    statement = select(table).where(table.c.conversation.in_(list(conversations)), wrote | typed).with_for_update()
    for row in (await session.execute(statement)).all():
        changed = update(table).where(table.c.conversation == row.conversation, table.c.number == row.number)
        await session.execute(changed.values(event=_emptied(row.event, "mid", {mid})))


def without(happened: Happened, keys: set[str]) -> Happened:
    """An event without the words of messages that were taken back, by their keys."""
    if not keys:
        return happened
    event = _emptied(happened.event.model_dump(mode="json"), "key", keys)
    return Happened.model_validate(happened.model_dump() | {"event": event})


def _emptied(event: dict[str, Any], by: str, which: set[str]) -> dict[str, Any]:
    if event["type"] == "agent_wrote":
        return event | {"text": "", "image": None, "images": []} if event.get(by) in which else event
    messages = [
        {name: message[name] for name in EMPTIED if name in message} if message.get(by) in which else message
        for message in event.get("messages", [])
    ]
    return event | {"messages": messages} if messages else event


# Whole conversations --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Period:
    """Which conversations: those that agree with all that is given, opened from `since` on and before `until`."""

    account: str | None = None
    connector: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Written:
    """A recording as JSON, as the database puts it together; it is read where that holds nobody up."""

    name: str
    revision: int
    text: str

    def recording(self) -> Recording:
        return Recording.model_validate_json(self.text)


async def newest(session: AsyncSession, limit: int, period: Period | None = None) -> list[str]:
    """The names of so many recorded conversations, open and ended ones, last opened first.

    Without those that began before events were recorded, whose customer was erased, or whose end is being booked.
    """
    table, period = tables.conversations, period or Period()
    statement = select(table.c.name).where(
        table.c.opening.is_not(None), table.c.ended_at.is_not(None) | table.c.waiting.is_distinct_from("ended")
    )
    if period.account is not None:
        statement = statement.where(table.c.account == period.account)
    if period.connector is not None:
        statement = statement.where(table.c.connector == period.connector)
    if period.since is not None:
        statement = statement.where(table.c.opened_at >= period.since)
    if period.until is not None:
        statement = statement.where(table.c.opened_at < period.until)
    return list(await session.scalars(statement.order_by(table.c.opened_at.desc(), table.c.name.desc()).limit(limit)))


async def written(session: AsyncSession, names: Sequence[str], now: datetime) -> list[Written]:
    """The recordings of these conversations, in this order, by one statement; what is not recorded is left out.

    Nothing is said to have happened until the same customer's next conversation or, for the newest, until `now`; for an
    open one until a little before.
    """
    rows = await session.execute(_written(now).where(tables.conversations.c.name.in_(list(names))))
    found = {row.name: Written(row.name, row.revision, row.text) for row in rows}
    return [found[name] for name in names if name in found]


async def recordings(
    session: AsyncSession, *, now: datetime, limit: int, period: Period | None = None
) -> list[Recording]:
    """The newest recordings; `newest` and `written` are for those who want many of them in parts."""
    return [one.recording() for one in await written(session, await newest(session, limit, period), now)]


async def recording(session: AsyncSession, name: str, now: datetime) -> Recording | None:
    """One conversation as it was; None where that was not recorded, or was erased."""
    found = await written(session, [name], now)
    return found[0].recording() if found else None


def _written(now: datetime) -> Select[Any, Any, str]:
    """Of each conversation its name, revision and the JSON of its Recording."""
    talk = tables.conversations.c
    opening = talk.opening
    return select(
        talk.name,
        talk.revision,
        cast(
            func.json_build_object(
                *_named(
                    name=talk.name,
                    connector=talk.connector,
                    account=talk.account,
                    customer=opening["customer"],
                    title=func.coalesce(opening["title"].astext, ""),
                    hash=func.coalesce(talk.hash, ""),
                    callback=func.coalesce(opening["callback"].astext, ""),
                    revision=talk.revision,
                    opened_at=talk.opened_at,
                    contact=func.coalesce(opening["contact"], _EMPTY),
                    language=opening["language"],
                    happened=_happened(),
                    trace=_trace(),
                    said=_said(),
                    ended=_ended(),
                    until=_until(now),
                )
            ),
            Text,
        ).label("text"),
    ).where(opening.is_not(None))


def _happened() -> Any:
    table = tables.happened
    event = func.json_build_object(
        *_named(at=table.c.at, number=table.c.visit, event=table.c.event, asked=table.c.asked)
    )
    return _list(event, table.c.number, table.c.conversation)


def _trace() -> Any:
    """Without values that changed, but for where the customer chose."""
    table = tables.trace
    chosen = case((table.c.changed.op("?")("answer"), literal_column("""'{"answer":null}'::jsonb""")), else_=_EMPTY)
    visit = func.json_build_object(*_named(at=table.c.at, path=table.c.path, why=table.c.why, changed=chosen))
    return _list(visit, table.c.number, table.c.conversation)


def _said() -> Any:
    """What the graph and chatbots said; null where something of it was taken back, so that nobody knows any more."""
    table = tables.messages
    message = func.json_build_object(
        *_named(
            key=table.c.key,
            path=func.coalesce(table.c.path, ""),
            text=func.coalesce(table.c.text, ""),
            titles=func.jsonb_path_query_array(table.c.content, _TITLES),
            links=_links(table.c.content),
            images=func.coalesce(
                case((table.c.content.op("?")("image"), func.jsonb_build_array(table.c.content["image"]))),
                table.c.content["images"],
                literal_column("'[]'::jsonb"),
            ),
            left=func.coalesce(table.c.first_attempt_at, table.c.sent_at),
        )
    )
    all_of_it = func.coalesce(func.json_agg(aggregate_order_by(message, table.c.seq)), _NONE)
    return (
        select(case((func.coalesce(func.bool_or(table.c.state == "deleted"), False), null()), else_=all_of_it))
        .where(
            table.c.conversation == tables.conversations.c.name,
            table.c.direction == "out",
            table.c.author.in_(("graph", "bot")),
        )
        .correlate(tables.conversations)
        .scalar_subquery()
    )


def _links(content: ColumnElement[Any]) -> Any:
    """The texts and addresses of a message's buttons."""
    button = func.jsonb_array_elements(content["buttons"]).column_valued("button")
    text = func.btrim(func.concat(cast(button, JSONB)["text"].astext, " ", cast(button, JSONB)["url"].astext))
    return select(func.coalesce(func.json_agg(text), _NONE)).scalar_subquery()


def _ended() -> Any:
    talk = tables.conversations.c
    end = func.json_build_object(
        *_named(
            type=literal("ended"),
            at=talk.ended_at,
            terminate=talk.terminate,
            cause=talk.cause,
            queue=talk.queue,
            answered=talk.answered,
        )
    )
    return case((talk.ended_at.is_not(None), end))


def _until(now: datetime) -> Any:
    """When the same customer opened the next conversation; else now, or for an open one a little before.

    But never before what it has done already.
    """
    talk, later, visits = tables.conversations.c, tables.conversations.alias().c, tables.trace.alias().c
    opened_next = (
        select(func.min(later.opened_at))
        .where(later.account == talk.account, later.customer == talk.customer, later.opened_at > talk.opened_at)
        .correlate(tables.conversations)
        .scalar_subquery()
    )
    newest_visit = (
        select(func.max(visits.at)).where(visits.conversation == talk.name).correlate(tables.conversations)
    ).scalar_subquery()
    settled = func.greatest(literal(now - UNDER_WAY, Time), newest_visit)
    return func.coalesce(opened_next, case((talk.ended_at.is_not(None), literal(now, Time)), else_=settled))


_EMPTY: Any = literal_column("'{}'::jsonb")
_NONE: Any = literal_column("'[]'::json")
_TITLES: Any = literal_column("'$.quick_replies[*].title'::jsonpath")


def _named(**values: Any) -> list[Any]:
    """Names and values in turn, as `json_build_object` takes them."""
    return [item for name, value in values.items() for item in (literal_column(f"'{name}'"), value)]


def _list(one: ColumnElement[Any], order: ColumnElement[Any], conversation: ColumnElement[Any]) -> Any:
    """All of a conversation's rows as a JSON array."""
    return (
        select(func.coalesce(func.json_agg(aggregate_order_by(one, order)), _NONE))
        .where(conversation == tables.conversations.c.name)
        .correlate(tables.conversations)
        .scalar_subquery()
    )
