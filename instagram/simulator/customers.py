"""What a customer can do in a thread, as the webhooks that tell of it."""

from typing import Any
from urllib.parse import quote

from instagram.simulator.database import Unknown
from instagram.simulator.media import SAMPLES
from instagram.simulator.names import new_id
from instagram.simulator.threads import Customer, Message
from instagram.simulator.world import World

Json = dict[str, Any]

EDITS = 5  # Instagram lets a message be edited so often (facts 1.6).

# Which sample stands for an attachment that came without an address; the others have none.
_SAMPLE = {
    **{"image": "image", "video": "video", "audio": "audio", "file": "file", "share": "image", "ig_post": "image"},
    **{"ig_reel": "video", "reel": "video", "story_mention": "image", "story": "image", "ig_story": "image"},
    **{"media": "image", "sticker": "image"},
}
_POSTS = {"ig_post": "ig_post_media_id", "ig_reel": "reel_video_id", "reel": "reel_video_id"}


def say(world: World, customer: Customer, said: Json, address: str) -> Message | None:
    """A message, a tap or a referral; None where nothing appears in the thread, as for a bare `ig.me` link.

    `said` has the members of the control API's CustomerMessage; `address` is where the samples are served. Raises
    ValueError for what no phone can do, Unknown for a reply to a message that is not there.
    """
    if customer.blocked:
        raise ValueError("this customer has blocked the business: unblock it first")
    referral = said.get("referral")
    if "postback" in said:
        if len([name for name in said if said[name]]) > (2 if referral else 1):
            raise ValueError("a postback stands alone, or with a referral")
        postback = {**said["postback"], **({"referral": referral} if referral else {})}
        content = {"text": said["postback"]["title"], "payload": said["postback"]["payload"]}
        return world.threads.add_message(customer, "customer", content, {"postback": postback})
    content, message = _written(world, customer, said, address)
    if not message:
        if not referral:
            raise ValueError("nothing is said: give text, quick_reply, attachments, postback, referral or unsupported")
        world.threads.add_event(customer, {"referral": referral}, opens_window=True)
        return None
    if referral:
        message["referral"] = referral
        content["referral"] = referral
    return world.threads.add_message(customer, "customer", content, {"message": message})


def take_back(world: World, message: Message) -> None:
    """Unsends a message: its content goes, its id is told once more (facts 1.3)."""
    if message.deleted:
        raise ValueError("that message was unsent already")
    told: Json = {"mid": message.mid, "is_deleted": True}
    if message.author != "customer":
        told["is_echo"] = True
    world.threads.change_message(message, {}, edits=message.edits, deleted=True, item={"message": told})


def edit(world: World, message: Message, text: str) -> None:
    """Gives a message a new text; ValueError for the sixth time, or where there is no text to edit."""
    if message.deleted or "text" not in message.content or "payload" in message.content:
        raise ValueError("only a written message can be edited")
    if message.edits >= EDITS:
        raise ValueError(f"a message can be edited {EDITS} times")
    number = message.edits + 1
    item = {"message_edit": {"mid": message.mid, "text": text, "num_edit": number}}
    world.threads.change_message(message, {**message.content, "text": text}, edits=number, deleted=False, item=item)


def react(world: World, message: Message, emoji: str | None, reaction: str) -> None:
    """Reacts, or takes the reaction back with no emoji."""
    customer = world.threads.customer(message.account, message.customer)
    world.threads.react(message, "customer", emoji)
    told: Json = {"mid": message.mid, "action": "react" if emoji else "unreact"}
    if emoji:
        told |= {"reaction": reaction, "emoji": emoji}
    world.threads.add_event(customer, {"reaction": told})


def attached(attachment: Json, address: str) -> tuple[Json, Json]:
    """What the thread keeps of an attachment and what the webhook says, with a sample where no address is given."""
    kind = attachment["type"]
    payload: Json = {**attachment.get("payload", {})}
    payload |= {name: attachment[name] for name in ("url", "title") if name in attachment}
    if "url" not in payload and kind in _SAMPLE:
        payload["url"] = f"{address}samples/{quote(SAMPLES[_SAMPLE[kind]])}"
    if kind in _POSTS:
        payload.setdefault(_POSTS[kind], new_id("18"))
    kept = {"type": kind, **{name: payload[name] for name in ("url", "title") if name in payload}}
    return kept, {"type": kind, **({"payload": payload} if payload else {})}


def _written(world: World, customer: Customer, said: Json, address: str) -> tuple[Json, Json]:
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
        both = [attached(attachment, address) for attachment in said["attachments"]]
        content["attachments"] = [kept for kept, _ in both]
        message["attachments"] = [told for _, told in both]
    if said.get("unsupported"):
        content["unsupported"] = message["is_unsupported"] = True
    if not message:
        return {}, {}
    if "reply_to" in said:
        try:
            content["reply_to"] = world.threads.message(customer.account, said["reply_to"]).mid
        except Unknown as error:
            raise Unknown(f"reply_to: {error}") from error
        message["reply_to"] = {"mid": content["reply_to"]}
    if "story" in said:
        story = {**said["story"]}
        story.setdefault("url", f"{address}samples/{SAMPLES['image']}")
        content["story"] = story
        message["reply_to"] = {"story": story}
    return content, message


def _tapped(world: World, customer: Customer, wanted: str) -> Json:
    offered = world.threads.offered(customer.account, customer.id)
    for reply in offered:
        if wanted in (reply["title"], reply["payload"]):
            return reply
    titles = ", ".join(repr(reply["title"]) for reply in offered) or "none"
    raise ValueError(f"no quick reply {wanted!r} is offered now (offered: {titles})")
