"""Where files lie: a folder of this machine, or a bucket of an S3-compatible storage."""

import re
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

if TYPE_CHECKING:
    from obstore.store import S3Config

PIECE = 1_000_000
"""Bytes that are read at once: each piece is a request of its own, so that a slow reader breaks no time-out."""


class FilesError(Exception):
    """The storage cannot be opened or does not do its work: a sentence with the cure, and without any key."""


class Files:
    """A storage of whole files, each under a location `<account>/<id>` that is made by us.

    `url` is `file:///folder` (made where it is missing; a relative folder counts from where the process runs) or
    `s3://bucket/prefix`. The other arguments are about S3: the `endpoint` of a storage that is not Amazon's, also
    without TLS, the bucket's `region`, and the pair of keys; without them the usual `AWS_…` variables or the machine's
    role count. Raises FilesError for a wrong url or option, and for a folder that cannot be written.
    """

    def __init__(
        self, url: str, *, endpoint: str = "", region: str = "", access_key: str = "", secret_key: str = ""
    ) -> None:
        # A storage may repeat the keys when it refuses them. A very short one would blot out other words.
        self._secrets = [secret for secret in (access_key, secret_key) if len(secret) >= 8]
        scheme, _, rest = url.partition("://")
        match scheme.lower():
            case "file":
                self._store = LocalStore(_folder(rest))
            case "s3":
                if bool(access_key) != bool(secret_key):
                    raise FilesError("only one of access key and secret key is given: give both, or neither")
                self._store = _bucket(rest, endpoint, region, access_key, secret_key)
            case _:
                raise FilesError("the files' address begins with neither file:// nor s3://: write one of them")

    async def put(self, location: str, content: bytes) -> None:
        """Write a file whole, in place of one that is there: readers see the old or the new one. Raises FilesError."""
        try:
            # In one piece, since parts of an upload that was cut off would lie in the bucket, unseen, for ever.
            await self._store.put_async(_checked(location), content, use_multipart=False)
        except FileNotFoundError:
            raise FilesError("files cannot be written: the bucket is not there, make it or correct its name") from None
        except (BaseError, OSError) as error:
            raise self._told(error, "written") from None

    async def read(self, location: str, start: int = 0, end: int | None = None) -> bytes:
        """The file's bytes from `start` up to, but without, `end`; what lies beyond its end is left out.

        Raises FileNotFoundError where there is none, and FilesError also when it ends before `start`.
        """
        try:
            if end is None:
                found = await self._store.get_async(
                    _checked(location), options={"range": {"offset": start}} if start else {}
                )
                return bytes(await found.bytes_async())
            return bytes(await self._store.get_range_async(_checked(location), start=start, end=end))
        except FileNotFoundError:
            raise FileNotFoundError(f"there is no file {location}") from None
        except (BaseError, OSError) as error:
            raise self._told(error, "read") from None

    async def pieces(self, location: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The same bytes in pieces of at most PIECE; errors as in `read`, so the first piece tells of most of them."""
        for at in range(start, end, PIECE):
            yield await self.read(location, at, min(at + PIECE, end))

    async def delete(self, location: str) -> None:
        """Delete a file; one that is not there is deleted already. Raises FilesError."""
        try:
            with suppress(FileNotFoundError):
                await self._store.delete_async(_checked(location))
        except (BaseError, OSError) as error:
            raise self._told(error, "deleted") from None

    async def list(self, account: str) -> AsyncIterator[str]:
        """The locations of all files of an account, in no order. Raises FilesError."""
        try:
            async for found in self._store.list(_name(account)):
                for one in found:
                    yield one["path"]
        except (BaseError, OSError) as error:
            raise self._told(error, "listed") from None

    def _told(self, error: Exception, what: str) -> FilesError:
        """What the library says, without its insides behind that, the storage's XML prologue, and any key."""
        said = str(error).partition("Debug source")[0]
        said = " ".join(re.sub(r"<\?xml.*?\?>", "", said).split()) or type(error).__name__
        for secret in self._secrets:
            said = said.replace(secret, "…")
        return FilesError(f"files cannot be {what}: {said[:400]}; check the storage and its settings")


# Locations ------------------------------------------------------------------------------------------------------------

_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("a location is made of letters, digits, - and _ alone: nothing that a stranger wrote")
    return text


def _checked(location: str) -> str:
    account, _, id = location.partition("/")
    return f"{_name(account)}/{_name(id)}"


# Storages -------------------------------------------------------------------------------------------------------------

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")


def _folder(path: str) -> Path:
    if not path.strip("/"):
        raise FilesError("file:// names no folder: write it as file:///folder")
    folder = Path(unquote(path)).absolute()
    try:
        # Customers' files are nobody else's on this machine.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise FilesError(
            f"the folder {folder} cannot be written ({error.strerror}): give this user the right"
        ) from None
    return folder


def _bucket(rest: str, endpoint: str, region: str, access_key: str, secret_key: str) -> S3Store:
    bucket, _, prefix = rest.rstrip("/").partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise FilesError("s3:// is not followed by the name of a bucket: write it as s3://bucket/prefix")
    if prefix and not _PREFIX.fullmatch(prefix):
        raise FilesError("the prefix behind the bucket has other characters than letters, digits, . _ - and /")
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise FilesError("the storage's endpoint begins with neither https:// nor http://: write the whole address")
    config: S3Config = {}
    if endpoint:
        config["endpoint"] = endpoint
    if region:
        config["region"] = region
    if access_key:
        config |= {"access_key_id": access_key, "secret_access_key": secret_key}
    try:
        return S3Store(
            bucket,
            prefix=prefix or None,
            config=config,
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=3),
                "timeout": timedelta(seconds=20),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=10)},
        )
    except (BaseError, ValueError):
        raise FilesError("the S3 storage's options do not fit together: check endpoint, region and keys") from None
