"""Meta's callbacks about personal data: somebody removed the app, or asks for their data to be deleted (facts 1.7)."""

import logging
import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.dependencies import Given, Parts
from api.errors import Refusal, answers
from api.pages import page, told
from api.signals import SignalError, erase
from instagram.signed_requests import opened
from store import deletions
from store.accounts import account_summary, accounts_of, disconnect_account

logger = logging.getLogger(__name__)
router = APIRouter(tags=["Instagram"])

REMOVED = "its owner removed the app on Meta's side; authorise it again"
Signed = Annotated[str, Form(description="Base64url HMAC-SHA256, a dot, and the base64url JSON that it signs.")]


class Confirmation(BaseModel):
    """What Meta shows to the person who asked."""

    url: str = Field(description="Where the person can look whether it is done.")
    confirmation_code: str


@router.post("/webhooks/instagram/deauthorise", summary="Somebody removed the app", responses=answers(400, 413, 422))
async def deauthorise(parts: Given, signed_request: Signed) -> dict[str, str]:
    """The accounts that this person authorised lose their token and stop sending; what waits stays."""
    person = _person(parts, signed_request)
    async with parts.database.begin() as session:
        ids = {one.id for one in await accounts_of(session, person)}
        if await account_summary(session, person) is not None:
            ids.add(person)
        for id in sorted(ids):
            await disconnect_account(session, id, REMOVED)
    logger.info("a person removed the app, which disconnects %s accounts", len(ids))
    return {"result": "OK"}


@router.post(
    "/webhooks/instagram/data-deletion",
    summary="Somebody asks for their data to be deleted",
    responses=answers(400, 413, 422, 503),
)
async def delete(parts: Given, signed_request: Signed) -> Confirmation:
    """Delete, as durable work, all that is known of this person: as a customer, and as who authorised an account.

    503 when the work could not be begun; then nothing is kept of the request, and Meta's person asks again.
    """
    person = _person(parts, signed_request)
    code = secrets.token_hex(12)
    try:
        async with parts.database.begin() as session:
            await deletions.request(session, code, person, parts.now())
            await erase(parts.temporal, parts.task_queue, code, person)
    except SignalError as error:
        logger.error("a deletion could not be begun: %s", error)
        raise Refusal(503, "The deletion could not be begun. Ask again in a few minutes.") from error
    return Confirmation(url=f"{parts.public_url}/deletions/{code}", confirmation_code=code)


@router.get("/deletions/{code}", include_in_schema=False)
async def status(request: Request, parts: Given, code: str) -> Response:
    """The page for the person who asked."""
    async with parts.database.begin() as session:
        found = await deletions.deletion(session, code)
    if found is None:
        return told(request, 404, "There is no such request", "Check the confirmation code.")
    return page(request, "deletion.html", title="Deletion of your data", deletion=found)


def _person(parts: Parts, signed_request: str) -> str:
    try:
        return opened(signed_request, parts.app_secrets).user_id
    except ValueError as error:
        raise Refusal(400, f"signed_request is not one of Meta's: {error}") from error
