"""What Meta posts when somebody removes the app or wants their data deleted: a signed request (facts 1.7)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from instagram.values import decoded, end, identifier, string


class SignedRequest(BaseModel):
    """Whom a signed request is about, by the id that the app knows them under; `issued_at` is None where not told."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    user_id: str
    issued_at: datetime | None
    algorithm: str


def opened(signed_request: str, secrets: Sequence[str]) -> SignedRequest:
    """The request, if it was signed with any of the app secrets: base64url(HMAC-SHA256), a dot, base64url(JSON).

    Raises ValueError, which says what is wrong, for every other text; without a secret for each.
    """
    signature, dot, payload = signed_request.partition(".")
    if not dot or not signature or not payload:
        raise ValueError("a signature, a dot and a payload are expected")
    sent, content = _bytes(signature, "signature"), _bytes(payload, "payload")
    matches = [
        hmac.compare_digest(sent, hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest())
        for secret in secrets
        if secret
    ]
    if not any(matches):
        raise ValueError("it was signed with none of the app secrets that are set here")
    try:
        told = decoded(content)
    except ValueError as error:
        raise ValueError("the payload is no JSON") from error
    if not isinstance(told, dict):
        raise ValueError("the payload is no object")
    algorithm = string(told.get("algorithm")) or ""
    if algorithm.upper() != "HMAC-SHA256":
        raise ValueError(f"the algorithm is {algorithm[:40]!r}; HMAC-SHA256 is expected")
    user = identifier(told.get("user_id"))
    if user is None:
        raise ValueError("it names no user_id")
    return SignedRequest(user_id=user, issued_at=end(told.get("issued_at")), algorithm=algorithm)


def _bytes(text: str, what: str) -> bytes:
    """Base64 with - and _, and without the padding that Meta leaves out."""
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ValueError(f"the {what} is no base64url") from error
