"""What Instagram accepts to be sent, and what it does with it."""

from typing import Any, cast

from instagram.simulator.apps import FACEBOOK_ID, INSTAGRAM_ID
from instagram.simulator.caller import Caller
from instagram.simulator.content import checked
from instagram.simulator.database import Unknown
from instagram.simulator.errors import GraphError, missing, wrong
from instagram.simulator.threads import Customer, Message
from instagram.simulator.world import World

Json = dict[str, Any]

DAY = 24 * 3600 * 1000  # milliseconds
HUMAN_AGENT_DAYS = 7
EMOJI = {"love": "❤️", "angry": "😠", "sad": "😢", "wow": "😮", "like": "👍", "laugh": "😆", "other": "⭐"}
INBOX = {"page": "263902037430900", "login": "1217981644879628"}  # Meta's own inboxes, as apps (facts 1.6).


def send(world: World, caller: Caller, body: Json) -> Json:
    """Checks and sends one message, as `POST /{id}/messages` does; raises GraphError with what Meta would say."""
    recipient = body.get("recipient")
    if isinstance(recipient, dict) and "comment_id" in recipient:
        return _answer_comment(world, caller, str(recipient["comment_id"]), body)
    customer = _recipient(world, caller, body)
    content, message = checked(body.get("message"))
    _check_window(world, caller, customer, body)
    _check_owner(customer)
    reply_to = body.get("reply_to")
    if isinstance(reply_to, dict):
        mid = _mine(world, caller, reply_to.get("mid")).mid
        content["reply_to"] = mid
        message["reply_to"] = {"mid": mid}
    sent = world.threads.add_message(customer, "api", content, {"message": {**message, "is_echo": True}})
    control = body.get("thread_control")
    if isinstance(control, dict):
        hand_over(world, caller, {"recipient": {"id": customer.id}, "target_app_id": control.get("app_id")}, "pass")
    return {"recipient_id": customer.id, "message_id": sent.mid}


def act(world: World, caller: Caller, body: Json) -> Json:
    """Does a sender action; raises GraphError for one that does not exist or does not stand alone."""
    customer = _recipient(world, caller, body)
    if "message" in body:
        raise wrong("sender_action must be sent without a message")
    payload = body.get("payload")
    match body["sender_action"]:
        case "mark_seen":
            world.threads.mark_seen(customer.account, customer.id)
        case "typing_on" | "typing_off" as action:
            world.threads.set_typing(customer.account, customer.id, on=action == "typing_on")
        case "react" | "unreact" as action if isinstance(payload, dict):
            told = cast("Json", payload)
            emoji = EMOJI.get(str(told.get("reaction")), "⭐") if action == "react" else None
            world.threads.react(_mine(world, caller, told.get("message_id")), "business", emoji)
        case action:
            raise wrong(f"sender_action {action!r} does not exist or lacks its payload")
    return {"recipient_id": customer.id}


def hand_over(world: World, caller: Caller, body: Json, kind: str) -> Json:
    """`pass`, `take`, `request` or `release` the control over a thread (facts 1.6)."""
    customer = _recipient(world, caller, body)
    own = INSTAGRAM_ID if caller.flavour == "login" else FACEBOOK_ID
    if kind == "take":
        world.threads.change_customer(customer, owner=None)
    elif kind in ("pass", "release"):
        _check_owner(customer)
        target = str(body.get("target_app_id") or INBOX[caller.flavour]) if kind == "pass" else INBOX[caller.flavour]
        world.threads.change_customer(customer, owner=None if target == own else target)
    return {"success": True}


def _answer_comment(world: World, caller: Caller, id: str, body: Json) -> Json:
    comment = world.comments.open(caller.account.id, id)
    if comment is None:
        raise GraphError(100, 2534025, "The comment is invalid for a private reply")
    content, message = checked(body.get("message"))
    customer = world.threads.customer(comment.account, comment.customer)
    world.comments.answer(comment)
    sent = world.threads.add_message(customer, "api", content, {"message": {**message, "is_echo": True}})
    return {"recipient_id": customer.id, "message_id": sent.mid}


def _recipient(world: World, caller: Caller, body: Json) -> Customer:
    recipient = body.get("recipient")
    id = recipient.get("id") if isinstance(recipient, dict) else None
    if id is None:
        raise wrong("recipient[id] is required")
    try:
        customer = world.threads.customer(caller.account.id, str(id))
    except Unknown as error:
        raise GraphError(100, 2534014, "No matching Instagram user") from error
    if customer.last_wrote is None:
        # Only who wrote first may be written to (facts 2.2).
        raise GraphError(100, 2534014, "No matching Instagram user")
    if customer.blocked:
        raise GraphError(551, 1545041, "(#551) This person isn't available right now.")
    return customer


def _check_owner(customer: Customer) -> None:
    if customer.owner is not None:
        told = "Message failed to send because another app is controlling this thread now."
        raise GraphError(10, 2018300, told, 403)


def _check_window(world: World, caller: Caller, customer: Customer, body: Json) -> None:
    tag = body.get("tag")
    if tag not in (None, "HUMAN_AGENT"):
        raise wrong(f"tag {tag!r} is not supported")
    if body.get("messaging_type", "RESPONSE") not in ("RESPONSE", "UPDATE", "MESSAGE_TAG"):
        raise wrong(f"messaging_type {body['messaging_type']!r} is not supported")
    if body.get("messaging_type") == "MESSAGE_TAG" and tag is None:
        raise wrong("messaging_type MESSAGE_TAG needs a tag")
    if tag and not world.apps.human_agent(caller.app):
        told = "To use 'Human Agent', your use of this endpoint must be reviewed and approved by Facebook."
        raise GraphError(None, None, told, 403)
    silent = world.clock.milliseconds() - (customer.last_wrote or 0)
    if silent <= (HUMAN_AGENT_DAYS if tag else 1) * DAY:
        return
    if caller.flavour == "login":
        raise GraphError(10, 2534022, "This message is sent outside of allowed window.", 403)
    raise GraphError(10, 2018278, "(#10) This message is sent outside of allowed window.")


def _mine(world: World, caller: Caller, mid: Any) -> Message:
    try:
        return world.threads.message(caller.account.id, str(mid))
    except Unknown as error:
        raise missing(str(mid)) from error
