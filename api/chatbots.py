"""The callback of third-party chatbots, in the seed's wire format (SPEC section 5)."""

import hashlib
import json
import logging
import re
import uuid
from typing import Annotated, Any, Self

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import Given, Parts
from api.errors import Problem, Refusal, answers, refused
from api.production import Known
from api.signals import SignalError, tell
from instagram.webhooks import verified
from routing.messages import BotButton, BotQuickReply, BotReplied
from store.columns import storable
from store.conversations import Conversation, conversation_by_hash
from store.secrets import get_secrets

logger = logging.getLogger(__name__)
router = APIRouter(tags=["chatbots"])

CALLBACK = "/external/web/api/chatbotUpdate"
ENDED = "This conversation has ended; the customer's next message starts a new one, with a hash of its own."


def _absent(value: object) -> object:
    """Bots write null or an empty text for what they leave out."""
    return None if value == "" else value


def _link(value: object) -> object:
    """Bots leave out `https://` too; what has a scheme of its own keeps it, and a host's port is none."""
    value = _absent(value.strip() if isinstance(value, str) else value)
    return f"https://{value}" if isinstance(value, str) and not _SCHEME.match(value) else value


_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)|/")


def _listed(value: object) -> object:
    return () if value is None else value


def _queue(value: object) -> object:
    """A queue's name may be sent as a number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _absent(value.strip() if isinstance(value, str) else value)


Text = Annotated[str, Field(min_length=1, max_length=10_000)]
Link = Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2_000)]
QueueName = Annotated[str | None, BeforeValidator(_queue)]


class Button(BaseModel):
    """A link, or a button whose `name` comes back when it is tapped; a link that has a name too is a link."""

    text: Text
    url: Annotated[Link | None, BeforeValidator(_link)] = Field(
        None, description="http or https; without either it counts as https."
    )
    name: Annotated[str | None, BeforeValidator(_absent)] = Field(None, description="Opaque, of any length.")

    @model_validator(mode="after")
    def leads_somewhere(self) -> Self:
        if self.url is None and self.name is None:
            raise ValueError("a button needs a `url` to open or a `name` that comes back when it is tapped")
        return self


class QuickReply(BaseModel):
    name: Annotated[str, Field(min_length=1, description="Opaque, of any length; comes back when it is tapped.")]
    text: Text


class Callback(BaseModel):
    """What a chatbot says, and to which queue it hands over; fields that are not named here are ignored."""

    hash: str | None = Field(None, description="Which conversation is meant, unless the query says it.")
    text: Annotated[str | None, Field(max_length=10_000)] = None
    button: Annotated[tuple[Button, ...], Field(max_length=100), BeforeValidator(_listed)] = ()
    quickreply: Annotated[tuple[QuickReply, ...], Field(max_length=100), BeforeValidator(_listed)] = ()
    transfer: QueueName = Field(None, description="The queue that takes over, as text or number.", examples=["10001"])
    queue: QueueName = Field(None, description="Another word for `transfer`, which counts where both are there.")


def _schema() -> dict[str, Any]:
    """The body's JSON schema in one piece, since the route reads the raw bytes and the framework does not know it."""
    whole = Callback.model_json_schema()
    parts = whole.pop("$defs")

    def inlined(value: Any) -> Any:
        if isinstance(value, dict):
            return (
                inlined(parts[value["$ref"].split("/")[-1]])
                if "$ref" in value
                else {k: inlined(v) for k, v in value.items()}
            )
        return [inlined(item) for item in value] if isinstance(value, list) else value

    return inlined(whole)


@router.post(
    CALLBACK,
    summary="A chatbot speaks",
    responses={200: {"content": {"application/json": {"example": {"result": "OK"}}}}}
    | answers(401, 404, 410, 413, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": _schema(),
                    "example": {
                        "hash": "b9f68fa377263e8f3018a405f25f44add10fab4c",
                        "text": "Which size?",
                        "button": [{"text": "Our sizes", "url": "https://shop.example.com/sizes"}],
                        "quickreply": [{"name": "size-m", "text": "M"}],
                        "transfer": None,
                    },
                }
            },
        }
    },
)
async def callback(
    request: Request,
    parts: Given,
    hash: Annotated[str | None, Query(description="Which conversation is meant, as in `response_url`.")] = None,
    idempotency_key: Annotated[
        str | None,
        Header(alias="Idempotency-Key", max_length=500, description="Repeated with the same key: counts once."),
    ] = None,
    signature: Annotated[
        str | None,
        Header(
            alias="X-Switchboard-Signature", description="`sha256=` and the HMAC of the body, if the bot has a secret."
        ),
    ] = None,
) -> dict[str, str]:
    """Say something to the customer of a conversation that this chatbot has, or hand it over to a queue, or both.

    The body is JSON, whatever its content type says. 404 for an unknown hash, 410 for an ended conversation, 401 for a
    missing or wrong signature where the chatbot has a secret, 422 naming each wrong field; then nothing takes effect.
    503 when it could not be passed on: repeat it with the same `Idempotency-Key`.
    """
    try:
        await _callback(await request.body(), parts, hash, idempotency_key, signature)
    except Refusal as refusal:
        parts.metrics.callbacks.labels(str(refusal.status_code)).inc()
        raise
    parts.metrics.callbacks.labels("200").inc()
    return {"result": "OK"}


async def _callback(body: bytes, parts: Parts, hash: str | None, key: str | None, signature: str | None) -> None:
    said = _object(body)
    hash = hash or said.get("hash")
    if not isinstance(hash, str) or not hash:
        missing = Problem(path="hash", code="missing", message="put the conversation's hash into the query or the body")
        raise Refusal(422, "The callback does not say which conversation it means.", [missing])
    async with parts.database.begin() as session:
        conversation = await conversation_by_hash(session, hash)
        if conversation is None:
            raise Refusal(404, "No conversation has this hash. Use the response_url of the message you answer.")
        if conversation.ended_at is not None:
            raise Refusal(410, ENDED)
        revision = await parts.production.revision(session, conversation.revision)
        if revision is None:
            raise LookupError(
                f"conversation {conversation.name} is on revision {conversation.revision}, which is not there"
            )
        await _check_signature(session, parts, conversation, revision, body, signature)
    counted = _digest(conversation.name, key) if key else uuid.uuid4().hex
    replied = _read(said, revision, conversation.name, f"b:{counted}")
    try:
        told = await tell(parts.temporal, conversation.workflow_id, replied)
    except SignalError as error:
        logger.error("a callback for %s was not passed on: %s", conversation.name, error)
        raise Refusal(503, "The message could not be passed on. Repeat it with the same Idempotency-Key.") from error
    if not told:
        raise Refusal(410, ENDED)


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        wrong = Problem(path="", code="json_invalid", message="must be JSON, in UTF-8")
        raise Refusal(422, "The body is not JSON.", [wrong]) from error
    if not isinstance(said, dict):
        wrong = Problem(path="", code="dict_type", message='must be an object, such as {"text": "…"}')
        raise Refusal(422, "The body is not a JSON object.", [wrong])
    return storable(said)


async def _check_signature(
    session: AsyncSession, parts: Parts, conversation: Conversation, revision: Known, body: bytes, signature: str | None
) -> None:
    """Raise 401 unless the body is signed by the chatbot that has the conversation, or that chatbot has no secret.

    A bot may answer late, when the conversation has moved on; then any chatbot of the revision may be the one.
    """
    kind, _, name = (conversation.place or "").partition("/")
    if kind == "chatbots" and name in revision.chatbots:
        candidates = [revision.chatbots[name]]
    else:
        candidates = list(revision.chatbots.values())
    if not candidates or None in candidates:
        return
    names = [secret.removeprefix("secrets.") for secret in candidates if secret is not None]
    values = await get_secrets(session, parts.vault, names)
    for missing in set(names) - values.keys():
        logger.warning(
            "the secret %s of a chatbot has no value: enter it, until then its callbacks are refused", missing
        )
    if not verified(body, signature, list(values.values())):
        raise Refusal(401, "X-Switchboard-Signature must be the HMAC of this body under the chatbot's secret.")


def _read(said: dict[str, Any], revision: Known, conversation: str, key: str) -> BotReplied:
    """The callback as an event; raises 422 with every wrong field."""
    try:
        callback = Callback.model_validate(said)
    except ValidationError as error:
        raise refused(error.errors(include_url=False)) from error
    queue = callback.transfer or callback.queue
    if queue is not None and queue not in revision.queues:
        names = ", ".join(sorted(revision.queues)) or "none"
        unknown = Problem(
            path="transfer" if callback.transfer else "queue",
            code="unknown_queue",
            message=f"there is no queue {queue[:100]}; the queues are: {names}",
        )
        raise Refusal(422, "The callback was refused and nothing of it took effect: 1 problem.", [unknown])
    return BotReplied(
        key=key,
        conversation=conversation,
        text=callback.text or "",
        buttons=tuple(BotButton(text=one.text, url=one.url, name=one.name) for one in callback.button),
        quickreplies=tuple(BotQuickReply(name=one.name, text=one.text) for one in callback.quickreply),
        transfer=queue,
    )


def _digest(name: str, key: str) -> str:
    return hashlib.sha256(f"{name}\n{key}".encode()).hexdigest()
