"""Instagram's webhook: check, keep, acknowledge, and nothing else before the answer (SPEC 6.1)."""

import asyncio
import hmac
import logging
import re
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse
from sqlalchemy.exc import SQLAlchemyError

from api.dependencies import Given, Parts
from api.errors import Refusal, answers
from instagram.webhooks import Inbound, WebhookError, parse, verified
from store.inbox import InboxRow, keep

logger = logging.getLogger(__name__)
router = APIRouter(tags=["Instagram"])

PATH = "/webhooks/instagram"
PATIENCE = 4.0
"""Seconds that the database may take: Meta waits 5 for the answer (facts 1.3)."""
CHALLENGE = re.compile(r"[A-Za-z0-9._-]{1,128}")


@router.get(PATH, summary="Verify the webhook", response_class=PlainTextResponse, responses=answers(400, 403))
async def verify(
    parts: Given,
    mode: Annotated[str | None, Query(alias="hub.mode", examples=["subscribe"])] = None,
    challenge: Annotated[str | None, Query(alias="hub.challenge", examples=["1158201444"])] = None,
    token: Annotated[str | None, Query(alias="hub.verify_token")] = None,
) -> PlainTextResponse:
    """Meta asks once, when the webhook is set up in the App Dashboard; the challenge is echoed as plain text.

    403 for a wrong verify token or mode, 400 when something is missing or the challenge is not of Meta's form.
    """
    if mode is None or challenge is None or token is None:
        raise Refusal(400, "hub.mode, hub.challenge and hub.verify_token are all needed in the query.")
    if mode != "subscribe" or not hmac.compare_digest(token.encode(), parts.verify_token.encode()):
        raise Refusal(403, "hub.mode must be subscribe, and hub.verify_token the token that is set here.")
    if not CHALLENGE.fullmatch(challenge):
        raise Refusal(400, "hub.challenge must be 1 to 128 letters, digits, dots, dashes and underscores.")
    return PlainTextResponse(challenge)


@router.post(
    PATH,
    summary="Receive events",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"example": "kept"}}}} | answers(400, 401, 413, 503),
    openapi_extra={
        "parameters": [
            {
                "name": "X-Hub-Signature-256",
                "in": "header",
                "required": True,
                "description": "`sha256=` and the HMAC of the raw body under the app secret, in lowercase hex.",
                "schema": {"type": "string", "pattern": "^sha256=[0-9a-f]{64}$"},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"type": "object"},
                    "example": {"object": "instagram", "entry": [{"id": "17841400000000001", "messaging": []}]},
                }
            },
        },
    },
)
async def receive(request: Request, parts: Given) -> PlainTextResponse:
    """Keep every event of the delivery once, then answer 200, also for kinds and accounts that are not known.

    401 for a missing or wrong signature, 400 for what is no webhook, 413 for more than 3 MB; 503 when the events could
    not be kept, so that Meta delivers them again.
    """
    counted = parts.metrics.webhooks
    try:
        body = await request.body()
    except Refusal:
        counted.labels("too_large").inc()
        raise
    if not verified(body, request.headers.get("x-hub-signature-256"), parts.app_secrets):
        counted.labels("signature").inc()
        raise Refusal(401, "X-Hub-Signature-256 must be the HMAC of this body under one of the app secrets set here.")
    try:
        events = parse(body)
    except WebhookError as error:
        counted.labels("junk").inc()
        raise Refusal(400, str(error)) from error
    try:
        async with asyncio.timeout(PATIENCE):
            new = await _kept(parts, events)
    except (SQLAlchemyError, TimeoutError) as error:
        counted.labels("store").inc()
        logger.error(
            "%s events could not be kept: %s", len(events), getattr(error, "orig", None) or type(error).__name__
        )
        raise Refusal(503, "The events could not be kept. Deliver them again.") from error
    counted.labels("kept").inc()
    parts.metrics.events.inc(len(events))
    parts.metrics.new_events.inc(new)
    return PlainTextResponse("kept")


async def _kept(parts: Parts, events: list[Inbound]) -> int:
    """How many were new; all of them are kept, or none."""
    rows = [
        InboxRow(
            key=event.key,
            account=event.account,
            customer=event.customer,
            kind=event.kind,
            at=event.at,
            event=event.model_dump(mode="json"),
        )
        for event in events
    ]
    async with parts.database.begin() as session:
        return await keep(session, rows)
