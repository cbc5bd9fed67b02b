"""A conversation tried out purely, with a clock that is given: what happens at each step, and why (SPEC 9.1)."""

from datetime import datetime
from typing import assert_never

from pydantic import Field

from routing.acts import (
    Accept,
    Act,
    Agent,
    AnswerRequest,
    At,
    BotFails,
    BotReply,
    Close,
    Script,
    Takeover,
    Tap,
    Transfer,
    Unsend,
    User,
    Wait,
)
from routing.conversation import AwaitsAgent, AwaitsBot, AwaitsQueue, Conversation
from routing.durations import spoken
from routing.graph import Graph
from routing.messages import (
    AgentAccepted,
    AgentClosed,
    AgentWrote,
    BotFailed,
    BotReplied,
    Message,
    RequestAnswered,
    Transferred,
    Unsent,
    Visit,
)
from routing.positions import Choice, Rest, choices, ice_breakers, misfit, rest
from routing.rehearsal import Detect
from routing.stage import Asking, Effects, Stage, over


class PreviewStep(Message):
    """What came of one step."""

    number: int = Field(description="0 is the arrival at a place or position; 1 is the first step that was asked for.")
    did: str = Field(description="What was done, in words.")
    began: datetime = Field(description="The clock before.")
    at: datetime = Field(description="The clock afterwards.")
    effects: Effects = Field(description="What the customer and the world got to see.")
    visited: tuple[Visit, ...] = Field(description="The places that were visited, when and why, and what changed.")
    rests: Rest | None = Field(description="What the conversation waits for now; None before it is open.")
    pending: Asking | None = Field(description="The request that waits for an answer that nobody has given yet.")
    position: Conversation | None = Field(description="Where a later preview can go on from.")
    problems: tuple[str, ...] = Field(description="Why the step did not do what it was meant to.")


class Previewed(Message):
    """What came of all steps; `problems` are of the beginning: then nothing was done."""

    steps: tuple[PreviewStep, ...] = Field(default=(), description="What came of each step, the arrival first.")
    at: datetime = Field(description="The clock at the end.")
    position: Conversation | None = Field(default=None, description="Where a later preview can go on from.")
    problems: tuple[str, ...] = Field(default=(), description="Why it could not begin.")


def preview(graph: Graph, script: Script, detect: Detect | None = None) -> Previewed:
    """Play a script on a graph. Nothing leaves: no answer is invented for a request that the script does not answer.

    The graph need not be free of problems, as long as it could be read: a step that meets one says so. Never raises.
    """
    problem = _cannot_begin(graph, script)
    if problem is not None:
        return Previewed(at=script.clock(script.at), problems=(problem,))
    player = _Player(Stage(graph, script, detect))
    player.begin()
    for number, act in enumerate(script.steps, start=1):
        player.take(number, act)
    return Previewed(steps=tuple(player.steps), at=player.stage.now, position=player.stage.conversation)


def _cannot_begin(graph: Graph, script: Script) -> str | None:
    if script.position is not None:
        return misfit(graph, script.position)
    connectors = graph.configuration.connectors
    if script.start.place is not None and graph.find(script.start.place) is None:
        return f"there is no place {script.start.place}: name the path of one"
    if script.start.connector is not None and script.start.connector not in connectors:
        return f"there is no connector {script.start.connector}: known are {', '.join(connectors) or 'none'}"
    if script.start.place is None and not connectors:
        return "there is no connector: begin at a `place`"
    return None


class _Player:
    """Takes a script's steps one by one, and notes what came of each."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.steps: list[PreviewStep] = []
        self.keys = 0

    def begin(self) -> None:
        """Arrive at the place, or at the position, from which the script starts."""
        start, position = self.stage.script.start, self.stage.script.position
        if position is not None:
            before, began = self._mark()
            self.stage.resume()
            self._note(0, f"goes on at {position.place}", before, began)
        elif start.place is not None:
            before, began = self._mark()
            self.stage.arrive(start.place)
            self._note(0, f"begins at {start.place}", before, began)

    def take(self, number: int, act: Act) -> None:
        before, began = self._mark()
        needs_conversation = not isinstance(act, User | Tap | Wait | At)
        if needs_conversation and self.stage.conversation is None:
            self._problem("the customer has not written yet: begin with what they write, or at a place")
        elif needs_conversation and over(self.stage.conversation):
            self._problem("the conversation has ended: what the customer writes next opens another one")
        else:
            self._do(act)
        self._note(number, words(act), before, began)

    def _mark(self) -> tuple[int, datetime]:
        return len(self.stage.steps), self.stage.now

    def _note(self, number: int, did: str, before: int, began: datetime) -> None:
        stage = self.stage
        state = stage.conversation
        problems, stage.problems = stage.problems, []
        visited = [visit for step in stage.steps[before:] for visit in step.visited]
        if number == 0 and visited and stage.script.position is None:
            visited[0] = visited[0].model_copy(update={"why": "the preview begins here"})
        self.steps.append(
            PreviewStep(
                number=number,
                did=did,
                began=began,
                at=stage.now,
                effects=stage.take_effects(),
                visited=tuple(visited),
                rests=None if state is None else rest(stage.graph, state),
                pending=stage.pending,
                position=state,
                problems=tuple(problems),
            )
        )

    # Steps ------------------------------------------------------------------------------------------------------------

    def _do(self, act: Act) -> None:
        stage = self.stage
        self.keys += 1
        key = f"preview/{len(stage.steps)}/{self.keys}"
        match act:
            case User():
                self._write(act)
            case Tap():
                self._tap(act)
            case Unsend():
                self._unsend(act, key)
            case Wait():
                stage.move_to(stage.now + act.duration)
            case At():
                at = stage.script.clock(act.at)
                if at < stage.now:
                    self._problem(f"the clock goes forward only: it is {stage.now:%Y-%m-%d %H:%M:%S} UTC already")
                else:
                    stage.move_to(at)
            case AnswerRequest():
                self._answer(act)
            case BotReply():
                self._expect("no chatbot has the conversation", AwaitsBot)
                stage.feed(
                    BotReplied(
                        key=key,
                        text=act.text,
                        buttons=act.buttons,
                        quickreplies=act.quickreplies,
                        transfer=act.transfer,
                    )
                )
            case BotFails():
                self._expect("no chatbot has the conversation", AwaitsBot)
                stage.feed(BotFailed(error=act.error))
            case Accept():
                self._expect("the conversation waits for no agent", AwaitsQueue, AwaitsAgent)
                stage.feed(AgentAccepted(agent=act.agent))
            case Agent():
                stage.feed(AgentWrote(key=key, agent=act.agent, text=act.text, image=act.image, at=stage.now))
            case Takeover():
                stage.feed(AgentWrote(key=key, text=act.text, sent=True, at=stage.now))
            case Close():
                stage.feed(AgentClosed(cause=act.cause, agent=act.agent))
            case Transfer():
                if stage.graph.find(act.to) is None:
                    self._problem(f"there is no place {act.to}: name the path of one, such as queues/support")
                stage.feed(Transferred(to=act.to, agent=act.agent))
            case _:
                assert_never(act)

    def _write(self, act: User) -> None:
        stage = self.stage
        texts = (act.text,) if isinstance(act.text, str) else act.text
        at = None if act.sent_at is None else stage.script.clock(act.sent_at)
        if at is not None and at > stage.now:
            self._problem(f"nothing can have been written after now, {stage.now:%Y-%m-%d %H:%M:%S} UTC")
            at = None
        stage.language = act.language
        stage.user(*(texts or ("",)), attachments=act.attachments, at=at)
        stage.language = None

    def _tap(self, act: Tap) -> None:
        """Tap what is offered; where it is none of that, nothing happens."""
        stage = self.stage
        offered = self._offered()
        found = next((one for one in offered if act.payload is not None and one.payload == act.payload), None)
        if found is None and act.payload is None:
            found = next((one for one in offered if one.title == act.title), None)
        if found is None:
            titles = ", ".join(f"“{one.title}”" for one in offered) or "nothing"
            wanted = act.title if act.title is not None else act.payload
            self._problem(f"no such button is offered: “{wanted}”; there is {titles}")
        elif found.listed:
            self._problem("the choices are a numbered list, without buttons: write the number or the title")
        else:
            stage.user(found.title, payload=found.payload)

    def _offered(self) -> list[Choice]:
        """What can be tapped now, and ice breakers where a conversation is about to open."""
        stage = self.stage
        if stage.conversation is not None and not over(stage.conversation):
            return choices(stage.graph, stage.conversation)
        return ice_breakers(stage.graph, stage.connector)

    def _unsend(self, act: Unsend, key: str) -> None:
        assert self.stage.conversation is not None
        lines = self.stage.conversation.lines
        found = [line for line in lines if line.direction == "in" and line.text == act.text]
        if found:
            self.stage.feed(Unsent(key=key, message=found[-1].name))
        else:
            self._problem(f"the customer wrote no “{act.text}”")

    def _answer(self, act: AnswerRequest) -> None:
        stage = self.stage
        if stage.pending is None:
            self._problem("no request waits for an answer")
            return
        match act.answer:
            case "recorded":
                answer = stage.recorded_answer(stage.pending.asked)
                if answer is None:
                    asks = stage.pending.asked
                    self._problem(f"no answer to {asks.method} {asks.url} was recorded: give one, or `unreachable`")
                    return
            case "unreachable":
                answer = RequestAnswered(ok=False, error=act.error or "unreachable")
            case "given":
                ok = 200 <= act.status < 300
                error = act.error or (None if ok else f"answered {act.status}")
                answer = RequestAnswered(ok=ok, status=act.status, body=act.body, error=error)
            case _:
                assert_never(act.answer)
        stage.answer(answer)

    def _expect(self, otherwise: str, *waiting: type[Message]) -> None:
        """A problem where the conversation does not wait for this; what comes of it is shown all the same."""
        state = self.stage.conversation
        if state is not None and not isinstance(state.waiting, waiting):
            self._problem(f"{otherwise}: {rest(self.stage.graph, state).words}")

    def _problem(self, words: str) -> None:
        self.stage.problems.append(words)


def words(act: Act) -> str:
    """What a step does, as a sentence."""
    match act:
        case User():
            texts = (act.text,) if isinstance(act.text, str) else act.text
            said = " ".join(f"“{text}”" for text in texts if text)
            files = f"{len(act.attachments)} attachments" if act.attachments else ""
            return f"the customer sends {' and '.join(part for part in (said, files) if part) or 'an empty message'}"
        case Tap():
            return f"the customer taps “{act.title if act.title is not None else act.payload}”"
        case Unsend():
            return f"the customer takes “{act.text}” back"
        case Wait():
            return f"{spoken(act.duration)} pass"
        case At():
            return f"time passes until {act.at:%Y-%m-%d %H:%M:%S}"
        case AnswerRequest():
            return {
                "given": f"the request is answered {act.status}",
                "recorded": "the request is answered as it was",
                "unreachable": "the request fails",
            }[act.answer]
        case BotReply():
            handed = f" and hands over to {act.transfer}" if act.transfer is not None else ""
            return f"the chatbot says “{act.text}”{handed}"
        case BotFails():
            return f"the chatbot fails: {act.error}"
        case Accept():
            return f"{act.agent} accepts"
        case Agent():
            return f"{act.agent} writes “{act.text}”"
        case Takeover():
            return f"somebody writes “{act.text}” in the Instagram app"
        case Close():
            return f"{act.agent or 'the system'} closes the conversation"
        case Transfer():
            return f"{act.agent or 'a rule'} sends the conversation to {act.to}"
        case _:
            assert_never(act)
