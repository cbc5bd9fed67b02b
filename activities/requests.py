"""Carries out a `request`: secrets filled in at the last moment, and whatever happens is an answer (SPEC 3)."""

import codecs
import html
import json
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity

from activities.web import LIMIT, Answer, Web, WebError
from routing.documents import DEPTH, depth, strict_json
from routing.messages import RequestAnswered, SendRequest
from routing.templates import with_secrets
from store.columns import storable
from store.database import Database
from store.secrets import Vault, VaultError, get_secrets

HISTORY_LIMIT = 1_500_000
"""The most bytes of an answer as JSON: Temporal takes 2 MB at most, and encryption adds a third."""
_log = logging.getLogger(__name__)


class Requests:
    """The requests of decision trees."""

    def __init__(self, database: Database, vault: Vault, web: Web) -> None:
        self._database = database
        self._vault = vault
        self._web = web

    @activity.defn(name="request")
    async def request(self, command: SendRequest) -> RequestAnswered:
        """What the web answers; never raises: a request that fails is an answer with `ok` false and an `error`.

        `ok` is any 2xx. `body` is JSON as data, other content as text, and None when it is empty. A text over
        `web.LIMIT` bytes is cut and `error` says so; JSON cannot be cut, so that one fails. No secret stands in the
        result, also where the answer repeats one: `secrets.<name>` takes its place.
        """
        try:
            secrets = await self._secrets(command)
        except _Missing as error:
            return RequestAnswered(ok=False, error=str(error))
        hide = _hidden(secrets)
        try:
            answer = await self._send(command, secrets)
        except WebError as error:
            return RequestAnswered(ok=False, error=hide(str(error)))
        return _answered(answer, hide)

    async def _secrets(self, command: SendRequest) -> Mapping[str, str]:
        """The secrets that the request names; raises _Missing when one cannot be had."""
        if not command.secrets:
            return {}
        try:
            async with self._database.begin() as session:
                secrets = await get_secrets(session, self._vault, command.secrets)
        except VaultError as error:
            raise _Missing(f"the request's secrets cannot be read: {error}") from None
        except SQLAlchemyError:
            _log.exception("the secrets of the request at %s cannot be read", command.path)
            raise _Missing("the request's secrets cannot be read: the database does not answer") from None
        missing = [f"`secrets.{name}`" for name in command.secrets if not secrets.get(name)]
        if missing:
            raise _Missing(f"the request needs {', '.join(missing)}: enter a secret of that name")
        return secrets

    async def _send(self, command: SendRequest, secrets: Mapping[str, str]) -> Answer:
        body = _filled(command.body, secrets)
        headers = {"Accept": "application/json, */*;q=0.5", "Idempotency-Key": command.key}
        match body:
            case None:
                content = b""
            case str():
                content = body.encode("utf-8", "replace")
                headers["Content-Type"] = "text/plain; charset=utf-8"
            case _:
                content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
                headers["Content-Type"] = "application/json"
        authored = {name: with_secrets(text, secrets) for name, text in command.headers.items()}
        written = {name.lower() for name in authored}
        return await self._web.send(
            command.method,
            with_secrets(command.url, secrets, url=True),
            {name: text for name, text in headers.items() if name.lower() not in written} | authored,
            content,
            timeout=command.timeout,
            secret_content=body != command.body,
        )


class _Missing(Exception):
    """A secret that the request needs cannot be had; the sentence names it and says what to do."""


# Secrets --------------------------------------------------------------------------------------------------------------


def _filled(body: Any, secrets: Mapping[str, str]) -> Any:
    match body:
        case str():
            return with_secrets(body, secrets)
        case dict():
            return {key: _filled(item, secrets) for key, item in body.items()}
        case list() | tuple():
            return [_filled(item, secrets) for item in body]
        case _:
            return body


def _hidden(secrets: Mapping[str, str]) -> Callable[[str], str]:
    """A function that puts the names of secrets where a text holds their values, in each form that they travel in."""
    names: dict[str, str] = {}
    for name, secret in secrets.items():
        escaped = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], html.escape(secret))
        for form in (secret, secret.strip(), quote(secret, safe=""), quote_plus(secret), *escaped):
            names.setdefault(form.lower(), f"secrets.{name}")
    names.pop("", None)
    if not names:
        return lambda text: text
    # The longest first, so that no piece of a secret stays behind another one that it begins with.
    forms = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))), re.IGNORECASE)
    return lambda text: forms.sub(lambda found: names.get(found[0].lower(), "secrets"), text)


def _without(found: Any, hide: Callable[[str], str]) -> Any:
    match found:
        case str():
            return hide(found)
        case bool() | None:
            return found
        case int() | float():
            shown = hide(str(found))
            return found if shown == str(found) else shown
        case dict():
            return {hide(key): _without(item, hide) for key, item in found.items()}
        case _:
            return [_without(item, hide) for item in found]


# Answers --------------------------------------------------------------------------------------------------------------

_CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]{1,40})", re.IGNORECASE)
# Python knows codecs that are no charsets, and some that are slow on purpose-made texts.
_SAFE_CODEC = re.compile(r"ascii|utf-(8|16|32)(-sig|-le|-be)?|iso8859-\d+|cp\d+|koi8-\w|big5|gb\w+|euc_\w+|shift_jis")


def _answered(answer: Answer, hide: Callable[[str], str]) -> RequestAnswered:
    media = answer.headers.get("content-type", "").lower()
    body, error = _body(answer.content, media, answer.cut)
    ok = 200 <= answer.status < 300 and not (error and body is None)
    body = _without(storable(body), hide)
    if error is None and not ok:
        error = f"answered {answer.status}"
    answered = RequestAnswered(ok=ok, status=answer.status, body=body, error=error)
    if len(answered.model_dump_json().encode()) > HISTORY_LIMIT:
        error = "the answer is too large to keep: ask for less of it"
        return RequestAnswered(ok=False, status=answer.status, error=error)
    return answered


def _body(content: bytes, media: str, cut: bool) -> tuple[Any, str | None]:
    """The answer as data or text, and what is wrong with it."""
    if not content:
        return None, None
    text = content.decode(_charset(media), "replace")
    declared = "json" in media.partition(";")[0]
    if cut:
        limit = f"the answer is longer than {LIMIT} bytes"
        return (None, f"{limit}: ask for less of it") if declared else (text, f"{limit}, and was cut")
    # A text that happens to be a number stays a text: `0042` and `1042` are of one kind.
    if declared or text.lstrip().startswith(("{", "[")):
        try:
            found = strict_json(text)
        except (ValueError, RecursionError):
            return text, "the answer says that it is JSON and is not, so it was kept as text" if declared else None
        if depth(found) > DEPTH:
            return None, f"the answer is nested more than {DEPTH} levels deep: ask for less of it"
        return found, None
    return text, None


def _charset(media: str) -> str:
    named = _CHARSET.search(media)
    if named is None:
        return "utf-8-sig"
    try:
        codec = codecs.lookup(named[1]).name
    except LookupError:
        return "utf-8-sig"
    return codec if _SAFE_CODEC.fullmatch(codec) and codec != "utf-8" else "utf-8-sig"
