"""Fetches files from Instagram's links, checked by their bytes and bounded in size and time (SPEC 6.5)."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import httpx

from activities.web import Answer, Web, WebError
from instagram.media import IMAGE_BYTES, media_type_of


@dataclass(frozen=True)
class Limits:
    """How large files may be, in bytes, how long fetching may take, and how many are fetched at once.

    `each` is for one file and its tries, `call` for the files that came together: what has not begun by then is left.
    `together` counts within a call, `of_worker` in a whole process, where each file is in memory until it is stored.
    """

    image: int = IMAGE_BYTES
    other: int = 25_000_000
    each: timedelta = timedelta(seconds=20)
    call: timedelta = timedelta(seconds=60)
    pause: timedelta = timedelta(seconds=0.5)
    together: int = 4
    of_worker: int = 8


class Refused(Exception):
    """A file that is not kept: a sentence that says why; `link` is an address that may be shown all the same."""

    def __init__(self, reason: str, link: str | None = None) -> None:
        super().__init__(reason)
        self.link = link


class _Temporary(Refused):
    """The same may go well a little later."""


@dataclass(frozen=True)
class File:
    content: bytes = field(repr=False)
    media_type: str


class Downloads:
    """Files behind links; `web` decides which hosts are reached."""

    def __init__(self, web: Web, limits: Limits) -> None:
        self._web = web
        self._limits = limits

    async def fetch(self, url: str, kind: str, within: timedelta) -> File:
        """The file behind a link, where it is one that is kept; `kind` is Instagram's word for it.

        Raises Refused, which names no more of the address than its host.
        """
        answer = await self._answer(url, within)
        host = httpx.URL(url).host
        if answer.status in (404, 410):
            raise Refused("the link has expired")
        if answer.status == 403:
            raise Refused(f"`{host}` refuses the link, which may have expired")
        if answer.status != 200:
            raise Refused(f"`{host}` answered {answer.status}")
        if answer.cut:
            raise Refused(f"it is larger than {_megabytes(self._limits.other)}")
        if not answer.content:
            raise Refused("it is empty")
        media_type = media_type_of(answer.content, kind)
        if media_type is None and _is_page(answer):
            raise Refused("the link leads to a page and not to a file")
        if media_type is None:
            raise Refused("its bytes are of no type that is kept: images, audio, video and PDF are")
        if media_type.startswith("image/") and len(answer.content) > self._limits.image:
            raise Refused(f"it is an image larger than {_megabytes(self._limits.image)}")
        return File(answer.content, media_type)

    async def _answer(self, url: str, within: timedelta) -> Answer:
        """What the host says, asked once more where that may help and there is time; raises Refused."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within.total_seconds()
        if within <= timedelta():
            raise Refused("it took too long, with all that came together")
        try:
            return await self._asked(url, within)
        except _Temporary:
            await asyncio.sleep(self._limits.pause.total_seconds())
            left = round(until - loop.time(), 1)
            if left <= 0:
                raise
        return await self._asked(url, timedelta(seconds=left))

    async def _asked(self, url: str, within: timedelta) -> Answer:
        """What the host says; raises Refused, and _Temporary where it may be a passing thing."""
        try:
            answer = await self._web.fetch(url, limit=self._limits.other, timeout=within)
        except WebError as error:
            raise (_Temporary if error.temporary else Refused)(str(error)) from None
        if answer.status >= 500 or answer.status in (408, 425, 429):
            raise _Temporary(f"`{httpx.URL(url).host}` answered {answer.status}")
        return answer


_NO_FILE = {
    "ephemeral": "Instagram shows it once, in its app only",
    "unsupported": "Instagram does not hand it out",
    "unsupported_type": "Instagram does not hand it out",
    # The address is one that the customer wrote: the message has it, and nobody asked us to go there.
    "fallback": "it is a link that the customer shared",
}


def fetchable(kind: str, url: str | None) -> str:
    """The address where a file may be; raises Refused, with the link where it is a public page (facts 1.6)."""
    if kind in _NO_FILE:
        raise Refused(_NO_FILE[kind])
    if not url:
        raise Refused("Instagram sent no link to it")
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise Refused("its link cannot be read") from None
    if f".{parsed.host}".endswith(".instagram.com"):
        # Files come from other hosts; here are pages for people, which ask machines to log in.
        public = parsed.scheme == "https" and not parsed.userinfo and parsed.port is None
        raise Refused("it is a page on instagram.com and not a file", url if public else None)
    return url


def _is_page(answer: Answer) -> bool:
    return answer.headers.get("content-type", "").lower().startswith(("text/html", "application/xhtml"))


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:g} MB"
