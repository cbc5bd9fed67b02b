"""What customers send is fetched, checked and stored, once, and whatever else comes says why it is not."""

import asyncio
import gzip
import logging
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import ActivityEnvironment

from activities.attachments import Attachments
from activities.downloads import Limits
from activities.web import Web
from routing import chatbots
from routing.configuration import Chatbot
from routing.conversation import Customer, opened
from routing.messages import Attachment, CustomerMessage
from routing.records import Keeping, Kept
from store.attachments import attachment, attachment_id, attachments_of, forget, forget_message
from store.database import Database
from store.files import Files, FilesError
from tests.activities.samples import EXE, HTML, JPEG, KEPT, PDF, png
from tests.activities.servers import serving

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
QUICK = Limits(pause=timedelta(seconds=0.05))


@dataclass
class Host:
    """Where Instagram's links lead: does what the path says, and remembers what was asked for."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    open: int = 0
    most: int = 0
    streamed: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self.answer)])

    async def answer(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            return await self._answer(request)
        finally:
            self.open -= 1

    async def _answer(self, request: Request) -> Response:
        match request.url.path.split("/")[1:]:
            case ["sample", number, *_]:
                return Response(KEPT[int(number)][0], headers={"content-type": "application/octet-stream"})
            case ["png", *_]:
                return Response(png(), headers={"content-type": "image/png"})
            case ["pdf", *_]:
                return Response(PDF)
            case ["picture", size]:
                return Response(png(int(size)))
            case ["sized", size]:
                return Response(PDF + bytes(int(size) - len(PDF)))
            case ["streamed", size]:
                return StreamingResponse(self._streamed(int(size)))
            case ["bomb"]:
                return Response(_bomb(), headers={"content-encoding": "gzip"})
            case ["status", status]:
                return Response(png(), int(status))
            case ["once", status]:
                return Response(png(), int(status) if self.asked.count(request.url.path) == 1 else 200)
            case ["pause", seconds, *_]:
                await asyncio.sleep(float(seconds))
                return Response(png())
            case ["to"]:
                return RedirectResponse(request.query_params["url"])
            case ["program.jpg"]:
                return Response(EXE, headers={"content-type": "image/jpeg"})
            case ["wrong.png"]:
                return Response(JPEG, headers={"content-type": "text/html"})
            case ["reel"]:
                return Response(HTML, headers={"content-type": "text/html; charset=utf-8"})
            case ["page"]:
                return Response(b"no beginning of a page", headers={"content-type": "Text/HTML"})
            case _:
                return Response(b"")

    async def _streamed(self, size: int) -> AsyncIterator[bytes]:
        for at in range(0, size, 500_000):
            self.streamed = at
            yield (PDF if at == 0 else b"").ljust(min(500_000, size - at), b"x")
            await asyncio.sleep(0)


@lru_cache
def _bomb() -> bytes:
    return gzip.compress(PDF + bytes(200_000_000))


@dataclass
class Desk:
    """The activity at work: a host to fetch from, a folder to store in, a real store, and a clock of links."""

    host: Host
    database: Database
    files: Files
    folder: Path
    limits: Limits = QUICK
    web: Web | None = None
    beats: int = 0

    @property
    def attachments(self) -> Attachments:
        return Attachments(
            self.database, self.files, self.web or Web([f"127.0.0.1:{self.host.port}"]), self.link, self.limits
        )

    def link(self, id: str, title: str) -> str:
        return f"https://switchboard.example.com/{id}/{title}"

    async def keep(self, *messages: CustomerMessage, by: Attachments | None = None) -> tuple[CustomerMessage, ...]:
        environment = ActivityEnvironment()
        environment.on_heartbeat = self._beat
        keeping = Keeping(conversation="igdm_1", account="17841", customer="anna", messages=messages)
        kept = await environment.run((by or self.attachments).keep_attachments, keeping)
        assert isinstance(kept, Kept)
        return kept.messages

    def _beat(self, *_: Any) -> None:
        self.beats += 1

    async def one(self, path: str, kind: str = "file", **more: Any) -> Attachment:
        """What becomes of one attachment at a path of the host."""
        [kept] = await self.keep(message("m:1", Attachment(type=kind, url=self.host.url + path, **more)))
        return kept.attachments[0]

    def stored(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()
        }


def message(key: str, *attachments: Attachment, **more: Any) -> CustomerMessage:
    return CustomerMessage(key=key, at=NOON, mid=key[2:], attachments=attachments, **more)


@pytest.fixture
async def host(anyio_backend: str) -> AsyncIterator[Host]:
    host = Host()
    async with serving(host.app) as host.port:
        yield host


@pytest.fixture
async def desk(host: Host, database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    database = Database(database_url)
    yield Desk(host, database, Files(f"file://{tmp_path}/files"), tmp_path / "files")
    await database.close()


# What is kept ---------------------------------------------------------------------------------------------------------


async def test_every_type_is_stored_and_linked(desk: Desk) -> None:
    sent = [
        Attachment(type=kind, url=f"{desk.host.url}/sample/{number}") for number, (_, kind, _, _) in enumerate(KEPT)
    ]
    [kept] = await desk.keep(message("m:1", *sent, text="look"))
    assert (kept.key, kept.text, kept.at) == ("m:1", "look", NOON)
    for place, (one, (content, kind, media_type, ending)) in enumerate(zip(kept.attachments, KEPT, strict=True)):
        id = attachment_id("m:1", place)
        assert (one.type, one.kind, one.size, one.reason) == (media_type, kind, len(content), None)
        assert (one.title or "").endswith(ending)
        assert one.url == f"https://switchboard.example.com/{id}/{one.title}"
        assert await desk.files.read(f"17841/{id}") == content
    assert len(desk.stored()) == len(KEPT)


async def test_what_the_store_knows_of_it(desk: Desk) -> None:
    await desk.one("/png", "story_mention", title="Hello")
    async with desk.database.begin() as session:
        [row] = await attachments_of(session, ["m:1"])
    assert (row.account, row.customer, row.conversation, row.message) == ("17841", "anna", "igdm_1", "m:1")
    assert (row.type, row.title, row.media_type, row.size) == ("story_mention", "Hello.png", "image/png", len(png()))
    assert (row.location, row.reason) == (f"17841/{row.id}", None)


async def test_several_messages_and_a_story_at_once(desk: Desk) -> None:
    def sent(name: str) -> Attachment:
        return Attachment(type="image", url=f"{desk.host.url}/{name}")

    story = Attachment(type="story", url=f"{desk.host.url}/png/story")
    first, second, third = await desk.keep(
        message("m:1", sent("png/1"), sent("status/404"), sent("pdf")),
        message("m:2", text="only words"),
        message("m:3", story=story, text="a reply", reply_to="MID"),
    )
    assert [one.type for one in first.attachments] == ["image/png", "image", "application/pdf"]
    assert [one.title for one in first.attachments] == ["image.png", None, "image-3.pdf"]
    assert second == message("m:2", text="only words")
    assert third.story is not None
    assert (third.story.type, third.story.kind, third.story.title) == ("image/png", "story", "story.png")
    assert (third.text, third.reply_to, third.attachments) == ("a reply", "MID", ())
    assert desk.beats >= 1


async def test_what_a_chatbot_is_sent(desk: Desk) -> None:
    kept = [await desk.one("/pdf/the%20bill.pdf"), await desk.one("/status/404", "image")]
    bot = Chatbot.model_validate(
        {
            "title": "B",
            "url": "https://bot.example.com",
            "fallback": {"type": "queue", "name": "q"},
            "send_attachments": True,
        }
    )
    talk = opened(name="igdm_1", connector="c", account="1", customer=Customer(id="anna"), at=NOON)
    body = chatbots.body(bot, talk, {}, {}, key="m:1", at=NOON, attachments=kept)
    assert body["attachments"][0] == {
        "link": kept[0].url,
        "title": "the bill.pdf",
        "type": "application/pdf",
        "size": str(len(PDF)),
    }
    assert set(body["attachments"][1]) == {"link", "title", "type", "size"}


async def test_the_answer_travels_through_a_history(desk: Desk) -> None:
    kept = Kept(messages=await desk.keep(message("m:1", Attachment(type="image", url=f"{desk.host.url}/png"))))
    payloads = await pydantic_data_converter.encode([kept])
    assert await pydantic_data_converter.decode(payloads, [Kept]) == [kept]
    untouched = Attachment(type="image", url="u").model_dump_json()
    assert untouched == '{"type":"image","url":"u","title":null,"size":null}'


async def test_from_the_simulator(world: Any, tmp_path: Path) -> None:
    answer = await world.simulator.post("/control/media", content=png(), headers={"Content-Type": "image/png"})
    url = answer.json()["url"]
    desk = Desk(Host(), world.database, Files(f"file://{tmp_path}"), tmp_path, web=Web([urlsplit(url).netloc]))
    [kept] = await desk.keep(message("m:1", Attachment(type="image", url=url)))
    assert (kept.attachments[0].type, kept.attachments[0].size) == ("image/png", len(png()))
    assert list(desk.stored().values()) == [png()]


# Once -----------------------------------------------------------------------------------------------------------------


async def test_a_repeated_run_fetches_nothing_that_is_stored(desk: Desk) -> None:
    sent = message(
        "m:1",
        Attachment(type="image", url=f"{desk.host.url}/png"),
        Attachment(type="image", url=f"{desk.host.url}/once/404"),
    )
    [first] = await desk.keep(sent)
    assert first.attachments[1].reason == "the link has expired"
    [again] = await desk.keep(sent)
    assert again.attachments[0] == first.attachments[0]
    assert (again.attachments[1].type, again.attachments[1].reason) == ("image/png", None)
    assert desk.host.asked == ["/png", "/once/404", "/once/404"]
    assert await desk.keep(first) == (again,), "what was kept already comes out the same"
    assert await desk.keep(again) == (again,)
    assert len(desk.host.asked) == 3
    assert len(desk.stored()) == 2


async def test_two_runs_at_once(desk: Desk) -> None:
    sent = message("m:1", Attachment(type="image", url=f"{desk.host.url}/pause/0.2"))
    first, second = await asyncio.gather(desk.keep(sent), desk.keep(sent))
    assert first == second
    assert list(desk.stored().values()) == [png()]


async def test_a_run_that_was_cut_off_before_the_end(desk: Desk, free_port: Callable[[], int]) -> None:
    working = desk.files
    desk.files = Files(
        "s3://bucket", endpoint=f"http://127.0.0.1:{free_port()}", access_key="access-key", secret_key="secret-key"
    )
    sent = message(
        "m:1",
        Attachment(type="image", url=f"{desk.host.url}/png"),
        Attachment(type="image", url=f"{desk.host.url}/reel"),
    )
    with pytest.raises(FilesError, match="files cannot be written"):
        await desk.keep(sent)
    async with desk.database.begin() as session:
        waiting = await attachment(session, attachment_id("m:1", 0))
    assert waiting is not None
    assert (waiting.size, waiting.reason) == (None, "it is not stored yet")
    assert waiting.location == f"17841/{waiting.id}", "so that a customer who is erased meanwhile leaves no file behind"
    desk.files = working
    [kept] = await desk.keep(sent)
    assert [one.type for one in kept.attachments] == ["image/png", "image"]


@pytest.mark.parametrize("what", ["customer", "message"])
async def test_what_is_deleted_while_it_is_fetched_leaves_nothing(desk: Desk, what: str) -> None:
    class Interrupted(Files):
        async def put(self, location: str, content: bytes) -> None:
            await super().put(location, content)
            async with desk.database.begin() as session:
                gone = forget(session, "17841", "anna") if what == "customer" else forget_message(session, "1")
                assert await gone == [location]

    desk.files = Interrupted(f"file://{desk.folder}")
    kept = await desk.one("/png", "image")
    assert (kept.url, kept.reason) == (None, "it was deleted meanwhile")
    assert desk.stored() == {}
    async with desk.database.begin() as session:
        assert await session.scalar(text("SELECT count(*) FROM attachments")) == 0


# How many and how long ------------------------------------------------------------------------------------------------


def _slow(desk: Desk, key: str, seconds: float, count: int) -> CustomerMessage:
    paths = (f"/pause/{seconds}/{key}/{number}" for number in range(count))
    return message(key, *(Attachment(type="image", url=desk.host.url + path) for path in paths))


async def test_only_so_many_at_once(desk: Desk) -> None:
    desk.limits = Limits(together=3, of_worker=5)
    attachments = desk.attachments
    first = await desk.keep(_slow(desk, "m:1", 0.1, 4), _slow(desk, "m:2", 0.1, 4), by=attachments)
    assert (desk.host.most, len(desk.host.asked)) == (3, 8)
    assert all(one.size for kept in first for one in kept.attachments)
    calls = [desk.keep(_slow(desk, f"m:c{number}", 0.1, 3), by=attachments) for number in range(4)]
    await asyncio.gather(*calls)
    assert (desk.host.most, len(desk.host.asked)) == (5, 20)


async def test_what_does_not_begin_in_time_is_left(desk: Desk) -> None:
    desk.limits = Limits(together=1, call=timedelta(seconds=0.4), each=timedelta(seconds=5))
    [kept] = await desk.keep(_slow(desk, "m:1", 0.25, 4))
    reasons = [one.reason for one in kept.attachments]
    assert reasons[0] is None
    assert reasons[-1] == "it took too long, with all that came together"
    assert len(desk.host.asked) < 4


async def test_each_file_has_a_time_of_its_own(desk: Desk) -> None:
    desk.limits = Limits(each=timedelta(seconds=0.4))
    began = asyncio.get_running_loop().time()
    kept = await desk.one("/pause/30", "image")
    assert kept.reason == "`127.0.0.1` did not answer within 0.4 s"
    assert asyncio.get_running_loop().time() - began < 3
    assert len(desk.host.asked) == 1, "there was no time for another try"


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
async def test_what_may_pass_is_tried_twice(desk: Desk, status: int) -> None:
    assert (await desk.one(f"/once/{status}")).type == "image/png"
    assert len(desk.host.asked) == 2
    [failed] = await desk.keep(message("m:2", Attachment(type="image", url=f"{desk.host.url}/status/{status}")))
    assert failed.attachments[0].reason == f"`127.0.0.1` answered {status}"
    assert len(desk.host.asked) == 4


# What is not kept -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/status/404", "the link has expired"),
        ("/status/410", "the link has expired"),
        ("/status/403", "`127.0.0.1` refuses the link, which may have expired"),
        ("/status/401", "`127.0.0.1` answered 401"),
        ("/status/206", "`127.0.0.1` answered 206"),
        ("/empty", "it is empty"),
        ("/reel", "the link leads to a page and not to a file"),
        ("/page", "the link leads to a page and not to a file"),
        ("/program.jpg", "its bytes are of no type that is kept: images, audio, video and PDF are"),
        ("/picture/8000000", "it is an image larger than 8 MB"),
        ("/sized/25000001", "it is larger than 25 MB"),
        ("/streamed/26000000", "it is larger than 25 MB"),
        ("/bomb", "it is larger than 25 MB"),
    ],
)
async def test_what_is_not_kept_says_why(desk: Desk, path: str, reason: str) -> None:
    kept = await desk.one(path, "video", title="A title")
    assert kept == Attachment(type="video", kind="video", title="A title", reason=reason)
    assert desk.host.asked == [path], "once, since trying again changes nothing"
    assert desk.stored() == {}
    async with desk.database.begin() as session:
        row = await attachment(session, attachment_id("m:1", 0))
    assert row is not None
    assert (row.reason, row.location, row.size, row.title) == (reason, None, None, "A title")


@pytest.mark.parametrize(("path", "size"), [("/sized/25000000", 25_000_000), ("/picture/7999000", None)])
async def test_what_is_just_small_enough_is_kept(desk: Desk, path: str, size: int | None) -> None:
    kept = await desk.one(path)
    assert kept.reason is None
    assert kept.size == (size or len(png(7_999_000)))


async def test_a_file_without_a_length_is_not_read_to_its_end(desk: Desk) -> None:
    assert (await desk.one("/streamed/90000000")).reason == "it is larger than 25 MB"
    assert desk.host.streamed < 60_000_000


async def test_the_bytes_count_and_not_what_is_said_of_them(desk: Desk) -> None:
    kept = await desk.one("/wrong.png", "image", title="wrong.png")
    assert (kept.type, kept.title) == ("image/jpeg", "wrong.png.jpg")


@pytest.mark.parametrize(
    ("sent", "reason", "link"),
    [
        ({"type": "ephemeral"}, "Instagram shows it once, in its app only", False),
        ({"type": "ephemeral", "url": "{host}/png"}, "Instagram shows it once, in its app only", False),
        ({"type": "unsupported_type"}, "Instagram does not hand it out", False),
        ({"type": "unsupported"}, "Instagram does not hand it out", False),
        ({"type": "fallback", "url": "{host}/png"}, "it is a link that the customer shared", False),
        ({"type": "image"}, "Instagram sent no link to it", False),
        ({"type": "image", "url": ""}, "Instagram sent no link to it", False),
        ({"type": "image", "url": "http://[::1/"}, "its link cannot be read", False),
        ({"type": "ig_reel", "url": "https://www.instagram.com/reel/C1/"}, "it is a page on instagram.com", True),
        ({"type": "share", "url": "https://instagram.com/p/C1/?igsh=1"}, "it is a page on instagram.com", True),
        ({"type": "share", "url": "http://www.instagram.com/p/C1/"}, "it is a page on instagram.com", False),
        ({"type": "share", "url": "https://a:b@instagram.com/p/C1/"}, "it is a page on instagram.com", False),
        ({"type": "share", "url": "https://instagram.com:8443/p/C1/"}, "it is a page on instagram.com", False),
        ({"type": "share", "url": "https://instagram.com@127.0.0.1/p/"}, "the address has a user or password", False),
        ({"type": "share", "url": "ftp://files.invalid/p/C1/"}, "the address does not begin with https://", False),
        ({"type": "share", "url": "https://notinstagram.invalid/"}, "`notinstagram.invalid` cannot be found", False),
        ({"type": "share", "url": "https://instagram.com.invalid/"}, "`instagram.com.invalid` cannot be found", False),
    ],
)
async def test_what_has_no_file(desk: Desk, sent: dict[str, str], reason: str, link: bool) -> None:
    url = sent.get("url", "").replace("{host}", desk.host.url) or sent.get("url")
    [kept] = await desk.keep(message("m:1", Attachment(type=sent["type"], url=url)))
    [one] = kept.attachments
    assert (one.reason or "").startswith(reason)
    assert one.url == (url if link else None)
    assert (one.type, one.kind) == (sent["type"], sent["type"])
    assert desk.host.asked == []


# Private addresses ----------------------------------------------------------------------------------------------------


async def test_a_private_address_is_refused(desk: Desk) -> None:
    desk.web = Web()
    kept = await desk.one("/png?token=hush", "image")
    assert kept.url is None
    assert (kept.reason or "").startswith("`127.0.0.1` is at an address that is not public")
    assert (desk.host.asked, desk.stored()) == ([], {})


@pytest.mark.parametrize("target", ["http://localhost:{port}/png", "http://169.254.169.254/latest/meta-data/"])
async def test_a_redirect_to_a_private_address_is_refused(desk: Desk, target: str) -> None:
    kept = await desk.one(f"/to?url={target.format(port=desk.host.port)}", "image")
    assert "is at an address that is not public" in (kept.reason or "")
    assert (desk.host.asked, desk.stored()) == (["/to"], {})
    assert (await desk.one(f"/to?url={desk.host.url}/png", "image")).type == "image/png"


async def test_no_link_is_ever_logged(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for name in ("activities", "store", "temporalio", "sqlalchemy"):
        caplog.set_level(logging.DEBUG, logger=name)
    paths = ("png?", "status/404?", "status/503?", "reel?", "to?url=http://10.0.0.1/hush&", "to?url=ftp://hush&")
    sent = [
        Attachment(type="image", url=f"{desk.host.url}/{path}signature=hush", title="a customer's words")
        for path in paths
    ]
    [kept] = await desk.keep(message("m:1", *sent))
    assert "hush" not in kept.model_dump_json()
    assert len([one for one in kept.attachments if one.reason]) == 5
    await desk.attachments.keep_picture("17841", "anna", f"{desk.host.url}/reel?signature=hush")
    assert "was not kept: the link has expired" in caplog.text
    assert "hush" not in caplog.text
    ours = [one.getMessage() for one in caplog.records if one.name.startswith(("activities", "store"))]
    assert "a customer's words" not in "".join(ours)


# Pictures -------------------------------------------------------------------------------------------------------------


async def test_a_picture_and_the_next_one(desk: Desk) -> None:
    attachments = desk.attachments
    first = await attachments.keep_picture("17841", "anna", f"{desk.host.url}/png")
    assert first is not None
    assert first.startswith("picture-")
    assert await attachments.keep_picture("17841", "anna", f"{desk.host.url}/png/elsewhere") == first
    his = await attachments.keep_picture("17841", "petr", f"{desk.host.url}/png")
    assert his != first
    async with desk.database.begin() as session:
        row = await attachment(session, first)
    assert row is not None
    assert (row.type, row.title, row.media_type, row.message) == ("picture", "picture.png", "image/png", None)
    second = await attachments.keep_picture("17841", "anna", f"{desk.host.url}/wrong.png")
    assert set(desk.stored()) == {f"17841/{second}", f"17841/{his}"}
    async with desk.database.begin() as session:
        assert await attachment(session, first) is None
        assert await forget(session, "17841", "anna") == [f"17841/{second}"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/status/404", "the link has expired"),
        ("/reel", "the link leads to a page and not to a file"),
        ("/pdf", "it is no picture but application/pdf"),
        ("/empty", "it is empty"),
        ("/status/503", r"`127\.0\.0\.1` answered 503"),
        ("/pause/30", r"it took too long|`127\.0\.0\.1` did not answer within 0\.5 s"),
    ],
)
async def test_a_picture_that_cannot_be_had(
    desk: Desk, path: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    began = asyncio.get_running_loop().time()
    url = desk.host.url + path
    assert await desk.attachments.keep_picture("17841", "anna", url, within=timedelta(seconds=0.5)) is None
    assert asyncio.get_running_loop().time() - began < 2
    told = next(one.getMessage() for one in caplog.records if one.name == "activities.attachments")
    assert re.fullmatch(f"the picture of customer anna of account 17841 was not kept: ({reason})", told)
    assert desk.stored() == {}


async def test_a_picture_while_the_database_or_the_storage_is_away(
    desk: Desk, free_port: Callable[[], int], caplog: pytest.LogCaptureFixture
) -> None:
    away = Database(f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
    attachments = Attachments(away, desk.files, Web(["127.0.0.1"]), desk.link)
    assert await attachments.keep_picture("17841", "anna", f"{desk.host.url}/png") is None
    await away.close()
    desk.files = Files(
        "s3://bucket", endpoint=f"http://127.0.0.1:{free_port()}", access_key="access-key", secret_key="secret-key"
    )
    within = timedelta(seconds=20)
    assert await desk.attachments.keep_picture("17841", "anna", f"{desk.host.url}/png", within=within) is None
    assert "files cannot be written" in caplog.text
