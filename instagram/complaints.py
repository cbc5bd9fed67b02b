"""What went wrong with an authorisation, in sentences for people."""

import re
from collections.abc import Mapping, Sequence

from instagram.errors import SendError
from instagram.text import clean, shortened


class LoginError(Exception):
    """A step of an authorisation that failed: a sentence for people.

    `retry`: nothing is wrong with what was asked, so it may go through later (time-out, 5xx, a rate limit). After a
    failed `candidates` that means from the dialog on, since a code is good for one try.
    """

    def __init__(self, reason: str, retry: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry


def denied(query: Mapping[str, str]) -> str | None:
    """Why the dialog sent the person back without a code; None where it did not say so (facts 3.1).

    `query` is that of the redirect. Its words are anybody's: show them as text.
    """
    error = query.get("error") or query.get("error_code") or query.get("error_type")
    if not error:
        return None
    if error == "access_denied" or query.get("error_reason") == "user_denied":
        return "The login was cancelled, so nothing was connected: begin again, and allow what is asked for."
    told = query.get("error_description") or query.get("error_message") or query.get("error_reason") or error
    return f"Meta ended the login: {_quoted(told)}. {_cure(told, None)}"


def refusal(error: SendError, what: str, redirect_uri: str | None = None) -> LoginError:
    """What a failed call means to the person who logs in; `what` says what was tried, as “the code was exchanged”."""
    if error.outcome in ("retry", "unknown"):
        wait = f"in {error.retry_after / 60:.0f} minutes" if error.retry_after else "in a few minutes"
        return LoginError(f"Meta could not answer when {what}: {_numbered(error)}. Try again {wait}.", True)
    cure = f"{error.act[0].upper()}{error.act[1:]}." if error.act else _cure(error.message, redirect_uri)
    return LoginError(f"Meta refused when {what}: {_numbered(error)}. {cure}", False)


def unreadable(what: str, lacking: str) -> LoginError:
    """An answer that lacks what it must have."""
    return LoginError(f"Meta's answer when {what} has no {lacking}. Begin the login again.", True)


def unticked(lacking: Sequence[str]) -> str:
    """These permissions were not given."""
    were = "permission {} was" if len(lacking) == 1 else "permissions {} were"
    return f"The {were.format(', '.join(lacking))} not given: begin again, and leave everything ticked."


# Meta gives these no number of their own (facts 3), so its words must tell.
_CURES = (
    (
        r"client secret|platform app|client_id|invalid app",
        "Check that app id and app secret belong together and to this kind of login: Instagram Login has a pair of "
        "its own.",
    ),
    (r"redirect", "Enter the redirect address{redirect} in the App Dashboard, letter for letter."),
    (r"\bcode\b", "Begin the login again: a code works once, and for an hour."),
    (r"scope|permission", "Check in the App Dashboard that the app has these permissions."),
)


def _cure(told: str, redirect_uri: str | None) -> str:
    for pattern, cure in _CURES:
        if re.search(pattern, told, re.IGNORECASE):
            return cure.format(redirect=f" {redirect_uri}" if redirect_uri else "")
    return "Begin the login again."


def _numbered(error: SendError) -> str:
    return _quoted(str(error).replace(error.message, _quoted(error.message), 1))


def _quoted(told: str) -> str:
    return shortened(" ".join(clean(told).split()), 300).rstrip(".")
