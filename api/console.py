"""The console: the web page in which people do their work, as `make console` builds it (SPEC 10)."""

import secrets
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

from api.dependencies import Given
from api.errors import Refusal

router = APIRouter(include_in_schema=False)

NONCE = "__NONCE__"
"""Stands in the built page where each answer has a number of its own, which its styles have to name."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src-elem 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data: blob: https:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Scripts only from here, and none inside the page. Attributes of style are what libraries set on elements; profile
pictures may come from Instagram."""
FOR_EVER = "public, max-age=31536000, immutable"
"""For files whose names change with their content."""
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


@router.get("/console/assets/{file}")
async def asset(parts: Given, file: str) -> Response:
    """A script or a style; its name holds a hash of its content."""
    found = _file(parts.console, f"assets/{file}")
    if found is None:
        raise Refusal(404, "There is no such file. Load the page anew: Switchboard may have been updated meanwhile.")
    return FileResponse(found, headers=HEADERS | {"Cache-Control": FOR_EVER})


@router.get("/console/scheme.js")
async def scheme(parts: Given) -> Response:
    """What chooses the colours before anything is drawn."""
    found = _file(parts.console, "scheme.js")
    if found is None:
        raise Refusal(404, "The console is not built: run `make console`.")
    return FileResponse(found, headers=HEADERS | {"Cache-Control": "no-cache"})


@router.get("/console{path:path}")
async def console(parts: Given, path: str) -> Response:
    """The page, whatever its address says: which page of the console it is, it finds out by itself."""
    if path and not path.startswith("/"):
        raise Refusal(404, "There is nothing at this address.")
    found = _file(parts.console, "index.html")
    if found is None:
        raise Refusal(503, "The console is not built: run `make console`.")
    nonce = secrets.token_urlsafe(16)
    headers = HEADERS | {"Content-Security-Policy": POLICY.format(nonce=nonce), "Cache-Control": "no-store"}
    return HTMLResponse(found.read_text(encoding="utf-8").replace(NONCE, nonce), headers=headers)


def is_built(folder: Path | None) -> bool:
    return _file(folder, "index.html") is not None


def _file(folder: Path | None, name: str) -> Path | None:
    """A file of the folder, never one outside of it."""
    if folder is None:
        return None
    found = (folder / name).resolve()
    return found if found.is_relative_to(folder.resolve()) and found.is_file() else None
