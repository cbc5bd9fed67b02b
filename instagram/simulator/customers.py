"""What a customer can do in a thread, as the webhooks that tell of it."""

from typing import Any

from instagram.simulator.world import Customer, Message, World

Json = dict[str, Any]

EDITS = 5  # Instagram lets a message be edited so often (facts 1.6).


def say(world: World, customer: Customer, said: Json) -> Message | None:
    """A message, a tap or a referral; None where nothing appears in the thread, as for a bare `ig.me` link.

    `said` has the members of the control API's CustomerMessage. Raises ValueError for what no phone can do, Unknown
    for a reply to a message that is not there.
    """
    account, id = customer.account, customer.id
    referral = said.get("referral")
    if "postback" in said:
        if len([name for name in said if said[name]]) > (2 if referral else 1):
            raise ValueError("a postback stands alone, or with a referral")
        postback = {**said["postback"], **({"referral": referral} if referral else {})}
        content = {"text": said["postback"]["title"], "payload": said["postback"]["payload"]}
        return world.add_message(account, id, "customer", content, {"postback": postback})
    content, message = _written(world, customer, said)
    if not message:
        if not referral:
            raise ValueError("nothing is said: give text, quick_reply, attachments, postback, referral or unsupported")
        world.add_event(account, id, {"referral": referral}, opens_window=True)
        return None
    if referral:
        message["referral"] = referral
    return world.add_message(account, id, "customer", content, {"message": message})


def take_back(world: World, message: Message) -> None:
    """Unsends a message: its content goes, its id is told once more (facts 1.3)."""
    item = {"message": {"mid": message.mid, "is_deleted": True}}
    world.change_message(message, {}, edits=message.edits, deleted=True, item=item)


def edit(world: World, message: Message, text: str) -> None:
    """Gives a message a new text; ValueError for the sixth time, or where there is no text to edit."""
    if message.deleted or "text" not in message.content or "payload" in message.content:
        raise ValueError("only a written message can be edited")
    if message.edits >= EDITS:
        raise ValueError(f"a message can be edited {EDITS} times")
    number = message.edits + 1
    item = {"message_edit": {"mid": message.mid, "text": text, "num_edit": number}}
    world.change_message(message, {**message.content, "text": text}, edits=number, deleted=False, item=item)


def react(world: World, message: Message, customer: str, emoji: str | None, reaction: str) -> None:
    """Reacts, or takes the reaction back with no emoji."""
    world.react(message, "customer", emoji)
    told: Json = {"mid": message.mid, "action": "react" if emoji else "unreact"}
    if emoji:
        told |= {"reaction": reaction, "emoji": emoji}
    world.add_event(message.account, customer, {"reaction": told})


def _written(world: World, customer: Customer, said: Json) -> tuple[Json, Json]:
    """What the thread keeps and what the webhook's `message` says; both empty where nothing was written."""
    content: Json = {}
    message: Json = {}
    if "quick_reply" in said:
        reply = _tapped(world, customer, said["quick_reply"])
        content = {"text": reply["title"], "payload": reply["payload"]}
        message = {"text": reply["title"], "quick_reply": {"payload": reply["payload"]}}
    if "text" in said:
        if content:
            raise ValueError("a tapped quick reply brings its own text: leave `text` out")
        content, message = {"text": said["text"]}, {"text": said["text"]}
    if said.get("attachments"):
        content["attachments"] = said["attachments"]
        message["attachments"] = [_attachment(attachment) for attachment in said["attachments"]]
    if said.get("unsupported"):
        content["unsupported"] = message["is_unsupported"] = True
    if not message:
        return {}, {}
    if "reply_to" in said:
        content["reply_to"] = world.message(customer.account, said["reply_to"]).mid
        message["reply_to"] = {"mid": content["reply_to"]}
    if "story" in said:
        content["story"] = said["story"]["url"]
        message["reply_to"] = {"story": said["story"]}
    return content, message


def _tapped(world: World, customer: Customer, wanted: str) -> Json:
    offered = world.offered(customer.account, customer.id)
    for reply in offered:
        if wanted in (reply["title"], reply["payload"]):
            return reply
    titles = ", ".join(repr(reply["title"]) for reply in offered) or "none"
    raise ValueError(f"no quick reply {wanted!r} is offered now (offered: {titles})")


def _attachment(attachment: Json) -> Json:
    payload = {name: attachment[name] for name in ("url", "title") if name in attachment}
    return {"type": attachment["type"], **({"payload": payload} if payload else {})}
