"""A chat that nobody answers: the whole product tells its people, by notification and e-mail, and another system."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from aiosmtpd.smtp import SMTP

from local import ports
from settings import PREFIX
from tests.activities.test_mails import Mailbox
from tests.end_to_end.conftest import SHOP, System, until
from tests.receiver import Receiver

pytestmark = pytest.mark.timeout(300)
CONFIGURATION = f"""
format: 1
connectors: {{shop: {{title: Shop, account: "{SHOP}", next: {{type: queue, name: people}}}}}}
queues: {{people: {{title: People, max_wait: 2, overflow: {{type: terminate, name: nobody}}}}}}
terminates: {{nobody: {{title: Nobody, cause: not_available, queue: people, auto_response: sorry}}}}
templates: {{sorry: {{title: Sorry, text: Nobody is here.}}}}
"""


class Elsewhere:
    """A mail server and a receiver of webhooks, in a thread of their own."""

    def __init__(self) -> None:
        self.mailbox, self.receiver = Mailbox(), Receiver()
        self.mail_port, self.hook_port = ports.free(), ports.free()
        config = uvicorn.Config(self.receiver.app(), port=self.hook_port, log_level="critical", lifespan="off")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        async with await loop.create_server(lambda: SMTP(self.mailbox, loop=loop), "127.0.0.1", self.mail_port):
            await self.server.serve()

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()
    made.thread.start()
    until(lambda: made.server.started, 20)
    yield made
    made.stop()


@pytest.fixture
def office(elsewhere: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """The product with a mail server, and leave to tell this machine."""
    monkeypatch.setenv(f"{PREFIX}SMTP_URL", f"smtp://127.0.0.1:{elsewhere.mail_port}")
    monkeypatch.setenv(f"{PREFIX}ALLOW_PRIVATE_HOSTS", f"127.0.0.1:{elsewhere.hook_port}")
    made = System(tmp_path)
    made.start()
    (tmp_path / "configuration.yaml").write_text(CONFIGURATION)
    made.apply(tmp_path / "configuration.yaml")
    yield made
    made.stop()
    made.http.close()


@pytest.fixture
def admin(office: System) -> Iterator[httpx.Client]:
    password = office.environment[f"{PREFIX}ADMIN_PASSWORD"]
    with httpx.Client(base_url=office.api) as client:
        answer = client.post("/api/v1/login", json={"name": "admin", "password": password})
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        client.patch("/api/v1/me", json={"email": "admin@shop.example.com"}).raise_for_status()
        yield client


@pytest.mark.slow
def test_everybody_hears_of_it(office: System, admin: httpx.Client, elsewhere: Elsewhere) -> None:
    url = f"http://127.0.0.1:{elsewhere.hook_port}/"
    kinds = ["chat.missed", "conversation.ended"]
    admin.post("/api/v1/webhooks", json={"title": "CRM", "url": url, "kinds": kinds}).raise_for_status()
    customer = office.customer(SHOP)
    customer.writes("hi")
    customer.sees("Nobody is here.")

    receiver, mailbox = elsewhere.receiver, elsewhere.mailbox
    until(lambda: len(receiver.got) == 2 and mailbox.got, 40)
    assert sorted(one.told["type"] for one in receiver.got) == kinds
    told = receiver.got[0].told["data"]
    assert (told["customer"]["id"], told["queue"], told["missed"]) == (customer.id, "people", True)
    assert 2 <= told["seconds"]["waiting"] < 10
    [mail] = mailbox.got
    assert mail.rcpt_tos == ["admin@shop.example.com"]
    [notification] = admin.get("/api/v1/notifications").json()["items"]
    assert (notification["kind"], notification["conversation"]) == ("missed_chat", told["conversation"])
    [people] = admin.get("/api/v1/reports/queues").json()["totals"]
    assert {name: people[name] for name in ("arrived", "answered", "left", "overflowed", "missed")} == {
        **{"arrived": 1, "answered": 0, "left": 1, "overflowed": 1, "missed": 1}
    }
    flows = admin.get("/api/v1/reports/paths").json()["items"]
    assert {(one["source_name"], one["target_name"]) for one in flows} == {
        ("shop", "people"),
        ("people", "nobody"),
        ("nobody", "not_available"),
    }
