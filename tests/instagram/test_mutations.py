"""Whatever stands beside it in a delivery, a sound event is found, intact and under the same key."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instagram.webhooks import Inbound, WebhookError, parse
from tests.instagram.mutations import ODD_NUMBERS, ODD_TEXTS, ODD_VALUES, Raw, changed, paths, written
from tests.instagram.scripted import ACCOUNT

CUSTOMER, OTHER = "1000000000000001", "17841400000000099"
AT = 1762010770464

CONTENTS: dict[str, dict[str, Any]] = {
    "text": {"message": {"mid": "m1", "text": "hi"}},
    "attachments": {
        "message": {"mid": "m1", "attachments": [{"type": "ig_reel", "payload": {"reel_video_id": "1", "url": "u"}}]}
    },
    "story reply": {"message": {"mid": "m1", "text": "hi", "reply_to": {"story": {"id": "5", "url": "u"}}}},
    "quick reply": {"message": {"mid": "m1", "text": "Red", "quick_reply": {"payload": "R"}}},
    "ad": {"message": {"mid": "m1", "text": "hi", "referral": {"ad_id": "5", "source": "ADS", "ref": "r"}}},
    "deleted": {"message": {"mid": "m1", "is_deleted": True}},
    "echo": {"message": {"mid": "m1", "text": "hi", "is_echo": True}},
    "postback": {"postback": {"mid": "m1", "title": "Yes", "payload": "Y"}},
    "reaction": {"reaction": {"mid": "m1", "action": "react", "reaction": "love", "emoji": "❤"}},
    "seen": {"read": {"mid": "m1"}},
    "seen up to": {"read": {"watermark": AT}},
    "edit": {"message_edit": {"mid": "m1", "text": "ho", "num_edit": 1}},
    "referral": {"referral": {"ref": "r", "source": "https://ig.me/m/shop", "type": "OPEN_THREAD"}},
    "handover": {"pass_thread_control": {"new_owner_app_id": "5", "metadata": "m"}},
    "optin": {"optin": {"ref": "r"}},
    "unknown": {"something_new": {"mid": "m1"}},
}


def item(content: dict[str, Any], account: str = ACCOUNT) -> dict[str, Any]:
    parties = [{"id": CUSTOMER}, {"id": account}]
    sender, recipient = reversed(parties) if content.get("message", {}).get("is_echo") else parties
    return {"sender": sender, "recipient": recipient, "timestamp": AT, **content}


def entry(content: dict[str, Any], form: str, account: str) -> dict[str, Any]:
    told = item(content, account)
    match form:
        case "changes":
            return {"id": account, "time": AT, "changes": [{"field": "messages", "value": told}]}
        case "flat":
            return {"id": account, "time": AT, "field": "messages", "value": told}
        case _:
            return {"id": account, "time": AT, form: [told]}


def envelope(*entries: Any) -> dict[str, Any]:
    return {"object": "instagram", "entry": list(entries)}


ODD = st.one_of(
    st.sampled_from([*ODD_VALUES, *ODD_NUMBERS, *ODD_TEXTS]),
    st.sampled_from([70, 2_000, 30_000]).map(lambda depth: Raw("[" * depth + "]" * depth)),
    st.sampled_from([70, 2_000]).map(lambda depth: Raw('{"a": ' * depth + r'"]\"}"' + "}" * depth)),
    st.text(st.characters(categories=None), max_size=5),
)


NAMES = st.sampled_from(
    [
        *("message", "postback", "read", "mid", "text", "attachments", "payload", "sender", "recipient", "id", "time"),
        *("timestamp", "is_echo", "standby", "changes", "messaging", "field", "value", "entry", "object", "reply_to"),
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """An envelope of any kind and form to which up to four things were done, at any depth."""
    # Another message: the id of one is in the whole world the same event's.
    content = json.loads(json.dumps(CONTENTS[draw(st.sampled_from(sorted(CONTENTS)))]).replace("m1", "m2"))
    form = draw(st.sampled_from(["messaging", "standby", "changes", "flat"]))
    value: Any = envelope(entry(content, form, OTHER))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(paths(value)))
        how = draw(st.sampled_from(["drop", "retype", "nest", "list", "twice", "add"]))
        value = changed(value, path, how, draw(ODD), draw(NAMES))
        if not isinstance(value, dict | list) or isinstance(value, Raw):
            break
    return value


def entries(envelopes: list[Any]) -> list[Any]:
    """What mutated envelopes have as their entries, or themselves where they have no list of them."""
    found = [one.get("entry") if isinstance(one, dict) else one for one in envelopes]
    return [inner for one in found for inner in (one if isinstance(one, list) else [one])]


@given(mutated())
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_mutation_raises_anything_but_a_webhook_error(value: Any) -> None:
    try:
        events = parse(written(value).encode())
    except WebhookError:
        return
    for event in events:
        assert Inbound.model_validate_json(event.model_dump_json()) == event
        assert json.dumps(event.model_dump(mode="json"), allow_nan=False).encode()  # a database takes it


@pytest.mark.parametrize("form", ["messaging", "standby", "changes", "flat"])
@given(
    content=st.sampled_from(sorted(CONTENTS)),
    before=st.lists(mutated(), max_size=2),
    after=st.lists(mutated(), max_size=2),
    within=st.booleans(),
)
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_sound_event_among_mutated_ones(
    form: str, content: str, before: list[Any], after: list[Any], within: bool
) -> None:
    sound = entry(CONTENTS[content], form, ACCOUNT)
    (expected,) = parse(written(envelope(sound)).encode())
    if within:  # one envelope, whose other entries are whatever the mutated ones have
        body = written(envelope(*entries(before), sound, *entries(after)))
    else:
        body = written([*before, envelope(sound), *after])
    events = parse(body.encode())
    assert [event for event in events if event.key == expected.key] == [expected]


@given(st.lists(st.one_of(ODD, mutated()), max_size=3))
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_sound_item_among_odd_items_of_its_own_entry(odd: list[Any]) -> None:
    sound = item(CONTENTS["text"])
    (expected,) = parse(written(envelope({"id": ACCOUNT, "time": AT, "messaging": [sound]})).encode())
    told = {"id": ACCOUNT, "time": AT, "messaging": [*odd, sound, *odd], "something_new": odd}
    assert expected in parse(written(envelope(told)).encode())


def test_each_content_is_of_the_kind_that_it_is_called() -> None:
    kinds = {}
    for name, content in CONTENTS.items():
        (event,) = parse(written(envelope(entry(content, "messaging", ACCOUNT))).encode())
        assert (event.account, event.customer, event.at) == (ACCOUNT, CUSTOMER, datetime.fromtimestamp(AT / 1000, UTC))
        kinds[name] = event.kind
    assert kinds == {
        **dict.fromkeys(["text", "attachments", "story reply", "quick reply", "ad"], "message"),
        **{"deleted": "delete", "echo": "echo", "seen up to": "seen", "edit": "edit", "unknown": "unknown"},
        **{name: name for name in ("postback", "reaction", "seen", "referral", "handover", "optin")},
    }
