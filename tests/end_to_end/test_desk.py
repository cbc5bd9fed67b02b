"""An agent's work over HTTP, with the customer's phone at the other end (SPEC 8)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.end_to_end.conftest import Customer, System, until
from tests.end_to_end.people import Colleague, waiting
from tests.end_to_end.pictures import png

pytestmark = pytest.mark.timeout(400)
WELCOME = ["Hello Jana!", "Tea or coffee?", "A barista will write to you."]


def at_the_desk(system: System) -> tuple[Customer, str]:
    """A customer who waits for a person."""
    jana = system.customer()
    jana.writes("hi")
    jana.sees(*WELCOME[:2])
    jana.taps("Coffee")
    talk = waiting(system, jana)
    jana.sees(*WELCOME)
    return jana, talk


@contextmanager
def ago(system: System, by: timedelta) -> Iterator[None]:
    """Instagram's clock stands in the past, so that what customers write now was written then."""
    system.control("POST", "/clock", {"at": (datetime.now(UTC) - by).isoformat()})
    try:
        yield
    finally:
        system.control("POST", "/clock", {"at": datetime.now(UTC).isoformat()})


def test_a_whole_life(system: System) -> None:
    jana, talk = at_the_desk(system)
    eva, karl, viewer = Colleague(system, "eva"), Colleague(system, "karl"), Colleague(system, "vera", "viewer")
    assert viewer.does(talk, "reply", 403, json={"text": "No"})
    refused = eva.does(talk, "reply", 409, json={"text": "Too early"})
    assert refused["detail"] == f"Nobody has accepted {talk} yet. Accept it first."
    eva.does(talk, "accept", 200)
    refused = karl.does(talk, "reply", 409, json={"text": "Not mine"})
    assert refused["detail"] == f"{eva.name} has {talk}."

    assert eva.does(talk, "seen", 200) == {"shown": True, "reason": None}
    assert eva.does(talk, "typing", 200) == {"shown": True, "reason": None}
    thread = system.http.get(f"{jana.url}/thread").json()
    assert (thread["typing"], bool(thread["seen_at"])) == (True, True)
    assert eva.does(talk, "typing", 200, json={"on": False})["shown"] is True

    once = {"Idempotency-Key": "the first one"}
    first = eva.does(talk, "reply", 202, json={"text": "Hello, Eva here."}, headers=once)
    assert (first["tag"], first["repeated"]) == (None, False)
    jana.sees(*WELCOME, "Hello, Eva here.")
    again = eva.does(talk, "reply", 202, json={"text": "Hello, Eva here."}, headers=once)
    assert (again["key"], again["repeated"]) == (first["key"], True)

    gaps = eva.does(talk, "reply", 422, json={"template": "ready"})
    assert [(one["path"], one["code"]) for one in gaps["problems"]] == [("variables/contact.drink", "missing")]
    filled = eva.does(talk, "reply", 202, json={"template": "ready", "variables": {"contact.drink": "latte"}})
    assert filled["text"] == "Jana, your latte is ready."

    picture = png()
    files = [("images", ("latte art.png", picture, "image/png"))]
    sent = eva.does(talk, "reply", 202, data={"text": "Look:"}, files=files)
    said = [*WELCOME, "Hello, Eva here.", "Jana, your latte is ready.", "", "Look:"]
    jana.sees(*said)
    [link] = [one["url"] for message in jana.received() for one in message.get("attachments") or ()]
    assert link == sent["images"][0]
    assert system.http.get(link).content == picture
    file = link.split("/")[4]
    eva.does(talk, "reply", 202, json={"images": [file]})
    jana.sees(*said, "")

    noted = eva.does(talk, "note", 201, json={"text": "She likes it strong."})
    assert eva.does(talk, "transfer", 409, json={"to": f"agents/{karl.name}"})["detail"].startswith(karl.name)
    karl.is_ready()
    eva.does(talk, "transfer", 202, json={"to": f"agents/{karl.name}"})
    until(lambda: karl.reads("offers")["items"], 40)
    [offer] = karl.reads("offers")["items"]
    assert (offer["why"], offer["conversation"]["name"]) == ("wanted", talk)
    assert eva.does(talk, "reply", 409, json={"text": "Still me"})["detail"].startswith("Nobody has accepted")
    karl.does(talk, "accept", 200)
    karl.does(talk, "reply", 202, json={"text": "Karl here."})
    jana.sees(*said, "", "Karl here.")

    unknown = karl.does(talk, "close", 422, json={"cause": "boredom"})
    assert [one["path"] for one in unknown["problems"]] == ["cause"]
    karl.does(talk, "close", 202, json={"cause": "served_well"})
    until(lambda: karl.reads(f"conversations/{talk}")["state"] == "ended", 30)
    ended = karl.reads(f"conversations/{talk}")
    assert (ended["cause"], ended["answered"], ended["may_send"]) == ("served_well", True, "nothing")
    for what, body in (("reply", {"text": "x"}), ("note", {"text": "x"}), ("close", {}), ("typing", {})):
        assert karl.does(talk, what, 409, json=body)["detail"] == f"{talk} has ended."

    # The phone has exactly the replies. The note is in the transcript alone, and Instagram was never asked to send it.
    jana.sees(*said, "", "Karl here.")
    lines = karl.transcript(talk)
    by_people = [(one["direction"], one["agent"], one["text"]) for one in lines if one["author"] == "agent"]
    assert by_people == [
        ("out", eva.name, "Hello, Eva here."),
        ("out", eva.name, "Jana, your latte is ready."),
        ("out", eva.name, None),
        ("out", eva.name, "Look:"),
        ("out", eva.name, None),
        ("note", eva.name, "She likes it strong."),
        ("out", karl.name, "Karl here."),
    ]
    assert {one["state"] for one in lines if one["direction"] == "out"} == {"sent"}
    assert [one["key"] for one in lines if one["direction"] == "note"][-1] == noted["key"]
    asked = system.control("GET", f"/sends?account={jana.account}&customer={jana.id}")
    assert "strong" not in str(asked)
    [shown] = [one["images"] for one in lines if one["images"]][:1]
    assert system.http.get(shown[0]).content == picture


def test_after_24_hours_it_is_marked_and_after_7_days_refused(system: System) -> None:
    eva = Colleague(system, "eva")
    with ago(system, timedelta(hours=25)):
        jana, talk = at_the_desk(system)
    seen = eva.reads(f"conversations/{talk}")
    wrote = datetime.fromisoformat(seen["last_customer_at"])
    assert seen["may_send"] == "people"
    assert datetime.fromisoformat(seen["window_closes_at"]) == wrote + timedelta(hours=24)
    assert datetime.fromisoformat(seen["human_agent_until"]) == wrote + timedelta(days=7)
    eva.does(talk, "accept", 200)
    assert eva.does(talk, "reply", 202, json={"text": "Better late."})["tag"] == "HUMAN_AGENT"
    jana.sees(*WELCOME, "Better late.")
    assert [one["tag"] for one in eva.transcript(talk) if one["author"] == "agent"] == ["HUMAN_AGENT"]
    [send] = [
        one
        for one in system.control("GET", f"/sends?account={jana.account}&customer={jana.id}")
        if "Better late." in str(one)
    ]
    assert "HUMAN_AGENT" in str(send)

    with ago(system, timedelta(days=8)):
        jana, talk = at_the_desk(system)
    eva.does(talk, "accept", 200)
    assert eva.reads(f"conversations/{talk}")["may_send"] == "nothing"
    refused = eva.does(talk, "reply", 409, json={"text": "Far too late."})
    assert "has not written for 7 days" in refused["detail"]
    # A note is always possible, and so is closing.
    eva.does(talk, "note", 201, json={"text": "Wrote too late."})
    jana.sees(*WELCOME)
    jana.writes("still there?")
    until(lambda: eva.reads(f"conversations/{talk}")["may_send"] == "all", 30)
    eva.does(talk, "reply", 202, json={"text": "Yes!"})
    jana.sees(*WELCOME, "Yes!")
    eva.does(talk, "close", 202)


def test_a_reply_arrives_once_whatever_is_killed(system: System) -> None:
    """The worker is killed before it could take the reply, and the API after; the agent sends it until it is taken."""
    jana, talk = at_the_desk(system)
    eva = Colleague(system, "eva")
    eva.does(talk, "accept", 200)
    for number, program in enumerate(("-m worker", "-m api")):
        system.kill(program)
        statuses: list[int] = []

        def sent(number: int = number, statuses: list[int] = statuses) -> bool:
            key = {"Idempotency-Key": f"reply {number}"}
            try:
                body = {"text": f"Reply {number}"}
                done = eva.asks("POST", f"conversations/{talk}/reply", json=body, headers=key)
            except httpx.TransportError:
                return False
            statuses.append(done.status_code)
            return done.status_code == 202

        until(sent, 150, lambda statuses=statuses: str(statuses))
        assert sent()
        assert set(statuses) <= {202, 503}
        jana.sees(*WELCOME, *(f"Reply {one}" for one in range(number + 1)), seconds=150)
    eva.does(talk, "close", 202)


def test_what_is_typed_in_the_app_is_a_persons(system: System) -> None:
    jana, talk = at_the_desk(system)
    eva = Colleague(system, "eva")
    eva.does(talk, "accept", 200)
    system.http.post(f"{jana.url}/app-replies", json={"text": "From my phone"}).raise_for_status()
    until(lambda: [one for one in eva.transcript(talk) if one["author"] == "app"], 30)
    [typed] = [one for one in eva.transcript(talk) if one["author"] == "app"]
    assert (typed["text"], typed["direction"], typed["state"]) == ("From my phone", "out", "sent")
    eva.does(talk, "close", 202)
    until(lambda: eva.reads(f"conversations/{talk}")["state"] == "ended", 30)
    assert jana.texts() == [*WELCOME, "From my phone"]
