"""A message to a chatbot that is being set up: sent once, with what came back shown to whoever asked."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from routing.messages import AskBot
    from routing.records import BotTried

MARGIN = timedelta(seconds=5)


@workflow.defn(name="TryChatbot")
class TryChatbot:
    """Sends one message."""

    @workflow.run
    async def run(self, command: AskBot) -> BotTried:
        return await workflow.execute_activity(
            "try_chatbot",
            command,
            result_type=BotTried,
            start_to_close_timeout=command.timeout + MARGIN,
            schedule_to_close_timeout=command.timeout + 2 * MARGIN,
            retry_policy=RetryPolicy(maximum_attempts=1),
        )
