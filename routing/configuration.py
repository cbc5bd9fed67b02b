"""What people author: every entity of a routing configuration and the one grammar of actions (SPEC section 3).

Old documents must parse for ever, so this grammar changes only by addition with defaults.
"""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=80)]
"""A stable slug: small letters, digits, `-` and `_`."""
FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=80)]
"""A name that templates can read: letters, digits and `_`, not starting with a digit."""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
"""An ISO 639-1 code such as `en`."""
Duration = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=366))]
"""ISO 8601 (`PT2M`, `P1D`) or seconds, at most a year."""
Clock = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
"""A time of day `HH:MM`; `24:00` is the end of the day."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
"""A template (SPEC section 4)."""
Variants = dict[Language, Text]


class Spec(BaseModel):
    """What people author: unknown fields are refused, because spelling matters."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Entity(Spec):
    """Everything with a name of its own has a title and may have a description."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    description: str | None = None


# Destinations ---------------------------------------------------------------------------------------------------------

DestinationType = Literal["automessage", "time_condition", "decision_tree", "chatbot", "queue", "terminate"]


class Destination(Spec):
    """Where a conversation goes next."""

    type: DestinationType
    name: Name


class Goal(Spec):
    """Where a decision leads: another decision of the same tree, or a destination."""

    type: Literal["decision", "automessage", "time_condition", "decision_tree", "chatbot", "queue", "terminate"]
    name: Name


class Said(Spec):
    """A text with its language variants."""

    text: Text
    variants: Variants = {}


# Connectors -----------------------------------------------------------------------------------------------------------


class Burst(Spec):
    """How several short messages in a row become answers (SPEC 2.6)."""

    answer: Literal["join", "each", "last"] = "join"
    quiet: Duration = timedelta(0)


class Idle(Spec):
    """Where a customer goes who is silent for `after` while a tree or a chatbot waits (SPEC 2.7)."""

    after: Annotated[Duration, Field(gt=timedelta(0))]
    to: Destination


class IceBreaker(Spec):
    question: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    payload: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Connector(Entity):
    """The inbound routing of one connected Instagram account; `account` is empty until it is authorised."""

    account: str = ""
    next: Destination
    attachments: Literal["none", "customer", "both"] = "customer"
    burst: Burst = Burst()
    idle: Idle | None = None
    takeover: bool = True
    takeover_queue: Name | None = None
    ice_breakers: Annotated[tuple[IceBreaker, ...], Field(max_length=4)] = ()


# Automessages ---------------------------------------------------------------------------------------------------------


class TimedMessage(Spec):
    """A message `time` after the conversation arrived; without text it sends nothing but is waited for."""

    time: Duration
    text: Text | None = None
    variants: Variants = {}


class Automessage(Entity):
    messages: Annotated[tuple[TimedMessage, ...], Field(min_length=1)]
    next: Destination
    on_reply: Literal["continue", "next"] = "continue"


# Time groups and conditions -------------------------------------------------------------------------------------------


class Dates(Spec):
    first: date
    last: date


class OwnHours(Spec):
    """Opening or closing hours written out: all of `weekdays`, `from`/`to` and `dates` that are given must hold."""

    type: Literal["open", "closed"]
    system: Literal["own"]
    weekdays: tuple[Weekday, ...] | None = None
    from_: Clock | None = Field(default=None, alias="from")
    to: Clock | None = None
    dates: Dates | None = None
    yearly: bool = False


class PublicHolidays(Spec):
    """The public holidays of countries (ISO 3166-1 codes), from the `holidays` library.

    `subdivisions` are codes of the library, `ST` for all the countries named or `DE-BY` for one of them.
    """

    type: Literal["open", "closed"]
    system: Literal["public_holidays"]
    countries: Annotated[tuple[str, ...], Field(min_length=1)]
    subdivisions: tuple[str, ...] = ()


Definition = Annotated[OwnHours | PublicHolidays, Field(discriminator="system")]


class TimeGroup(Entity):
    timezone: str
    groups: tuple[Name, ...] = ()
    definitions: tuple[Definition, ...] = ()


class TimeCondition(Entity):
    time_group: Name
    open: Destination
    closed: Destination


# Decision trees -------------------------------------------------------------------------------------------------------


class LinkButton(Spec):
    """A button that opens a web page."""

    text: Text
    variants: Variants = {}
    url: Text


class Request(Spec):
    """Ask a web address; the answer becomes the object `into` with `ok`, `status`, `body` and `error`."""

    type: Literal["request"]
    url: Text
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    headers: dict[str, str] = {}
    body: Any = None
    timeout: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(seconds=60))] = timedelta(seconds=10)
    into: FieldName


class SendMessage(Spec):
    type: Literal["send_message"]
    text: Text
    variants: Variants = {}
    image: Text | None = None
    buttons: tuple[LinkButton, ...] = ()


class SaveData(Spec):
    """Keep a value for this conversation (`data.field`) or for the customer (a custom field)."""

    type: Literal["save_data"]
    field: FieldName
    value: Any
    scope: Literal["conversation", "contact"] = "conversation"


class CreateTicket(Spec):
    type: Literal["create_ticket"]
    title: Text
    category: Name
    comment: Annotated[str, StringConstraints(max_length=20_000)] = ""
    priority: Literal["low", "normal", "high", "urgent"] = "normal"


Operator = Literal[
    "equals",
    "not_equals",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "matches",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "is_empty",
    "is_not_empty",
    "in",
    "language_is",
]


class Predicate(Spec):
    """One comparison: `left` is an expression, `right` a literal or a template.

    `is_empty` and `is_not_empty` take no `right`; `language_is` compares the customer's language and takes no `left`.
    """

    left: str = ""
    operator: Operator
    right: Any = None


class Condition(Spec):
    """Groups: `then` when the predicates hold, else `otherwise`; afterwards the sequence goes on behind it."""

    type: Literal["condition"]
    all: Annotated[tuple[Predicate, ...], Field(min_length=1)] | None = None
    any: Annotated[tuple[Predicate, ...], Field(min_length=1)] | None = None
    then: tuple["Action", ...] = ()
    otherwise: tuple["Action", ...] = ()

    @model_validator(mode="after")
    def _one_of_all_and_any(self) -> "Condition":
        if (self.all is None) == (self.any is None):
            raise ValueError("a condition has either `all` or `any`: keep one of them, with at least one predicate")
        return self


class Loop(Spec):
    """Walk an array as it was on entry; the element is the object `as`."""

    type: Literal["loop"]
    items: Text
    as_: FieldName = Field(alias="as")
    actions: tuple["Action", ...] = ()
    at_most: Annotated[int, Field(ge=1, le=1000)] = 100


class PatternAnswer(Spec):
    """`/regex/flags` in RE2 syntax; named groups become `answer.<group>`."""

    type: Literal["pattern"]
    pattern: Text
    variants: Variants = {}
    default: bool = False


class SimilarAnswer(Spec):
    """Comma-separated words; case, accents and small typing mistakes do not matter."""

    type: Literal["similar"]
    words: Text
    variants: Variants = {}
    default: bool = False


class ButtonAnswer(Spec):
    """A quick reply; its title typed by hand counts too."""

    type: Literal["button"]
    text: Text
    variants: Variants = {}


class GeneratedButtonsAnswer(Spec):
    """One quick reply for each element of an array; `title` and `value` see the element as `item`."""

    type: Literal["generated_buttons"]
    items: Text
    title: Text
    value: Text


Answer = Annotated[
    PatternAnswer | SimilarAnswer | ButtonAnswer | GeneratedButtonsAnswer,
    Field(discriminator="type"),
]


class Target(Spec):
    """Go to `to`: at once, or when the customer gives the answer."""

    type: Literal["target"]
    to: Goal
    execution: Literal["immediately", "when_client_chooses"] = "immediately"
    answer: Answer | None = None

    @model_validator(mode="after")
    def _answer_fits_execution(self) -> "Target":
        if self.execution == "when_client_chooses" and self.answer is None:
            raise ValueError("a target taken when the client chooses needs an `answer`")
        if self.execution == "immediately" and self.answer is not None:
            raise ValueError("a target taken immediately has no `answer`: remove it, or use `when_client_chooses`")
        return self


Action = Annotated[
    Request | SendMessage | SaveData | CreateTicket | Condition | Loop | Target,
    Field(discriminator="type"),
]


class NoMatch(Spec):
    """Each miss is answered with `text`; the miss number `attempts` goes to `to` instead."""

    text: Text | None = None
    variants: Variants = {}
    attempts: Annotated[int, Field(ge=1, le=100)] = 1
    to: Goal | None = None


class NoAnswer(Spec):
    after: Annotated[Duration, Field(gt=timedelta(0))]
    to: Goal


class Decision(Entity):
    actions: tuple[Action, ...] = ()
    no_match: NoMatch | None = None
    no_answer: NoAnswer | None = None


class DecisionTree(Entity):
    start: Name
    decisions: Annotated[dict[Name, Decision], Field(min_length=1)]


# Where conversations go to bots, to people and to their end -----------------------------------------------------------


class Chatbot(Entity):
    """A third-party chatbot (SPEC section 5); `secret` names a secret as `secrets.<name>`."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=2000)]
    fallback: Destination
    send_start_message: bool = False
    send_attachments: bool = False
    send_custom_fields: tuple[FieldName, ...] = ()
    timeout: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(seconds=120))] = timedelta(seconds=10)
    secret: Annotated[str, StringConstraints(pattern=r"^secrets\.[A-Za-z_][A-Za-z0-9_]*$")] | None = None


class Queue(Entity):
    strategy: Literal["pull", "least_recent"] = "pull"
    priority: Annotated[int, Field(ge=0, le=10)] = 5
    agents: tuple[str, ...] = ()
    max_wait: Annotated[Duration, Field(gt=timedelta(0))] | None = None
    overflow: Destination | None = None
    ring_time: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(seconds=30)
    welcome: Said | None = None
    last_agent: Duration | None = None
    after_close: Destination | None = None


class Terminate(Entity):
    """An end: `auto_response` names a template; with a queue and not answered it is a missed chat."""

    cause: Name
    queue: Name | None = None
    auto_response: Name | None = None
    answered: bool = False


# What the others refer to ---------------------------------------------------------------------------------------------


class Template(Entity):
    text: Text
    variants: Variants = {}


class Sla(Spec):
    within: Annotated[Duration, Field(gt=timedelta(0))]
    time_group: Name


class Category(Entity):
    sla: Sla | None = None


class CustomField(Entity):
    pass


class DisconnectionCause(Entity):
    pass


BUILT_IN_CAUSES = ("user", "timeout", "not_available", "out_of_hours", "system")


class Languages(Spec):
    default: Language = "en"
    offered: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en",)


class Configuration(Spec):
    """The authored document; each kind is a mapping by name."""

    format: Literal[1]
    languages: Languages = Languages()
    connectors: dict[Name, Connector] = {}
    automessages: dict[Name, Automessage] = {}
    time_groups: dict[Name, TimeGroup] = {}
    time_conditions: dict[Name, TimeCondition] = {}
    decision_trees: dict[Name, DecisionTree] = {}
    chatbots: dict[Name, Chatbot] = {}
    queues: dict[Name, Queue] = {}
    terminates: dict[Name, Terminate] = {}
    templates: dict[Name, Template] = {}
    categories: dict[Name, Category] = {}
    custom_fields: dict[FieldName, CustomField] = {}
    disconnection_causes: dict[Name, DisconnectionCause] = {}


KIND_OF: dict[DestinationType, str] = {
    "automessage": "automessages",
    "time_condition": "time_conditions",
    "decision_tree": "decision_trees",
    "chatbot": "chatbots",
    "queue": "queues",
    "terminate": "terminates",
}
"""The kind (the configuration's key) that holds the entities of a destination's type."""
