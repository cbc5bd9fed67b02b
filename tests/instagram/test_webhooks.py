"""Webhooks: signatures over raw bytes, four envelope forms, and nothing lost for an odd item."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instagram.webhooks import Inbound, WebhookError, parse, verified

ACCOUNT, CUSTOMER = "17841400000000001", "1000000000000001"


def item(**members: Any) -> dict[str, Any]:
    return {"sender": {"id": CUSTOMER}, "recipient": {"id": ACCOUNT}, "timestamp": 1762010770464, **members}


def envelope(*items: Any, form: str = "messaging", **entry: Any) -> bytes:
    return json.dumps(
        {"object": "instagram", "entry": [{"id": ACCOUNT, "time": 1762010783728, form: list(items), **entry}]}
    ).encode()


def one(*items: Any, **options: Any) -> Inbound:
    (event,) = parse(envelope(*items, **options))
    return event


def message(**members: Any) -> dict[str, Any]:
    return item(message={"mid": "m1", **members})


@pytest.mark.parametrize("name", ["raw_signed_messages_escaped", "raw_signed_comments_spaced"])
def test_signature_over_raw_bytes(examples: Path, name: str) -> None:
    body = (examples / f"{name}.body").read_bytes()
    meta = json.loads((examples / f"{name}.meta.json").read_text())
    header, secret = meta["headers"]["X-Hub-Signature-256"], meta["app_secret"]
    assert verified(body, header, [secret])
    assert verified(body, header, ["another", secret])
    assert not verified(body, header, ["another"])
    assert not verified(body + b" ", header, [secret])
    assert not verified(body, meta["headers"]["X-Hub-Signature"], [secret])
    assert not verified(body, header.upper(), [secret])
    assert not verified(body, header.removeprefix("sha256="), [secret])


def test_signature_fails_closed() -> None:
    empty_key = "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"  # HMAC of b"" under ""
    assert not verified(b"", empty_key, [])
    assert not verified(b"", empty_key, [""])
    assert not verified(b"", None, ["secret"])
    assert not verified(b"", "sha256=é", ["secret"])


@pytest.mark.parametrize(
    ("name", "kind", "key", "starts"),
    [
        ("in_doc_comment_flat.json", "change", "x:", False),
        ("in_doc_comment_self_changes.json", "change", "x:", False),
        ("in_doc_handover_changes.json", "handover", "x:", False),
        ("in_doc_message_ad_referral.json", "message", "m:aWdf", True),
        ("in_doc_message_edit.json", "edit", "e:aWdf", False),
        ("in_doc_postback_icebreaker.json", "postback", "p:aWdf", True),
        ("in_doc_reaction_unreact.json", "reaction", "r:aWdf", False),
        ("in_doc_referral_igme.json", "referral", "x:", True),
        ("in_doc_self_echo.json", "echo", "m:aWdf", False),
        ("in_doc_self_postback.json", "postback", "p:aWdf", False),
        ("in_doc_top_level_array.json", "message", "m:aWdf", True),
        ("raw_signed_comments_spaced.body", "change", "x:", False),
        ("raw_signed_messages_escaped.body", "message", "m:aWdf", True),
    ],
)
def test_each_example(examples: Path, name: str, kind: str, key: str, starts: bool) -> None:
    (event,) = parse((examples / name).read_bytes())
    assert (event.kind, event.starts) == (kind, starts)
    assert event.key.startswith(key)
    assert event.account == ("0" if "comments_spaced" in name else ACCOUNT)
    if kind != "change":
        assert event.customer == CUSTOMER
    assert parse((examples / name).read_bytes())[0].key == event.key


def test_no_inbound_example_is_forgotten(examples: Path) -> None:
    assert len([*examples.glob("in_*"), *examples.glob("raw_*.body")]) == 13


def test_details_of_examples(examples: Path) -> None:
    (ad,) = parse((examples / "in_doc_message_ad_referral.json").read_bytes())
    assert ad.referral is not None
    assert ad.referral["ad_id"] == "120200000000001"
    assert ad.at == datetime(2025, 11, 1, 15, 26, 10, 464000, UTC)
    (edited,) = parse((examples / "in_doc_message_edit.json").read_bytes())
    assert (edited.text, edited.num_edit, edited.key) == ("Hey, edited", 1, f"e:{edited.mid}:1")
    (tap,) = parse((examples / "in_doc_postback_icebreaker.json").read_bytes())
    assert (tap.title, tap.payload) == ("What are your opening hours?", "FAQ_HOURS")
    (reaction,) = parse((examples / "in_doc_reaction_unreact.json").read_bytes())
    assert (reaction.action, reaction.emoji) == ("unreact", None)
    assert reaction.key == f"r:{reaction.mid}:{CUSTOMER}:unreact:1569262485349"
    (escaped,) = parse((examples / "raw_signed_messages_escaped.body").read_bytes())
    assert escaped.text == "Привет 🥰 äöå a/b"
    assert escaped.attachments[0].type == "image"
    assert escaped.attachments[0].url == "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1&signature=A_b-c"


def test_four_forms() -> None:
    value = message(text="hi")
    assert one(value).kind == "message"
    standby = one(value, form="standby")
    assert (standby.kind, standby.standby, standby.starts) == ("message", True, False)
    assert one({"field": "messages", "value": value}, form="changes").text == "hi"
    flat = {"object": "instagram", "entry": [{"id": ACCOUNT, "time": 1, "field": "messages", "value": value}]}
    (event,) = parse(json.dumps(flat).encode())
    assert (event.kind, event.text, event.customer, event.starts) == ("message", "hi", CUSTOMER, True)


def test_dashboard_test_button() -> None:
    value = {
        "sender": {"id": "12334"},
        "recipient": {"id": "23245"},
        "timestamp": "1527459824",
        "message": {"mid": "random_mid", "text": "random_text"},
    }
    for entry in ({"changes": [{"field": "messages", "value": value}]}, {"messaging": [value]}):
        (event,) = parse(json.dumps({"object": "instagram", "entry": [{"id": "0", "time": 1, **entry}]}).encode())
        assert (event.account, event.customer, event.key) == ("0", "12334", "m:random_mid")
        assert event.at == datetime(2018, 5, 27, 22, 23, 44, tzinfo=UTC)


def test_batch_of_several_accounts_and_odd_items() -> None:
    body = {
        "object": "instagram",
        "entry": [
            {"id": "1", "time": 1, "messaging": [message(text="a"), 7, {"surprise": 1}, {"message": "no object"}]},
            "no entry",
            {"id": "2", "time": 1, "messaging": [message(mid="m2", text="b")], "standby": [message(mid="m3")]},
            {"id": "3", "time": 1},
            {"id": "4", "time": 1, "messaging": {"not": "a list"}},
        ],
    }
    events = parse(json.dumps(body).encode())
    assert [(event.account, event.kind) for event in events] == [
        ("1", "message"),
        ("1", "unknown"),
        ("1", "unknown"),
        ("1", "unknown"),
        ("", "unknown"),
        ("2", "message"),
        ("2", "message"),
        ("3", "unknown"),
        ("4", "unknown"),
    ]
    assert events[1].raw == {"value": 7}
    assert len({event.key for event in events}) == len(events)


def test_messages_of_a_facebook_page_are_not_ours() -> None:
    body = {"object": "page", "entry": [{"id": "100", "time": 1, "messaging": [message(text="hi")]}]}
    (event,) = parse(json.dumps(body).encode())
    assert (event.kind, event.starts) == ("unknown", False)


@pytest.mark.parametrize("body", [b"", b"junk", b"\xff\xfe", b"[]", b"{}", b"7", b'{"entry": {}}', b"[" * 100_000])
def test_junk(body: bytes) -> None:
    with pytest.raises(WebhookError, match=r"^body: "):
        parse(body)


def test_keys_tell_events_apart() -> None:
    assert one(message(text="hi")).key == "m:m1"
    assert one(message(is_deleted=True)).key == "d:m1"
    assert one(message(is_deleted=True)).kind == "delete"
    assert one(item(read={"mid": "m1"})).key == f"s:m1:{CUSTOMER}"
    first, second = (item(postback={"title": "A", "payload": payload}) for payload in ("P1", "P2"))
    assert one(first).key.startswith("p:")
    assert one(first).key != one(second).key
    assert one(first).key == one({**first, "extra": 1}).key
    assert one(first).key != parse(envelope(first, id="another"))[0].key


def test_a_copy_in_standby_has_a_key_of_its_own() -> None:
    items = [
        message(text="hi"),
        message(is_deleted=True),
        item(read={"mid": "m1"}),
        item(postback={"payload": "P"}),
        item(something={"new": 1}),
    ]
    for told in items:
        watched, ours = one(told, form="standby"), one(told)
        assert watched.key == f"standby:{ours.key}"
        assert (watched.kind, watched.starts) == (ours.kind, False)
    changed = one({"field": "standby", "value": message(text="hi")}, form="changes")
    assert (changed.key, changed.standby) == ("standby:m:m1", True)


def test_two_edits_of_one_message_have_different_keys() -> None:
    first, second = (item(message_edit={"mid": "m1", "text": text, "num_edit": n}) for n, text in ((1, "a"), (2, "b")))
    assert (one(first).key, one(second).key) == ("e:m1:1", "e:m1:2")
    untold = [one(item(message_edit={"mid": "m1", "text": text})) for text in ("a", "b")]
    assert untold[0].key != untold[1].key
    assert {event.kind for event in untold} == {"edit"}


@pytest.mark.parametrize(
    ("written", "number"),
    [(0, 0), ("0", 0), (5, 5), ("5", 5), (1.0, 1), (" 1", None), (-1, None), (1.5, None), (True, None), (None, None)],
)
def test_numbers_of_edits(written: Any, number: int | None) -> None:
    event = one(item(message_edit={"mid": "m1", "num_edit": written}))
    assert (event.kind, event.num_edit) == ("edit", number)
    assert event.key == f"e:m1:{number}" if number is not None else event.key.startswith("x:")
    assert not event.starts


def test_echo_is_of_the_other_party() -> None:
    sent = {
        "sender": {"id": ACCOUNT},
        "recipient": {"id": CUSTOMER},
        "timestamp": 1,
        "message": {"mid": "m", "text": "x"},
    }
    for told in (sent, {**sent, "message": {**sent["message"], "is_echo": True}}):
        event = one(told)
        assert (event.kind, event.customer, event.starts) == ("echo", CUSTOMER, False)


def test_account_without_entry_id() -> None:
    echo = {"sender": {"id": ACCOUNT}, "recipient": {"id": CUSTOMER}, "message": {"mid": "m", "is_echo": True}}
    for told in (message(text="hi"), echo):
        event = one(told, id=None)
        assert (event.account, event.customer) == (ACCOUNT, CUSTOMER)


def test_new_message_announced_as_edit_without_sender() -> None:
    event = one({"timestamp": 1762010770464, "message_edit": {"mid": "m1", "num_edit": "0"}})
    assert (event.kind, event.num_edit, event.customer, event.key) == ("edit", 0, None, "e:m1:0")


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        (1762010770464, datetime(2025, 11, 1, 15, 26, 10, 464000, UTC)),
        ("1762010770464", datetime(2025, 11, 1, 15, 26, 10, 464000, UTC)),
        (1762010770, datetime(2025, 11, 1, 15, 26, 10, tzinfo=UTC)),
        (None, datetime(2025, 11, 1, 15, 26, 23, 728000, UTC)),
        ("soon", datetime(2025, 11, 1, 15, 26, 23, 728000, UTC)),
        (10**30, datetime(2025, 11, 1, 15, 26, 23, 728000, UTC)),
        (True, datetime(2025, 11, 1, 15, 26, 23, 728000, UTC)),
    ],
)
def test_times(timestamp: Any, at: datetime) -> None:
    assert one({**message(text="hi"), "timestamp": timestamp}).at == at


def test_content_of_messages() -> None:
    shared = [{"type": "share", "payload": {"url": "u"}}, {"type": "ig_post", "payload": {"url": "u", "title": "t"}}]
    assert [attachment.type for attachment in one(message(attachments=shared)).attachments] == ["ig_post"]
    odd = one(message(attachments=[{"type": "hologram"}, {"type": "ephemeral", "payload": None}, "?"]))
    assert [attachment.type for attachment in odd.attachments] == ["hologram", "ephemeral", "unsupported"]
    assert odd.starts
    assert not odd.unsupported
    assert one(message(is_unsupported=True)).unsupported
    assert one(message(is_unsupported=True)).starts
    assert one(message()).unsupported
    assert one(message(text="Red", quick_reply={"payload": "RED"})).payload == "RED"
    assert one(message(text="x", reply_to={"mid": "m0"})).reply_to_mid == "m0"
    story = one(message(text="x", reply_to={"story": {"id": 1, "url": "https://s"}}))
    assert (story.story_url, story.story_id, story.mention) == ("https://s", "1", None)
    mentioned = one(message(attachments=[{"type": "story_mention", "payload": {"url": "https://s"}}]))
    assert mentioned.mention is not None
    assert (mentioned.mention.url, mentioned.story_url, mentioned.starts) == ("https://s", None, True)
    assert not one(message(text="x", is_self=True)).starts
    assert one(item(referral={"ref": "r"})).kind == "referral"
    optin = one(item(optin={"ref": "r"}))
    assert (optin.kind, optin.optin, optin.starts) == ("optin", {"ref": "r"}, False)


@pytest.mark.parametrize(
    ("attachment", "expected"),
    [
        ({"type": "image", "payload": {"url": "u"}}, ("image", "u", None, None)),
        ({"type": "ig_post", "payload": {"ig_post_media_id": 5, "title": "t", "url": "u"}}, ("ig_post", "u", "t", "5")),
        ({"type": "ig_reel", "payload": {"reel_video_id": "6", "title": "t"}}, ("ig_reel", None, "t", "6")),
        ({"type": "fallback", "url": "u", "title": "t", "payload": "x"}, ("fallback", "u", "t", None)),
        (
            {"type": "template", "payload": {"product": {"elements": [{"title": "Shoe", "image_url": "u"}]}}},
            ("template", "u", "Shoe", None),
        ),
        (
            {"type": "template", "payload": {"generic": {"elements": [{"title": "Card"}]}}},
            ("template", None, "Card", None),
        ),
        ({"type": "template", "payload": {"elements": "odd", "generic": []}}, ("template", None, None, None)),
        ({"type": "unsupported_type"}, ("unsupported_type", None, None, None)),
    ],
)
def test_attachments(attachment: Any, expected: Any) -> None:
    (found,) = one(message(attachments=[attachment])).attachments
    assert (found.type, found.url, found.title, found.id) == expected


def test_where_a_customer_came_from() -> None:
    ad = one(message(text="x", referral={"ref": "r", "ad_id": 12, "source": "ADS", "type": "OPEN_THREAD"}))
    assert (ad.ref, ad.ad_id, ad.source, ad.product_id) == ("r", "12", "ADS", None)
    link = one(item(referral={"ref": "summer", "source": "https://ig.me/m/shop?ref=summer"}))
    assert (link.ref, link.ad_id, link.source) == ("summer", None, "https://ig.me/m/shop?ref=summer")
    shop = one(message(text="x", referral={"product": {"id": "77"}}))
    assert (shop.product_id, shop.ref) == ("77", None)
    assert one(item(postback={"mid": "m", "payload": "P"}, referral={"ref": "beside"})).ref == "beside"
    plain = one(message(text="x"))
    assert (plain.ref, plain.ad_id, plain.source, plain.product_id) == (None, None, None, None)
    assert one(message(text="x", referral={"product": "odd", "ref": {}})).product_id is None


@pytest.mark.parametrize(
    "action",
    ["pass_thread_control", "take_thread_control", "request_thread_control", "pass_thread_metadata", "app_roles"],
)
def test_handover(action: str) -> None:
    told = item(**{action: {"new_owner_app_id": "5", "metadata": "m"}})
    for event in (
        one(told),
        one(told, form="standby"),
        one({"field": "messaging_handover", "value": told}, form="changes"),
    ):
        assert (event.kind, event.customer, event.starts) == ("handover", CUSTOMER, False)
        assert event.handover == {"action": action, "new_owner_app_id": "5", "metadata": "m"}


def test_seen_up_to_a_time() -> None:
    event = one(item(read={"watermark": 1762010770464}))
    assert (event.kind, event.mid) == ("seen", None)
    assert event.watermark == datetime(2025, 11, 1, 15, 26, 10, 464000, UTC)
    assert event.key != one(item(read={"watermark": 1762010770465})).key
    assert one(item(read={"mid": "m1"})).watermark is None


def test_rows_that_were_stored_earlier_are_read() -> None:
    """An inbox may hold events from before a field was there."""
    required = {"key", "kind", "account", "at", "raw"}
    assert {name for name, field in Inbound.model_fields.items() if field.is_required()} == required
    row = {"key": "m:m1", "kind": "message", "account": ACCOUNT, "at": "2025-11-01T15:26:10Z", "raw": {}}
    old = Inbound.model_validate({**row, "attachments": [{"type": "image", "url": "u"}], "gone": 1})
    assert (old.attachments[0].id, old.story_id, old.handover) == (None, None, None)


def test_what_databases_refuse_is_mended() -> None:
    event = parse(
        envelope().replace(b"[]", rb'[{"sender": {"id": 5}, "message": {"mid": "m", "text": "a\u0000\ud800b"}}]')
    )[0]
    assert (event.text, event.customer) == ("a�b", "5")
    huge = f'{{"timestamp": {"9" * 6000}, "message": {{"mid": "m", "text": "hi"}}}}'
    assert parse(envelope().replace(b"[]", f"[{huge}]".encode()))[0].text == "hi"
    deep = '{"message": {"mid": "m", "text": "hi", "x": '
    for depth in (100, 300, 3000):
        nested = "[" * depth + "1e999" + "]" * depth
        event = parse(envelope().replace(b"[]", f"[{deep}{nested}}}}}]".encode()))[0]
        assert event.text == "hi"
        assert json.loads(event.model_dump_json())["raw"]["message"]["mid"] == "m"


_leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(categories=None))
_words = st.sampled_from([*Inbound.model_fields, "entry", "messaging", "changes", "field", "value", "id", "sender"]) | (
    st.sampled_from(["recipient", "timestamp", "message", "type", "url", "postback", "read", "message_edit", "is_echo"])
)
_anything = st.recursive(
    _leaves | st.sampled_from(["instagram", ACCOUNT, "messages", 1762010770464]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=6),
    max_leaves=20,
)
_item = st.dictionaries(_words, _anything, max_size=6)
_entry = st.fixed_dictionaries(
    {}, optional={"id": _anything, "time": _anything, "messaging": st.lists(_item | _anything)}
)


@given(st.binary() | _anything.map(lambda value: json.dumps(value).encode()))
def test_any_body_parses_or_is_a_webhook_error(body: bytes) -> None:
    try:
        events = parse(body)
    except WebhookError:
        return
    assert all(event.model_dump_json() for event in events)


@given(st.lists(_entry, max_size=3))
def test_any_entries_parse(entries: list[Any]) -> None:
    body = json.dumps(
        {"object": "instagram", "entry": [*entries, {"id": ACCOUNT, "messaging": [message(text="good")]}]}
    )
    events = parse(body.encode())
    assert events[-1].text == "good"
    assert all(Inbound.model_validate_json(event.model_dump_json()) == event for event in events)
    assert [event.key for event in parse(body.encode())] == [event.key for event in events]
