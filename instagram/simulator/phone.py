"""The page that looks like a phone, and the pictures and files that it and the app under test see."""

import hashlib
import html

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from instagram.simulator.database import Unknown
from instagram.simulator.media import sample
from instagram.simulator.pages import page
from instagram.simulator.samples import portrait as picture_of
from instagram.simulator.world import World


def routes(world: World) -> APIRouter:
    """The page at /, and the files that it shows."""
    router = APIRouter(include_in_schema=False)

    @router.get("/", summary="The phone")
    async def phone(request: Request) -> Response:
        return page(request, "phone.html", {"url": (world.options.url or "").rstrip("/")})

    @router.get("/media/{id}", summary="An uploaded file")
    async def media(id: str) -> Response:
        try:
            type, content = world.media.get(id)
        except Unknown as error:
            raise HTTPException(404, str(error)) from error
        return Response(content, media_type=type, headers={"X-Content-Type-Options": "nosniff"})

    @router.get("/samples/{name}", summary="A sample file")
    async def samples(name: str) -> Response:
        try:
            type, content = sample(name)
        except Unknown as error:
            raise HTTPException(404, str(error)) from error
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
        return Response(content, media_type=type, headers=headers)

    @router.get("/avatars/{username}.svg", summary="Somebody's picture")
    async def avatar(username: str) -> Response:
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return Response(_avatar(username), media_type="image/svg+xml", headers=headers)

    @router.get("/avatars/{username}.png", summary="Somebody's picture as Instagram's profiles have it")
    async def portrait(username: str) -> Response:
        return Response(picture_of(username), media_type="image/png")

    return router


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
