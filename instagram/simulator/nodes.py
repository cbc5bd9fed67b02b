"""What the Graph API shows of accounts, pages, customers, threads and messages."""

from collections.abc import Callable
from typing import Any

from fastapi import Request

from instagram.simulator.accounts import Account
from instagram.simulator.clock import meta_time
from instagram.simulator.errors import GraphError, missing
from instagram.simulator.fields import Asked, choose
from instagram.simulator.names import app_scoped_id
from instagram.simulator.people import Page
from instagram.simulator.sending import EMOJI
from instagram.simulator.threads import Customer, Message
from instagram.simulator.tokens import Token
from instagram.simulator.world import World

Json = dict[str, Any]
Wanted = dict[str, Asked]
More = Callable[[list[tuple[int, Json]], bool], Json]

DETAILED = 20  # Details are given only of a thread's newest messages (facts 2.5).
BRIEF: Wanted = {"created_time": Asked()}  # What Meta says of a message when no fields are asked for.
_WORDS = {emoji: word for word, emoji in EMOJI.items()}


def login_node(account: Account, request: Request) -> Json:
    """`/me` of a login token: `user_id` is the one that webhooks use (facts 3.2)."""
    return {
        "id": app_scoped_id(account.id),
        "user_id": account.id,
        "username": account.username,
        "name": account.name,
        "account_type": account.kind,
        "profile_picture_url": picture(request, account.username),
        "followers_count": 120,
        "follows_count": 12,
        "media_count": 3,
    }


def account_node(account: Account, request: Request) -> Json:
    """An account as Facebook Login shows it: without its kind (facts 3.3)."""
    return {
        "id": account.id,
        "username": account.username,
        "name": account.name,
        "profile_picture_url": picture(request, account.username),
        "followers_count": 120,
    }


def page_node(world: World, page: Page, user: Token, asked: Wanted, request: Request) -> Json:
    """A page as one of its people sees it; `instagram_business_account` only where that permission was given."""
    node: Json = {
        "id": page.id,
        "name": page.name,
        "category": "Local business",
        "tasks": list(page.tasks),
        "access_token": world.tokens.page_token(user, page.id).token if "access_token" in asked or not asked else "",
    }
    if page.account is not None and "instagram_basic" in user.scopes:
        node |= linked(world.accounts.get(page.account), asked, request)
    usual = {name: Asked() for name in ("access_token", "category", "name", "tasks")}
    return choose(node, asked or usual)


def linked(account: Account, asked: Wanted, request: Request) -> Json:
    """The Instagram account of a page: its id, and more only where it is asked for by name."""
    full = account_node(account, request)
    return {
        name: full if name in asked and asked[name].inner else {"id": account.id}
        for name in ("instagram_business_account", "connected_instagram_account")
    }


def profile(customer: Customer, request: Request) -> Json:
    """Who a customer is; GraphError where Instagram does not say (facts 2.5)."""
    if customer.profile == "missing":
        raise GraphError(9010, None, "No matching Instagram user", 401)
    if customer.blocked:
        raise missing(customer.id)
    if customer.profile == "withheld" or customer.last_wrote is None:
        raise GraphError(230, None, "User consent is required to access user profile", 403)
    return {
        "name": customer.name,
        "username": customer.username,
        "profile_pic": picture(request, customer.username) if customer.picture else None,
        "follower_count": 0,
        "is_user_follow_business": False,
        "is_business_follow_user": False,
        "is_verified_user": False,
        "id": customer.id,
    }


def conversation(world: World, account: Account, customer: Customer, asked: Wanted, more: More) -> Json:
    """A thread, with as many of its messages as are asked for; `more` gives them their page."""
    node: Json = {"id": customer.conversation, "updated_time": meta_time(customer.updated)}
    node["participants"] = {"data": [_business(account), _person(customer)]}
    if "messages" in asked:
        wanted = asked["messages"]
        items, rest = messages(world, account, customer, wanted.inner, limit=wanted.limit or 25)
        node["messages"] = more(items, rest)
    return choose(node, {name: Asked() for name in asked or ("updated_time",)})


def messages(
    world: World, account: Account, customer: Customer, asked: Wanted, *, limit: int, before: int | None = None
) -> tuple[list[tuple[int, Json]], bool]:
    """Numbered messages, newest first, and whether there are older ones; details of the newest 20 only."""
    found = world.threads.numbered(customer.account, customer.id, newest=limit + 1, before=before)
    more, found = len(found) > limit, found[-limit:]
    skipped = world.threads.newer(found[-1][1], DETAILED) if found and before is not None else 0
    items: list[tuple[int, Json]] = []
    for place, (number, message) in enumerate(reversed(found), skipped):
        node: Json = {"id": message.mid, "created_time": meta_time(message.at)}
        if place < DETAILED and not message.deleted:
            node = detail(account, message, customer)
        items.append((number, choose(node, asked or BRIEF)))
    return items, more


def detail(account: Account, message: Message, customer: Customer) -> Json:
    """One message in the shapes of the Conversations API, which are not those of webhooks (facts 2.5)."""
    parties = [_person(customer), _business(account)]
    author, other = parties if message.author == "customer" else reversed(parties)
    content = message.content
    node: Json = {
        "id": message.mid,
        "created_time": meta_time(message.at),
        "from": author,
        "to": {"data": [other]},
        "message": content.get("text", ""),
        "is_unsupported": bool(content.get("unsupported")),
    }
    attachments = content.get("attachments", [])
    files = [file for attachment in attachments if (file := _file(attachment))]
    files += [{"generic_template": _template(card)} for card in content.get("cards", [])]
    shares = [
        {"link": attachment["url"], **({"name": attachment["title"]} if attachment.get("title") else {})}
        for attachment in attachments
        if attachment["type"] in ("share", "ig_post", "ig_reel", "reel", "post") and attachment.get("url")
    ]
    story = _story(content)
    reactions = content.get("reactions", {})
    if files:
        node["attachments"] = {"data": files}
    if shares:
        node["shares"] = {"data": shares}
    if story:
        node["story"] = story
    if reactions:
        people = {"customer": parties[0], "business": parties[1]}
        node["reactions"] = {
            "data": [
                {"reaction": _WORDS.get(emoji, "other"), "emoji": emoji, "users": [people[who]]}
                for who, emoji in reactions.items()
            ]
        }
    if "reply_to" in content:
        node["reply_to"] = {"mid": content["reply_to"]}
    return node


def picture(request: Request, username: str) -> str:
    return f"{request.base_url}avatars/{username}.png"


def _file(attachment: Json) -> Json | None:
    url, kind = attachment.get("url"), attachment["type"]
    if not url:
        return None
    size = {"width": 320, "height": 320}
    match kind:
        case "image" | "sticker":
            return {"image_data": {"url": url, "preview_url": url, **size}}
        case "video":
            return {"video_data": {"url": url, "preview_url": url, **size}}
        case "audio" | "file":
            name = url.rsplit("/", 1)[-1]
            return {"file_url": url, "name": name, "mime_type": "audio/wav" if kind == "audio" else "application/pdf"}
        case _:
            return None


def _template(card: Json) -> Json:
    calls = [
        {"title": button["title"], **({"url": button["url"]} if "url" in button else {"type": "postback"})}
        for button in card.get("buttons", [])
    ]
    told = {"title": card["title"], "subtitle": card.get("subtitle"), "media_url": card.get("image")}
    return {**{name: value for name, value in told.items() if value}, "cta": {"data": calls}}


def _story(content: Json) -> Json | None:
    answered = content.get("story")
    if isinstance(answered, dict):
        return {"reply_to": {"link": answered["url"], "id": answered.get("id", "")}}
    for attachment in content.get("attachments", []):
        if attachment["type"] == "story_mention":
            return {"mention": {"link": attachment.get("url", ""), "id": ""}}
    return None


def _person(customer: Customer) -> Json:
    return {"username": customer.username, "id": customer.id}


def _business(account: Account) -> Json:
    return {"username": account.username, "id": account.id}
