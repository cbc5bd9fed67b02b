"""Deauthorise and data deletion callbacks: nobody but Meta can make one."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instagram.signed_requests import SignedRequest, opened

SECRET = "app-s3cret"
TOLD = {"algorithm": "HMAC-SHA256", "issued_at": 1772366400, "user_id": "122000000000001"}


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(told: Any, secret: str = SECRET) -> str:
    payload = encoded(told if isinstance(told, bytes) else json.dumps(told).encode())
    return f"{encoded(hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest())}.{payload}"


def test_a_request_of_meta() -> None:
    expected = SignedRequest(
        user_id="122000000000001", issued_at=datetime(2026, 3, 1, 12, tzinfo=UTC), algorithm="HMAC-SHA256"
    )
    assert opened(signed(TOLD), [SECRET]) == expected
    assert opened(signed(TOLD), ["", "another", SECRET]) == expected
    assert opened(signed({**TOLD, "user_id": 122000000000001}), [SECRET]) == expected
    assert opened(signed({**TOLD, "algorithm": "hmac-sha256", "expires": 0}), [SECRET]).algorithm == "hmac-sha256"
    assert opened(signed({**TOLD, "issued_at": None}), [SECRET]).issued_at is None


def test_a_known_one() -> None:
    """Made apart from this code, so that both cannot be wrong in the same way."""
    request = (
        "dqWNa1QSmJylZHjFEU86zfoqQyX1l6b_guMes3Sl_30."
        "eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc3MjM2NjQwMCwidXNlcl9pZCI6IjEifQ"
    )
    assert opened(request, ["secret"]).user_id == "1"


@pytest.mark.parametrize(
    ("request_", "secrets", "reason"),
    [
        (signed(TOLD), [], "none of the app secrets"),
        (signed(TOLD), [""], "none of the app secrets"),
        (signed(TOLD, ""), [""], "none of the app secrets"),
        (signed(TOLD), ["another"], "none of the app secrets"),
        (signed(TOLD) + "AAAA", [SECRET], "none of the app secrets"),
        (signed(TOLD).split(".")[0] + "." + encoded(b'{"user_id": "1"}'), [SECRET], "none of the app secrets"),
        (signed({**TOLD, "algorithm": "none"}), [SECRET], "'none'; HMAC-SHA256 is expected"),
        (signed({"user_id": "1"}), [SECRET], "HMAC-SHA256 is expected"),
        (signed({**TOLD, "user_id": ""}), [SECRET], "no user_id"),
        (signed({**TOLD, "user_id": {}}), [SECRET], "no user_id"),
        (signed([TOLD]), [SECRET], "no object"),
        (signed(b"junk"), [SECRET], "payload is no JSON"),
        (signed(b"\xff\xfe"), [SECRET], "payload is no JSON"),
        (signed(b"[" * 100_000), [SECRET], "payload is no JSON"),
        ("", [SECRET], "are expected"),
        ("a", [SECRET], "are expected"),
        (".", [SECRET], "are expected"),
        ("e30.\ud800", [SECRET], "payload is no base64url"),
        ("é.e30", [SECRET], "signature is no base64url"),
        ("!.e30", [SECRET], "signature is no base64url"),
    ],
)
def test_everything_else_is_refused(request_: str, secrets: list[str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as error:
        opened(request_, secrets)
    assert SECRET not in str(error.value)


@given(st.text(), st.lists(st.text(st.characters(codec="utf-8")), max_size=2))
def test_no_text_is_a_request(text: str, secrets: list[str]) -> None:
    with pytest.raises(ValueError, match=r"(expected|base64url|app secrets that are set here)$"):
        opened(text, secrets)
