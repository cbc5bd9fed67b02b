"""Invitations to authorise a connector: links that carry their own permission, signed and limited in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, Signer, URLSafeSerializer

LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class Invitation:
    """Whoever has it may authorise this connector until then, in the name of its author."""

    connector: str
    author: str
    until: datetime


def invite(key: str, connector: str, author: str, now: datetime) -> str:
    """The invitation as a piece of an address."""
    until = (now + LASTS).isoformat()
    return _serializer(key).dumps({"connector": connector, "author": author, "until": until})  # pyright: ignore[reportReturnType]


def opened(key: str, written: str, now: datetime) -> Invitation | None:
    """The invitation, where the key made it and it has not run out."""
    try:
        told = _serializer(key).loads(written)
    except BadSignature:
        return None
    invitation = Invitation(told["connector"], told["author"], datetime.fromisoformat(told["until"]))
    return invitation if now < invitation.until else None


def signed_state(key: str, id: str) -> str:
    """The `state` that goes through Meta's dialog and back."""
    return _signer(key).sign(id).decode()


def state(key: str, written: str) -> str | None:
    """The id in a state that the key has signed."""
    try:
        return _signer(key).unsign(written).decode()
    except (BadSignature, UnicodeDecodeError):
        return None


def _serializer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="switchboard invitation")


def _signer(key: str) -> Signer:
    return Signer(key, salt="switchboard oauth state")
