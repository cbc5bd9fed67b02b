"""Outgoing webhooks and e-mails as durable work: every wait is a timer of Temporal, every attempt is an activity."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from workflows.options import PATIENT

ROUNDS = 200
"""After so many rounds it continues as a new run, so that its history stays short."""
ROUND: dict[str, Any] = {
    "start_to_close_timeout": timedelta(minutes=5),
    # An attempt takes 15 s at the most, and each begins with a heartbeat.
    "heartbeat_timeout": timedelta(seconds=25),
    "retry_policy": PATIENT["retry_policy"],
}
MAIL: dict[str, Any] = {
    "start_to_close_timeout": timedelta(minutes=3),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=10), backoff_coefficient=3, maximum_interval=timedelta(minutes=30)
    ),
    "schedule_to_close_timeout": timedelta(days=2),
}
"""The activity itself gives a mail up when it comes too late to be of use."""


def webhook_workflow(webhook: int) -> str:
    """The id of the workflow that tells one webhook."""
    return f"webhook-{webhook}"


def mail_workflow(conversation: str) -> str:
    """The id of the workflow that mails the people of a missed chat's queue."""
    return f"missed-{conversation}"


@workflow.defn(name="TellWebhook")
class TellWebhook:
    """Delivers to one webhook until nothing waits there; a slow one holds up no other."""

    @workflow.init
    def __init__(self, webhook: int) -> None:
        self.called = False

    @workflow.run
    async def run(self, webhook: int) -> None:
        """Round by round; between two of them it sleeps until something is due, or it is called."""
        for _ in range(ROUNDS):
            self.called = False
            seconds: float = await workflow.execute_activity(
                "deliver_announcements", webhook, result_type=float, summary=webhook_workflow(webhook), **ROUND
            )
            if self.called or seconds == 0:
                continue
            if seconds < 0:
                return
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda: self.called, timeout=timedelta(seconds=seconds), timeout_summary="until something is due"
                )
        workflow.continue_as_new(webhook)

    @workflow.signal
    def look(self) -> None:
        """Something was announced, or somebody changed the webhook."""
        self.called = True


@workflow.defn(name="MailMissedChat")
class MailMissedChat:
    """Mails the people of a queue that a chat was missed, each of them at most once."""

    @workflow.run
    async def run(self, conversation: str) -> dict[str, str]:
        """What came of it, by person."""
        people: list[str] = await workflow.execute_activity(
            "people_to_mail", conversation, result_type=list[str], summary=conversation, **PATIENT
        )
        outcomes = await asyncio.gather(*(self.mail(conversation, person) for person in people))
        return dict(zip(people, outcomes, strict=True))

    async def mail(self, conversation: str, person: str) -> str:
        try:
            return await workflow.execute_activity(
                "mail_missed_chat", args=[conversation, person], result_type=str, summary=person, **MAIL
            )
        except ActivityError as error:
            workflow.logger.warning("%s was not told of a missed chat: %s", person, error.cause or error)
            return "failed"
