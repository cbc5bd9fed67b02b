"""Everything an operator can set, read from `SWITCHBOARD_…` environment variables by the entry points only."""

import sys
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "SWITCHBOARD_"
MOST = 100
"""So many conversations nobody has at the same time."""


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _mail_server(value: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(value.get_secret_value())
        right = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # what it says may hold the password
        right = False
    if value.get_secret_value() and not right:
        raise ValueError("write it as smtp://user:password@host:587 or smtps://user:password@host:465")
    return value


def _address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("write the whole address, beginning with http:// or https://")
    return value.rstrip("/")


Texts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Numbers = Annotated[
    tuple[Annotated[int, Field(ge=0, le=MOST)], ...],
    NoDecode,
    BeforeValidator(_listed),
    Field(min_length=1, max_length=MOST),
]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_listed), Field(min_length=1)]
Address = Annotated[str, AfterValidator(_address)]
Port = Annotated[int, Field(ge=1, le=65535)]


class LocalSettings(BaseSettings):
    """What `make run` needs before there is a database or a secret: ports and the folder of its data."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    api_port: Port = Field(8000, description="Port of the API and its pages.")
    simulator_port: Port = Field(8090, description="Port of the local Instagram. `make run` only.")
    temporal_port: Port = Field(7233, description="Port of the local Temporal server. `make run` only.")
    temporal_ui_port: Port = Field(8233, description="Port of the local Temporal UI. `make run` only.")
    data_dir: Path = Field(Path(".switchboard"), description="Folder of data, logs and secrets. `make run` only.")


class RemoteSettings(BaseSettings):
    """What the command line needs to reach an installation from anywhere: its API and its Temporal, never its store."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    public_url: Address = Field(
        "http://127.0.0.1:8000", description="Address under which Meta and chatbots reach the API."
    )
    url: Address = Field(
        default_factory=lambda data: data["public_url"],
        description="Address at which the command line reaches the API. Default: the public URL.",
    )
    token: SecretStr = Field(SecretStr(""), description="API token with which the command line says who asks.")
    temporal_address: str = Field("127.0.0.1:7233", description="Temporal's front end, as `host:port`.")
    temporal_namespace: str = Field("default", description="Temporal namespace of the conversations.")


class Settings(LocalSettings, RemoteSettings):
    """Every setting; those without a default must be set. Lists are separated by commas."""

    database_url: SecretStr = Field(description="PostgreSQL, as `postgresql://user:password@host:5432/name`.")
    encryption_keys: Secrets = Field(
        description="Fernet keys (32 bytes, URL-safe base64) for tokens and secrets in the store; the first encrypts, "
        "all of them decrypt, so a new key goes in front and the old one stays until everything is written anew."
    )
    hash_key: SecretStr = Field(
        min_length=16, description="Secret from which chatbots' callback hashes are made; at least 16 characters."
    )
    app_secrets: Secrets = Field(
        description="App secrets of the Meta apps whose webhooks are accepted; a signature by any of them counts."
    )
    page_app_id: str = Field("", description="The Meta app's id, for accounts connected through a Facebook Page.")
    page_app_secret: SecretStr | None = Field(None, description="That app's secret. Default: the first app secret.")
    login_app_id: str = Field(
        "", description="The *Instagram* app id (API setup with Instagram login), for accounts without a Page."
    )
    login_app_secret: SecretStr | None = Field(
        None, description="The Instagram app's secret, another one than the Meta app's. Default: the last app secret."
    )
    webhook_verify_token: SecretStr = Field(
        min_length=1, description="The verify token typed into Meta's App Dashboard for the webhook."
    )

    console_url: Address = Field(
        default_factory=lambda data: data["public_url"],
        description="Address of the console, for links in Temporal UI. Default: the public URL.",
    )
    api_host: str = Field("127.0.0.1", description="Interface the API listens on; `0.0.0.0` in a container.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")

    temporal_ui_url: Address = Field("http://127.0.0.1:8233", description="Address of Temporal UI, for links.")
    task_queue: str = Field("switchboard", description="Temporal task queue that API and worker share.")

    page_graph_url: Address = Field(
        "https://graph.facebook.com", description="Graph API for accounts connected through a Facebook Page."
    )
    login_graph_url: Address = Field(
        "https://graph.instagram.com", description="Graph API for accounts connected by Instagram Login."
    )
    page_dialog_url: Address = Field("https://www.facebook.com", description="Where people log in with Facebook.")
    login_dialog_url: Address = Field("https://www.instagram.com", description="Where people log in with Instagram.")
    login_token_url: Address = Field(
        "https://api.instagram.com", description="Where Instagram Login exchanges a code for a token."
    )
    graph_version: str = Field("v26.0", pattern=r"^v\d+\.\d+$", description="Version of the Graph API.")
    admin_password: SecretStr | None = Field(
        None,
        min_length=10,
        description="Password of the first administrator, `admin`. Without it one is made and printed once.",
    )
    trusted_proxies: Texts = Field(
        (), description="Addresses of proxies in front of the API, whose word on who asks is taken."
    )
    oidc_issuer: str = Field("", description="Issuer of an OpenID Connect provider; with it people may sign on there.")
    oidc_client_id: str = Field("", description="Client id at that provider.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Client secret at that provider.")
    oidc_title: str = Field("Single sign-on", description="What the button for it says.")
    oidc_role_claim: str = Field("", description="The claim that gives the role, such as `groups`.")
    oidc_roles: Texts = Field((), description="What values of that claim mean, as `value=role`.")
    oidc_default_role: Literal["", "viewer", "agent", "supervisor", "admin"] = Field(
        "", description="Role of people without such a value; empty lets only those in who have one."
    )
    oidc_domains: Texts = Field((), description="E-mail domains that are let in; empty for all.")

    agent_distribution: Numbers = Field(
        (3, 2, 1),
        description="How many more conversations an agent may get while having none, one, two and so on; with more, "
        "none. Supervisors may say otherwise for an agent.",
    )
    sends_per_second: float = Field(
        50, gt=0, le=300, description="So many messages an account sends in a second at the most. Meta allows 100."
    )
    console_dir: Path = Field(Path("console/dist"), description="Folder of the built console, which the API serves.")
    attachments_url: str = Field(
        "file://.switchboard/attachments",
        description="Where customers' attachments are stored: `file://` and a folder, or `s3://bucket/prefix`.",
    )
    attachments_endpoint: str = Field("", description="Address of an S3-compatible storage that is not Amazon's.")
    attachments_region: str = Field("", description="Region of the S3 bucket.")
    attachments_access_key: SecretStr = Field(SecretStr(""), description="Access key of the S3 bucket.")
    attachments_secret_key: SecretStr = Field(SecretStr(""), description="Secret key of the S3 bucket.")
    allow_private_hosts: Texts = Field(
        (),
        description="`host` or `host:port` of private addresses that requests, chatbots and webhooks may reach all the "
        "same.",
    )
    smtp_url: Annotated[SecretStr, AfterValidator(_mail_server)] = Field(
        SecretStr(""),
        description="Mail server for e-mails about missed chats: `smtp://user:password@host:587` or `smtps://…:465`. "
        "With a user the connection must be encrypted. Empty for no e-mails.",
    )
    mail_from: str = Field(
        "", description="Who e-mails come from, as `Name <name@host>`. Default: `switchboard` at the public URL's host."
    )

    @property
    def mail_sender(self) -> str:
        """Who e-mails come from."""
        return self.mail_from or f"Switchboard <switchboard@{urlsplit(self.public_url).hostname}>"

    @property
    def page_secret(self) -> str:
        """The secret of the app for pages."""
        return (self.page_app_secret or self.app_secrets[0]).get_secret_value()

    @property
    def login_secret(self) -> str:
        """The secret of the Instagram app."""
        return (self.login_app_secret or self.app_secrets[-1]).get_secret_value()

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """Every secret by which a webhook may be signed."""
        listed = (secret.get_secret_value() for secret in self.app_secrets)
        return tuple(dict.fromkeys((*listed, self.page_secret, self.login_secret)))


def load() -> Settings:
    """Read the environment; where it is wrong, say each mistake in a sentence on stderr and exit with 2."""
    try:
        return Settings()  # pyright: ignore[reportCallIssue]  # the required fields come from the environment
    except ValidationError as error:
        print("\n".join(sentences(error)), file=sys.stderr)
        sys.exit(2)


def load_local() -> LocalSettings:
    """Like `load`, for what `make run` needs before anything else exists."""
    try:
        return LocalSettings()  # pyright: ignore[reportCallIssue]  # defaults and the environment fill every field
    except ValidationError as error:
        print("\n".join(sentences(error)), file=sys.stderr)
        sys.exit(2)


def sentences(error: ValidationError) -> list[str]:
    """One sentence per mistake: which variable, what is wrong, what to do. Never the value, which may be a secret."""
    told: list[str] = []
    for mistake in error.errors(include_input=False):
        if mistake["type"] == "default_factory_not_called":  # follows from another mistake that is told
            continue
        field = str(mistake["loc"][0])
        variable = PREFIX + field.upper()
        about = Settings.model_fields[field].description
        if mistake["type"] == "missing":
            told.append(f"{variable} is not set. Set it to: {about}")
        else:
            told.append(f"{variable} is wrong: {mistake['msg']}. It is: {about}")
    return told


def reference() -> str:
    """The page docs/reference/settings.md: a table of every variable."""
    lines = [
        "# Settings",
        "",
        "All settings come from the environment. A list is separated by commas. This page is written by",
        "`python -m settings`, and a test keeps it equal to the code.",
        "",
        "| Variable | Default | Meaning |",
        "| --- | --- | --- |",
    ]
    for name, field in sorted(Settings.model_fields.items(), key=lambda item: (not item[1].is_required(), item[0])):
        if field.is_required():
            default = "required"
        elif field.default is PydanticUndefined:
            default = "see right"
        else:
            shown = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
            listed = ",".join(map(str, shown)) if isinstance(shown, tuple) else shown
            default = f"`{listed}`" if listed not in ("", None) else "empty"
        lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(reference(), end="")
