"""Signed links serve what customers sent: to whoever has one, whole or in part, until they expire."""

import base64
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Error, Page

from api.app import create_app
from api.attachments import asked
from api.dependencies import Parts
from instagram.media import media_type_of
from store.attachments import NewAttachment, forget, keep, mark_stored, signed_path
from store.database import Database
from store.files import PIECE, Files
from tests import buckets
from tests.activities.samples import png

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
KEY = "a-key-of-sixteen-or-more"
FILM = os.urandom(2 * PIECE + 500)


@dataclass
class Shelf:
    """An API with a storage behind it, and a clock that can be moved."""

    database: Database
    files: Files
    http: httpx.AsyncClient
    now: datetime = NOW

    async def put(
        self, content: bytes = FILM, media_type: str = "video/mp4", title: str = "film.mp4", id: str = "ab12"
    ) -> str:
        """Store an attachment; answers its link, which holds for a day."""
        new = NewAttachment(id=id, account="17841", customer="anna", type="video", title=title, media_type=media_type)
        async with self.database.begin() as session:
            await keep(session, replace(new, location=f"17841/{id}"))
        await self.files.put(f"17841/{id}", content)
        async with self.database.begin() as session:
            assert await mark_stored(session, id, len(content))
        return signed_path(KEY, id, title, NOW + timedelta(days=1))


@asynccontextmanager
async def _shelf(parts: Parts, serve: Any, stored: Files, **more: Any) -> AsyncIterator[Shelf]:
    async with httpx.AsyncClient() as http:
        shelf = Shelf(parts.database, stored, http)
        whole = replace(parts, **{"files": stored, "hash_key": KEY, "now": lambda: shelf.now, **more})
        async with serve(create_app(whole)) as url:
            http.base_url = url
            yield shelf


@pytest.fixture(scope="module")
def endpoint(free_port: Callable[[], int]) -> Iterator[str]:
    with buckets.serving(free_port()) as address:
        yield address


@pytest.fixture
async def shelf(parts: Parts, serve: Any, tmp_path: Path) -> AsyncIterator[Shelf]:
    async with _shelf(parts, serve, Files(f"file://{tmp_path}/files")) as shelf:
        yield shelf


@pytest.fixture(params=["folder", "bucket"])
async def both(request: pytest.FixtureRequest, parts: Parts, serve: Any, tmp_path: Path) -> AsyncIterator[Shelf]:
    """A shelf in a folder, and one in a bucket."""
    if request.param == "folder":
        files = Files(f"file://{tmp_path}/files")
    else:
        files = buckets.files(request.getfixturevalue("endpoint"), f"s3://files/{tmp_path.name}")
    async with _shelf(parts, serve, files) as shelf:
        yield shelf


async def test_a_whole_file(both: Shelf) -> None:
    link = await both.put()
    answer = await both.http.get(link)
    assert (answer.status_code, answer.content == FILM) == (200, True)
    headers = answer.headers
    assert (headers["content-type"], headers["content-length"]) == ("video/mp4", str(len(FILM)))
    assert headers["accept-ranges"] == "bytes"
    assert headers["cache-control"].startswith("private")
    assert headers["x-content-type-options"] == "nosniff"
    policy = [part.strip() for part in headers["content-security-policy"].split(";")]
    assert policy[0] == "default-src 'none'"
    assert policy[-1] == "sandbox allow-same-origin", "and no scripts, forms or windows"
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers
    assert "content-range" not in headers


@pytest.mark.parametrize(
    ("ranged", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-", 0, None),
        ("bytes=10-19", 10, 20),
        (f"bytes={PIECE - 5}-{2 * PIECE + 5}", PIECE - 5, 2 * PIECE + 6),
        ("bytes=2000490-9999999999", 2_000_490, None),
        ("bytes=-7", len(FILM) - 7, None),
        ("bytes=-9999999999", 0, None),
        ("BYTES=1-2", 1, 3),
    ],
)
async def test_a_part_of_a_file(both: Shelf, ranged: str, start: int, end: int | None) -> None:
    link = await both.put()
    answer = await both.http.get(link, headers={"Range": ranged})
    end = end or len(FILM)
    assert (answer.status_code, answer.content == FILM[start:end]) == (206, True)
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(FILM)}"
    assert answer.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("ranged", [f"bytes={len(FILM)}-", "bytes=999999999-9999999999", "bytes=-0"])
async def test_a_part_that_is_not_there(shelf: Shelf, ranged: str) -> None:
    link = await shelf.put()
    answer = await shelf.http.get(link, headers={"Range": ranged})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(FILM)}")
    assert answer.json()["detail"] == f"The file ends before this range begins: it has {len(FILM)} bytes."


@pytest.mark.parametrize(
    "ranged",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=0-1,3-4",
        "lines=1-2",
        "bytes=a-b",
        "bytes=１-２",
        "bytes=-1-2",
        "bytes=1 - 2",
        "bytes=" + "9" * 5_000 + "-",
    ],
)
async def test_what_is_no_range_is_ignored(shelf: Shelf, ranged: str) -> None:
    assert asked(ranged, 100) is None
    if ranged.isascii():
        answer = await shelf.http.get(await shelf.put(b"%PDF", "application/pdf"), headers={"Range": ranged})
        assert (answer.status_code, answer.content) == (200, b"%PDF")


async def test_a_range_on_a_condition_that_cannot_hold(shelf: Shelf) -> None:
    headers = {"Range": "bytes=0-1", "If-Range": '"some-other-version"'}
    answer = await shelf.http.get(await shelf.put(b"content"), headers=headers)
    assert (answer.status_code, answer.content) == (200, b"content")


async def test_only_the_headers(shelf: Shelf) -> None:
    link = await shelf.put()
    whole, head = await shelf.http.get(link), await shelf.http.head(link, headers={"Range": "bytes=0-4"})
    assert (head.status_code, head.content) == (200, b"")
    told = {name: value for name, value in whole.headers.items() if name != "date"}
    assert {name: value for name, value in head.headers.items() if name != "date"} == told
    assert (await shelf.http.head(link + "0")).status_code == 403
    assert (await shelf.http.post(link)).status_code == 405


@pytest.mark.parametrize(
    ("media_type", "title", "disposition"),
    [
        ("image/png", "image.png", "inline; filename=\"image.png\"; filename*=UTF-8''image.png"),
        ("audio/mp4", "voice.m4a", "inline; filename=\"voice.m4a\"; filename*=UTF-8''voice.m4a"),
        ("application/pdf", "file.pdf", "attachment; filename=\"file.pdf\"; filename*=UTF-8''file.pdf"),
        (
            "application/pdf",
            'Žofie "x"; a\r\n.pdf',
            "attachment; filename=\"Zofie-x-a-.pdf\"; filename*=UTF-8''%C5%BDofie%20%22x%22%3B%20a%0D%0A.pdf",
        ),
    ],
)
async def test_what_is_shown_and_what_is_saved(shelf: Shelf, media_type: str, title: str, disposition: str) -> None:
    answer = await shelf.http.get(await shelf.put(b"content", media_type, title))
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["content-disposition"] == disposition


# Who may read ---------------------------------------------------------------------------------------------------------


async def test_whatever_is_changed_in_a_link_closes_it(shelf: Shelf) -> None:
    link = await shelf.put()
    assert (await shelf.http.get(link)).status_code == 200
    path, _, signature = link.partition("&signature=")
    other = signed_path("another-key-of-sixteen", "ab12", "film.mp4", NOW + timedelta(days=1))
    for changed in (
        path,
        path.partition("?")[0],
        f"{path}&signature=",
        f"{path}&signature={signature[:-1]}",
        f"{path}&signature={'0' * 64}",
        f"{path}&signature=%C5%BE%00",
        link.replace("ab12", "ab13"),
        link.replace("film.mp4", "film.exe"),
        link.replace("film.mp4", "..%2Ffilm.mp4"),
        link.replace("expires=", "expires=9"),
        link.replace("expires=", "expires=x"),
        other,
    ):
        answer = await shelf.http.get(changed)
        assert answer.status_code in (403, 404), changed
        assert answer.headers["content-type"] == "application/problem+json"
        assert signature not in answer.text
    assert (await shelf.http.get(path)).json()["detail"].startswith("This link is not as Switchboard made it.")


async def test_a_link_expires(shelf: Shelf) -> None:
    link = await shelf.put()
    shelf.now = NOW + timedelta(days=1, seconds=-1)
    assert (await shelf.http.get(link)).status_code == 200
    shelf.now = NOW + timedelta(days=1)
    answer = await shelf.http.get(link)
    assert (answer.status_code, answer.json()["detail"][:22]) == (410, "This link has expired.")
    assert (await shelf.http.get(link.replace("expires=", "expires=9"))).status_code == 403


async def test_what_is_not_there(shelf: Shelf) -> None:
    unknown = signed_path(KEY, "cd34", "film.mp4", NOW + timedelta(days=1))
    assert (await shelf.http.get(unknown)).status_code == 404
    async with shelf.database.begin() as session:
        new = NewAttachment(id="cd34", account="17841", customer="anna", type="image", title="image")
        await keep(session, replace(new, location="17841/cd34", reason="it is not stored yet"))
    await shelf.files.put("17841/cd34", b"half")
    assert (await shelf.http.get(unknown)).status_code == 404


async def test_an_erased_customer_has_no_files(shelf: Shelf) -> None:
    link = await shelf.put()
    async with shelf.database.begin() as session:
        [location] = await forget(session, "17841", "anna")
        await shelf.files.delete(location)
    answer = await shelf.http.get(link)
    assert (answer.status_code, answer.json()["detail"]) == (404, "This file was deleted.")


async def test_a_file_that_is_only_in_the_database(both: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    link = await both.put()
    await both.files.delete("17841/ab12")
    assert (await both.http.get(link)).status_code == 404
    assert "in the database and not in the storage: there is no file 17841/ab12" in caplog.text
    assert "signature" not in "".join(one.getMessage() for one in caplog.records if one.name.startswith("api"))


async def test_a_storage_that_is_away(
    parts: Parts, serve: Any, free_port: Callable[[], int], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    there = Files(f"file://{tmp_path}")
    async with _shelf(parts, serve, there) as shelf:
        link = await shelf.put()
    for away in (buckets.files(f"http://127.0.0.1:{free_port()}"), None):
        async with _shelf(parts, serve, there, files=away) as shelf:
            answer = await shelf.http.get(link, timeout=30)
            assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert "files cannot be read" in caplog.text
    assert buckets.SECRET not in caplog.text


async def test_links_and_keys_are_in_no_log(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    link = await shelf.put()
    for address in (link, link + "0"):
        await shelf.http.get(address)
    # The test's own client logs addresses, and so does the server's access log, which `python -m api` turns off.
    others = ("httpx", "httpcore", "uvicorn.access")
    told = [one.getMessage() for one in caplog.records if not one.name.startswith(others)]
    assert told
    assert link.partition("signature=")[2] not in "".join(told)
    assert KEY not in "".join(told)


async def test_the_route_is_described(shelf: Shelf) -> None:
    described = (await shelf.http.get("/openapi.json")).json()["paths"]["/attachments/{id}/{title}"]
    assert set(described) == {"get"}
    assert described["get"]["summary"] == "Read an attachment"
    assert {"200", "206", "403", "404", "410", "416", "503"} <= set(described["get"]["responses"])
    assert [one["name"] for one in described["get"]["parameters"]] == ["id", "title", "expires", "signature", "Range"]


# A browser ------------------------------------------------------------------------------------------------------------

RECORD = """async () => {
    const canvas = document.body.appendChild(document.createElement("canvas"));
    const pen = canvas.getContext("2d");
    const recorder = new MediaRecorder(canvas.captureStream(20), {mimeType: "video/webm"});
    const pieces = [];
    recorder.ondataavailable = event => pieces.push(event.data);
    recorder.start();
    for (let turn = 0; turn < 10; turn++) {
        pen.fillStyle = turn % 2 ? "red" : "blue";
        pen.fillRect(0, 0, 99, 99);
        await new Promise(done => setTimeout(done, 40));
    }
    recorder.stop();
    await new Promise(done => recorder.onstop = done);
    const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
    return btoa(String.fromCharCode(...bytes));
}"""


@pytest.mark.browser
async def test_a_browser_shows_pictures_and_films_and_runs_nothing(shelf: Shelf, page: Page) -> None:
    address = str(shelf.http.base_url).rstrip("/")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))

    await page.goto(address + await shelf.put(png(), "image/png", "image.png"))
    assert await page.locator("img").evaluate("image => [image.naturalWidth, image.complete]") == [1, True]

    await page.goto("about:blank")
    film = base64.b64decode(await page.evaluate(RECORD))
    assert media_type_of(film, "video") == "video/webm"
    await page.goto(address + await shelf.put(film, "video/webm", "film.webm", id="film"))
    await page.wait_for_function("document.querySelector('video').readyState === 4")
    assert said == []

    script = b"\x89PNG\r\n\x1a\n<html><script>document.title = 'ran'</script></html>"
    await page.goto(address + await shelf.put(script, "image/png", "image.png", id="script"))
    assert await page.title() != "ran"
    with pytest.raises(Error, match="Download is starting"):
        await page.goto(address + await shelf.put(script, "text/html", "page.html", id="page"))
