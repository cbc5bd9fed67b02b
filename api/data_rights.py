"""What customers may ask for: all that is kept about them, and that it is erased (SPEC 7)."""

import json
import logging
import secrets
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from api.access import Admin, Supervisor, record
from api.contacts import Id, known
from api.conversations import link
from api.dependencies import Given
from api.errors import Refusal, answers
from api.signals import SignalError, erase
from store import deletions
from store.contacts import alias
from store.exports import everything_of

logger = logging.getLogger(__name__)
router = APIRouter(tags=["contacts"])

FORMAT = 1
"""Of the export; it grows by additions only."""


class Erasure(BaseModel):
    """The work of erasing a customer, and how far it is."""

    code: str = Field(examples=["0123456789abcdef01234567"])
    state: Literal["running", "done"]
    requested_at: datetime
    done_at: datetime | None
    counts: dict[str, int] = Field(
        description="How many of what the last look found; once it is done.", examples=[{"conversations": 3}]
    )
    page: str = Field(description="A page that tells the customer whether it is done, and nothing else.")


EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Everything, as one JSON document",
        "content": {"application/json": {"schema": {"type": "object", "additionalProperties": True}}},
    }
}


@router.get(
    "/api/v1/contacts/{id}/export",
    summary="Export all that is kept about a customer",
    response_class=Response,
    responses=EXPORTED | answers(401, 403, 404, 422),
)
async def export(parts: Given, by: Supervisor, id: Id) -> Response:
    """To be handed to the customer: every row that any table has of them. Files are links, good for 30 days."""
    now = parts.now()
    async with parts.database.begin() as session:
        account, customer = await known(session, id)
        found = await everything_of(session, account, customer)
        await record(session, by, "contact.exported", f"contacts/{alias(parts.hash_key, account, customer)}")
    for file in found["attachments"]:
        file["url"] = link(parts, file["id"], file["title"]) if file["size"] is not None else None
    told = {"format": FORMAT, "exported_at": now.isoformat(), "account": account, "customer": customer, **found}
    headers = {
        "Content-Disposition": f'attachment; filename="customer-{now:%Y-%m-%d}.json"',
        "Cache-Control": "no-store",
    }
    body = json.dumps(told, ensure_ascii=False, indent=1, default=str)
    return Response(body.encode(errors="replace"), media_type="application/json", headers=headers)


@router.delete(
    "/api/v1/contacts/{id}",
    summary="Erase a customer",
    status_code=202,
    responses=answers(401, 403, 404, 422, 503),
)
async def erase_contact(parts: Given, by: Admin, id: Id) -> Erasure:
    """Delete, as durable work, all that is known of this customer of this account; a conversation that runs ends.

    It is done after a little more than a minute, since it looks a second time. It cannot be taken back. 503 when the
    work could not be begun; then nothing was erased.
    """
    code = secrets.token_hex(12)
    try:
        async with parts.database.begin() as session:
            account, customer = await known(session, id)
            await deletions.request(session, code, customer, parts.now())
            about = f"contacts/{alias(parts.hash_key, account, customer)}"
            await record(session, by, "contact.erased", about, erasure=code)
            found = await deletions.deletion(session, code)
            await erase(parts.temporal, parts.task_queue, code, customer, account)
    except SignalError as error:
        logger.error("an erasure could not be begun: %s", error)
        raise Refusal(503, "The erasure could not be begun. Try again in a few minutes.") from error
    assert found is not None, "it was written in this transaction"
    return _shown(parts.public_url, found)


@router.get("/api/v1/erasures/{code}", summary="See how far an erasure is", responses=answers(401, 403, 404))
async def read_erasure(parts: Given, _: Admin, code: Annotated[str, Path(description="Its code.")]) -> Erasure:
    """Also of those that Meta asked for."""
    async with parts.database.begin() as session:
        found = await deletions.deletion(session, code)
    if found is None:
        raise Refusal(404, f"There is no erasure {code}.")
    return _shown(parts.public_url, found)


def _shown(public_url: str, found: deletions.Deletion) -> Erasure:
    return Erasure(
        code=found.code,
        state="running" if found.done_at is None else "done",
        requested_at=found.requested_at,
        done_at=found.done_at,
        counts=found.counts,
        page=f"{public_url}/deletions/{found.code}",
    )
