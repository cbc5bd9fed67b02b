"""For every code of a problem: a mistake that can be planted at a random place of a valid configuration."""

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any, NamedTuple

from routing.problems.names import REACHED
from tests.routing.generated import VOCABULARY, actions_in, chosen, goal, say

NEW = [f"Wort{number}" for number in range(20)]
"""Words that no generated configuration has; with a digit in them no typing mistake makes them alike."""


SOME = 12
"""Among so many trees a place is chosen, so that large configurations are not searched through for each mistake."""


class Expected(NamedTuple):
    path: str
    severity: str = "error"


Plant = Callable[["Garden"], Expected]
PLANTS: dict[str, list[Plant]] = {}
"""What can be planted, by the code that check() has to report for it, and that alone."""


def plants(code: str) -> Callable[[Plant], Plant]:
    def register(plant: Plant) -> Plant:
        PLANTS.setdefault(code, []).append(plant)
        return plant

    return register


class Garden:
    """A document in which mistakes are planted; what is not on the way to a change is shared with the one before."""

    def __init__(self, document: Any, chance: Random) -> None:
        self.document = dict(document)
        self.chance = chance
        self.used: set[str] = set()
        """Decisions and entities that have a mistake already, or belong to one."""

    # Changing ---------------------------------------------------------------------------------------------------------

    def get(self, path: str) -> Any:
        value = self.document
        for step in path.split("/"):
            value = value[int(step)] if isinstance(value, list) else value[step]
        return value

    def put(self, path: str, value: Any) -> None:
        holder, last = self._open(path)
        if path.count("/") == 1 and last not in holder:
            self.used.add(path)
        holder[last] = value

    def take(self, path: str) -> None:
        holder, last = self._open(path)
        del holder[last]

    def insert(self, path: str, value: Any) -> None:
        holder, last = self._open(path)
        holder.insert(last, value)

    def _open(self, path: str) -> tuple[Any, Any]:
        """What holds the place, as a copy of its own, and the place in it."""
        *steps, last = path.split("/")
        holder: Any = self.document
        for step in steps:
            key: Any = int(step) if isinstance(holder, list) else step
            inner: Any = holder.get(key, {}) if isinstance(holder, dict) else holder[key]
            holder[key] = inner = inner.copy()
            holder = inner
        return holder, int(last) if isinstance(holder, list) else last

    # Choosing, always where nothing has been planted yet --------------------------------------------------------------

    def pick(self, places: Iterable[str]) -> str:
        free = list(places)
        assert free, "the generated configuration has no such place"
        path = self.chance.choice(free)
        self.used.add(home(path))
        return path

    def entity(self, kind: str, fits: Callable[[Any], bool] = lambda _: True) -> str:
        entities = self.document[kind].items()
        return self.pick(f"{kind}/{name}" for name, one in entities if f"{kind}/{name}" not in self.used and fits(one))

    def kind(self) -> str:
        """A kind that the document has."""
        return self.chance.choice([kind for kind in REACHED if self.document[kind]])

    def decision(self, fits: Callable[[Any], bool]) -> str:
        return self.pick(path for path, one in self.decisions() if fits(one))

    def action(self, type: str, fits: Callable[[Any], bool] = lambda _: True) -> str:
        return self.pick(path for path, one in self.actions() if one["type"] == type and fits(one))

    def decisions(self) -> Iterator[tuple[str, Any]]:
        """The decisions of some trees, each time other ones."""
        trees = [name for name in self.document["decision_trees"] if f"decision_trees/{name}" not in self.used]
        for tree in self.chance.sample(trees, min(len(trees), SOME)):
            for name, one in self.document["decision_trees"][tree]["decisions"].items():
                path = f"decision_trees/{tree}/decisions/{name}"
                if path not in self.used:
                    yield path, one

    def actions(self) -> Iterator[tuple[str, Any]]:
        for path, decision in self.decisions():
            yield from actions_in(f"{path}/actions", decision["actions"])

    def waiting(self) -> str:
        """A decision that waits for answers, of which none takes everything."""
        return self.decision(lambda one: "answer" in one["actions"][-1] and len(one["actions"]) < 20)

    def leaving(self) -> str:
        """The last action of a decision that always goes on at once."""
        path = self.decision(lambda one: "answer" not in one["actions"][-1])
        return f"{path}/actions/{len(self.get(path)['actions']) - 1}"

    def anywhere(self, action: Any) -> str:
        """Insert an action at a random place where it is run; its path."""
        path = self.pick(path for path, _ in self.actions())
        self.insert(path, action)
        return path

    def append(self, decision: str, action: Any) -> str:
        """Add an action at the end of a decision; its path."""
        path = f"{decision}/actions/{len(self.get(decision)['actions'])}"
        self.insert(path, action)
        return path

    def queue(self) -> dict[str, str]:
        """A queue that says nothing and that nothing leaves."""
        alone = [
            name for name, one in self.document["queues"].items() if "overflow" not in one and "welcome" not in one
        ]
        return goal("queue", self.chance.choice(alone))

    def text(self, **more: Any) -> str:
        """A message without buttons, somewhere."""
        return self.action("send_message", lambda one: "buttons" not in one)


def home(path: str) -> str:
    steps = path.split("/")
    return "/".join(steps[:4] if steps[0] == "decision_trees" else steps[:2])


def new(number: int, to: dict[str, str], **more: Any) -> Any:
    """A further answer, of words that nothing else has."""
    return chosen(to, type="similar", words=NEW[number], variants={"de": NEW[number]}, **more)


# Shape ----------------------------------------------------------------------------------------------------------------


@plants("wrong-type")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('queues')}/title"
    garden.put(path, 5)
    return Expected(path)


@plants("wrong-type")
def _(garden: Garden) -> Expected:
    path = f"{garden.action('condition')}/then"
    garden.put(path, "say hello")
    return Expected(path)


@plants("unknown-field")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity(garden.kind())}/colour"
    garden.put(path, "red")
    return Expected(path)


@plants("unknown-field")
def _(garden: Garden) -> Expected:
    path = f"{garden.action('loop')}/at_mots"
    garden.put(path, 5)
    return Expected(path)


@plants("missing-field")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity(garden.kind())}/title"
    garden.take(path)
    return Expected(path)


@plants("missing-field")
def _(garden: Garden) -> Expected:
    path = f"{garden.action('request')}/url"
    garden.take(path)
    return Expected(path)


@plants("unknown-type")
def _(garden: Garden) -> Expected:
    path = f"{garden.action('send_message')}/type"
    garden.put(path, "send_mesage")
    return Expected(path)


@plants("unknown-value")
def _(garden: Garden) -> Expected:
    path = f"{garden.action('create_ticket')}/priority"
    garden.put(path, "urgentt")
    return Expected(path)


@plants("bad-name")
def _(garden: Garden) -> Expected:
    path = f"{garden.action('request')}/into"
    garden.put(path, "two words")
    return Expected(path)


@plants("bad-duration")
def _(garden: Garden) -> Expected:
    path = f"{garden.decision(lambda one: 'no_answer' in one)}/no_answer/after"
    garden.put(path, "soon")
    return Expected(path)


@plants("bad-clock")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('time_groups')}/definitions/0/from"
    garden.put(path, "9:00")
    return Expected(path)


@plants("bad-date")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('time_groups')}/definitions/2/dates/first"
    garden.put(path, "24.12.")
    return Expected(path)


@plants("bad-url")
def _(garden: Garden) -> Expected:
    path = f"{garden.action('request')}/url"
    garden.put(path, "ftp://shop.example.com")
    return Expected(path)


@plants("bad-url")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('chatbots')}/url"
    garden.put(path, "bot.example.com")
    return Expected(path)


@plants("bad-secret")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('chatbots')}/secret"
    garden.put(path, "hunter2")
    return Expected(path)


@plants("bad-character")
def _(garden: Garden) -> Expected:
    path = f"{garden.text()}/text"
    garden.put(path, "Hel\0lo")
    return Expected(path)


@plants("out-of-range")
def _(garden: Garden) -> Expected:
    path = f"{garden.action('loop')}/at_most"
    garden.put(path, 1_001)
    return Expected(path)


@plants("too-long")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('terminates')}/title"
    garden.put(path, "x" * 201)
    return Expected(path)


@plants("too-short")
def _(garden: Garden) -> Expected:
    path = f"{garden.action('send_message')}/text"
    garden.put(path, "")
    return Expected(path)


@plants("all-and-any")
def _(garden: Garden) -> Expected:
    path = garden.action("condition", lambda one: "all" in one)
    garden.take(f"{path}/all")
    return Expected(path)


@plants("answer-and-execution")
def _(garden: Garden) -> Expected:
    path = garden.action("target", lambda one: "answer" in one)
    garden.take(f"{path}/answer")
    return Expected(path)


@plants("too-deep")
def _(garden: Garden) -> Expected:
    value: Any = 1
    for _ in range(200):
        value = [value]
    garden.put(f"{garden.action('save_data')}/value", value)
    return Expected("")


@plants("too-many-actions")
def _(garden: Garden) -> Expected:
    garden.anywhere(say("One more", "Noch eins"))
    return Expected("decision_trees")


# Names ----------------------------------------------------------------------------------------------------------------


def misspelt(garden: Garden, path: str) -> Expected:
    garden.put(path, f"{garden.get(path)}x")
    return Expected(path)


@plants("unknown-destination")
def _(garden: Garden) -> Expected:
    return misspelt(garden, f"{garden.entity('connectors')}/next/name")


@plants("unknown-destination")
def _(garden: Garden) -> Expected:
    return misspelt(garden, f"{garden.action('target', lambda one: one['to']['type'] != 'decision')}/to/name")


@plants("unknown-decision")
def _(garden: Garden) -> Expected:
    return misspelt(garden, f"{garden.action('target', lambda one: one['to']['type'] == 'decision')}/to/name")


@plants("unknown-decision")
def _(garden: Garden) -> Expected:
    return misspelt(garden, f"{garden.entity('decision_trees')}/start")


@plants("unknown-time-group")
def _(garden: Garden) -> Expected:
    return misspelt(garden, f"{garden.entity('categories')}/sla/time_group")


@plants("unknown-time-group")
def _(garden: Garden) -> Expected:
    return misspelt(garden, f"{garden.entity('time_groups', lambda one: bool(one['groups']))}/groups/0")


@plants("unknown-template")
def _(garden: Garden) -> Expected:
    return misspelt(garden, f"{garden.entity('terminates', lambda one: 'auto_response' in one)}/auto_response")


@plants("unknown-category")
def _(garden: Garden) -> Expected:
    return misspelt(garden, f"{garden.action('create_ticket')}/category")


@plants("unknown-custom-field")
def _(garden: Garden) -> Expected:
    return misspelt(garden, f"{garden.entity('chatbots')}/send_custom_fields/0")


@plants("unknown-queue")
def _(garden: Garden) -> Expected:
    return misspelt(garden, f"{garden.entity('connectors')}/takeover_queue")


@plants("unknown-cause")
def _(garden: Garden) -> Expected:
    return misspelt(garden, f"{garden.entity('terminates')}/cause")


@plants("no-connector")
def _(garden: Garden) -> Expected:
    garden.put("connectors", {})
    return Expected("connectors", "warning")


@plants("unreachable")
def _(garden: Garden) -> Expected:
    garden.put("automessages/lost", {"title": "Lost", "messages": [{"time": 5}], "next": garden.queue()})
    return Expected("automessages/lost", "warning")


@plants("unreachable")
def _(garden: Garden) -> Expected:
    garden.put("time_groups/lost", {**garden.get(garden.entity("time_groups")), "groups": []})
    return Expected("time_groups/lost", "warning")


@plants("unreachable-decision")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('decision_trees')}/decisions/lost"
    garden.put(path, {"title": "Lost", "actions": [{"type": "target", "to": garden.queue()}]})
    return Expected(path, "warning")


# The flow -------------------------------------------------------------------------------------------------------------

NEVER = {"left": "text", "operator": "is_empty"}


@plants("never-run")
def _(garden: Garden) -> Expected:
    path = garden.action("target", lambda one: "answer" not in one)
    prefix, _, index = path.rpartition("/")
    behind = f"{prefix}/{int(index) + 1}"
    garden.insert(behind, say("Too late", "Zu spät"))
    return Expected(behind, "warning")


@plants("dead-end")
def _(garden: Garden) -> Expected:
    path = garden.leaving()
    garden.put(path, {"type": "condition", "all": [NEVER], "then": [garden.get(path)]})
    return Expected(home(path))


@plants("may-dead-end")
def _(garden: Garden) -> Expected:
    path = garden.leaving()
    garden.put(path, {"type": "loop", "items": "messages", "as": "one", "actions": [garden.get(path)]})
    return Expected(home(path), "warning")


@plants("never-waits")
def _(garden: Garden) -> Expected:
    path = f"{home(garden.leaving())}/no_answer"
    garden.put(path, {"after": 60, "to": garden.queue()})
    return Expected(path, "warning")


@plants("circle")
def _(garden: Garden) -> Expected:
    decision = {"title": "Round", "actions": [{"type": "target", "to": goal("decision", "round")}]}
    garden.put("decision_trees/round", {"title": "Round", "start": "round", "decisions": {"round": decision}})
    garden.append(garden.waiting(), new(0, goal("decision_tree", "round")))
    return Expected("decision_trees/round/decisions/round")


@plants("circle")
def _(garden: Garden) -> Expected:
    path = garden.entity("time_conditions")
    garden.put(f"{path}/closed", goal("time_condition", path.rpartition("/")[2]))
    garden.append(garden.waiting(), new(1, garden.document["time_conditions"][path.rpartition("/")[2]]["open"]))
    return Expected(path)


@plants("may-circle")
def _(garden: Garden) -> Expected:
    path = garden.leaving()
    again = {"type": "target", "to": goal("decision", home(path).rpartition("/")[2])}
    garden.put(path, {"type": "condition", "all": [NEVER], "then": [again], "otherwise": [garden.get(path)]})
    return Expected(home(path), "warning")


@plants("fallback-circle")
def _(garden: Garden) -> Expected:
    path = garden.entity("chatbots")
    garden.put(f"{path}/fallback", goal("chatbot", path.rpartition("/")[2]))
    return Expected(f"{path}/fallback")


@plants("time-group-circle")
def _(garden: Garden) -> Expected:
    path = garden.entity("time_groups")
    garden.put(f"{path}/groups", [*garden.get(path)["groups"], path.rpartition("/")[2]])
    return Expected(f"{path}/groups")


@plants("overflow-to-itself")
def _(garden: Garden) -> Expected:
    path = garden.entity("queues", lambda one: "overflow" not in one)
    garden.put(f"{path}/max_wait", 60)
    garden.put(f"{path}/overflow", goal("queue", path.rpartition("/")[2]))
    return Expected(f"{path}/overflow", "warning")


@plants("outside-window")
def _(garden: Garden) -> Expected:
    messages = [{"time": "PT23H", "text": "Still there?", "variants": {"de": "Noch da?"}}, {"time": "PT25H"}]
    later = {"time": "PT24H", "text": "Bye", "variants": {"de": "Tschüss"}}
    garden.put(
        "automessages/late",
        {"title": "Late", "messages": [*messages, later], "next": garden.queue(), "on_reply": "next"},
    )
    garden.append(garden.waiting(), new(2, goal("automessage", "late")))
    return Expected("automessages/late/messages/2", "warning")


@plants("outside-window")
def _(garden: Garden) -> Expected:
    waiting = garden.waiting()
    first = {"title": "First", "messages": [{"time": "PT13H"}], "next": goal("decision_tree", "asleep")}
    garden.put("automessages/first", first)
    ask = {
        "title": "Ask",
        "actions": [say("Shall we go on?", "Sollen wir weitermachen?"), new(0, garden.queue())],
        "no_answer": {"after": "PT11H", "to": goal("decision", "say")},
    }
    bye = {"title": "Say", "actions": [say("Bye", "Tschüss"), {"type": "target", "to": garden.queue()}]}
    garden.put("decision_trees/asleep", {"title": "Asleep", "start": "ask", "decisions": {"ask": ask, "say": bye}})
    garden.append(waiting, new(3, goal("automessage", "first")))
    return Expected("decision_trees/asleep/decisions/say/actions/0", "warning")


# Answers --------------------------------------------------------------------------------------------------------------


@plants("duplicate-button")
def _(garden: Garden) -> Expected:
    path = garden.action("target", lambda one: one.get("answer", {}).get("type") == "button")
    text = garden.get(path)["answer"]["text"]
    again = chosen(garden.queue(), type="button", text=text.upper(), variants={"de": NEW[0]})
    return Expected(f"{garden.append(home(path), again)}/answer/text")


@plants("duplicate-button")
def _(garden: Garden) -> Expected:
    path = garden.action("target", lambda one: one.get("answer", {}).get("type") == "button")
    german = garden.get(path)["answer"]["variants"]["de"]
    again = chosen(garden.queue(), type="button", text=NEW[1], variants={"de": german})
    return Expected(f"{garden.append(home(path), again)}/answer/variants/de")


@plants("never-wins")
def _(garden: Garden) -> Expected:
    path = garden.action("target", lambda one: one.get("answer", {}).get("type") == "similar")
    german = garden.get(path)["answer"]["variants"]["de"]
    again = chosen(garden.queue(), type="similar", words=NEW[2], variants={"de": f"{german[1:]}, {german} bitte"})
    return Expected(f"{garden.append(home(path), again)}/answer/variants/de")


@plants("never-wins")
def _(garden: Garden) -> Expected:
    path = garden.action("target", lambda one: one.get("answer", {}).get("type") == "pattern")
    answer = garden.get(path)["answer"]
    again = chosen(garden.queue(), type="pattern", pattern=answer["pattern"], variants={"de": f"/{NEW[3]}/"})
    return Expected(f"{garden.append(home(path), again)}/answer/pattern")


@plants("two-defaults")
def _(garden: Garden) -> Expected:
    path = garden.action("target", lambda one: one.get("answer", {}).get("default", False))
    return Expected(f"{garden.append(home(path), new(4, garden.queue(), default=True))}/answer/default")


@plants("no-match-never-used")
def _(garden: Garden) -> Expected:
    path = home(garden.action("target", lambda one: one.get("answer", {}).get("default", False)))
    garden.put(f"{path}/no_match", {"text": "Sorry?", "variants": {"de": "Bitte?"}})
    return Expected(f"{path}/no_match", "warning")


@plants("bad-pattern")
def _(garden: Garden) -> Expected:
    answer = chosen(garden.queue(), type="pattern", pattern="/(?=a)/", variants={"de": "/b/"})
    return Expected(f"{garden.append(garden.waiting(), answer)}/answer/pattern")


# Predicates -----------------------------------------------------------------------------------------------------------


def predicate(garden: Garden, value: Any) -> str:
    """Put a predicate in the place of another one; its path."""
    condition = garden.action("condition")
    path = f"{condition}/{'all' if 'all' in garden.get(condition) else 'any'}/0"
    garden.put(path, value)
    return path


@plants("left-missing")
def _(garden: Garden) -> Expected:
    return Expected(f"{predicate(garden, {'operator': 'is_empty'})}/left")


@plants("left-superfluous")
def _(garden: Garden) -> Expected:
    return Expected(f"{predicate(garden, {'left': 'text', 'operator': 'language_is', 'right': 'de'})}/left")


@plants("right-missing")
def _(garden: Garden) -> Expected:
    return Expected(f"{predicate(garden, {'left': 'text', 'operator': 'equals'})}/right")


@plants("right-superfluous")
def _(garden: Garden) -> Expected:
    return Expected(f"{predicate(garden, {'left': 'text', 'operator': 'is_empty', 'right': 1})}/right")


@plants("in-needs-list")
def _(garden: Garden) -> Expected:
    return Expected(f"{predicate(garden, {'left': 'text', 'operator': 'in', 'right': 'a, b'})}/right")


# Templates ------------------------------------------------------------------------------------------------------------


def template(garden: Garden, text: str) -> Expected:
    path = f"{garden.text()}/text"
    garden.put(path, text)
    return Expected(path)


@plants("template")
def _(garden: Garden) -> Expected:
    return template(garden, "Hello {{ customer.name")


@plants("template")
def _(garden: Garden) -> Expected:
    return template(garden, "Hello {{ customer.name | uper }}")


@plants("unknown-variable")
def _(garden: Garden) -> Expected:
    return template(garden, "Hello {{ custmer.name }}")


@plants("unknown-variable")
def _(garden: Garden) -> Expected:
    path = f"{garden.action('loop')}/items"
    garden.put(path, "data.sen")
    return Expected(path)


@plants("variable-of-other-tree")
def _(garden: Garden) -> Expected:
    own = garden.action("request")
    other = garden.pick(
        path
        for path, one in garden.actions()
        if one["type"] == "send_message" and path.split("/")[1] != own.split("/")[1] and "buttons" not in one
    )
    garden.put(f"{other}/text", f"It is {{{{ {garden.get(own)['into']}.status }}}}")
    return Expected(f"{other}/text", "warning")


@plants("item-out-of-place")
def _(garden: Garden) -> Expected:
    return template(garden, "It is {{ item.name }}")


@plants("secret-out-of-place")
def _(garden: Garden) -> Expected:
    return template(garden, "It is {{ secrets.shop }}")


@plants("reserved-name")
def _(garden: Garden) -> Expected:
    loop = {"type": "loop", "items": "messages", "as": "ticket", "actions": [say("Hello", "Hallo")]}
    return Expected(f"{garden.anywhere(loop)}/as")


# Languages ------------------------------------------------------------------------------------------------------------


@plants("unknown-language")
def _(garden: Garden) -> Expected:
    return Expected(f"{predicate(garden, {'operator': 'language_is', 'right': 'fr'})}/right")


@plants("unknown-language")
def _(garden: Garden) -> Expected:
    path = f"{garden.text()}/variants/xq"
    garden.put(path, "Zzz")
    return Expected(path)


@plants("default-not-offered")
def _(garden: Garden) -> Expected:
    garden.put("languages/default", "cs")
    return Expected("languages/default")


@plants("variant-not-offered")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('templates')}/variants/cs"
    garden.put(path, "Na shledanou")
    return Expected(path, "warning")


@plants("variant-missing")
def _(garden: Garden) -> Expected:
    path = garden.action("send_message")
    garden.put(f"{path}/variants", {})
    garden.put(f"{path}/text", "Hello")
    return Expected(f"{path}/text", "warning")


# Instagram's limits ---------------------------------------------------------------------------------------------------


@plants("text-too-long")
def _(garden: Garden) -> Expected:
    path = f"{garden.text()}/variants/de"
    garden.put(path, "ü" * 501)
    return Expected(path, "warning")


@plants("button-title-too-long")
def _(garden: Garden) -> Expected:
    button = chosen(garden.queue(), type="button", text=NEW[5], variants={"de": f"{NEW[5]} für alle und jeden"})
    return Expected(f"{garden.append(garden.waiting(), button)}/answer/variants/de", "warning")


@plants("too-many-buttons")
def _(garden: Garden) -> Expected:
    path = garden.waiting()
    for word in NEW[:14]:
        garden.append(path, chosen(garden.queue(), type="button", text=word, variants={"de": word}))
    return Expected(path, "warning")


def links(garden: Garden, count: int, text: str, title: str) -> str:
    button = {"text": title, "variants": {"de": "Seite"}, "url": "https://shop.example.com"}
    return garden.anywhere(say(text, "Schau", buttons=[button] * count))


@plants("link-title-too-long")
def _(garden: Garden) -> Expected:
    return Expected(f"{links(garden, 1, 'Look', 'The page of our shop in Prague')}/buttons/0/text", "warning")


@plants("too-many-links")
def _(garden: Garden) -> Expected:
    return Expected(f"{links(garden, 4, 'Look', 'Our page')}/buttons", "warning")


@plants("link-message-too-long")
def _(garden: Garden) -> Expected:
    return Expected(f"{links(garden, 2, 'x' * 641, 'Our page')}/text", "warning")


@plants("duplicate-ice-breaker")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('connectors')}/ice_breakers/1/question"
    garden.put(path, "Where?")
    return Expected(path)


# Times ----------------------------------------------------------------------------------------------------------------


@plants("unknown-timezone")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('time_groups')}/timezone"
    garden.put(path, "Europe/Belin")
    return Expected(path)


@plants("unknown-holidays")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('time_groups')}/definitions/1/countries"
    garden.put(path, ["cz"])
    return Expected(f"{path}/0")


@plants("dates-reversed")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('time_groups')}/definitions/2"
    garden.put(path, {"type": "closed", "system": "own", "dates": {"first": "2026-12-26", "last": "2026-12-24"}})
    return Expected(f"{path}/dates")


@plants("yearly-without-dates")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('time_groups')}/definitions/2"
    garden.take(f"{path}/dates")
    return Expected(f"{path}/yearly")


@plants("same-times")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('time_groups')}/definitions/0/to"
    garden.put(path, "08:00")
    return Expected(path)


@plants("never-holds")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('time_groups')}/definitions/0/weekdays"
    garden.put(path, [])
    return Expected(path, "warning")


@plants("always-closed")
def _(garden: Garden) -> Expected:
    path = garden.entity("time_groups")
    garden.put(f"{path}/groups", [*garden.get(path)["groups"], "empty"])
    garden.put("time_groups/empty", {"title": "Empty", "timezone": "Europe/Prague"})
    return Expected("time_groups/empty", "warning")


# Entities -------------------------------------------------------------------------------------------------------------


@plants("same-time")
def _(garden: Garden) -> Expected:
    path = f"{garden.entity('automessages')}/messages/1/time"
    garden.put(path, 0)
    return Expected(path, "warning")


@plants("duplicate-account")
def _(garden: Garden) -> Expected:
    path = garden.entity("connectors")
    garden.put("connectors/twin", {**garden.get(path), "title": "Twin"})
    return Expected("connectors/twin/account")


@plants("takeover-queue-unused")
def _(garden: Garden) -> Expected:
    path = garden.entity("connectors")
    garden.put(f"{path}/takeover", False)
    return Expected(f"{path}/takeover_queue", "warning")


@plants("overflow-without-max-wait")
def _(garden: Garden) -> Expected:
    path = garden.entity("queues", lambda one: "max_wait" not in one)
    name = path.rpartition("/")[2]
    other = garden.chance.choice([one for one in garden.document["queues"] if one != name])
    garden.put(f"{path}/overflow", goal("queue", other))
    return Expected(f"{path}/overflow", "warning")


@plants("max-wait-without-overflow")
def _(garden: Garden) -> Expected:
    path = garden.entity("queues", lambda one: "max_wait" not in one)
    garden.put(f"{path}/max_wait", 60)
    return Expected(f"{path}/max_wait", "warning")


assert not {word.lower() for pair in VOCABULARY for word in pair} & {word.lower() for word in NEW}
