"""What a failed Graph call means for the message, the person and the account."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Literal, cast

Outcome = Literal["retry", "message", "person", "account", "unknown"]

# The table of facts 2.4. A subcode is looked up first, being the more exact; then the code.
_SUBCODES: dict[Outcome, tuple[int, ...]] = {
    "unknown": (1357046, 1545133, 99),
    "retry": (2534040, 2018352, 2534037, 2018300, 2018321),
    "message": (
        *(2534022, 2018278, 2534044, 2018276, 2018065),  # outside the window
        *(2534015, 2018047, 2018074, 2018109, 2018294, 2018008, 2018014),  # parameter, media type, size, fetching
        *(33, 2534025, 2534001),  # object missing, comment answered already, thread archived
    ),
    "person": (2018108, 1545041, 2018001, 2534014),
    "account": (
        *(2018344, 1893063, 2534029, 2207050, 2022, 2534077),  # terms, restrictions, link and two-factor problems
        *(2534013, 2534041, 2018028),  # page not linked, messages switched off, not reviewed
        *(458, 459, 460, 463, 464, 467, 492),  # the token is dead
    ),
}
_CODES: dict[Outcome, tuple[int, ...]] = {
    "unknown": (1, 2, -1, -2),
    "retry": (4, 9, 17, 32, 341, 613, 80001, 80002, 80006),
    "message": (100, 2500, 9000001),
    "person": (551, 230, 9010),
    "account": (3, 10, 25, 27, 102, 104, 190, 200, 368, 458, 459, 460, 463, 464, 467, 492, 2022, 36103),
}
_WINDOW = frozenset({2534022, 2018278, 2534044, 2018276, 2018065})
_BY_SUBCODE: dict[int, Outcome] = {number: outcome for outcome, numbers in _SUBCODES.items() for number in numbers}
_BY_CODE: dict[int, Outcome] = {number: outcome for outcome, numbers in _CODES.items() for number in numbers}
_TOKEN = re.compile(r"\b(?:EAA|IGAA|IGQ)[\w-]{6,}")


class SendError(Exception):
    """A Graph call that gave no good answer.

    `outcome` says what to do: "retry" (surely not delivered, may be repeated after `retry_after` seconds),
    "message" (never repeat this one), "person" (this customer cannot be reached), "account" (pause the account: token,
    permission or restriction), "unknown" (may have been delivered: look before repeating).
    `window` is True where the message came outside the 24-hour window.
    """

    def __init__(
        self,
        outcome: Outcome,
        message: str,
        *,
        code: int | None = None,
        subcode: int | None = None,
        retry_after: float | None = None,
        window: bool = False,
    ) -> None:
        numbers = "/".join(str(number) for number in (code, subcode) if number is not None)
        super().__init__(f"{message} ({numbers})" if numbers else message)
        self.outcome: Outcome = outcome
        self.message = message
        self.code = code
        self.subcode = subcode
        self.retry_after = retry_after
        self.window = window


def outcome_of(status: int, body: bytes, headers: Mapping[str, str], token: str | None = None) -> SendError | None:
    """The error that an HTTP answer of the Graph API is, or None for a good one; an error inside a 200 is an error.

    `headers` must be readable in any case, as httpx's are. Meta sometimes quotes the token back: `token`, and what
    looks like one, is left out of the message.
    """
    answer = _object(body)
    error = answer.get("error") if answer is not None else None
    if not isinstance(error, dict):
        return _without_envelope(status, answer, headers)
    told = cast("dict[str, Any]", error)
    code, subcode = _number(told.get("code")), _number(told.get("error_subcode"))
    message = str(told.get("message") or "no reason given")
    message = _TOKEN.sub("(token)", message.replace(token, "(token)") if token else message)
    outcome = _outcome(status, code, subcode, message, transient=told.get("is_transient") is True)
    return SendError(
        outcome,
        message,
        code=code,
        subcode=subcode,
        retry_after=_retry_after(headers) if outcome == "retry" else None,
        window=subcode in _WINDOW,
    )


def _outcome(status: int, code: int | None, subcode: int | None, message: str, *, transient: bool) -> Outcome:
    # Instagram Login says this of an account that has no role on the app yet (facts 2.4), with a plain 100.
    if code == 100 and message.startswith("Unsupported request - method type"):
        return "account"
    if subcode is not None and subcode in _BY_SUBCODE:
        return _BY_SUBCODE[subcode]
    if code is not None and code in _BY_CODE:
        return _BY_CODE[code]
    if status == 429:
        return "retry"
    return "unknown" if transient or status >= 500 else "message"


def _without_envelope(status: int, answer: dict[str, Any] | None, headers: Mapping[str, str]) -> SendError | None:
    match status:
        case _ if 200 <= status < 300:
            return None if answer is not None else SendError("unknown", f"HTTP {status} with an answer that is no JSON")
        case 401:
            return SendError("account", "HTTP 401 without a reason: the access token was refused")
        case 429:
            return SendError("retry", "HTTP 429 without a reason", retry_after=_retry_after(headers))
        case _ if 400 <= status < 500:
            return SendError("message", f"HTTP {status} without a reason")
        case _:
            return SendError("unknown", f"HTTP {status} without a reason")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds until calls are allowed again: Retry-After, else Meta's own header, which counts minutes."""
    waits = [_float(headers.get("Retry-After"))]
    usage = _object((headers.get("X-Business-Use-Case-Usage") or "").encode()) or {}
    for uses in usage.values():
        for use in cast("list[Any]", uses) if isinstance(uses, list) else []:
            minutes = use.get("estimated_time_to_regain_access") if isinstance(use, dict) else None
            waits.append((_float(minutes) or 0) * 60)
    return max((wait for wait in waits if wait), default=None)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        decoded = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", decoded) if isinstance(decoded, dict) else None


def _number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _float(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and number >= 0 else None
