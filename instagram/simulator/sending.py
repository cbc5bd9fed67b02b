"""What Instagram accepts to be sent, and what it does with it."""

from typing import Any, cast
from urllib.parse import urlsplit

from instagram.simulator.database import Unknown
from instagram.simulator.world import Account, Customer, Message, World

Json = dict[str, Any]

TEXT_BYTES, TITLE, PAYLOAD, TEMPLATE_TEXT = 1000, 20, 1000, 640  # facts 2.2
QUICK_REPLIES, BUTTONS, ELEMENTS, IMAGES = 13, 3, 10, 10
DAY = 24 * 3600 * 1000  # milliseconds
HUMAN_AGENT_DAYS = 7
_EMOJI = {"love": "❤️", "angry": "😠", "sad": "😢", "wow": "😮", "like": "👍", "laugh": "😆", "other": "⭐"}


class GraphError(Exception):
    """An answer in Meta's error envelope."""

    def __init__(self, code: int, subcode: int | None, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.subcode = subcode
        self.message = message
        self.status = status


def send(world: World, account: Account, body: Json) -> Json:
    """Checks and sends one message, as `POST /{id}/messages` does; raises GraphError with what Meta would say."""
    customer = _recipient(world, account, body)
    content, message = _checked(body.get("message"))
    _check_window(world, account, customer, body)
    reply_to = body.get("reply_to")
    if isinstance(reply_to, dict):
        mid = _mine(world, account, reply_to.get("mid")).mid
        content["reply_to"] = mid
        message["reply_to"] = {"mid": mid}
    sent = world.add_message(account.id, customer.id, "api", content, {"message": {**message, "is_echo": True}})
    return {"recipient_id": customer.id, "message_id": sent.mid}


def act(world: World, account: Account, body: Json) -> Json:
    """Does a sender action; raises GraphError for one that does not exist or does not stand alone."""
    customer = _recipient(world, account, body)
    if "message" in body:
        raise _wrong("sender_action must be sent without a message")
    payload = body.get("payload")
    match body["sender_action"]:
        case "mark_seen":
            world.mark_seen(account.id, customer.id)
        case "typing_on" | "typing_off" as action:
            world.set_typing(account.id, customer.id, on=action == "typing_on")
        case "react" | "unreact" as action if isinstance(payload, dict):
            told = cast("Json", payload)
            emoji = _EMOJI.get(str(told.get("reaction")), "⭐") if action == "react" else None
            world.react(_mine(world, account, told.get("message_id")), "business", emoji)
        case action:
            raise _wrong(f"sender_action {action!r} does not exist or lacks its payload")
    return {"recipient_id": customer.id}


def _recipient(world: World, account: Account, body: Json) -> Customer:
    recipient = body.get("recipient")
    id = recipient.get("id") if isinstance(recipient, dict) else None
    if id is None:
        raise _wrong("recipient[id] is required")
    try:
        customer = world.customer(account.id, str(id))
    except Unknown as error:
        raise GraphError(100, 2534014, "No matching Instagram user") from error
    if customer.last_wrote is None:
        # Only who wrote first may be written to (facts 2.2).
        raise GraphError(100, 2534014, "No matching Instagram user")
    return customer


def _check_window(world: World, account: Account, customer: Customer, body: Json) -> None:
    tag = body.get("tag")
    if tag not in (None, "HUMAN_AGENT"):
        raise _wrong(f"tag {tag!r} is not supported")
    if body.get("messaging_type", "RESPONSE") not in ("RESPONSE", "UPDATE", "MESSAGE_TAG"):
        raise _wrong(f"messaging_type {body['messaging_type']!r} is not supported")
    if body.get("messaging_type") == "MESSAGE_TAG" and tag is None:
        raise _wrong("messaging_type MESSAGE_TAG needs a tag")
    silent = int(world.clock.now().timestamp() * 1000) - (customer.last_wrote or 0)
    if silent <= (HUMAN_AGENT_DAYS if tag else 1) * DAY:
        return
    if account.flavour == "login":
        raise GraphError(10, 2534022, "This message is sent outside of allowed window.", 403)
    raise GraphError(10, 2018278, "(#10) This message is sent outside of allowed window.")


def _checked(message: Any) -> tuple[Json, Json]:
    """What the thread keeps of a message and what its echo says; GraphError for one that Meta refuses."""
    if not isinstance(message, dict):
        raise _wrong("message is required")
    told = cast("Json", message)
    attachments = told.get("attachments", [told["attachment"]] if "attachment" in told else [])
    if not isinstance(attachments, list) or not all(isinstance(item, dict) for item in cast("list[Any]", attachments)):
        raise _wrong("message[attachments] must be a list of objects")
    if bool(attachments) == ("text" in told):
        raise _wrong("message must hold either a text or an attachment")
    replies = _quick_replies(told.get("quick_replies", []))
    if attachments:
        content, echo = _attached(cast("list[Json]", attachments))
    else:
        text = told["text"]
        if not isinstance(text, str) or not text.strip():
            raise _wrong("message[text] must not be empty")
        if len(text.encode(errors="replace")) > TEXT_BYTES:
            raise _wrong(f"Length of param message[text] must be less than or equal to {TEXT_BYTES}")
        content, echo = {"text": text}, {"text": text}
    return ({**content, "quick_replies": replies} if replies else content), echo


def _quick_replies(replies: Any) -> list[Json]:
    if not isinstance(replies, list) or len(cast("list[Any]", replies)) > QUICK_REPLIES:
        raise _wrong(f"message[quick_replies] must be a list of at most {QUICK_REPLIES}")
    kept: list[Json] = []
    for reply in cast("list[Any]", replies):
        if not isinstance(reply, dict) or reply.get("content_type") not in ("text", "user_phone_number", "user_email"):
            raise _wrong("message[quick_replies]: content_type must be text, user_phone_number or user_email")
        if reply["content_type"] == "text":
            title, payload = reply.get("title"), reply.get("payload")
            if not isinstance(title, str) or not title or not isinstance(payload, str) or not payload:
                raise _wrong("message[quick_replies]: title and payload are required")
            if len(payload) > PAYLOAD:
                raise _wrong(f"message[quick_replies]: payload must have at most {PAYLOAD} characters")
            kept.append({"title": title[:TITLE], "payload": payload})
    return kept


def _attached(attachments: list[Json]) -> tuple[Json, Json]:
    first = attachments[0]
    if first.get("type") == "template":
        return _template(first.get("payload"))
    if len(attachments) > IMAGES or (len(attachments) > 1 and any(item.get("type") != "image" for item in attachments)):
        raise _wrong(f"message[attachments] takes at most {IMAGES}, and only images together")
    kept: list[Json] = []
    for item in attachments:
        if item.get("type") == "like_heart":
            return {"text": "❤️"}, {"attachments": [{"type": "like_heart"}]}
        payload = item.get("payload")
        url = payload.get("url") if isinstance(payload, dict) else None
        if item.get("type") not in ("image", "audio", "video", "file") or not isinstance(url, str):
            raise _wrong("message[attachment] must be an image, audio, video or file with payload[url]")
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise GraphError(100, 2018008, "(#100) Failed to fetch the file from the url")
        kept.append({"type": item["type"], "url": url})
    return {"attachments": kept}, {"attachments": [_on_wire(item) for item in kept]}


def _on_wire(attachment: Json) -> Json:
    payload = {name: value for name, value in attachment.items() if name != "type" and value is not None}
    return {"type": attachment["type"], "payload": payload} if payload else {"type": attachment["type"]}


def _template(payload: Any) -> tuple[Json, Json]:
    match payload:
        case {"template_type": "button", "text": str(text), "buttons": list(buttons)}:
            if not text.strip() or len(text) > TEMPLATE_TEXT:
                raise _wrong(f"payload[text] must have 1 to {TEMPLATE_TEXT} characters")
            cards: list[Json] = [{"title": text, "buttons": _buttons(cast("list[Any]", buttons), least=1)}]
        case {"template_type": "generic", "elements": list(elements)}:
            items = cast("list[Any]", elements)
            if not 1 <= len(items) <= ELEMENTS or not all(
                isinstance(item, dict) and item.get("title") for item in items
            ):
                raise _wrong(f"payload[elements] must be 1 to {ELEMENTS} elements with a title")
            cards = [
                {
                    "title": item["title"],
                    "subtitle": item.get("subtitle"),
                    "image": item.get("image_url"),
                    "buttons": _buttons(item.get("buttons", []), least=0),
                }
                for item in items
            ]
        case _:
            raise _wrong("payload must be a button or generic template")
    return {"cards": cards}, {"attachments": [{"type": "template", "payload": payload}]}


def _buttons(buttons: Any, least: int) -> list[Json]:
    if not isinstance(buttons, list) or not least <= len(cast("list[Any]", buttons)) <= BUTTONS:
        raise _wrong(f"buttons must be a list of {least} to {BUTTONS}")
    kept: list[Json] = []
    for button in cast("list[Any]", buttons):
        match button:
            case {"type": "web_url", "url": str(url), "title": str(title)} if urlsplit(url).scheme in ("http", "https"):
                kept.append({"title": title[:TITLE], "url": url})
            case {"type": "postback", "payload": str(payload), "title": str(title)} if payload:
                kept.append({"title": title[:TITLE], "payload": payload})
            case _:
                raise _wrong("a button must be a web_url with url and title, or a postback with payload and title")
    return kept


def _mine(world: World, account: Account, mid: Any) -> Message:
    try:
        return world.message(account.id, str(mid))
    except Unknown as error:
        raise GraphError(100, 33, f"Object with ID '{mid}' does not exist") from error


def _wrong(reason: str) -> GraphError:
    return GraphError(100, None, f"(#100) {reason}")
