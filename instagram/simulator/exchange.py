"""How codes become tokens, and tokens become longer ones, in both flavours (facts 3)."""

from typing import Any

from instagram.simulator.apps import NAME, App
from instagram.simulator.errors import CodeError, GraphError, wrong
from instagram.simulator.names import app_scoped_id
from instagram.simulator.tokens import DATA_ACCESS, HOUR, LONG, Grant, Token
from instagram.simulator.world import World

Json = dict[str, Any]

CODE_LASTS = {"facebook": HOUR // 6, "instagram": HOUR}
SHORT = {"facebook": 2 * HOUR, "instagram": HOUR}


def facebook(world: World, asked: dict[str, str]) -> Json:
    """What `GET /oauth/access_token` answers; raises GraphError."""
    app = world.apps.facebook
    if asked.get("client_id") != app.id:
        raise GraphError(101, None, "Error validating application: there is none with this client_id.")
    if asked.get("client_secret") != app.secret:
        raise GraphError(1, None, "Error validating client secret.")
    match asked.get("grant_type", "authorization_code"):
        case "fb_exchange_token":
            return _long_user_token(world, asked.get("fb_exchange_token", ""))
        case "client_credentials":
            return {"access_token": f"{app.id}|{app.secret}", "token_type": "bearer"}
        case "authorization_code":
            pass
        case other:
            raise wrong(f"grant_type {other!r} is not supported")
    code = asked.get("code", "")
    grant = world.tokens.grant(code)
    if grant is None or grant.app != "facebook":
        raise GraphError(100, None, "Invalid verification code format.")
    if grant.used:
        raise GraphError(100, 36009, "This authorization code has been used.")
    if _late(world, grant):
        raise GraphError(100, 36007, "This authorization code has expired.")
    if asked.get("redirect_uri") != grant.redirect_uri:
        told = "Error validating verification code: redirect_uri must be the same as in the dialog, to the letter."
        raise GraphError(100, 36008, told)
    world.tokens.use(code)
    token = world.tokens.add(
        *("user", grant.owner),
        owner=grant.owner,
        scopes=grant.scopes,
        pages=grant.pages,
        long=False,
        lasts=SHORT["facebook"],
        data_access_expires=world.clock.milliseconds() + DATA_ACCESS,
    )
    return _answer(world, token, SHORT["facebook"])


def _long_user_token(world: World, written: str) -> Json:
    token = world.tokens.find(written)
    if token is None or token.kind != "user":
        raise GraphError(190, None, "Invalid OAuth access token: no user's", 401)
    trouble = world.tokens.trouble(token)
    if trouble is not None:
        raise trouble
    made = world.tokens.add(
        *("user", token.subject),
        owner=token.owner,
        scopes=token.scopes,
        pages=token.pages,
        lasts=LONG,
        data_access_expires=token.data_access_expires,
    )
    return _answer(world, made, LONG)


def instagram(world: World, asked: dict[str, str]) -> Json:
    """What `POST /oauth/access_token` answers; raises CodeError."""
    app = world.apps.instagram
    if asked.get("client_id") != app.id:
        raise CodeError("Invalid platform app")
    if asked.get("client_secret") != app.secret:
        raise CodeError("Error validating client secret")
    if asked.get("grant_type") != "authorization_code":
        raise CodeError("Invalid grant_type: only authorization_code is known here")
    code = asked.get("code", "")
    grant = world.tokens.grant(code)
    if grant is None or grant.app != "instagram" or grant.used or _late(world, grant):
        raise CodeError("Matching code was not found or was already used")
    if asked.get("redirect_uri") != grant.redirect_uri:
        raise CodeError("Error validating verification code: redirect_uri must be the one of the dialog, to the letter")
    world.tokens.use(code)
    token = world.tokens.add(
        "login", grant.owner, owner=grant.owner, scopes=grant.scopes, long=False, lasts=SHORT["instagram"]
    )
    id, permissions = app_scoped_id(grant.owner), list(grant.scopes)
    match world.shapes.token:
        case "wrapped":
            told: Json = {"access_token": token.token, "user_id": id, "permissions": ",".join(permissions)}
            return {"data": [told]}
        case "flat":
            return {"access_token": token.token, "user_id": id, "permissions": ",".join(permissions)}
        case "flat_array":
            return {"access_token": token.token, "user_id": int(id), "permissions": permissions}


def lengthened(world: World, token: Token, *, permissions: bool = False) -> Json:
    """A new token of 60 days for a login token."""
    made = world.tokens.add("login", token.subject, owner=token.owner, scopes=token.scopes, lasts=LONG)
    told = {"permissions": ",".join(made.scopes)} if permissions else {}
    return {**_answer(world, made, LONG), **told}


def _answer(world: World, token: Token, lasts: int) -> Json:
    told: Json = {"access_token": token.token, "token_type": "bearer"}
    return {**told, "expires_in": lasts // 1000} if world.shapes.expires_in else told


def _late(world: World, grant: Grant) -> bool:
    return world.clock.milliseconds() - grant.created > CODE_LASTS[grant.app]


def debugged(world: World, app: App, written: str) -> Json:
    """What `GET /debug_token` says of a token."""
    token = world.tokens.find(written)
    if token is None or token.kind == "login":
        told = {"code": 190, "message": "Invalid OAuth access token."}
        return {"error": told, "is_valid": False, "scopes": []}
    trouble = world.tokens.trouble(token)
    told: Json = {
        "app_id": app.id,
        "type": token.kind.upper(),
        "application": NAME,
        "is_valid": trouble is None,
        "issued_at": token.created // 1000,
        "expires_at": (token.expires or 0) // 1000,
        "data_access_expires_at": (token.data_access_expires or 0) // 1000,
        "scopes": list(token.scopes),
        "granular_scopes": [_granular(world, token, scope) for scope in token.scopes],
        "user_id": token.owner,
    }
    if token.kind == "page":
        told["profile_id"] = token.subject
    if trouble is not None:
        told["error"] = {"code": trouble.code, "subcode": trouble.subcode, "message": trouble.message}
    return told


def _granular(world: World, token: Token, scope: str) -> Json:
    """A permission with what it was given for: left out where it was given for everything."""
    pages = (token.subject,) if token.kind == "page" else token.pages
    if pages is None or not scope.startswith(("pages_", "instagram_")):
        return {"scope": scope}
    accounts = [account.id for page in pages if (account := world.accounts.of_page(page)) is not None]
    return {"scope": scope, "target_ids": accounts if scope.startswith("instagram_") else list(pages)}
