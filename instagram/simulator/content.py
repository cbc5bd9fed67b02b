"""What a message that the business sends may hold: Meta's limits, and what the thread and the echo show of it."""

from typing import Any, cast
from urllib.parse import urlsplit

from instagram.simulator.errors import GraphError, wrong

Json = dict[str, Any]

TEXT_BYTES, TITLE, PAYLOAD, TEMPLATE_TEXT = 1000, 20, 1000, 640  # facts 2.2
QUICK_REPLIES, BUTTONS, ELEMENTS, IMAGES = 13, 3, 10, 10


def checked(message: Any) -> tuple[Json, Json]:
    """What the thread keeps of a message and what its echo says; GraphError for one that Meta refuses."""
    if not isinstance(message, dict):
        raise wrong("message is required")
    told = cast("Json", message)
    attachments = told.get("attachments", [told["attachment"]] if "attachment" in told else [])
    # Meta's example for one picture has an object here (facts 2.1).
    attachments = [attachments] if isinstance(attachments, dict) else attachments
    if not isinstance(attachments, list) or not all(isinstance(item, dict) for item in cast("list[Any]", attachments)):
        raise wrong("message[attachments] must be a list of objects")
    if bool(attachments) == ("text" in told):
        raise wrong("message must hold either a text or an attachment")
    replies = _quick_replies(told.get("quick_replies", []))
    if attachments:
        content, echo = _attached(cast("list[Json]", attachments))
    else:
        text = told["text"]
        if not isinstance(text, str) or not text.strip():
            raise wrong("message[text] must not be empty")
        if len(text.encode(errors="replace")) > TEXT_BYTES:
            raise wrong(f"Length of param message[text] must be less than or equal to {TEXT_BYTES}")
        content, echo = {"text": text}, {"text": text}
    return ({**content, "quick_replies": replies} if replies else content), echo


def _quick_replies(replies: Any) -> list[Json]:
    if not isinstance(replies, list) or len(cast("list[Any]", replies)) > QUICK_REPLIES:
        raise wrong(f"message[quick_replies] must be a list of at most {QUICK_REPLIES}")
    kept: list[Json] = []
    for reply in cast("list[Any]", replies):
        if not isinstance(reply, dict) or reply.get("content_type") not in ("text", "user_phone_number", "user_email"):
            raise wrong("message[quick_replies]: content_type must be text, user_phone_number or user_email")
        if reply["content_type"] == "text":
            title, payload = reply.get("title"), reply.get("payload")
            if not isinstance(title, str) or not title or not isinstance(payload, str) or not payload:
                raise wrong("message[quick_replies]: title and payload are required")
            if len(payload) > PAYLOAD:
                raise wrong(f"message[quick_replies]: payload must have at most {PAYLOAD} characters")
            kept.append({"title": title[:TITLE], "payload": payload})
    return kept


def _attached(attachments: list[Json]) -> tuple[Json, Json]:
    first = attachments[0]
    if first.get("type") == "template":
        return _template(first.get("payload"))
    if len(attachments) > IMAGES or (len(attachments) > 1 and any(item.get("type") != "image" for item in attachments)):
        raise wrong(f"message[attachments] takes at most {IMAGES}, and only images together")
    kept: list[Json] = []
    for item in attachments:
        if item.get("type") == "like_heart":
            return {"text": "❤️"}, {"attachments": [{"type": "like_heart"}]}
        payload = item.get("payload")
        told = cast("Json", payload) if isinstance(payload, dict) else {}
        if item.get("type") == "MEDIA_SHARE" and isinstance(told.get("id"), str):
            post = {"type": "ig_post", "title": f"Post {told['id']}"}
            return {"attachments": [post]}, {"attachments": [{"type": "share", "payload": {}}]}
        url = told.get("url")
        if item.get("type") not in ("image", "audio", "video", "file") or not isinstance(url, str):
            raise wrong("message[attachment] must be an image, audio, video or file with payload[url]")
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
            raise GraphError(100, 2018008, "(#100) Failed to fetch the file from the url")
        kept.append({"type": item["type"], "url": url})
    return {"attachments": kept}, {
        "attachments": [{"type": one["type"], "payload": {"url": one["url"]}} for one in kept]
    }


def _template(payload: Any) -> tuple[Json, Json]:
    match payload:
        case {"template_type": "button", "text": str(text), "buttons": list(buttons)}:
            if not text.strip() or len(text) > TEMPLATE_TEXT:
                raise wrong(f"payload[text] must have 1 to {TEMPLATE_TEXT} characters")
            cards: list[Json] = [{"title": text, "buttons": _buttons(cast("list[Any]", buttons), least=1)}]
        case {"template_type": "generic", "elements": list(elements)}:
            items = cast("list[Any]", elements)
            if not 1 <= len(items) <= ELEMENTS or not all(
                isinstance(item, dict) and item.get("title") for item in items
            ):
                raise wrong(f"payload[elements] must be 1 to {ELEMENTS} elements with a title")
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
            raise wrong("payload must be a button or generic template")
    return {"cards": cards}, {"attachments": [{"type": "template", "payload": payload}]}


def _buttons(buttons: Any, least: int) -> list[Json]:
    if not isinstance(buttons, list) or not least <= len(cast("list[Any]", buttons)) <= BUTTONS:
        raise wrong(f"buttons must be a list of {least} to {BUTTONS}")
    kept: list[Json] = []
    for button in cast("list[Any]", buttons):
        match button:
            case {"type": "web_url", "url": str(url), "title": str(title)} if urlsplit(url).scheme in ("http", "https"):
                kept.append({"title": title[:TITLE], "url": url})
            case {"type": "postback", "payload": str(payload), "title": str(title)} if payload:
                kept.append({"title": title[:TITLE], "payload": payload})
            case _:
                raise wrong("a button must be a web_url with url and title, or a postback with payload and title")
    return kept
