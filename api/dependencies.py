"""What the API is made of, handed in by its entry point, and how a route gets at it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from temporalio.client import Client

from api.metrics import Metrics
from api.openid import SignOn
from api.production import Production
from instagram.login import InstagramLogin, PageLogin
from routing.distribution import USUAL
from store.accounts import Flavour
from store.database import Database
from store.files import Files
from store.secrets import Vault


@dataclass(frozen=True)
class Parts:
    """Everything outside the API that it works with.

    `temporal` is best a lazy client, so that the API starts while Temporal is away. `app_secrets` are those whose
    webhook signatures count, any of them. `logins` are the ways to authorise an account, by flavour, `files` where
    attachments lie, `hash_key` the key from which links are signed. `console` is the folder of
    the built console. `distribution` says how many more conversations an agent may get while having none, one, two …,
    where no supervisor has said otherwise for them. `mail`: whether the worker has a mail server. `now` is
    the clock.
    """

    database: Database
    temporal: Client
    vault: Vault = field(repr=False)
    task_queue: str
    verify_token: str = field(repr=False)
    app_secrets: tuple[str, ...] = field(repr=False)
    temporal_ui_url: str
    now: Callable[[], datetime]
    files: Files | None = None
    hash_key: str = field(default="", repr=False)
    public_url: str = "http://127.0.0.1:8000"
    secure_cookies: bool = False
    oidc: SignOn | None = None
    console: Path | None = None
    mail: bool = False
    logins: Mapping[Flavour, PageLogin | InstagramLogin] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=Metrics)
    production: Production = field(default_factory=Production)
    distribution: tuple[int, ...] = USUAL


def parts(request: Request) -> Parts:
    return request.app.state.parts


Given = Annotated[Parts, Depends(parts)]
