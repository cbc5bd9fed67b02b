"""Which of Meta's several shapes the answers and webhooks have now."""

from typing import Literal, cast

from instagram.simulator.database import Settings

TokenShape = Literal["wrapped", "flat", "flat_array"]
MeShape = Literal["flat", "wrapped"]
Timestamps = Literal["number", "text", "seconds"]

DEFAULTS: dict[str, str | bool] = {"token": "wrapped", "expires_in": True, "me": "flat", "timestamps": "number"}


class Shapes:
    """Set by the control API; kept.

    `token` is the answer to Instagram Login's exchange of a code (facts 3.2), `expires_in` whether answers with a
    token say how long it lasts, `me` whether `/me` of a login token is wrapped in `data`, `timestamps` how webhooks
    write the time: milliseconds as a number or as text, or seconds as text (facts 1.4).
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def all(self) -> dict[str, str | bool]:
        return {name: self._one(name) for name in DEFAULTS}

    def set(self, name: str, value: str | bool) -> None:
        self._settings.set(f"shape {name}", value)

    @property
    def token(self) -> TokenShape:
        return cast("TokenShape", self._one("token"))

    @property
    def expires_in(self) -> bool:
        return bool(self._one("expires_in"))

    @property
    def me(self) -> MeShape:
        return cast("MeShape", self._one("me"))

    @property
    def timestamps(self) -> Timestamps:
        return cast("Timestamps", self._one("timestamps"))

    def _one(self, name: str) -> str | bool:
        return self._settings.get(f"shape {name}", DEFAULTS[name])
