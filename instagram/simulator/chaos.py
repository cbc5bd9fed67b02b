"""Faults by chance, for long runs: drawn from one seed, counted."""

import random
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from instagram.simulator.database import Settings
from instagram.simulator.faults import Fault

Json = dict[str, Any]
_Chance = Field(default=0.0, ge=0, le=1)


class SendChances(BaseModel):
    """The chance of each fault, for each message that is sent; together at most 1."""

    model_config = ConfigDict(extra="forbid")

    lost_answer: float = _Chance
    broken_answer: float = _Chance
    lost_request: float = _Chance
    error_sent: float = _Chance
    error_unsent: float = _Chance
    odd_answer: float = _Chance
    throttled: float = _Chance

    @model_validator(mode="after")
    def _at_most_certain(self) -> "SendChances":
        if sum(self.model_dump().values()) > 1 + 1e-9:
            raise ValueError("the chances of sends add up to more than 1")
        return self


class WebhookChances(BaseModel):
    """Chances for each webhook: told twice, late by up to `longest_delay` seconds, or after its successor."""

    model_config = ConfigDict(extra="forbid")

    duplicate: float = _Chance
    delay: float = _Chance
    longest_delay: float = Field(default=3.0, ge=0, le=600)
    swap: float = _Chance


class Plan(BaseModel):
    """Chaos for a long run; `{}` switches it off. `hang` is how many seconds a lost answer or request is silent."""

    model_config = ConfigDict(extra="forbid")

    seed: int = 0
    sends: SendChances = SendChances()
    hang: float = Field(default=6.0, ge=0, le=600)
    webhooks: WebhookChances = WebhookChances()


@dataclass(frozen=True)
class Fate:
    """What happens to one webhook; `delay` in seconds."""

    delay: float = 0.0
    duplicate: bool = False
    swap: bool = False


_UNHARMED = Fate()


class Chaos:
    """The plan that is on, if one is, and what it did so far; kept.

    Sends and webhooks are drawn from streams of their own, so that one does not disturb the other.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.plan: Plan | None = None
        self.read()

    def read(self) -> None:
        """Again, after a reset, as at a start."""
        kept = self._settings.get("chaos", None)
        self.counters: dict[str, int] = dict(self._settings.get("chaos counters", {}))
        self._begin(None if kept is None else Plan.model_validate(kept))

    def set(self, plan: Plan | None) -> None:
        """Begins anew, also with the same plan."""
        self.counters = {}
        self._settings.set("chaos", None if plan is None else plan.model_dump())
        self._settings.set("chaos counters", {})
        self._begin(plan)

    def send(self) -> Fault | None:
        """What goes wrong with the message that is sent now."""
        if self.plan is None:
            return None
        self.counters["sends"] = self.counters.get("sends", 0) + 1
        drawn = self._sends.random()
        for kind, chance in self._of_sends:
            drawn -= chance
            if drawn < 0:
                self._count(f"sends.{kind}")
                return Fault.model_construct(kind=kind, hang=self.plan.hang)
        return None

    def fate(self) -> Fate:
        """What happens to the webhook that comes to be now."""
        if self.plan is None:
            return _UNHARMED
        self.counters["webhooks"] = self.counters.get("webhooks", 0) + 1
        chances, draw = self.plan.webhooks, self._webhooks.random
        duplicate, delayed, swap = draw() < chances.duplicate, draw() < chances.delay, draw() < chances.swap
        delay = draw() * chances.longest_delay if delayed else 0.0
        swap = swap and not delayed
        for name, happened in (("duplicate", duplicate), ("delay", delayed), ("swap", swap)):
            if happened:
                self._count(f"webhooks.{name}")
        return Fate(delay, duplicate, swap)

    def repeat_after(self) -> float:
        """Seconds after which a webhook that is told twice is told again."""
        return 0.0 if self.plan is None else random.random() * self.plan.webhooks.longest_delay

    def _begin(self, plan: Plan | None) -> None:
        self.plan = plan
        self._of_sends: list[tuple[str, float]] = [] if plan is None else list(plan.sends.model_dump().items())
        # After a restart the draws go on, instead of the first ones happening once more.
        done = sum(self.counters.values())
        seed = 0 if plan is None else plan.seed
        self._sends = random.Random(f"{seed} sends {done}" if done else seed)
        self._webhooks = random.Random(f"{seed} webhooks {done}")

    def _count(self, name: str) -> None:
        self.counters[name] = self.counters.get(name, 0) + 1
        self._settings.set("chaos counters", self.counters)
