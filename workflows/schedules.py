"""What runs by the clock: Temporal's schedules, made or brought up to date whenever a worker starts."""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

ACCOUNTS = "switchboard-accounts"
"""The id of the schedule that checks accounts."""
EVERY = timedelta(hours=6)


async def ensure_schedules(client: Client, task_queue: str) -> None:
    """Make the schedules, or change those that an earlier version made."""
    wanted = _accounts(task_queue)
    try:
        await client.create_schedule(ACCOUNTS, wanted, trigger_immediately=True)
    except ScheduleAlreadyRunningError:

        def changed(found: ScheduleUpdateInput) -> ScheduleUpdate:
            wanted.state = found.description.schedule.state  # whoever paused it keeps it paused
            return ScheduleUpdate(schedule=wanted)

        await client.get_schedule_handle(ACCOUNTS).update(changed)


def _accounts(task_queue: str) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            "CheckAccounts",
            id="check-accounts",
            task_queue=task_queue,
            execution_timeout=timedelta(hours=5),
            static_summary="Renew and check the access tokens of all accounts",
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=EVERY)], jitter=timedelta(minutes=10)),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP),
    )
