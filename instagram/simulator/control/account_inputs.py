"""The bodies that the control API takes about accounts, pages and people."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Id = r"^\d{1,30}$"
Task = Literal["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]


class Input(BaseModel):
    """A body that holds nothing unknown."""

    model_config = ConfigDict(extra="forbid")


class NewAccount(Input):
    """A further professional account.

    With a `token` it can be used at once, and the app is told of what happens to it; without one it has to be
    authorised, and the app is told nothing before; `subscribed` says otherwise. `page_id` belongs to the page flavour
    alone: that page is made too, with this person's role on it.
    """

    id: str = Field(pattern=Id)
    flavour: Literal["login", "page"] = "login"
    username: str = Field(min_length=1, max_length=30)
    name: str = Field(default="", max_length=60)
    token: str | None = Field(default=None, min_length=8, pattern=r"^[!-~]+$")
    page_id: str | None = Field(default=None, pattern=Id)
    account_type: Literal["BUSINESS", "MEDIA_CREATOR"] = "BUSINESS"
    subscribed: bool | None = None
    person: str | None = Field(default=None, description="of the page; the first person if not given")
    tasks: list[Task] | None = Field(default=None, description="of that person on the page; all if not given")

    @model_validator(mode="after")
    def _has_page(self) -> "NewAccount":
        if (self.flavour == "page") != (self.page_id is not None):
            raise ValueError("page_id: the page flavour needs one, the login flavour has none")
        return self


class AccountChange(Input):
    """What is not given stays as it is.

    `message_access` is the owner's switch that lets connected tools read messages.
    """

    account_type: Literal["BUSINESS", "MEDIA_CREATOR"] | None = None
    message_access: bool | None = None
    subscribed: bool | None = None


class NewPerson(Input):
    """A Facebook user who can log in; without `id` one is made up."""

    name: str = Field(min_length=1, max_length=60)
    id: str | None = Field(default=None, pattern=Id)


class NewPages(Input):
    """So many Facebook pages of one person, numbered if there are several, each with an Instagram account or none.

    Without `person` they are the first person's; `tasks` is what that person may do there, everything if not given.
    """

    name: str = Field(default="Branch", min_length=1, max_length=60)
    count: int = Field(default=1, ge=1, le=1000)
    accounts: bool = False
    person: str | None = None
    tasks: list[Task] | None = None


class Role(Input):
    """What a person may do on a page; an empty list takes the role away."""

    person: str
    tasks: list[Task]
