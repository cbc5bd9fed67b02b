"""The HTTP API as commands use it: one token, and what the API refuses as an exception that tells all it said."""

import re
from types import TracebackType
from typing import Any

import httpx

from commands.installation import CannotRun, Remote
from routing.problems import Problem

PATIENCE = 60.0
"""Seconds that an answer may take, unless a command says otherwise."""
LONG = 900.0
"""Seconds for what runs many conversations or scenarios."""
NO_TOKEN = (
    "no API token: make one (POST /api/v1/tokens, logged in as a person) and set SWITCHBOARD_TOKEN to it, so that it "
    "is in no list of processes"
)
NO_TOKEN_AT_ALL = "SWITCHBOARD_TOKEN holds what cannot be a token: those are letters, digits and signs, without spaces"


class Refused(CannotRun):
    """The API refused; `problems` tell where and why, if it is about a document."""

    def __init__(self, status: int, detail: str, problems: list[Problem]) -> None:
        super().__init__(detail)
        self.status = status
        self.problems = problems


class Api:
    """An installation's API; raises Refused for what it refuses, and CannotRun where it is not to be reached."""

    def __init__(self, remote: Remote) -> None:
        if not remote.token:
            raise CannotRun(NO_TOKEN)
        if not re.fullmatch(r"[!-~]+", remote.token):  # said here, since what sends it would repeat it
            raise CannotRun(NO_TOKEN_AT_ALL)
        self.url = remote.url
        self._http = httpx.Client(
            base_url=remote.url,
            headers={"Authorization": f"Bearer {remote.token}", "Accept": "application/json"},
            timeout=httpx.Timeout(PATIENCE, connect=10),
        )

    def __enter__(self) -> "Api":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> httpx.Response:
        """What there is at `/api/v1/` and the path; parameters that are None are left out."""
        return self._ask("GET", path, params={name: value for name, value in query.items() if value is not None})

    def put(self, path: str, body: Any, if_match: str) -> httpx.Response:
        return self._ask("PUT", path, json=body, headers={"If-Match": if_match})

    def post(self, path: str, body: Any, *, if_match: str | None = None, patience: float = PATIENCE) -> httpx.Response:
        headers = {} if if_match is None else {"If-Match": if_match}
        return self._ask("POST", path, json=body, headers=headers, timeout=httpx.Timeout(patience, connect=10))

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, f"/api/v1/{path}", **more)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            told = "did not answer in time" if isinstance(error, httpx.TimeoutException) else f"is not there: {error}"
            raise CannotRun(f"the API at {self.url} {told}. SWITCHBOARD_URL or --url says where it is") from error
        if answer.is_success and answer.headers.get("content-type", "").startswith("application/json"):
            return answer
        raise self._refused(answer)

    def _refused(self, answer: httpx.Response) -> CannotRun:
        if not answer.headers.get("content-type", "").startswith("application/problem+json"):
            told = f"{answer.status_code} {answer.reason_phrase} for {answer.request.url.path}"
            return CannotRun(f"what answers at {self.url} is not Switchboard's API: {told}")
        told = answer.json()
        problems = [Problem.model_validate(one) for one in told.get("problems", ())]
        return Refused(answer.status_code, told["detail"], problems)
