"""Outgoing webhooks: who is told of tickets, missed chats and ended conversations (SPEC 8)."""

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.access import Admin, record
from api.dependencies import Given, Parts
from api.errors import Refusal, answers
from api.lists import NEXT, Cursor, Limit, paged
from api.signals import SignalError, tell_webhook
from store import webhook_deliveries, webhooks
from store.announcements import Kind
from store.webhooks import OVERLAP, State, Webhook

router = APIRouter(tags=["outgoing webhooks"])

MOST = 25
"""So many there may be: each of them keeps a worker busy while its receiver is slow."""


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right:
        raise ValueError("write the whole address, as https://host/path")
    if "@" in urlsplit(value).netloc:
        raise ValueError("leave user and password out: the signature says that it is Switchboard")
    return value


def _once(kinds: list[Kind]) -> list[Kind]:
    return list(dict.fromkeys(kinds))


Id = Annotated[int, Path(ge=1, le=2**63 - 1, description="The webhook's number.")]
Title = Annotated[str, Field(min_length=1, max_length=200, description="How people know it.", examples=["Our CRM"])]
Url = Annotated[
    str,
    AfterValidator(_url),
    Field(
        max_length=2000,
        pattern=r"^https?://[^\s]+$",
        description="A public address, or one that the operator allows. Redirects to other hosts are not followed.",
        examples=["https://crm.example.com/switchboard"],
    ),
]
Kinds = Annotated[
    list[Kind],
    AfterValidator(_once),
    Field(min_length=1, description="What it is told of.", examples=[["chat.missed", "ticket.created"]]),
]


class WebhookItem(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    url: str
    kinds: list[str]
    author: str
    created_at: datetime
    state: State = Field(description="`paused`: what is announced waits until it is resumed.")
    paused_reason: str | None
    failing_since: datetime | None = Field(description="Nothing has arrived there since then.")
    retry_at: datetime | None = Field(description="When it is tried again, while nothing arrives.")
    old_until: datetime | None = Field(description="Until then the secret before the present one signs as well.")
    waiting: int = Field(0, description="So many announcements have not arrived yet.")


class WebhookItems(BaseModel):
    items: list[WebhookItem]
    cursor: str | None = Field(description=NEXT)


class NewWebhook(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"title": "Our CRM", "url": "https://crm.example.com/switchboard", "kinds": ["chat.missed"]},
            ]
        },
    )

    title: Title
    url: Url
    kinds: Kinds


class WebhookChanges(BaseModel):
    """What is left out stays as it is, and so does null."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"kinds": ["ticket.created"]}]})

    title: Title | None = None
    url: Url | None = None
    kinds: Kinds | None = None


class MadeWebhook(WebhookItem):
    secret: str = Field(
        description="Signs what is sent, as Standard Webhooks says. It is shown this once.", examples=["whsec_…"]
    )


class NewSecret(BaseModel):
    secret: str = Field(description="Signs from now on. It is shown this once.", examples=["whsec_…"])
    old_until: datetime = Field(description="Until then the secret before it signs as well.")


@router.get("/api/v1/webhooks", summary="List outgoing webhooks", responses=answers(401, 403, 422))
async def list_webhooks(parts: Given, _: Admin, cursor: Cursor = None, limit: Limit = 50) -> WebhookItems:
    """Newest first, without their secrets."""
    async with parts.database.begin() as session:
        page = await paged(webhooks.webhooks(session, cursor=cursor, limit=limit))
        waiting = await webhook_deliveries.waiting(session, [one.id for one in page.items])
    return WebhookItems(items=[_shown(one, waiting) for one in page.items], cursor=page.cursor)


@router.post(
    "/api/v1/webhooks", summary="Make an outgoing webhook", status_code=201, responses=answers(401, 403, 409, 413, 422)
)
async def create_webhook(parts: Given, by: Admin, given: NewWebhook) -> MadeWebhook:
    """It is told of what happens from now on. Keep the secret: it is never shown again."""
    async with parts.database.begin() as session:
        if await webhooks.count(session) >= MOST:
            raise Refusal(409, f"There are {MOST} webhooks already: remove one first.")
        made, secret = await webhooks.create_webhook(
            session, parts.vault, **given.model_dump(), author=by.name, at=parts.now()
        )
        await record(session, by, "webhook.created", path(made.id), host=_host(made.url), kinds=made.kinds)
    return MadeWebhook(**_shown(made, {}).model_dump(), secret=secret)


@router.get("/api/v1/webhooks/{id}", summary="Look at an outgoing webhook", responses=answers(401, 403, 404, 422))
async def read_webhook(parts: Given, _: Admin, id: Id) -> WebhookItem:
    """One webhook, without its secret."""
    async with parts.database.begin() as session:
        one = found(await webhooks.webhook(session, id), id)
        return _shown(one, await webhook_deliveries.waiting(session, [id]))


@router.patch(
    "/api/v1/webhooks/{id}", summary="Change an outgoing webhook", responses=answers(401, 403, 404, 413, 422, 503)
)
async def change_webhook(parts: Given, by: Admin, id: Id, given: WebhookChanges) -> WebhookItem:
    """What waits goes to the new address, at once."""
    changes = {name: value for name, value in given.model_dump().items() if value is not None}
    async with parts.database.begin() as session:
        before = found(await webhooks.webhook(session, id), id)
        changed = {name: value for name, value in changes.items() if getattr(before, name) != value}
        after = found(await webhooks.change_webhook(session, id, **changed), id)
        waiting = await webhook_deliveries.waiting(session, [id])
        if changed:
            told = {"fields": list(changed)} | ({"host": _host(after.url)} if "url" in changed else {})
            await record(session, by, "webhook.changed", path(id), **told)
    if "url" in changed:
        await tell(parts, id)
    return _shown(after, waiting)


@router.delete(
    "/api/v1/webhooks/{id}",
    summary="Remove an outgoing webhook",
    status_code=204,
    responses=answers(401, 403, 404, 422),
)
async def delete_webhook(parts: Given, by: Admin, id: Id) -> None:
    """Nothing more is sent there, also not what waits."""
    async with parts.database.begin() as session:
        if not await webhooks.remove_webhook(session, id, parts.now()):
            raise missing(id)
        await record(session, by, "webhook.deleted", path(id))


@router.post("/api/v1/webhooks/{id}/secret", summary="Make a new signing secret", responses=answers(401, 403, 404, 422))
async def rotate_secret(parts: Given, by: Admin, id: Id) -> NewSecret:
    """For a day everything is signed with both, so that the receiver can change over in peace."""
    now = parts.now()
    async with parts.database.begin() as session:
        secret = await webhooks.rotate(session, parts.vault, id, now)
        if secret is None:
            raise missing(id)
        await record(session, by, "webhook.rotated", path(id))
    return NewSecret(secret=secret, old_until=now + OVERLAP)


@router.post(
    "/api/v1/webhooks/{id}/resume",
    summary="Resume a paused webhook",
    status_code=204,
    responses=answers(401, 403, 404, 422, 503),
)
async def resume_webhook(parts: Given, by: Admin, id: Id) -> None:
    """What was announced meanwhile is delivered now. Nothing happens to one that is not paused."""
    async with parts.database.begin() as session:
        found(await webhooks.webhook(session, id), id)
        if not await webhooks.resume(session, id, parts.now()):
            return
        await record(session, by, "webhook.resumed", path(id))
    await tell(parts, id)


def _shown(one: Webhook, waiting: dict[int, int]) -> WebhookItem:
    return WebhookItem.model_validate(one).model_copy(update={"waiting": waiting.get(one.id, 0)})


async def tell(parts: Parts, id: int) -> None:
    """Have what waits delivered; 503 while Temporal is away, when that happens by itself a little later."""
    try:
        await tell_webhook(parts.temporal, parts.task_queue, id)
    except SignalError as error:
        raise Refusal(503, f"It is kept, and done as soon as that is possible: {error}.") from error


def found(one: Webhook | None, id: int) -> Webhook:
    """The webhook, or 404."""
    if one is None:
        raise missing(id)
    return one


def missing(id: int) -> Refusal:
    return Refusal(404, f"There is no webhook {id}.")


def path(id: int) -> str:
    """What the audit log calls it."""
    return f"webhooks/{id}"


def _host(url: str) -> str:
    """All that the audit log has of an address, whose path may hold a secret."""
    return urlsplit(url).hostname or ""
