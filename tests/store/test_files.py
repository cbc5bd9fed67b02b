"""Files in a folder, and in a bucket of a server that speaks S3."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store.files import PIECE, Files, FilesError
from tests import buckets
from tests.buckets import KEY, SECRET

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def endpoint(free_port: Callable[[], int]) -> Iterator[str]:
    with buckets.serving(free_port()) as address:
        yield address


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    if request.param == "folder":
        return Files(f"file://{tmp_path}/files")
    return buckets.files(request.getfixturevalue("endpoint"), f"s3://files/{tmp_path.name}")


async def test_what_is_put_can_be_read(files: Files) -> None:
    content = bytes(range(256)) * 8_000
    await files.put("1784/a_B-1", content)
    assert await files.read("1784/a_B-1") == content
    assert await files.read("1784/a_B-1", 256, 260) == b"\x00\x01\x02\x03"
    assert await files.read("1784/a_B-1", len(content) - 2) == b"\xfe\xff"
    assert await files.read("1784/a_B-1", len(content) - 2, len(content) + 9) == b"\xfe\xff"
    assert [one async for one in files.list("1784")] == ["1784/a_B-1"]


async def test_pieces(files: Files) -> None:
    content = os.urandom(2 * PIECE + 10)
    await files.put("1/film", content)
    whole = [one async for one in files.pieces("1/film", 0, len(content))]
    assert (b"".join(whole), [len(one) for one in whole]) == (content, [PIECE, PIECE, 10])
    assert [one async for one in files.pieces("1/film", PIECE - 1, PIECE + 1)] == [content[PIECE - 1 : PIECE + 1]]


async def test_a_later_file_takes_the_place_of_an_earlier_one(files: Files) -> None:
    await files.put("1/one", b"a longer one")
    await files.put("1/one", b"short")
    assert await files.read("1/one") == b"short"
    assert [one async for one in files.list("1")] == ["1/one"]


async def test_a_reader_never_sees_half_a_file(files: Files) -> None:
    sizes = (3_000_000, 5_000_000)
    await files.put("1/one", bytes([0]) * sizes[0])

    async def write() -> None:
        for turn in range(6):
            await files.put("1/one", bytes([turn]) * sizes[turn % 2])

    writing = asyncio.create_task(write())
    while not writing.done():
        seen = await files.read("1/one")
        assert len(seen) in sizes
        assert len(set(seen)) == 1
    await writing


async def test_what_is_not_there(files: Files) -> None:
    with pytest.raises(FileNotFoundError, match="there is no file 1/none"):
        await files.read("1/none")
    with pytest.raises(FileNotFoundError):
        await files.read("1/none", 0, 5)
    with pytest.raises(FileNotFoundError):
        await anext(files.pieces("1/none", 0, 5))
    await files.delete("1/none")
    assert [one async for one in files.list("1")] == []


async def test_a_file_that_ends_earlier(files: Files) -> None:
    await files.put("1/one", b"four")
    with pytest.raises(FilesError, match="files cannot be read"):
        await files.read("1/one", 4, 8)


async def test_deleting_touches_nothing_else(files: Files) -> None:
    for location in ("1/a", "1/ab", "12/a"):
        await files.put(location, b"x")
    await files.delete("1/a")
    await files.delete("1/a")
    assert [one async for one in files.list("1")] == ["1/ab"]
    assert [one async for one in files.list("12")] == ["12/a"]


@pytest.mark.parametrize(
    "location", ["", "a", "a/", "/a", "a/b/c", "../a", "a/..", "a/b.png", "a b/c", "a/\x00", "ž/a", "a/%2e%2e", "a/b\n"]
)
async def test_no_strangers_words_in_a_location(files: Files, location: str) -> None:
    for work in (files.put(location, b"x"), files.read(location), files.delete(location)):
        with pytest.raises(ValueError, match="letters, digits"):
            await work


# A folder -------------------------------------------------------------------------------------------------------------


async def test_a_folder_is_made_and_is_nobody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await Files(f"file://{tmp_path}/not%20yet/there").put("1/a", b"x")
    folder = tmp_path / "not yet/there"
    assert (folder / "1/a").read_bytes() == b"x"
    assert folder.stat().st_mode & 0o777 == 0o700
    monkeypatch.chdir(tmp_path)
    await Files("file://.data/files").put("1/a", b"y")
    assert (tmp_path / ".data/files/1/a").read_bytes() == b"y"


async def test_what_was_written_is_there_for_the_next_process(tmp_path: Path) -> None:
    await Files(f"file://{tmp_path}").put("1/a", b"x")
    assert await Files(f"FILE://{tmp_path}/").read("1/a") == b"x"


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FilesError, match=r"the folder .*/file cannot be written \(.+\): give this user the right"):
        Files(f"file://{tmp_path}/file")


async def test_a_folder_that_is_gone_meanwhile_is_made_again(tmp_path: Path) -> None:
    files = Files(f"file://{tmp_path}/files")
    (tmp_path / "files").rmdir()
    await files.put("1/a", b"x")
    (tmp_path / "files/1/a").unlink()
    (tmp_path / "files/1").rmdir()
    (tmp_path / "files/1").write_text("in the way")
    with pytest.raises(FilesError, match="files cannot be written"):
        await files.put("1/a", b"x")


# A bucket -------------------------------------------------------------------------------------------------------------


async def test_files_lie_under_the_prefix(endpoint: str) -> None:
    await buckets.files(endpoint).put("1/a", b"x" * 6_000_000)
    found = buckets.client(endpoint).get_object(Bucket="files", Key="some/prefix/1/a")
    assert found["ContentLength"] == 6_000_000
    assert "-" not in found["ETag"], "it came in one piece"


async def test_a_bucket_that_is_not_there(endpoint: str) -> None:
    files = buckets.files(endpoint, "s3://no-such-bucket")
    with pytest.raises(FilesError, match="files cannot be written: the bucket is not there"):
        await files.put("1/a", b"x")
    with pytest.raises(FilesError, match="files cannot be listed"):
        await anext(files.list("1"))


async def test_a_storage_that_is_away_is_told_soon_and_tells_no_key(free_port: Callable[[], int]) -> None:
    files = buckets.files(f"http://127.0.0.1:{free_port()}")
    began = asyncio.get_running_loop().time()
    with pytest.raises(FilesError, match="files cannot be written") as caught:
        await files.put("1/a", b"x")
    assert asyncio.get_running_loop().time() - began < 20
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(files)


async def test_a_storage_that_repeats_the_keys_when_it_refuses(anyio_backend: str) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        said = f'<?xml version="1.0"?>\n<Error><Code>InvalidAccessKeyId</Code>\n<Id>{KEY}</Id>{SECRET}</Error>'.encode()
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(said), said))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        files = buckets.files(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(
            FilesError, match=r"403 Forbidden: <Error><Code>InvalidAccessKeyId</Code> <Id>…</Id>…"
        ) as told:
            await files.put("1/a", b"x")
    assert KEY not in str(told.value)
    assert SECRET not in str(told.value)


@pytest.mark.parametrize(
    ("url", "options", "said"),
    [
        ("", {}, "neither file:// nor s3://"),
        ("ftp://host/folder", {}, "neither file:// nor s3://"),
        ("/folder", {}, "neither file:// nor s3://"),
        ("file:relative", {}, "neither file:// nor s3://"),
        ("file://", {}, "names no folder"),
        ("file:///", {}, "names no folder"),
        ("s3://", {}, "not followed by the name of a bucket"),
        ("s3:///prefix", {}, "not followed by the name of a bucket"),
        ("s3://key:hush@bucket", {}, "not followed by the name of a bucket"),
        ("s3://Bucket", {}, "not followed by the name of a bucket"),
        ("s3://bucket/a b", {}, "the prefix behind the bucket"),
        ("s3://bucket/a//b", {}, "the prefix behind the bucket"),
        ("s3://bucket", {"endpoint": "storage.example.com"}, "endpoint begins with neither"),
        ("s3://bucket", {"access_key": "us"}, "give both, or neither"),
        ("s3://bucket", {"secret_key": "hush"}, "give both, or neither"),
    ],
)
def test_a_wrong_address_is_told_in_a_sentence(url: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(FilesError, match=said) as caught:
        Files(url, **options)
    assert "hush" not in str(caught.value)
