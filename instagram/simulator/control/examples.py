"""What the control API answers, by example: for each call that answers with JSON."""

from typing import Any

Json = dict[str, Any]

_ACCOUNT: Json = {
    "id": "17841400000000001",
    "flavour": "login",
    "username": "cornershop",
    "name": "Corner Shop",
    "token": "IGAA-simulated-1",
    "page_id": None,
    "sender": "17841400000000001",
    "connected": True,
    "account_type": "BUSINESS",
    "message_access": True,
    "app": "instagram",
    "subscribed": {"instagram": ["messages", "messaging_postbacks"]},
}
_CUSTOMER: Json = {
    "id": "4711471147114711",
    "username": "jana.novak",
    "name": "Jana Nováková",
    "picture": True,
    "profile": "shown",
    "last_wrote": "2026-11-20T10:00:00.000+00:00",
    "blocked": False,
    "owner": None,
}
_MESSAGE: Json = {
    "mid": "aWdfZAG1faXRlbToxOk…",
    "from": "customer",
    "author": "customer",
    "at": "2026-11-20T10:00:00.000+00:00",
    "edits": 0,
    "deleted": False,
    "text": "Hello",
}
_PERSON: Json = {"id": "10220000000000001", "name": "Olga Owner", "pages": ["100000000000002"]}
_PAGE: Json = {
    "id": "100000000000002",
    "name": "Corner Shop Page",
    "account": "17841400000000002",
    "roles": {"10220000000000001": ["MESSAGING", "MANAGE"]},
}
_TOKEN: Json = {
    "token": "IGAA-simulated-1",
    "kind": "login",
    "app": "instagram",
    "owner": "17841400000000001",
    "subject": "17841400000000001",
    "scopes": ["instagram_business_basic", "instagram_business_manage_messages"],
    "pages": None,
    "long": True,
    "created": "2026-11-20T10:00:00.000+00:00",
    "expires": None,
    "data_access_expires": None,
    "alive": True,
    "trouble": None,
}
_SEND: Json = {
    "number": 1,
    "account": "17841400000000001",
    "customer": "4711471147114711",
    "kind": "message",
    "mid": "aWdfZAG1faXRlbToxOk…",
    "fault": None,
    "at": "2026-11-20T10:00:01.000+00:00",
    "delivered": True,
    "body": {"recipient": {"id": "4711471147114711"}, "message": {"text": "Hi"}},
    "error": None,
}
_WEBHOOK: Json = {
    "number": 1,
    "thread": "17841400000000001/4711471147114711",
    "app": "instagram",
    "body": {"object": "instagram", "entry": [{"time": 1763632800000, "id": "17841400000000001", "messaging": []}]},
    "created": "2026-11-20T10:00:00.000+00:00",
    "delivered": "2026-11-20T10:00:00.010+00:00",
    "state": "delivered",
    "attempts": [{"at": "2026-11-20T10:00:00.010+00:00", "status": 200, "error": None}],
}
_APP: Json = {"name": "instagram", "id": "200000000000002", "human_agent": True, "redirect_uris": []}
_SHAPES: Json = {"token": "wrapped", "expires_in": True, "me": "flat", "timestamps": "number"}
_CHAOS: Json = {
    "plan": {
        "seed": 7,
        "sends": {"lost_answer": 0.02},
        "hang": 6.0,
        "webhooks": {"duplicate": 0.1, "delay": 0.1, "longest_delay": 3.0, "swap": 0.1},
    },
    "counters": {"sends": 120, "sends.lost_answer": 2, "webhooks": 240, "webhooks.duplicate": 25},
}
_CLOCK: Json = {"now": "2026-11-20T10:00:00+00:00", "offset": 0.0}
_CALLED: Json = {"user_id": "25123456789012345", "status": 200, "body": {"url": "…", "confirmation_code": "…"}}

_CUSTOMERS = "/control/accounts/{account}/customers"
_THREAD = f"{_CUSTOMERS}/{{customer}}"

EXAMPLES: dict[str, Any] = {
    "GET /control/accounts": [_ACCOUNT],
    "POST /control/accounts": _ACCOUNT,
    "PATCH /control/accounts/{account}": _ACCOUNT,
    "GET /control/people": [_PERSON],
    "POST /control/people": _PERSON,
    "GET /control/pages": [_PAGE],
    "POST /control/pages": [_PAGE],
    "PUT /control/pages/{page}/roles": _PAGE,
    f"GET {_CUSTOMERS}": [_CUSTOMER],
    f"POST {_CUSTOMERS}": _CUSTOMER,
    f"PATCH {_THREAD}": _CUSTOMER,
    f"PUT {_THREAD}/block": _CUSTOMER,
    f"GET {_THREAD}/thread": {
        "account": "17841400000000001",
        "customer": _CUSTOMER,
        "seen_at": None,
        "typing": False,
        "quick_replies": [{"title": "Red", "payload": "R"}],
        "ice_breakers": [],
        "messages": [_MESSAGE],
    },
    f"POST {_THREAD}/messages": _MESSAGE,
    f"POST {_THREAD}/edits": _MESSAGE,
    f"POST {_THREAD}/reactions": {**_MESSAGE, "reactions": {"customer": "❤️"}},
    f"POST {_THREAD}/app-replies": {**_MESSAGE, "from": "business", "author": "app"},
    f"POST {_THREAD}/hand-over": {**_CUSTOMER, "owner": "1217981644879628"},
    "GET /control/sends": [_SEND],
    "GET /control/webhooks": [_WEBHOOK],
    "POST /control/webhooks": {"webhooks": [7]},
    "GET /control/counts": {"sends": 5, "delivered": 4, "webhooks": 9, "pending": 1},
    "POST /control/dashboard-test": {"webhooks": [8]},
    "POST /control/accounts/{account}/comments": {"id": "17123456789012345", "webhooks": [9]},
    "POST /control/redeliver": {"statuses": [200, 200]},
    "GET /control/hold": {"held": False},
    "PUT /control/hold": {"held": True},
    "GET /control/tokens": [_TOKEN],
    "POST /control/tokens": _TOKEN,
    "PATCH /control/tokens/{token}": {**_TOKEN, "alive": False, "trouble": "190/460"},
    "POST /control/codes": {"code": "AQ…"},
    "GET /control/apps": [_APP],
    "PATCH /control/apps/{app}": _APP,
    "GET /control/shapes": _SHAPES,
    "PUT /control/shapes": _SHAPES,
    "POST /control/deauthorise": {"revoked": 1, **_CALLED},
    "POST /control/data-deletion": _CALLED,
    "GET /control/chaos": _CHAOS,
    "PUT /control/chaos": _CHAOS,
    "GET /control/limits": {"sends_per_second": None},
    "PUT /control/limits": {"sends_per_second": 100},
    "GET /control/clock": _CLOCK,
    "POST /control/clock": _CLOCK,
    "POST /control/media": {"url": "http://127.0.0.1:8090/media/….png", "type": "image"},
    "GET /control/samples": {"image": "http://127.0.0.1:8090/samples/image.png"},
}
