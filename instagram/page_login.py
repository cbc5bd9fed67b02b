"""Authorising Instagram accounts through the Facebook Pages they are linked to (facts 3.1)."""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from instagram import subscriptions
from instagram.candidates import Candidate, TokenState
from instagram.complaints import LoginError, refusal, unreadable, unticked
from instagram.errors import SendError
from instagram.graph import Graph, answered, understood
from instagram.meanings import meaning_of
from instagram.values import Json, end, identifier, integer, items, listed, member, words

NEEDED = ("instagram_basic", "instagram_manage_messages", "pages_manage_metadata", "pages_show_list")
# Without these, pages of a business portfolio are missing from the list, and some pages cannot be read.
ASKED = (*NEEDED, "business_management", "pages_read_engagement")
MOST_REQUESTS = 50  # Of 100 pages each: a list that is longer is a circle.

_PAGE = "id,name,access_token,tasks,instagram_business_account{id,username,name,profile_picture_url}"


class PageLogin:
    """The login with Facebook. Every call raises LoginError; the app's secret is in no message, no repr and no log.

    `dialog_url` and `graph_url` are addresses without version or path, as https://www.facebook.com. With `config_id`
    the dialog follows a configuration of Facebook Login for Business, which then names the permissions.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        dialog_url: str,
        graph_url: str,
        version: str,
        app_id: str,
        app_secret: str,
        config_id: str | None = None,
    ) -> None:
        self._http = http
        self._dialog = f"{dialog_url.rstrip('/')}/{version.strip('/')}/dialog/oauth"
        self._graph_url = graph_url
        self._version = version
        self._root = f"{graph_url.rstrip('/')}/{version.strip('/')}"
        self._app_id = app_id
        self._secret = app_secret
        self._config_id = config_id

    def __repr__(self) -> str:
        return f"PageLogin(app {self._app_id} at {self._root})"

    def dialog(self, redirect_uri: str, state: str) -> str:
        """The address of the dialog. It asks again for what was declined before, which it would else leave out."""
        asked = {"config_id": self._config_id} if self._config_id else {"scope": ",".join(ASKED)}
        query = {
            "client_id": self._app_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "response_type": "code",
            "auth_type": "rerequest",
        }
        return f"{self._dialog}?{urlencode(query | asked)}"

    async def candidates(self, code: str, redirect_uri: str) -> list[Candidate]:
        """Every page of who logged in; those that cannot be connected say why in `refused`."""
        what = "the login was checked"
        query = {**self._app(), "redirect_uri": redirect_uri, "code": code.split("#")[0]}
        try:
            short = await self._token(query, what)
            token = await self._token(
                {**self._app(), "grant_type": "fb_exchange_token", "fb_exchange_token": short}, what
            )
            granted = await self._debugged(token)
            pages = await self._pages(token)
        except SendError as error:
            raise refusal(error, what, redirect_uri) from error
        return [_candidate(page, granted) for page in pages]

    async def subscribe(self, candidate: Candidate) -> None:
        """Has the account's events sent to the app."""
        try:
            await subscriptions.subscribe(self._graph(candidate.token), candidate.page_id or "me", "page")
        except SendError as error:
            raise refusal(error, f"the page {candidate.page_name} was subscribed") from error

    async def unsubscribe(self, candidate: Candidate) -> None:
        """Stops the account's events."""
        try:
            await subscriptions.unsubscribe(self._graph(candidate.token), candidate.page_id or "me")
        except SendError as error:
            raise refusal(error, f"the page {candidate.page_name} was unsubscribed") from error

    async def inspect(self, token: str) -> TokenState:
        """Whether this token of a page works, by what Meta knows of it."""
        try:
            told = await self._debugged(token)
        except SendError as error:
            raise refusal(error, "the token was checked") from error
        reason = _foreign(told, self._app_id) if told.get("is_valid") is True else _dead(told)
        if reason is None and _lacks(told, ("instagram_manage_messages",)):
            reason = unticked(["instagram_manage_messages"])
        return TokenState(
            alive=reason is None,
            expires_at=end(told.get("expires_at")),
            data_access_expires_at=end(told.get("data_access_expires_at")),
            scopes=listed(told.get("scopes")),
            reason=reason,
        )

    def _app(self) -> dict[str, str]:
        return {"client_id": self._app_id, "client_secret": self._secret}

    def _graph(self, token: str) -> Graph:
        options = {"base_url": self._graph_url, "version": self._version, "app_secret": self._secret}
        try:
            return Graph(self._http, token=token, owner="the page", **options)
        except ValueError as error:
            raise LoginError(f"{error}.", False) from None

    async def _token(self, query: Mapping[str, str], what: str) -> str:
        response = await answered(self._http, "GET", f"{self._root}/oauth/access_token", query=query)
        told = understood(response, [self._secret, query.get("code", ""), query.get("fb_exchange_token", "")])
        token = words(told.get("access_token"))
        if token is None:
            raise unreadable(what, "token")
        return token

    async def _debugged(self, token: str) -> Json:
        """What Meta knows of a token; asked with the token of the app itself."""
        query = {"input_token": token, "access_token": f"{self._app_id}|{self._secret}"}
        response = await answered(self._http, "GET", f"{self._root}/debug_token", query=query)
        told = understood(response, [self._secret, token]).get("data")
        if not isinstance(told, dict):
            raise unreadable("the token was checked", "data")
        return told

    async def _pages(self, token: str) -> list[Json]:
        """All of them, however many answers they take."""
        pages: dict[str, Json] = {}
        query = {"fields": _PAGE, "limit": "100"}
        graph = self._graph(token)
        for _ in range(MOST_REQUESTS):
            answer = await graph.call("GET", "me/accounts", query)
            if not isinstance(answer.get("data"), list):
                raise unreadable("the pages were listed", "list of pages")
            for page in items(answer):
                pages.setdefault(identifier(page.get("id")) or "", page)
            following = self._following(member(answer, "paging"))
            if following is None or following.items() <= query.items():
                return list(pages.values())
            query = {**query, **following}
        raise LoginError(f"Facebook lists more than {MOST_REQUESTS * 100} pages: choose fewer in its dialog.", False)

    def _following(self, paging: Json) -> dict[str, str] | None:
        """What the next request has to say; never more than a position, whatever address Meta names for it."""
        address = words(paging.get("next"))
        if address is None:
            return None
        cursor = words(member(paging, "cursors").get("after"))
        if cursor is not None:
            return {"after": cursor}
        try:
            next_page = urlsplit(address)
        except ValueError:
            next_page = urlsplit("")
        if next_page[:2] != urlsplit(self._root)[:2]:
            raise LoginError("Facebook's list of pages goes on at another host: begin the login again.", False)
        return {name: value for name, value in parse_qsl(next_page.query) if name in _POSITION}


_POSITION = ("after", "offset", "__paging_token")


def _candidate(page: Json, granted: Json) -> Candidate:
    account = member(page, "instagram_business_account")
    id, page_id = identifier(account.get("id")) or "", identifier(page.get("id"))
    return Candidate(
        account=id,
        flavour="page",
        username=words(account.get("username")),
        name=words(account.get("name")),
        picture=words(account.get("profile_picture_url")),
        page_id=page_id,
        page_name=words(page.get("name")),
        token=words(page.get("access_token")) or "",
        data_access_expires_at=end(granted.get("data_access_expires_at")),
        authorised_by=identifier(granted.get("user_id")),
        scopes=listed(granted.get("scopes")),
        refused=" ".join(_objections(page, id, page_id or "", granted)) or None,
    )


def _objections(page: Json, account: str, page_id: str, granted: Json) -> Iterator[str]:
    name = words(page.get("name")) or page_id
    lacking = _lacks(granted, NEEDED, (page_id, account) if account else ())
    # Without this permission Facebook does not show whether there is an account.
    if not account and "instagram_basic" not in lacking:
        yield (
            f"The page {name} has no Instagram account, or it was not chosen: link a professional account to it in the "
            "page's settings, then begin again and choose it."
        )
    if "tasks" in page and "MESSAGING" not in listed(page.get("tasks")):
        yield (
            f"You may not answer messages of the page {name}: have somebody who manages it give you the task Messages, "
            "then begin again."
        )
    if lacking:
        yield unticked(lacking)
    elif not words(page.get("access_token")):
        yield f"Facebook gave no token for the page {name}: begin again, and choose this page in its dialog."


def _lacks(granted: Json, needed: tuple[str, ...], ids: tuple[str, ...] = ()) -> list[str]:
    """The permissions that were not given, at all or for these ids. Empty where Meta does not say what was given."""
    if "scopes" not in granted:
        return []
    scopes = listed(granted.get("scopes"))
    chosen = {entry.get("scope"): listed(entry.get("target_ids")) for entry in items(granted.get("granular_scopes"))}
    return [
        scope
        for scope in needed
        if scope not in scopes or (ids and chosen.get(scope) and set(ids).isdisjoint(chosen[scope]))
    ]


def _dead(told: Json) -> str:
    error = member(told, "error")
    code, subcode = integer(error.get("code")) or 190, integer(error.get("subcode"))
    meaning = meaning_of(400, code, subcode, "")
    why = f"{meaning.meaning}: {meaning.act}" if meaning else "the token is not valid: connect the account again"
    return f"{why[0].upper()}{why[1:]}."


def _foreign(told: Json, app_id: str) -> str | None:
    owner = identifier(told.get("app_id"))
    if owner in (app_id, None):
        return None
    return f"The token was made for another app ({owner}): connect the account again."
