"""Random configurations that check() accepts, and random things that happen to conversations (Hypothesis)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

from hypothesis import assume
from hypothesis import strategies as st

from routing.configuration import Operator
from routing.conversation import AwaitsBot, Conversation
from routing.filters import SECRET
from routing.graph import Graph
from routing.messages import (
    AgentAccepted,
    AgentClosed,
    AgentWrote,
    Attachment,
    BotAccepted,
    BotFailed,
    BotReplied,
    CustomerMessage,
    Delivered,
    Enqueued,
    Event,
    RequestAnswered,
    TicketCreated,
    TicketFailed,
    TimeCame,
    Transferred,
    Wrote,
)
from routing.problems import check

TREES = ("t0", "t1")
DECISIONS = ("d0", "d1", "d2")
DESTINATIONS = [
    *(("automessage", name) for name in ("a0", "a1")),
    ("time_condition", "c0"),
    *(("decision_tree", name) for name in TREES),
    ("chatbot", "b0"),
    *(("queue", name) for name in ("q0", "q1")),
    *(("terminate", name) for name in ("e0", "e1")),
]
TEXTS = [
    "Hi",
    "{{ text }}",
    "{{ data.x }}",
    "{{ answer.text }}{{ answer.n }}",
    "{{ contact.f }}",
    "{{ r.body | json }}",
]
TEXTS += [
    "{{ now }} {{ ticket.number }}",
    "{% if r.ok %}ok{% else %}{{ r.error }}{% endif %}",
    "{{ messages | length }}",
]
ARRAYS = ["data.x", "messages", "text", "r.body", "r.body.items", "attachments"]
WORDS = ["yes", "no", "maybe", "5", "number 5", "2", "help", "Ano", "", f"{SECRET}key{SECRET}", "a\nb", "🌵", "x" * 300]
BODIES = [None, "text", 5, [], [1, "two", None], {"items": [{"id": 1}, {"id": 2}]}, {"items": "none"}, [[1], [2, [3]]]]

texts = st.sampled_from(TEXTS)
durations = st.sampled_from([60, 300, "PT1H", "P1D"])
variants = st.sampled_from([{}, {"cs": "Ano"}, {"cs": "{{ data.x }}"}])


def named(pairs: Sequence[tuple[str, str]]) -> st.SearchStrategy[dict[str, str]]:
    return st.sampled_from([{"type": kind, "name": name} for kind, name in pairs])


destinations = named(DESTINATIONS)
decision_goals = named([("decision", name) for name in DECISIONS])
goals = st.one_of(decision_goals, decision_goals, destinations)
resting = named([pair for pair in DESTINATIONS if pair[0] in ("queue", "terminate", "chatbot")])


def spec(required: dict[str, st.SearchStrategy[Any]], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(required, optional=optional)


def kind(
    name: str, required: dict[str, st.SearchStrategy[Any]], **optional: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    return spec({"type": st.just(name), **required}, **optional)


answers = st.one_of(
    kind("pattern", {"pattern": st.sampled_from(["/(?P<n>[0-9]+)/", "/^yes$/i", "/a.b/s"])}),
    kind("similar", {"words": st.sampled_from(["yes", "no, never", "help, person"])}, variants=variants),
    kind(
        "button",
        {"text": st.sampled_from(["Yes", "No", "Maybe later", "A title that is rather long"])},
        variants=variants,
    ),
    kind(
        "generated_buttons",
        {"items": st.sampled_from(ARRAYS), "title": st.just("{{ item }}"), "value": st.just("{{ item.id }}")},
    ),
)
links = st.lists(st.just({"text": "Site", "url": "https://x.example.com/{{ text }}"}), max_size=2)
rights = st.sampled_from([5, "text", True, [1, 5], "{{ data.x }}", "/x/"])
targets = st.one_of(
    kind("target", {"to": goals}),
    kind("target", {"to": goals, "execution": st.just("when_client_chooses"), "answer": answers}),
    kind("target", {"to": goals, "execution": st.just("when_client_chooses"), "answer": answers}),
)
simple = st.one_of(
    kind(
        "send_message", {"text": texts}, variants=variants, image=st.just("https://x.example.com/a.png"), buttons=links
    ),
    kind("send_message", {"text": texts}),
    kind("save_data", {"field": st.just("x"), "value": st.one_of(texts, st.sampled_from(BODIES))}),
    kind("save_data", {"field": st.just("language"), "value": st.sampled_from(["cs", "en", "{{ data.x }}"])}),
    kind("save_data", {"field": st.just("f"), "value": texts, "scope": st.just("contact")}),
    kind("create_ticket", {"title": texts, "category": st.just("k0")}, comment=texts),
    kind("request", {"url": st.just("https://x.example.com/{{ text }}"), "into": st.just("r")}, body=texts),
    kind(
        "request",
        {"url": st.just("https://x.example.com"), "into": st.just("r")},
        headers=st.just({"K": "{{ secrets.k }}"}),
    ),
)


@st.composite
def predicates(draw: st.DrawFn) -> dict[str, Any]:
    operator = draw(st.sampled_from(get_args(Operator)))
    left = draw(st.sampled_from(["text", "data.x", "r.ok", "r.body.items", "contact.f", "answer.n"]))
    match operator:
        case "language_is":
            return {"operator": operator, "right": "cs"}
        case "is_empty" | "is_not_empty":
            return {"left": left, "operator": operator}
        case "in":
            return {"left": left, "operator": operator, "right": draw(st.sampled_from([[1, "yes"], "{{ data.x }}"]))}
        case "matches":
            return {"left": left, "operator": operator, "right": "/^[a-z]/"}
        case _:
            return {"left": left, "operator": operator, "right": draw(rights)}


def groups(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    branch = st.lists(inner, max_size=3)
    some = st.lists(predicates(), min_size=1, max_size=2)
    return st.one_of(
        kind("condition", {"all": some, "then": branch}, otherwise=branch),
        kind("condition", {"any": some, "then": branch}, otherwise=branch),
        kind(
            "loop",
            {"items": st.sampled_from(ARRAYS), "as": st.just("element"), "actions": branch},
            at_most=st.integers(1, 5),
        ),
    )


actions = st.recursive(st.one_of(simple, simple, targets), groups, max_leaves=6)


@st.composite
def decisions(draw: st.DrawFn) -> dict[str, Any]:
    """The last action is a way on, because a decision that can end with no target is a problem."""
    on = {"execution": st.just("when_client_chooses"), "answer": st.just({"type": "button", "text": "On"})}
    asks = kind("target", {"to": goals, **on})
    way_on = st.one_of(asks, asks, asks, kind("target", {"to": resting}), kind("target", {"to": goals}))
    return {
        "title": "Decision",
        "actions": [*draw(st.lists(actions, max_size=4)), draw(way_on)],
        **draw(
            spec(
                {},
                no_match=spec({}, text=texts, attempts=st.integers(1, 3), to=goals),
                no_answer=spec({"after": durations, "to": goals}),
            )
        ),
    }


messages = st.lists(
    spec({"time": st.sampled_from([0, 60, "PT20H"])}, text=texts, variants=variants), min_size=1, max_size=3
)
hours = {
    "title": "G",
    "timezone": "Europe/Prague",
    "definitions": [{"type": "open", "system": "own", "from": "08:00", "to": "16:00"}],
}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A configuration of all kinds of places; it may have errors."""
    connector = draw(
        spec(
            {
                "title": st.just("S"),
                "next": st.one_of(named([("decision_tree", name) for name in TREES]), destinations),
            },
            attachments=st.sampled_from(["none", "customer", "both"]),
            burst=spec({}, answer=st.sampled_from(["join", "each", "last"]), quiet=st.sampled_from([0, 30])),
            idle=spec({"after": durations, "to": destinations}),
            takeover=st.booleans(),
            takeover_queue=st.just("q0"),
        )
    )
    trees = {
        tree: {"title": "T", "start": "d0", "decisions": {name: draw(decisions()) for name in DECISIONS}}
        for tree in TREES
    }
    # What templates read is defined in each tree.
    for tree in trees.values():
        value = draw(st.sampled_from(BODIES))
        tree["decisions"]["d0"]["actions"].insert(0, {"type": "save_data", "field": "x", "value": value})
        request = {"type": "request", "url": "https://x.example.com/r", "into": "r"}
        tree["decisions"]["d2"]["actions"].insert(0, request)
        answer = {"type": "pattern", "pattern": "/^(?P<n>[0-9]{9})$/"}
        offer = {
            "type": "target",
            "to": {"type": "queue", "name": "q0"},
            "execution": "when_client_chooses",
            "answer": answer,
        }
        tree["decisions"]["d1"]["actions"].insert(0, offer)
    queue = spec(
        {"title": st.just("Q")},
        max_wait=durations,
        overflow=destinations,
        after_close=destinations,
        welcome=spec({"text": texts}, variants=variants),
    )
    end = spec(
        {"title": st.just("E"), "cause": st.sampled_from(["user", "spam"])},
        queue=st.just("q0"),
        auto_response=st.just("m0"),
        answered=st.booleans(),
    )
    chatbot = spec(
        {"title": st.just("B"), "url": st.just("https://bot.example.com"), "fallback": resting},
        send_start_message=st.booleans(),
        send_attachments=st.booleans(),
        send_custom_fields=st.just(["f"]),
    )
    condition = spec({"title": st.just("C"), "time_group": st.just("g0"), "open": destinations, "closed": destinations})
    auto = spec(
        {"title": st.just("A"), "messages": messages, "next": destinations},
        on_reply=st.sampled_from(["continue", "next"]),
    )
    return {
        "format": 1,
        "languages": {"default": "en", "offered": ["en", "cs"]},
        "connectors": {"shop": connector},
        "automessages": {name: draw(auto) for name in ("a0", "a1")},
        "time_groups": {"g0": hours},
        "time_conditions": {"c0": draw(condition)},
        "decision_trees": trees,
        "chatbots": {"b0": draw(chatbot)},
        "queues": {name: draw(queue) for name in ("q0", "q1")},
        "terminates": {name: draw(end) for name in ("e0", "e1")},
        "templates": {"m0": {"title": "M", "text": draw(texts)}},
        "categories": {"k0": {"title": "K"}},
        "custom_fields": {"f": {"title": "F"}},
        "disconnection_causes": {"spam": {"title": "Spam"}},
    }


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """The graph of a configuration that check() accepts; those with errors are thrown away."""
    graph = check(draw(documents())).graph
    assume(graph is not None)
    assert graph is not None
    return graph


# What happens ---------------------------------------------------------------------------------------------------------

passing = st.sampled_from([0, 0, 1, 30, 60, 3600, 100_000])
"""Seconds between two events."""


@st.composite
def written(draw: st.DrawFn, conversation: Conversation, now: datetime, number: int) -> Wrote:
    """The customer writes or taps: what was offered, what a bot offered, or what nobody did."""
    payloads: list[str | None] = [
        None,
        None,
        "unknown",
        *(offer.payload for offer in conversation.offers if offer.payload),
    ]
    if isinstance(conversation.waiting, AwaitsBot):
        payloads += list(conversation.waiting.clicks)
    titles = [offer.title for offer in conversation.offers if offer.title]
    several = draw(
        st.lists(st.tuples(st.sampled_from([*WORDS, *titles]), st.sampled_from(payloads)), min_size=1, max_size=3)
    )
    return Wrote(
        messages=tuple(
            CustomerMessage(
                key=f"m:{number}/{index}",
                at=now + timedelta(seconds=draw(st.sampled_from([0, 0, -90, 5]))),
                text=text,
                payload=payload,
                attachments=draw(st.sampled_from([(), (Attachment(type="image", url="https://x.example.com/i"),)])),
                language=draw(st.sampled_from([None, "cs", "fr"])),
            )
            for index, (text, payload) in enumerate(several)
        )
    )


@st.composite
def events(draw: st.DrawFn, graph: Graph, conversation: Conversation, now: datetime, number: int) -> Event:
    """Any event, fitting or not: the customer's first words, then mostly what the conversation waits for."""
    offset = timedelta(seconds=draw(st.sampled_from([0, 2])))
    words = st.sampled_from(WORDS)
    answered = st.builds(
        RequestAnswered,
        ok=st.booleans(),
        status=st.sampled_from([None, 200, 500]),
        body=st.sampled_from(BODIES),
        error=st.sampled_from([None, "down"]),
    )
    replied = st.builds(
        BotReplied,
        key=st.just(f"reply/{number}"),
        text=words,
        buttons=st.sampled_from(
            [(), ({"text": "Site", "url": "https://x.example.com"}, {"text": "B", "name": "b" * 300})]
        ),
        quickreplies=st.sampled_from(
            [(), ({"name": "n", "text": "N"},), tuple({"name": f"{n}", "text": f"N{n}"} for n in range(15))]
        ),
        transfer=st.sampled_from([None, None, "q1", "nobody"]),
    )
    wrote = written(conversation, now, number)
    fitting: dict[str, st.SearchStrategy[Event]] = {
        "unopened": wrote,
        "answer": st.one_of(wrote, wrote, st.just(Delivered(at=now + offset)), st.just(TimeCame())),
        "time": st.one_of(wrote, st.just(TimeCame())),
        "request": answered,
        "ticket": st.sampled_from([TicketCreated(number="7"), TicketFailed(error="down")]),
        "bot": st.one_of(
            wrote, st.just(BotAccepted()), st.just(BotAccepted()), st.just(BotFailed(error="down")), replied
        ),
        "queue": st.just(Enqueued()),
        "agent": st.one_of(
            wrote, st.just(AgentAccepted(agent="anna")), st.just(AgentClosed(agent="anna")), st.just(TimeCame())
        ),
        "ended": wrote,
    }
    kinds = ("automessages/", "decision_trees/", "chatbots/", "queues/")
    paths = ["queues/nobody", *(path for path in graph.paths() if path.count("/") == 1 and path.startswith(kinds))]
    anything: st.SearchStrategy[Event] = st.one_of(
        wrote,
        st.just(TimeCame()),
        st.builds(Delivered, at=st.just(now + offset), blocked=st.sampled_from([None, "window"])),
        answered,
        st.sampled_from([TicketCreated(number="7"), TicketFailed(error="down")]),
        st.sampled_from([BotAccepted(), BotFailed(error="down"), Enqueued(), AgentAccepted(agent="petr")]),
        replied,
        st.builds(
            AgentWrote,
            key=st.just(f"agent/{number}"),
            text=words,
            sent=st.booleans(),
            agent=st.sampled_from([None, "anna"]),
        ),
        st.builds(AgentClosed, cause=st.sampled_from(["user", "timeout"]), agent=st.sampled_from([None, "anna"])),
        st.builds(Transferred, to=st.sampled_from(paths)),
    )
    fits = fitting[conversation.waiting.type]
    if number == 0:
        anything = fits
    return draw(st.one_of(fits, fits, fits, anything))
