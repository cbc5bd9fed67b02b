"""Authorising Instagram accounts without a Facebook Page, by Instagram's own login (facts 3.2)."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from urllib.parse import urlencode

import httpx

from instagram import subscriptions
from instagram.candidates import AccountKind, Candidate, Token, TokenState, utc_now
from instagram.complaints import LoginError, refusal, unreadable, unticked
from instagram.errors import SendError
from instagram.graph import Graph, answered, understood
from instagram.values import Json, flat, identifier, integer, listed, words

NEEDED = ("instagram_business_basic", "instagram_business_manage_messages")

LIFE = timedelta(days=60)
"""So long a token is good where Instagram does not say (facts 3.2)."""

_ME = "id,user_id,username,name,account_type,profile_picture_url"


class InstagramLogin:
    """Instagram's own login. Every call raises LoginError; the app's secret is in no message, no repr and no log.

    `dialog_url`, `token_url` and `graph_url` are addresses without version or path, as https://www.instagram.com,
    https://api.instagram.com and https://graph.instagram.com. `app_id` and `app_secret` are the *Instagram* app's.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        dialog_url: str,
        token_url: str,
        graph_url: str,
        version: str,
        app_id: str,
        app_secret: str,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._http = http
        self._dialog = f"{dialog_url.rstrip('/')}/oauth/authorize"
        self._exchange = f"{token_url.rstrip('/')}/oauth/access_token"
        self._graph_url = graph_url.rstrip("/")
        self._version = version
        self._app_id = app_id
        self._secret = app_secret
        self._now = now

    def __repr__(self) -> str:
        return f"InstagramLogin(app {self._app_id} at {self._graph_url})"

    def dialog(self, redirect_uri: str, state: str) -> str:
        """The address of the dialog. It has the person log in anew, so that they can choose another account."""
        query = {
            "client_id": self._app_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": ",".join(NEEDED),
            "state": state,
            "force_reauth": "true",
        }
        return f"{self._dialog}?{urlencode(query)}"

    async def candidates(self, code: str, redirect_uri: str) -> list[Candidate]:
        """The one account of who logged in; where it cannot be connected it says why in `refused`."""
        what = "the login was checked"
        try:
            short = await self._short(code.split("#")[0], redirect_uri)  # Instagram appends "#_".
            token = await self._token("access_token", "ig_exchange_token", short.token, client_secret=self._secret)
            me = await self._me(token.token)
        except SendError as error:
            raise refusal(error, what, redirect_uri) from error
        account = identifier(me.get("user_id"))
        if account is None:
            raise unreadable(what, "user_id")
        found = Candidate(
            account=account,
            flavour="login",
            username=words(me.get("username")),
            name=words(me.get("name")),
            picture=words(me.get("profile_picture_url")),
            token=token.token,
            token_expires_at=token.expires_at,
            authorised_by=identifier(me.get("id")),
            kind=_kind(me),
            scopes=token.scopes or short.scopes,
        )
        return [found.model_copy(update={"refused": " ".join(_objections(found, me)) or None})]

    async def subscribe(self, candidate: Candidate) -> None:
        """Has the account's events sent to the app."""
        try:
            await subscriptions.subscribe(self._graph(candidate.token), candidate.account, "login")
        except SendError as error:
            raise refusal(error, f"the account {candidate.username} was subscribed") from error

    async def unsubscribe(self, candidate: Candidate) -> None:
        """Stops the account's events."""
        try:
            await subscriptions.unsubscribe(self._graph(candidate.token), candidate.account)
        except SendError as error:
            raise refusal(error, f"the account {candidate.username} was unsubscribed") from error

    async def refreshed(self, token: str) -> Token:
        """A new token in place of one that is at least 24 hours old and has not expired; good for some 60 days."""
        try:
            return await self._token("refresh_access_token", "ig_refresh_token", token)
        except SendError as error:
            raise refusal(error, "the token was refreshed") from error

    async def inspect(self, token: str) -> TokenState:
        """Whether this token works, by reading the account itself: there is no other way (facts 3.2)."""
        try:
            me = await self._me(token)
        except SendError as error:
            if error.outcome != "account":
                raise refusal(error, "the token was checked") from error
            return TokenState(alive=False, reason=refusal(error, "the token was checked").reason)
        return TokenState(alive=True, kind=_kind(me), username=words(me.get("username")))

    async def _short(self, code: str, redirect_uri: str) -> Token:
        """The first token, good for an hour; Instagram answers in one of three shapes (facts 3.2)."""
        form = {
            "client_id": self._app_id,
            "client_secret": self._secret,
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
            "code": code,
        }
        response = await answered(self._http, "POST", self._exchange, form=form)
        return self._found(flat(understood(response, [self._secret, code])))

    async def _token(self, path: str, grant: str, token: str, **query: str) -> Token:
        # The version is missing from these addresses on purpose.
        response = await answered(
            *(self._http, "GET", f"{self._graph_url}/{path}"),
            query={"grant_type": grant, "access_token": token, **query},
        )
        return self._found(flat(understood(response, [self._secret, token])))

    def _found(self, told: Json) -> Token:
        token = words(told.get("access_token"))
        if token is None:
            raise unreadable("a token was asked for", "token")
        seconds = integer(told.get("expires_in"))
        lasts = LIFE if seconds is None else timedelta(seconds=seconds)
        return Token(token=token, expires_at=self._now() + lasts, scopes=listed(told.get("permissions")))

    async def _me(self, token: str) -> Json:
        return flat(await self._graph(token).call("GET", "me", {"fields": _ME}))

    def _graph(self, token: str) -> Graph:
        try:
            return Graph(self._http, base_url=self._graph_url, version=self._version, token=token, owner="the account")
        except ValueError as error:
            raise LoginError(f"{error}.", False) from None


def _kind(me: Json) -> AccountKind:
    """Compared in any case: Meta's pages spell it in several ways (facts 3.3)."""
    told = (words(me.get("account_type")) or "").casefold()
    return "creator" if "creator" in told else "business" if told == "business" else "unknown"


def _objections(found: Candidate, me: Json) -> Iterator[str]:
    if found.kind == "creator":
        yield (
            f"@{found.username} is a creator account, which cannot be connected: switch it to a business account in "
            "Instagram's settings (Account type and tools), then begin again."
        )
    if (words(me.get("account_type")) or "").casefold() == "personal":
        yield (
            f"@{found.username} is a personal account, which cannot be connected: switch it to a business account in "
            "Instagram's settings (Account type and tools), then begin again."
        )
    lacking = [scope for scope in NEEDED if found.scopes and scope not in found.scopes]
    if lacking:
        yield unticked(lacking)
