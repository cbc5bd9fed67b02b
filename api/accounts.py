"""Connected Instagram accounts: how they are, and connecting, resuming and disconnecting them (SPEC 6.2)."""

import logging
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from api.access import Admin, record
from api.dependencies import Given, Parts
from api.errors import Refusal, answers
from instagram.candidates import Candidate
from instagram.login import LoginError
from routing.accounts import connector_of
from routing.configuration import Configuration
from store import accounts, invitations, revisions
from store.accounts import Account, AccountSummary, Flavour, Kind

logger = logging.getLogger(__name__)
router = APIRouter(tags=["accounts"])

Id = Annotated[str, Path(description="Instagram's id of the account, as webhooks name it.")]


class ConnectedAccount(BaseModel):
    """A connected account; its token is told to nobody."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(examples=["17841400000000001"])
    flavour: Flavour = Field(description="`page`: by a Facebook page. `login`: by Instagram itself.")
    username: str | None
    name: str | None
    page_id: str | None
    kind: Kind
    connector: str | None = Field(None, description="The connector of production that has this account.")
    status: Literal["active", "paused"]
    paused_reason: str | None = Field(description="Why it does not send, and what to do about it.")
    connected_at: datetime
    token_expires_at: datetime | None = Field(description="Null where the token does not run out by itself.")
    token_refreshed_at: datetime | None
    token_checked_at: datetime | None
    data_access_expires_at: datetime | None = Field(description="By then somebody has to authorise it anew.")
    limited_until: datetime | None = Field(description="Instagram asked to wait until then.")
    limited_reason: str | None


class ConnectedAccounts(BaseModel):
    items: list[ConnectedAccount]


class Authorisation(BaseModel):
    """A link under which somebody connects an account."""

    url: str = Field(description="Give it to whoever may log in at Meta for the account. It is good for an hour.")
    connector: str
    expires_at: datetime


class Disconnected(BaseModel):
    """The token is forgotten here; whether Meta was told, too."""

    id: str
    unsubscribed: bool = Field(description="Meta sends no more of the account's events.")
    reason: str | None = Field(description="Why Meta may go on sending them: remove the app there.")


@router.get("/api/v1/accounts", summary="List connected accounts", responses=answers(401, 403))
async def list_accounts(parts: Given, _: Admin) -> ConnectedAccounts:
    """By their ids, with the reason where one does not send."""
    async with parts.database.begin() as session:
        found = await accounts.accounts(session)
        current = await revisions.current_revision(session)
    configuration = Configuration(format=1) if current is None else Configuration.model_validate(current.document)
    return ConnectedAccounts(items=[_shown(one, connector_of(configuration, one.id)) for one in found])


@router.post(
    "/api/v1/accounts/{id}/resume",
    summary="Let an account send again",
    status_code=204,
    responses=answers(401, 403, 404, 409),
)
async def resume_account(parts: Given, by: Admin, id: Id) -> None:
    """After what had stopped it was mended at Meta; what waits is sent then. 409 where it has no token any more."""
    async with parts.database.begin() as session:
        found = await accounts.account(session, parts.vault, id)
        if found is None:
            raise _unknown(id)
        if found.token is None:
            raise Refusal(409, f"The account {id} has no token any more. Authorise its connector again.")
        if found.status != "active":
            await accounts.resume_account(session, id)
            await record(session, by, "account.resumed", f"accounts/{id}")


@router.delete("/api/v1/accounts/{id}", summary="Disconnect an account", responses=answers(401, 403, 404))
async def disconnect_account(parts: Given, by: Admin, id: Id) -> Disconnected:
    """Its events are unsubscribed at Meta as far as that goes, its token is forgotten, and nothing is sent any more.

    What waits stays until somebody authorises the account again. Its connector keeps it in the configuration.
    """
    async with parts.database.begin() as session:
        found = await accounts.account(session, parts.vault, id)
    if found is None:
        raise _unknown(id)
    reason = await _unsubscribed(parts, found)
    async with parts.database.begin() as session:
        told = f"{by.name} disconnected it; authorise its connector again to go on"
        if not await accounts.disconnect_account(session, id, told):
            raise _unknown(id)
        await record(session, by, "account.disconnected", f"accounts/{id}", unsubscribed=reason is None)
    return Disconnected(id=id, unsubscribed=reason is None, reason=reason)


@router.post(
    "/api/v1/connectors/{name}/authorise",
    summary="Make a link to authorise a connector",
    status_code=201,
    responses=answers(401, 403, 404, 503),
)
async def authorise_connector(
    parts: Given, by: Admin, name: Annotated[str, Path(description="The connector's name.", examples=["shop"])]
) -> Authorisation:
    """Whoever opens it can connect one account to this connector, in your name. 404 where the current revision has no
    such connector: apply one that has it first. 503 where no way to log in at Meta is set up."""
    if not parts.logins:
        raise Refusal(503, "No way to log in at Meta is set up here: see the settings of the Meta app.")
    async with parts.database.begin() as session:
        current = await revisions.current_revision(session)
        if current is None or name not in current.document.get("connectors", {}):
            raise Refusal(404, f"The current revision has no connector {name}. Apply one that has it first.")
        await record(session, by, "connector.invited", f"connectors/{name}")
    invitation = invitations.invite(parts.hash_key, name, by.name, parts.now())
    url = f"{parts.public_url}/authorise/{invitation}"
    return Authorisation(url=url, connector=name, expires_at=parts.now() + invitations.LASTS)


async def _unsubscribed(parts: Parts, found: Account) -> str | None:
    """Ask Meta for no more events; the reason where that did not happen."""
    login = parts.logins.get(found.flavour)
    if found.token is None:
        return "it has no token any more"
    if login is None:
        return "this way to log in at Meta is not set up here"
    candidate = Candidate(
        account=found.id,
        flavour=found.flavour,
        username=found.username,
        page_id=found.page_id,
        page_name=found.name,
        token=found.token,
    )
    try:
        await login.unsubscribe(candidate)
    except LoginError as error:
        logger.warning("account %s is disconnected and not unsubscribed: %s", found.id, error)
        return str(error)
    return None


def _shown(one: AccountSummary, connector: str | None) -> ConnectedAccount:
    return ConnectedAccount.model_validate(one).model_copy(update={"connector": connector})


def _unknown(id: str) -> Refusal:
    return Refusal(404, f"No account {id} is connected.")
