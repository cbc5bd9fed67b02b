"""A server on a socket that speaks S3, for what stores files in a bucket."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from store.files import Files

KEY = "the-access-key-of-the-bucket"
SECRET = "the-secret-key-of-the-bucket"
REGION = "us-east-1"


@contextmanager
def serving(port: int) -> Iterator[str]:
    """A server with an empty bucket `files`; gives its address."""
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    try:
        address = f"http://127.0.0.1:{port}"
        client(address).create_bucket(Bucket="files")
        yield address
    finally:
        server.stop()


def client(address: str) -> Any:
    """Another program that speaks S3, to look into the buckets."""
    return boto3.client(
        "s3", endpoint_url=address, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name=REGION
    )


def files(address: str, url: str = "s3://files/some/prefix") -> Files:
    """Our own view of them."""
    return Files(url, endpoint=address, region=REGION, access_key=KEY, secret_key=SECRET)
