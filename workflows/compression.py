"""Large payloads go to Temporal compressed, since it takes 2 MB at most; small ones stay readable in its UI."""

import zlib
from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

LARGE = 64 * 1024
"""Bytes from which a payload is compressed: answers of requests and large configurations."""
ENCODING = b"binary/zlib"


class Compression(PayloadCodec):
    """Compresses what is large."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [_packed(payload) if len(payload.data) >= LARGE else payload for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload.FromString(zlib.decompress(payload.data))
            if payload.metadata.get("encoding") == ENCODING
            else payload
            for payload in payloads
        ]


def _packed(payload: Payload) -> Payload:
    return Payload(metadata={"encoding": ENCODING}, data=zlib.compress(payload.SerializeToString(), level=6))
