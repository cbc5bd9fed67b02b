"""A picture that a customer sends is kept, served by a link, and gone when it is taken back (SPEC 6.5)."""

from typing import Any

from tests.end_to_end.conftest import NUMBERS, System, until
from tests.end_to_end.pictures import png


def attached(system: System, customer: str) -> list[dict[str, Any]]:
    rows = system.sql(
        "SELECT m.content->'attachments' FROM messages m JOIN conversations c ON c.name = m.conversation"
        " WHERE c.customer = %s AND m.direction = 'in' AND m.content ? 'attachments'",
        customer,
    )
    return [one for (found,) in rows for one in found]


def test_a_picture_is_kept_and_served_until_it_is_taken_back(system: System) -> None:
    customer = system.customer(NUMBERS)
    customer.writes("hi")
    customer.sees("Say anything")
    picture = png()
    made = system.http.post(f"{system.simulator}/control/media", content=picture, headers={"Content-Type": "image/png"})
    customer.does(attachments=[{"type": "image", "url": made.json()["url"]}, {"type": "ephemeral"}])
    until(lambda: len(attached(system, customer.id)) == 2, 30)
    kept, gone = attached(system, customer.id)
    assert (kept["type"], kept["size"], kept["kind"]) == ("image/png", len(picture), "image")
    assert kept["url"].startswith(f"{system.api}/attachments/")
    assert gone["kind"] == "ephemeral"
    assert "url" not in gone
    answer = system.http.get(kept["url"])
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, picture, "image/png")
    assert system.http.get(kept["url"].replace("signature=", "signature=0")).status_code == 403

    mid = next(
        message["mid"] for message in customer.thread() if message["author"] == "customer" and "attachments" in message
    )
    system.http.delete(f"{customer.url}/messages/{mid}").raise_for_status()
    until(lambda: system.http.get(kept["url"]).status_code == 404, 30)
    assert attached(system, customer.id) == []
    assert not list((system.data / "attachments").rglob(kept["url"].split("/")[4]))
