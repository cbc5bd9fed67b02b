"""Valid configurations of any size, with everything that the language has and no problem that check() could find.

What happens in silence (targets taken at once, times, overflows) only leads forward, and the hours on the way are added
up while it is built, so that nothing goes round and no message leaves the 24-hour window. Answers lead anywhere.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

from routing.answers import match_similar

PAIRS = """
bread Brot | butter Butterfass | cheese Käse | coffee Kaffee | delivery Zustellung | exchange Umtausch | flowers Blumen
garden Garten | gift Geschenk | holiday Urlaub | invoice Rechnung | jacket Mantel | kitchen Küche | lamp Leuchte
mirror Spiegel | napkin Serviette | opening Beginn | payment Zahlung | quality Güte | refund Erstattung | shelf Regal
table Tisch | umbrella Schirm | voucher Gutschein | warranty Garantie | yoghurt Joghurt | zebra Streifen
""".replace("\n", " | ")
HOURS = 3600
LATEST = 16 * HOURS
"""No place is reached later than this after the customer's last words, so that what may follow is in time."""


def _vocabulary() -> list[tuple[str, str]]:
    """The pairs (English, German) of which none could be taken for another."""
    found: list[tuple[str, str]] = []
    for english, german in (pair.split() for pair in PAIRS.split(" | ") if pair.strip()):
        if not any(
            match_similar(one, other)
            for earlier in found
            for one, other in [(earlier[0], english), (english, earlier[0]), (earlier[1], german), (german, earlier[1])]
        ):
            found.append((english, german))
    return found


VOCABULARY = _vocabulary()


def generated(decisions: int, seed: int = 0) -> Any:
    """A document with so many decisions in all; the same for the same numbers."""
    return _Builder(Random(f"{decisions}/{seed}"), decisions).document()


def goal(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "name": name}


def say(text: str, german: str, **more: Any) -> dict[str, Any]:
    return {"type": "send_message", "text": text, "variants": {"de": german}, **more}


def chosen(to: dict[str, str], **answer: Any) -> dict[str, Any]:
    return {"type": "target", "to": to, "execution": "when_client_chooses", "answer": answer}


class _Builder:
    def __init__(self, chance: Random, decisions: int) -> None:
        self.chance = chance
        some = max(2, decisions // 25)
        """How many there are of each kind of place."""
        self.queues = [f"queue-{number}" for number in range(some)]
        self.ends = [f"end-{number}" for number in range(some)]
        self.bots = [f"bot-{number}" for number in range(max(1, some // 4))]
        self.groups = [f"hours-{number}" for number in range(max(2, some // 4))]
        self.categories = [f"category-{number}" for number in range(max(1, some // 4))]
        self.fields = [f"field_{number}" for number in range(max(1, some // 4))]
        self.trees: dict[str, list[str]] = {}
        left = decisions
        while left:
            count = min(left, chance.randint(4, min(60, max(4, decisions // 4))))
            self.trees[f"tree-{len(self.trees)}"] = [f"decision-{number}" for number in range(count)]
            left -= count
        names = list(self.trees)
        # A way to each later tree: itself, or an automessage or a time condition that leads there.
        self.ways = {
            name: goal(
                *[("decision_tree", name), ("automessage", f"wait-{at}"), ("time_condition", f"open-{at}")][at % 3]
            )
            for at, name in enumerate(names)
        }
        self.unplaced: list[dict[str, str]] = [
            *(goal("terminate", name) for name in self.ends),
            *(goal("chatbot", name) for name in self.bots),
            *(goal("queue", name) for name in self.queues),
        ]
        chance.shuffle(self.unplaced)
        self.tickets = list(self.categories)
        self.age: dict[str, float] = dict.fromkeys(names, 0.0)
        """The longest silence with which each tree can be reached."""

    def document(self) -> Any:
        trees = {name: self.tree(at, name) for at, name in enumerate(self.trees)}
        while self.unplaced or self.tickets:  # a small configuration has few decisions to name them
            tree = self.chance.choice(list(trees.values()))
            waiting = [one for one in tree["decisions"].values() if one["actions"][-1].get("answer")]
            for decision in waiting[:1]:
                self.name_one(decision["actions"])
        return {
            "format": 1,
            "languages": {"default": "en", "offered": ["en", "de"]},
            "connectors": {f"shop-{number}": self.connector(number) for number in range(min(6, 1 + len(trees) // 3))},
            "automessages": {
                way["name"]: self.automessage(name) for name, way in self.ways.items() if way["type"] == "automessage"
            },
            "time_groups": {name: self.group(at) for at, name in enumerate(self.groups)},
            "time_conditions": {
                way["name"]: self.condition(name) for name, way in self.ways.items() if way["type"] == "time_condition"
            },
            "decision_trees": trees,
            "chatbots": {name: self.bot(at) for at, name in enumerate(self.bots)},
            "queues": {name: self.queue(at) for at, name in enumerate(self.queues)},
            "terminates": {name: self.end(at) for at, name in enumerate(self.ends)},
            "templates": {
                f"text-{number}": {
                    "title": "Text",
                    "text": f"Goodbye {number}",
                    "variants": {"de": f"Tschüss {number}"},
                }
                for number in range(0, len(self.ends), 2)
            },
            "categories": {
                name: {"title": "Category", "sla": {"within": "PT8H", "time_group": self.groups[0 if at == 0 else -1]}}
                for at, name in enumerate(self.categories)
            },
            "custom_fields": {name: {"title": "Field"} for name in self.fields},
            "disconnection_causes": {"happy": {"title": "Left happy"}},
        }

    # Decisions --------------------------------------------------------------------------------------------------------

    def tree(self, at: int, name: str) -> Any:
        names = self.trees[name]
        follow: dict[int, list[int]] = {}
        for later in range(1, len(names)):
            follow.setdefault(self.chance.randrange(later), []).append(later)
        ages = {names[0]: self.age[name]}
        later_trees = [other for number, other in enumerate(self.trees) if number > at]
        decisions: dict[str, Any] = {}
        for number, decision in enumerate(names):
            goals = [goal("decision", names[later]) for later in follow.get(number, [])]
            if number == 0 and later_trees:
                goals.append(self.ways[later_trees[0]])
            decisions[decision] = self.decision(name, names, number, goals, ages, later_trees)
        return {"title": f"Tree {at}", "start": names[0], "decisions": decisions}

    def decision(
        self, tree: str, names: list[str], number: int, goals: list[Any], ages: dict[str, float], later: list[str]
    ) -> Any:
        """One that leads at least to these goals; `ages` is how late each decision of the tree can be reached."""
        chance, age = self.chance, ages.get(names[number], 0.0)
        goals = [*goals, self.anywhere(names, later)]
        found: dict[str, Any] = {"title": f"Decision {number}", "actions": self.talk(tree, number)}
        if number % 3 == 2:
            for to in goals[:-1]:
                self.reach(to, age, ages)
                found["actions"].append(self.only_if(tree, to))
            end = goal("queue", chance.choice(self.queues)) if goals[-1]["type"] == "decision" else goals[-1]
            self.reach(end, age, ages)
            found["actions"].append({"type": "target", "to": end})
            return found
        if number % 6 == 0:
            found["actions"].append(self.array(tree, goals[0]))
        words = chance.sample(VOCABULARY, len(goals) + 1)
        default = chance.random() < 0.3
        for at, to in enumerate(goals):
            # What the customer answers makes the conversation young again, so an answer may lead anywhere.
            found["actions"].append(self.offer(to, words[at], number + at, default and at == 0))
        if chance.random() < 0.4:
            found["no_answer"] = {"after": 2 * HOURS, "to": self.ahead(names, number, age + 2 * HOURS, ages, later)}
        if not default and chance.random() < 0.5:
            found["no_match"] = {
                "text": "Please choose.", "variants": {"de": "Bitte wählen."}, "attempts": 2,
                "to": goal("queue", chance.choice(self.queues)),
            }  # fmt: skip
        return found

    def anywhere(self, names: list[str], later: list[str]) -> dict[str, str]:
        """A goal for an answer: what nothing has named yet, else any place or decision."""
        if self.unplaced:
            return self.unplaced.pop()
        return self.chance.choice(
            [
                goal("decision", self.chance.choice(names)),
                goal("queue", self.chance.choice(self.queues)),
                goal("terminate", self.chance.choice(self.ends)),
                self.ways[self.chance.choice(later)] if later else goal("chatbot", self.chance.choice(self.bots)),
            ]
        )

    def ahead(
        self, names: list[str], number: int, age: float, ages: dict[str, float], later: list[str]
    ) -> dict[str, str]:
        """A goal further on, for a customer who says nothing; an end where it is late already."""
        further = names[number + 1 : number + 9]
        if age < LATEST and further and self.chance.random() < 0.5:
            to = goal("decision", self.chance.choice(further))
        elif age < LATEST - 4 * HOURS and later and self.chance.random() < 0.3:
            to = self.ways[later[0]]
        else:
            return goal("terminate", self.chance.choice(self.ends))
        self.reach(to, age, ages)
        return to

    def reach(self, to: dict[str, str], age: float, ages: dict[str, float]) -> None:
        """Note that a place further on can be reached so late."""
        if to["type"] == "decision":
            ages[to["name"]] = max(ages.get(to["name"], 0.0), age)
        for tree, way in self.ways.items():
            if way == to:
                wait = 3 * HOURS if to["type"] == "automessage" else 0
                self.age[tree] = max(self.age[tree], age + wait)
                return

    def offer(self, to: dict[str, str], words: tuple[str, str], number: int, default: bool) -> Any:
        english, german = words
        more: dict[str, Any] = {"default": True} if default else {}
        match number % 3:
            case 0:
                answer = {"type": "similar", "words": english, "variants": {"de": german}, **more}
            case 1 if not default:
                answer = {"type": "button", "text": english.title(), "variants": {"de": german}}
            case _:
                pattern = f"/^{english}(?P<number>[0-9]{{6}})$/i"
                variants = {"de": f"/^{german}(?P<number>[0-9]{{6}})$/i"}
                answer = {"type": "pattern", "pattern": pattern, "variants": variants, **more}
        return chosen(to, **answer)

    def array(self, tree: str, to: dict[str, str]) -> Any:
        """Buttons of an array that a request has brought."""
        items, title = f"got_{tree.replace('-', '_')}.body.items", "{{ item.name }}"
        return chosen(to, type="generated_buttons", items=items, title=title, value="{{ item.id }}")

    def only_if(self, tree: str, to: dict[str, str]) -> Any:
        """A target that is taken on one branch, some levels down."""
        action: Any = {"type": "target", "to": to}
        for _ in range(self.chance.randint(1, 3)):
            action = {"type": "condition", "all": [self.predicate(tree)], "then": [action]}
        return action

    def name_one(self, actions: list[Any]) -> None:
        """Name what nothing has named yet, at the beginning of a decision that waits for answers."""
        if self.tickets:
            actions.insert(0, self.ticket(self.tickets.pop()))
            return
        number = sum(1 for one in actions if one.get("answer"))
        english, german = VOCABULARY[-1 - number]
        taken = {
            one["answer"].get("words") or one["answer"].get("text", "").lower() for one in actions if "answer" in one
        }
        if english not in taken and number < 12:
            actions.append(self.offer(self.unplaced.pop(), (english, german), 0, False))

    # What is said and done before -------------------------------------------------------------------------------------

    def talk(self, tree: str, number: int) -> list[Any]:
        """Some actions, with conditions and loops inside each other; each tree has objects of its own."""
        got = f"got_{tree.replace('-', '_')}"
        actions: list[Any] = [say(f"Hello {number} from {{{{ data.seen }}}}", f"Hallo {number}, {{{{ text }}}}")]
        if number % 6 == 0:
            request = {
                "type": "request", "url": f"https://shop.example.com/{number}/{{{{ customer.id }}}}", "method": "POST",
                "headers": {"Authorization": "Bearer {{ secrets.shop }}"}, "body": {"said": "{{ text }}"}, "into": got,
            }  # fmt: skip
            actions += [request, self.nested(tree, got, 1 + number // 6 % 3)]
        if number % 5 == 1:
            actions.append({"type": "save_data", "field": "seen", "value": number})
        if number % 5 == 2:
            field = self.chance.choice(self.fields)
            actions.append({"type": "save_data", "field": field, "value": "{{ answer.text }}", "scope": "contact"})
        if number % 7 == 3:
            actions.append(self.ticket(self.tickets.pop() if self.tickets else self.chance.choice(self.categories)))
        if number % 6 == 5:
            link = {"text": "Our page", "variants": {"de": "Unsere Seite"}, "url": "https://shop.example.com"}
            actions.append(say("Look:", "Schau:", image="https://shop.example.com/a.png", buttons=[link]))
        return actions

    def nested(self, tree: str, got: str, levels: int) -> Any:
        inner: list[Any] = [say(f"{{{{ {got}.status }}}} it is", f"{{{{ {got}.status }}}} ist es")]
        for level in range(levels):
            one = f"one_{level}"
            inner = [
                {
                    "type": "loop", "items": f"{got}.body.items", "as": one, "at_most": 5,
                    "actions": [say(f"{{{{ {one}.name }}}} is there", f"{{{{ {one}.name }}}} ist da"), *inner],
                },
                {
                    "type": "condition", "any": [self.predicate(tree), {"operator": "language_is", "right": "de"}],
                    "then": [say("Good", "Gut")], "otherwise": [{"type": "save_data", "field": "seen", "value": level}],
                },
            ]  # fmt: skip
        return {
            "type": "condition",
            "all": [{"left": f"{got}.ok", "operator": "equals", "right": True}],
            "then": inner,
            "otherwise": [say("Sorry", "Verzeihung")],
        }

    def predicate(self, tree: str) -> Any:
        return self.chance.choice(
            [
                {"left": "text", "operator": "contains", "right": "a"},
                {"left": "data.seen", "operator": "greater", "right": 3},
                {"left": "text", "operator": "matches", "right": "/^[a-z]+$/"},
                {"left": "attachments", "operator": "is_empty"},
                {"left": f"contact.{self.fields[0]}", "operator": "in", "right": ["a", "b"]},
            ]
        )

    def ticket(self, category: str) -> Any:
        return {
            "type": "create_ticket",
            "title": "Help",
            "category": category,
            "comment": "{{ text }}",
            "priority": "high",
        }

    # The other places -------------------------------------------------------------------------------------------------

    def connector(self, number: int) -> Any:
        first = list(self.ways.values())[0 if number == 0 else self.chance.randrange(len(self.ways))]
        found: dict[str, Any] = {
            "title": f"Shop {number}", "account": f"1784{number}", "next": first,
            "burst": {"answer": ["join", "each", "last"][number % 3], "quiet": number},
            "takeover_queue": self.chance.choice(self.queues),
            "ice_breakers": [{"question": "Where?", "payload": "where"}, {"question": "When?", "payload": "when"}],
        }  # fmt: skip
        if number % 2 == 0:
            found["idle"] = {"after": "PT23H", "to": goal("terminate", self.ends[1])}  # which says nothing
        return found

    def automessage(self, tree: str) -> Any:
        messages = [
            {"time": 0, "text": "One moment", "variants": {"de": "Moment"}},
            {"time": "PT90M", "text": "Still looking", "variants": {"de": "Wir suchen"}},
            {"time": "PT3H"},
        ]
        reply = self.chance.choice(["continue", "next"])
        return {"title": "Wait", "messages": messages, "on_reply": reply, "next": goal("decision_tree", tree)}

    def group(self, at: int) -> Any:
        """Links only lead to later groups."""
        return {
            "title": f"Hours {at}",
            "timezone": self.chance.choice(["Europe/Prague", "America/New_York", "Asia/Tokyo"]),
            "groups": self.groups[at + 1 : at + 2],
            "definitions": [
                {"type": "open", "system": "own", "weekdays": ["mon", "tue"], "from": "08:00", "to": "17:00"},
                {"type": "closed", "system": "public_holidays", "countries": ["CZ"]},
                {
                    "type": "closed", "system": "own", "yearly": True,
                    "dates": {"first": "2026-12-24", "last": "2026-12-26"},
                },
            ],
        }  # fmt: skip

    def condition(self, tree: str) -> Any:
        at = list(self.trees).index(tree)
        group = self.groups[0] if at < 3 else self.chance.choice(self.groups)
        closed = goal("terminate", self.chance.choice(self.ends))
        return {"title": "Open?", "time_group": group, "open": goal("decision_tree", tree), "closed": closed}

    def bot(self, at: int) -> Any:
        return {
            "title": f"Bot {at}", "url": "https://bot.example.com/talk",
            "fallback": goal("queue", self.queues[at % len(self.queues)]),
            "send_start_message": at % 2 == 0, "send_custom_fields": [self.chance.choice(self.fields)],
            "secret": "secrets.bot",
        }  # fmt: skip

    def queue(self, at: int) -> Any:
        """Every third one stands alone; overflows only lead to later queues, three at the most, or to an end."""
        found: dict[str, Any] = {"title": f"Queue {at}", "agents": ["anna"], "priority": at % 11}
        if at % 3:
            overflow = goal("queue", self.queues[at + 1]) if at % 9 == 1 and at + 1 < len(self.queues) else None
            found["max_wait"] = "PT30M"
            found["overflow"] = overflow or goal("terminate", self.chance.choice(self.ends))
            found["welcome"] = {"text": "Welcome", "variants": {"de": "Willkommen"}}
            found["after_close"] = goal("terminate", self.ends[1])
        return found

    def end(self, at: int) -> Any:
        """Every second one says something."""
        found: dict[str, Any] = {"title": f"End {at}", "cause": self.chance.choice(["user", "happy", "timeout"])}
        if at % 2 == 0:
            found |= {"auto_response": f"text-{at}", "queue": self.chance.choice(self.queues)}
        return found


def actions_in(prefix: str, actions: Any) -> Iterator[tuple[str, Any]]:
    """Each action of a sequence with its path, however deep it lies."""
    for index, action in enumerate(actions):
        path = f"{prefix}/{index}"
        yield path, action
        for field in ("then", "otherwise", "actions"):
            yield from actions_in(f"{path}/{field}", action.get(field, ()))
