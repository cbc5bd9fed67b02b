"""The bodies that the control API takes about tokens, apps and shapes."""

from typing import Literal

from pydantic import Field

from instagram.simulator.apps import AppName
from instagram.simulator.control.account_inputs import Id, Input
from instagram.simulator.shapes import MeShape, Timestamps, TokenShape


class NewToken(Input):
    """A token without a dialog: an account's (`login`), a page's, or a Facebook user's (`user`).

    `subject` is the account's, page's or person's id; `person` whose role a page's token stands on, the first person
    if not given. `scopes` is what it allows, everything if not given. It lasts `expires_in` seconds, or for ever.
    """

    kind: Literal["login", "page", "user"]
    subject: str
    person: str | None = None
    scopes: list[str] | None = None
    expires_in: int | None = Field(default=None, ge=1)
    long: bool = True


class TokenChange(Input):
    """Kills a token or gives it another end; what is not given stays as it is.

    `revoked` is the subcode of the 190 that it is answered with from now on (458 app removed, 460 password changed,
    …), or null to bring it back. `expires_in` is in seconds of the simulator's clock, 0 for now, null for never.
    """

    revoked: int | None = None
    expires_in: int | None = Field(default=None, ge=0)


class NewCode(Input):
    """A code as a dialog gives it: for a person of Facebook, or an account of Instagram Login.

    `scopes` None allows everything; `pages` None stands for all the person's pages.
    """

    app: AppName
    owner: str
    redirect_uri: str
    scopes: list[str] | None = None
    pages: list[str] | None = None


class AppChange(Input):
    """What is not given stays as it is.

    `human_agent` is whether Meta's review granted the feature Human Agent; `redirect_uris` are the addresses that a
    dialog may lead to, an empty list for every address.
    """

    human_agent: bool | None = None
    redirect_uris: list[str] | None = None


class ShapeChange(Input):
    """Which of Meta's shapes is given from now on; what is not given stays as it is.

    `token`: the answer to Instagram Login's exchange of a code. `expires_in`: whether answers with a token say how
    long it lasts. `me`: whether `/me` of a login token is wrapped in `data`. `timestamps`: how webhooks write times.
    """

    token: TokenShape | None = None
    expires_in: bool | None = None
    me: MeShape | None = None
    timestamps: Timestamps | None = None


class Callback(Input):
    """Meta calls `url` about a user, as it does when somebody removes the app or wants their data deleted.

    For facebook `user_id` is a person's id; for instagram an account's, or the one under which the app knows it.
    """

    user_id: str = Field(pattern=Id)
    url: str = Field(pattern=r"^https?://\S+$")
    app: AppName = "instagram"
