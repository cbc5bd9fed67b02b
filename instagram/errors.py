"""What a failed Graph call means for the message, the person and the account."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from instagram.meanings import MEANINGS, Meaning, Outcome, meaning_of

__all__ = ["MEANINGS", "Meaning", "Outcome", "SendError", "Usage", "outcome_of", "table", "usage_of"]

_TOKEN = re.compile(r"\b(?:EAA|IGAA|IGQ)[\w-]{6,}")


class SendError(Exception):
    """A Graph call that gave no good answer.

    `outcome` says what to do: "retry" (surely not delivered, may be repeated after `retry_after` seconds),
    "message" (never repeat this one), "person" (this customer cannot be reached), "account" (pause the account: token,
    permission or restriction), "unknown" (may have been delivered: look before repeating).
    `window` is True where the message came outside the 24-hour window, `throttled` where too much was asked in too
    short a time. `meaning` is the row of the table that decided, None where none fits.
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
        throttled: bool = False,
        meaning: Meaning | None = None,
    ) -> None:
        numbers = "/".join(str(number) for number in (code, subcode) if number is not None)
        super().__init__(f"{message} ({numbers})" if numbers else message)
        self.outcome: Outcome = outcome
        self.message = message
        self.code = code
        self.subcode = subcode
        self.retry_after = retry_after
        self.window = window
        self.throttled = throttled
        self.meaning = meaning

    @property
    def act(self) -> str:
        """What a person has to do about it, as a clause; empty where nobody has to."""
        return self.meaning.act if self.meaning else ""

    @property
    def done(self) -> bool:
        """Whether what was asked for is so already: nothing to repeat and nothing to complain of."""
        return self.meaning is not None and self.meaning.done

    @property
    def most_tries(self) -> int | None:
        """So many calls at the most for one message, also where the record shows that it did not arrive."""
        return self.meaning.most_tries if self.meaning else None


@dataclass(frozen=True)
class Usage:
    """How much of its allowance an account or app has used, as Meta's headers tell (facts 2.3).

    `percentage` is the highest of the counts that Meta keeps; at 100 calls are refused. `regain_access` is the seconds
    until they are allowed again, None where they are allowed.
    """

    percentage: float
    regain_access: float | None = None


def outcome_of(
    status: int, body: bytes, headers: Mapping[str, str], token: str | None = None, *, secrets: Sequence[str] = ()
) -> SendError | None:
    """The error that an HTTP answer of Meta's is, or None for a good one; an error inside a 200 is an error.

    Understands the Graph API's envelope and that of api.instagram.com (facts 2.4). `headers` must be readable in any
    case, as httpx's are. Meta sometimes quotes the token back: `token`, `secrets` and what looks like a token are left
    out of the message.
    """
    answer = _object(body)
    told = _envelope(answer)
    if told is None:
        return _without_envelope(status, answer, headers)
    code, subcode = _number(told.get("code")), _number(told.get("error_subcode"))
    message = _without_secrets(str(told.get("message") or "no reason given"), [*secrets, token or ""])
    meaning = meaning_of(status, code, subcode, message)
    transient = told.get("is_transient") is True
    return _error(status, message, headers, meaning, code=code, subcode=subcode, transient=transient)


def usage_of(headers: Mapping[str, str]) -> Usage | None:
    """What an answer's headers say of the allowance; None where they say nothing that can be read."""
    uses = [*_business_uses(headers), _object((headers.get("X-App-Usage") or "").encode()) or {}]
    counts = [_float(use.get(name)) for use in uses for name in ("call_count", "total_cputime", "total_time")]
    told = [count for count in counts if count is not None]
    return Usage(max(told), _minutes(uses)) if told else None


def table() -> str:
    """Every error as a Markdown table: what `python -m instagram.errors` prints."""
    lines = ["| Error | Meaning | Outcome | What a person does |", "| --- | --- | --- | --- |"]
    for row in MEANINGS:
        numbers = "/".join(str(number) for number in (row.code, row.subcode) if number is not None)
        if row.status is not None:
            # Each status without a row of its own counts as the first of its hundred.
            numbers = f"HTTP {row.status // 100}xx" if row.status % 100 == 0 else f"HTTP {row.status}"
        name = " ".join(part for part in (numbers, f"“…{row.says}…”" if row.says else "") if part)
        flags = (("window", row.window), ("throttled", row.throttled), ("done", row.done))
        shown = [f"`{row.outcome}`", *(f"`{flag}`" for flag, is_set in flags if is_set)]
        shown += (
            ["at most 1 try" if row.most_tries == 1 else f"at most {row.most_tries} tries"] if row.most_tries else []
        )
        lines.append(f"| {name} | {row.meaning} | {', '.join(shown)} | {row.act or '–'} |")
    return "\n".join(lines)


def _envelope(answer: dict[str, Any] | None) -> dict[str, Any] | None:
    """What went wrong, in the words of the Graph API's envelope; None where the answer has no error in it."""
    if answer is None:
        return None
    error = answer.get("error")
    if isinstance(error, dict):
        return cast("dict[str, Any]", error)
    if "error_message" in answer or "error_type" in answer:
        # Its `code` is the HTTP status once more.
        return {"message": answer.get("error_message") or answer.get("error_type")}
    return {"message": answer.get("error_description") or error} if isinstance(error, str) and error else None


def _error(
    status: int,
    message: str,
    headers: Mapping[str, str],
    meaning: Meaning | None,
    *,
    code: int | None = None,
    subcode: int | None = None,
    transient: bool = False,
) -> SendError:
    unlisted = meaning is None or meaning.status == 400
    outcome: Outcome = "message" if meaning is None else meaning.outcome
    if unlisted and status == 429:
        outcome = "retry"
    elif unlisted and (transient or status >= 500):
        outcome = "unknown"
    return SendError(
        outcome,
        message,
        code=code,
        subcode=subcode,
        retry_after=_retry_after(headers) if outcome == "retry" else None,
        window=meaning is not None and meaning.window,
        throttled=status == 429 or (meaning is not None and meaning.throttled),
        meaning=meaning,
    )


def _without_envelope(status: int, answer: dict[str, Any] | None, headers: Mapping[str, str]) -> SendError | None:
    if 200 <= status < 300:
        return None if answer is not None else SendError("unknown", f"HTTP {status} with an answer that is no JSON")
    if status < 400:
        return SendError("unknown", f"HTTP {status}, which leads elsewhere")
    return _error(status, f"HTTP {status} without a reason", headers, meaning_of(status, None, None, ""))


def _without_secrets(message: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        # What is shorter is no secret, and may be part of any word.
        message = message.replace(secret, "(hidden)") if len(secret) >= 4 else message
    return _TOKEN.sub("(hidden)", message)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds until calls are allowed again: Retry-After, else Meta's own header, which counts minutes."""
    waits = [_float(headers.get("Retry-After")), _minutes(_business_uses(headers))]
    return max((wait for wait in waits if wait), default=None)


def _business_uses(headers: Mapping[str, str]) -> list[dict[str, Any]]:
    told = _object((headers.get("X-Business-Use-Case-Usage") or "").encode()) or {}
    lists = [cast("list[Any]", uses) for uses in told.values() if isinstance(uses, list)]
    return [use for uses in lists for use in uses if isinstance(use, dict)]


def _minutes(uses: Sequence[Mapping[str, Any]]) -> float | None:
    """The longest time to regain access, in seconds; Meta counts it in minutes."""
    waits = [(_float(use.get("estimated_time_to_regain_access")) or 0) * 60 for use in uses]
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
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


if __name__ == "__main__":
    print(table())
