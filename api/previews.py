"""Preview: talk to a configuration as a customer, with a clock that can be moved, and nothing leaves (SPEC 9.1)."""

import asyncio
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

import detection
from api.access import Supervisor
from api.dependencies import Given
from api.errors import answers
from api.readings import Of, reading
from routing.acts import Script
from routing.preview import Previewed, preview

router = APIRouter(tags=["preview"])

EXAMPLE: dict[str, Any] = {
    "of": "sandbox",
    "at": "2026-12-24T17:01",
    "timezone": "Europe/Prague",
    "start": {"connector": "shop", "customer": {"name": "Jana"}},
    "steps": [{"type": "user", "text": "hi"}, {"type": "wait", "duration": "PT23H"}],
}


class Preview(Script):
    """What is to be played, and on which configuration."""

    model_config = {"json_schema_extra": {"examples": [EXAMPLE]}}

    of: Of = Field(default="sandbox", description="`sandbox`, `production`, or the number of a revision.")


class PreviewAnswer(BaseModel):
    """What came of it, and what it was played on."""

    revision: int | None = Field(description="The revision that it was played on; null for the sandbox.")
    etag: str | None = Field(description="The tag of the sandbox that it was played on; null for a revision.")
    errors: int = Field(description="So many errors the sandbox has. What cannot be read of it is mended or left out.")
    preview: Previewed


@router.post("/api/v1/preview", summary="Preview a conversation", responses=answers(401, 403, 404, 413, 422))
async def play(parts: Given, _: Supervisor, given: Preview) -> PreviewAnswer:
    """Run the pure core from a start or a stored position, with the steps and the clock of the body.

    Nothing is sent or stored. A request that `replies` does not answer waits for a step that does: nothing is invented.
    Each step of the answer has the position that it leads to; send it as `position` to go on from there.
    """
    async with parts.database.begin() as session:
        found = await reading(session, parts, given.of)
    played = await asyncio.to_thread(preview, found.graph, given, detection.detect)
    return PreviewAnswer(revision=found.revision, etag=found.etag, errors=found.errors, preview=played)
