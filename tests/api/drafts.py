"""A small configuration that holds, and the people who work on it."""

import json
from typing import Any

import httpx

SMALL: dict[str, Any] = {
    "format": 1,
    "connectors": {"shop": {"title": "Shop", "next": {"type": "decision_tree", "name": "menu"}}},
    "decision_trees": {
        "menu": {
            "title": "Menu",
            "start": "first",
            "decisions": {
                "first": {
                    "title": "First",
                    "actions": [
                        {"type": "send_message", "text": "Tea?"},
                        {
                            "type": "target",
                            "execution": "when_client_chooses",
                            "answer": {"type": "pattern", "pattern": "/yes/"},
                            "to": {"type": "queue", "name": "people"},
                        },
                    ],
                }
            },
        }
    },
    "queues": {"people": {"title": "People"}},
}
SCENARIOS: dict[str, Any] = {
    "scenarios": {
        "tea": {
            "title": "Tea",
            "connector": "shop",
            "at": "2026-11-23T10:00:00+01:00",
            "steps": [{"user": "hi"}, {"bot": "Tea?"}, {"user": "yes"}, {"place": "queues/people"}],
        }
    }
}
QUEUE = "/api/v1/sandbox/queues/people"


def small(**more: Any) -> dict[str, Any]:
    """A copy of SMALL that a test may change."""
    return json.loads(json.dumps(SMALL)) | more


async def tag(client: httpx.AsyncClient, path: str = "/api/v1/sandbox") -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.headers["etag"]


async def write(client: httpx.AsyncClient, document: dict[str, Any], path: str = "/api/v1/sandbox") -> dict[str, Any]:
    """Put a whole document in place of what is there."""
    answer = await client.put(path, json=document, headers={"If-Match": await tag(client, path)})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def apply(client: httpx.AsyncClient, note: str = "for a test", **more: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/apply", json={"note": note} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def applied(client: httpx.AsyncClient, document: dict[str, Any], **more: Any) -> int:
    """Write the sandbox and apply it; the number of the revision."""
    await write(client, document)
    return (await apply(client, **more))["number"]
