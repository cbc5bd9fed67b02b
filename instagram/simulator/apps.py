"""The app under test as Meta knows it: once for each flavour, with an id, a secret and permissions of its own."""

from dataclasses import dataclass
from typing import Literal

from instagram.simulator.database import Settings

AppName = Literal["facebook", "instagram"]
Flavour = Literal["page", "login"]

FACEBOOK_ID, INSTAGRAM_ID = "100000000000001", "200000000000002"
NAME = "Switchboard"  # As the dialogs call the app.

# facts, the table of flavours; more may be asked for, these are what Meta knows here.
SCOPES: dict[AppName, tuple[str, ...]] = {
    "facebook": (
        *("pages_show_list", "instagram_basic", "instagram_manage_messages", "pages_manage_metadata"),
        *("pages_messaging", "pages_read_engagement", "instagram_manage_comments", "business_management"),
        "public_profile",
    ),
    "instagram": (
        *("instagram_business_basic", "instagram_business_manage_messages", "instagram_business_manage_comments"),
        *("instagram_business_content_publish", "instagram_business_manage_insights"),
    ),
}
APP_OF: dict[Flavour, AppName] = {"page": "facebook", "login": "instagram"}
MESSAGES: dict[AppName, str] = {
    "facebook": "instagram_manage_messages",
    "instagram": "instagram_business_manage_messages",
}


@dataclass(frozen=True)
class App:
    """What one flavour's dialogs, tokens and signatures are checked with."""

    name: AppName
    id: str
    secret: str


class Apps:
    """Both apps, and what is set for each in the dashboard."""

    def __init__(self, settings: Settings, secret: str, login_secret: str) -> None:
        self._settings = settings
        self.facebook = App("facebook", FACEBOOK_ID, secret)
        self.instagram = App("instagram", INSTAGRAM_ID, login_secret)

    def named(self, name: AppName) -> App:
        return self.facebook if name == "facebook" else self.instagram

    def human_agent(self, name: AppName) -> bool:
        """Whether Meta's review granted the feature Human Agent (facts 2.1)."""
        return bool(self._settings.get(f"human_agent {name}", True))

    def redirect_uris(self, name: AppName) -> list[str]:
        """The addresses that a dialog may lead to; an empty list allows every http(s) address."""
        return list(self._settings.get(f"redirect_uris {name}", []))

    def change(self, name: AppName, *, human_agent: bool | None, redirect_uris: list[str] | None) -> None:
        if human_agent is not None:
            self._settings.set(f"human_agent {name}", human_agent)
        if redirect_uris is not None:
            self._settings.set(f"redirect_uris {name}", redirect_uris)
