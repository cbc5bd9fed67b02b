"""An authorisation counts once, for a while, and its tokens are encrypted until the choice is made."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from store import authorisations, revisions
from store.authorisations import Authorisation
from store.database import Database
from store.invitations import signed_state, state
from store.revisions import CannotAuthorise
from store.secrets import Vault

pytestmark = pytest.mark.anyio
DOCUMENT = {
    "format": 1,
    "connectors": {
        "shop": {"title": "Shop", "next": {"type": "queue", "name": "people"}},
        "kiosk": {"title": "Kiosk", "account": "2", "next": {"type": "queue", "name": "people"}},
    },
    "queues": {"people": {"title": "People"}},
}


def begun(noon: datetime, id: str = "state-1") -> Authorisation:
    return Authorisation(id, "shop", "page", "eva", "browser", noon, noon + timedelta(minutes=30))


async def test_it_is_used_once_and_in_time(database: Database, noon: datetime) -> None:
    async with database.begin() as session:
        await authorisations.begin(session, begun(noon))
        await authorisations.begin(session, begun(noon, "state-2"))
    async with database.begin() as session:
        used = await authorisations.use(session, "state-1", noon)
        assert used is not None
        assert (used.connector, used.used_at) == ("shop", noon)
        assert await authorisations.use(session, "state-1", noon) is None, "once"
        assert await authorisations.use(session, "state-2", noon + timedelta(minutes=30)) is None, "too late"
        assert await authorisations.use(session, "state-3", noon) is None, "unknown"
        assert await authorisations.authorisation(session, "state-1", noon + timedelta(hours=1)) is None


async def test_those_that_ran_out_are_forgotten_with_their_tokens(
    database: Database, vault: Vault, noon: datetime
) -> None:
    later = noon + timedelta(hours=2)
    async with database.begin() as session:
        await authorisations.begin(session, begun(noon))
        await authorisations.keep_candidates(session, vault, "state-1", [{"token": "EAA-secret"}])
        await authorisations.begin(session, replace(begun(later, "state-2")))
        assert await session.scalar(text("SELECT count(*) FROM authorisations")) == 1


async def test_tokens_are_encrypted_and_gone_when_the_choice_is_made(
    database: Database, vault: Vault, noon: datetime
) -> None:
    async with database.begin() as session:
        await authorisations.begin(session, begun(noon))
        await authorisations.keep_candidates(session, vault, "state-1", [{"account": "1", "token": "EAA-secret"}])
        kept = await session.scalar(text("SELECT candidates FROM authorisations"))
        assert b"EAA-secret" not in bytes(kept or b"")
        assert await authorisations.candidates(session, vault, "state-1") == [{"account": "1", "token": "EAA-secret"}]
        await authorisations.finish(session, "state-1", "1")
        assert await authorisations.candidates(session, vault, "state-1") == []
        known = await authorisations.authorisation(session, "state-1", noon)
        assert known is not None
        assert known.account == "1"


def test_a_state_cannot_be_forged() -> None:
    signed = signed_state("a-key-of-sixteen-or-more", "state-1")
    assert state("a-key-of-sixteen-or-more", signed) == "state-1"
    assert state("another-key-of-sixteen", signed) is None
    for forged in ("", "state-1", signed + "x", signed.replace("state-1", "state-2"), "é"):
        assert state("a-key-of-sixteen-or-more", forged) is None


async def test_the_account_becomes_a_revision_of_its_own(database: Database) -> None:
    async with database.begin() as session:
        with pytest.raises(CannotAuthorise, match="no connector shop"):
            await revisions.authorise_connector(session, "shop", "1", "eva", "")
        await revisions.append_revision(session, digest="d", document=DOCUMENT, author="eva", note="first")
        assert await revisions.authorise_connector(session, "shop", "1", "eva", "Shop is authorised") == 2
        current = await revisions.current_revision(session)
        assert current is not None
        assert current.document["connectors"]["shop"]["account"] == "1"
        assert (current.author, current.note) == ("eva", "Shop is authorised")
        assert await revisions.authorise_connector(session, "shop", "1", "eva", "again") == 2, "nothing changed"
        with pytest.raises(CannotAuthorise, match="belongs to the connector kiosk"):
            await revisions.authorise_connector(session, "shop", "2", "eva", "")
        with pytest.raises(CannotAuthorise, match="no connector stall"):
            await revisions.authorise_connector(session, "stall", "3", "eva", "")
