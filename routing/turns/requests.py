"""Requests to other systems and tickets: what is asked for, and what came of it."""

from typing import Any, cast

from routing.configuration import CreateTicket, Request
from routing.conversation import AwaitsRequest, AwaitsTicket
from routing.messages import MakeTicket, RequestAnswered, SendRequest, TicketCreated, TicketFailed
from routing.templates import inspect
from routing.turns.moving import Moving


class Requests(Moving):
    """Actions that wait for an answer from outside."""

    def request(self, path: str, request: Request) -> None:
        self.waiting = AwaitsRequest()
        with self.secrets():
            self.commands.append(
                SendRequest(
                    key=self.visit_key(),
                    path=path,
                    url=self.url(request.url),
                    method=request.method,
                    headers={name: self.render(text) for name, text in request.headers.items()},
                    body=self.value(request.body),
                    timeout=request.timeout,
                    secrets=_secrets_named(request),
                )
            )

    def request_answered(self, event: RequestAnswered) -> None:
        request = self.graph.find(self.place)
        if not isinstance(self.waiting, AwaitsRequest) or not isinstance(request, Request):
            self.visit(self.place, "the answer of a request came after the conversation had moved on")
            return
        got = {"ok": event.ok, "status": event.status, "body": event.body, "error": event.error}
        self.objects = {**self.objects, request.into: got}
        self.visit(self.place, f"answered {event.status}" if event.status is not None else f"failed: {event.error}")
        self.changed(request.into, got)
        self.walk(self.after(self.place), "")

    def create_ticket(self, path: str, action: CreateTicket) -> None:
        self.waiting = AwaitsTicket()
        self.commands.append(
            MakeTicket(
                key=self.visit_key(),
                path=path,
                title=self.render(action.title),
                category=action.category,
                comment=self.render(action.comment),
                priority=action.priority,
            )
        )

    def ticket_answered(self, event: TicketCreated | TicketFailed) -> None:
        if not isinstance(self.waiting, AwaitsTicket):
            self.visit(self.place, "a ticket's number came after the conversation had moved on")
            return
        if isinstance(event, TicketCreated):
            self.ticket = {"number": event.number}
            self.visit(self.place, f"ticket {event.number}")
            self.changed("ticket.number", event.number)
        else:
            self.ticket = {}
            self.visit(self.place, f"no ticket: {event.error}")
        self.walk(self.after(self.place), "")


def _secrets_named(request: Request) -> tuple[str, ...]:
    """The secrets that a request's author wrote into it: no other is ever filled in, whatever its values say."""
    texts = [request.url, *request.headers.values(), *_texts(request.body)]
    found = [name for text in texts for name in inspect(text).names if name[0] == "secrets" and len(name) > 1]
    return tuple(dict.fromkeys(name[1] for name in found))


def _texts(body: Any) -> list[str]:
    match body:
        case str():
            return [body]
        case dict():
            return [text for item in cast("dict[str, Any]", body).values() for text in _texts(item)]
        case list() | tuple():
            return [text for item in cast("list[Any]", body) for text in _texts(item)]
        case _:
            return []
