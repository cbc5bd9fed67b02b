"""The page that looks like a phone, what it shows, and the list of control calls."""

import hashlib
import html
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from instagram.simulator.database import Unknown
from instagram.simulator.world import World

_TEMPLATES = Jinja2Templates(directory=Path(__file__).parent / "templates")
# Pictures may come from anywhere, as on a phone; all else is ours.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' http: https: data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def routes(world: World, app: FastAPI) -> APIRouter:
    """The page at /, the pictures it shows, and a readable list of the control API at /docs."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def phone(request: Request) -> Response:
        return _page(request, "phone.html", {"accounts": world.accounts()})

    @router.get("/docs")
    @router.get("/control/docs")
    async def docs(request: Request) -> Response:
        document = app.openapi()
        calls = [
            {"path": path, "method": method.upper(), "operation": operation}
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
        ]
        return _page(request, "docs.html", {"calls": calls, "schemas": document["components"]["schemas"]})

    @router.get("/media/{id}")
    async def media(id: str) -> Response:
        try:
            type, content = world.records.media(id)
        except Unknown as error:
            raise HTTPException(404, str(error)) from error
        return Response(content, media_type=type, headers={"X-Content-Type-Options": "nosniff"})

    @router.get("/avatars/{username}.svg")
    async def avatar(username: str) -> Response:
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return Response(_avatar(username), media_type="image/svg+xml", headers=headers)

    return router


def _page(request: Request, template: str, context: dict[str, Any]) -> Response:
    headers = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return _TEMPLATES.TemplateResponse(request, template, context, headers=headers)


def _avatar(username: str) -> str:
    """A round picture with the first letter, in a colour that is always the same for the same name."""
    hue = int(hashlib.sha256(username.encode()).hexdigest()[:4], 16) % 360
    letter = html.escape(username[:1].upper() or "?")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<circle cx="32" cy="32" r="32" fill="hsl({hue} 55% 42%)"/>'
        '<text x="32" y="33" fill="#fff" font-family="system-ui, sans-serif" font-size="30" font-weight="600" '
        f'text-anchor="middle" dominant-baseline="central">{letter}</text></svg>'
    )
