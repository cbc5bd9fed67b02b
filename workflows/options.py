"""How long each activity may take, and how often it is tried."""

from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy

SHORT: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=5),
    "schedule_to_close_timeout": timedelta(seconds=8),
    "retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=2),
}
"""As a local activity: most go through at once, and a workflow task must not be held up for long."""

PATIENT: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=60),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=1)
    ),
}
"""As an ordinary activity: our own store, or an account that is paused, comes back some day, and nothing is lost."""

FETCH: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=90),
    "heartbeat_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=3),
}
"""Fetching what came with a message: the conversation waits for it, so not for ever."""

TELL = timedelta(seconds=15)
"""What a request or a chatbot's message may take beside its own time-outs."""
TRIES = 3
"""How often a chatbot is tried within one activity."""


def request_options(timeout: timedelta, *, repeatable: bool) -> dict[str, Any]:
    """Options of a request: tried again after a lost worker only where repeating changes nothing."""
    return {
        "start_to_close_timeout": timeout + TELL,
        "retry_policy": RetryPolicy(maximum_attempts=TRIES if repeatable else 1),
    }


def bot_options(timeout: timedelta) -> dict[str, Any]:
    """Options of a chatbot's message, whose activity tries it several times itself."""
    return {
        "start_to_close_timeout": timeout * TRIES + TELL,
        "retry_policy": RetryPolicy(maximum_attempts=2),
    }
