"""People at the conversation: queues, agents who accept, write, transfer and close, and take-overs (SPEC 2.8)."""

from routing.configuration import Connector, Queue
from routing.conversation import AwaitsAgent, AwaitsQueue, Ended, Waiting
from routing.graph import path_of
from routing.messages import AgentAccepted, AgentClosed, AgentWrote, Enqueue, Transferred
from routing.turns.moving import Moving

AGENTS = "agents/"
"""Begins the path of a person."""
LEAST_URGENT = 10
"""The priority of what waits for a person outside every queue."""


class People(Moving):
    """What agents do, and the waiting for them."""

    def enqueue(self, path: str, queue: Queue, wanted: str | None = None) -> None:
        self.waiting = AwaitsQueue(since=self.now)
        self.unread = ()
        self.commands.append(
            Enqueue(
                key=self.visit_key(),
                path=path,
                queue=path.removeprefix("queues/"),
                priority=queue.priority,
                at=self.now,
                wanted=wanted,
            )
        )

    def agent_accepted(self, event: AgentAccepted) -> None:
        if is_late(event, self.waiting):
            self.visit(self.place, f"{event.agent} accepted what had left its queue")
        elif isinstance(self.waiting, AwaitsQueue | AwaitsAgent):
            self.waiting = AwaitsAgent(since=self.waiting.since, agent=event.agent, answered=True)
            self.answered = True
            self.visit(self.place, f"accepted by {event.agent}")

    def agent_wrote(self, event: AgentWrote) -> None:
        """A person's message; from outside a queue it takes the conversation over (SPEC 2.8)."""
        if isinstance(self.waiting, Ended):
            self.visit(self.place, "a person wrote after the end")
            return
        connector = self.graph.find(f"connectors/{self.was.connector}")
        pictures = not event.sent and (event.image is not None or event.images != ())
        if pictures and isinstance(connector, Connector) and connector.attachments != "both":
            self.visit(self.place, "the connector lets only customers send attachments: the picture was left out")
            event = event.model_copy(update={"image": None, "images": ()})
        self.say(
            self.place,
            event.text,
            image=event.image,
            images=event.images,
            author="agent",
            agent=event.agent,
            sent=event.sent,
            key=event.key,
            mid=event.mid,
        )
        if isinstance(self.waiting, AwaitsQueue | AwaitsAgent):
            self.answered = True
            self.waiting = self.waiting.model_copy(update={"answered": True})
        elif isinstance(connector, Connector) and connector.takeover:
            self.take_over(connector)

    def take_over(self, connector: Connector) -> None:
        """Stop the tree or the bot; the conversation goes to the takeover queue or to the unassigned list."""
        self.answered = True
        self.unread = ()
        path = f"queues/{connector.takeover_queue}"
        queue = self.graph.find(path)
        if isinstance(queue, Queue):
            self.place = path
            self.visit(path, "a person took over")
            self.enqueue(path, queue)
            self.waiting = AwaitsQueue(since=self.now, answered=True)
            return
        self.place = f"connectors/{self.was.connector}"
        self.visit(self.place, "a person took over, and the connector names no takeover queue")
        self.waiting = AwaitsAgent(since=self.now, answered=True)

    def agent_closed(self, event: AgentClosed) -> None:
        if isinstance(self.waiting, Ended):
            return
        self.visit(self.place, f"closed by {event.agent or 'an agent'}")
        queue = self.graph.find(self.place)
        if isinstance(queue, Queue) and queue.after_close is not None:
            self.walk(path_of(queue.after_close), "after closing")
        else:
            self.end(event.cause, queue=self.queue_name(), answered=True if event.agent else self.answered)

    def transferred(self, event: Transferred) -> None:
        if isinstance(self.waiting, Ended):
            return
        if event.to.startswith(AGENTS):
            self.hand_over(event.to.removeprefix(AGENTS), event.agent or "a person")
            return
        if self.graph.find(event.to) is None:
            self.visit(self.place, f"there is no {event.to} to be transferred to")
            return
        self.walk(event.to, f"transferred by {event.agent or 'a person'}")

    def hand_over(self, agent: str, by: str) -> None:
        """To one person: it waits for them in its queue, and outside every queue where a tree or a bot had it."""
        queue = self.graph.find(self.place)
        if isinstance(queue, Queue):
            self.visit(self.place, f"transferred to {agent} by {by}")
            self.enqueue(self.place, queue, wanted=agent)
            return
        self.unread = ()
        self.place = f"connectors/{self.was.connector}"
        self.visit(self.place, f"transferred to {agent} by {by}, outside every queue")
        self.waiting = AwaitsQueue(since=self.now, answered=self.answered)
        key = self.visit_key()
        self.commands.append(
            Enqueue(key=key, path=self.place, queue="", priority=LEAST_URGENT, at=self.now, wanted=agent)
        )


def is_late(event: AgentAccepted, waiting: Waiting) -> bool:
    """Whether what the agent accepted has left that stay: it waits for something else now, or for people anew."""
    if event.entered is None:
        return False
    return not isinstance(waiting, AwaitsQueue | AwaitsAgent) or event.entered < waiting.since
