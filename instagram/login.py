"""Authorising accounts, whichever flavour: the dialog, what can be connected, and how long tokens live (facts 3)."""

from instagram.candidates import AccountKind, Candidate, Flavour, Token, TokenState
from instagram.complaints import LoginError, denied
from instagram.instagram_login import InstagramLogin
from instagram.page_login import PageLogin

__all__ = [
    "AccountKind",
    "Candidate",
    "Flavour",
    "InstagramLogin",
    "LoginError",
    "PageLogin",
    "Token",
    "TokenState",
    "denied",
]
