"""Workers over time: an idle minute, tokens that are renewed, a token that expires while a poll waits."""

import asyncio
import time
from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus

from support import require, run_simple, until, worker
from telemetry import Telemetry
from workflows import Echo
from world import WRITE, World, unique


async def idle_minute(world: World) -> None:
    """Polls that wait a whole minute come back empty and are made again, and no call fails."""
    telemetry = Telemetry("idle-minute")
    client = await world.client(WRITE, runtime=telemetry.runtime)
    name = unique("idle-minute")
    async with worker(client, name):
        await asyncio.sleep(65)
        require(telemetry.count("temporal_workflow_task_queue_poll_empty") > 0, "no poll came back empty in 65 s")
        require(not telemetry.failures() and not telemetry.warnings, f"{telemetry.failures()} {telemetry.warnings}")
        await run_simple(client, name, "idle-minute")
        require(not telemetry.failures() and not telemetry.warnings, f"{telemetry.failures()} {telemetry.warnings}")


async def token_renewed(world: World) -> None:
    """`api_key` is replaced every two seconds by a token that lives for six; the worker and the client never notice."""
    telemetry = Telemetry("token-renewed")
    begun = time.monotonic()
    client = await world.client_with(await world.token(WRITE, ttl=6), runtime=telemetry.runtime)
    name = unique("token-renewed")
    renewing = asyncio.create_task(renew(world, client))
    try:
        async with worker(client, name):
            while time.monotonic() < begun + 15:
                await run_simple(client, name, "token-renewed")
                await asyncio.sleep(0.5)
            require(not renewing.done(), "the renewal has ended")
            require(not telemetry.failures(), f"failed calls: {telemetry.failures()}")
    finally:
        renewing.cancel()


async def renew(world: World, client: Client) -> None:
    """Gives the client a new token every two seconds."""
    while True:
        await asyncio.sleep(2)
        client.api_key = await world.token(WRITE, ttl=6)


async def token_expires_in_poll(world: World) -> None:
    """The open poll still gets its task, but the answer and the next poll are refused; another worker takes over."""
    good = await world.client(WRITE)
    telemetry = Telemetry("token-expires-in-poll")
    expiring = await world.client_with(await world.token(WRITE, ttl=5), runtime=telemetry.runtime)
    name = unique("token-expires-in-poll")
    # One poll at a time and no cache: else the task would go round this worker's other open polls.
    first = worker(expiring, name, identity="first", max_concurrent_workflow_task_polls=1, max_cached_workflows=0)
    async with first:
        await asyncio.sleep(8)
        task_timeout = timedelta(seconds=2)
        handle = await good.start_workflow(Echo.run, name, id=name, task_queue=name, task_timeout=task_timeout)

        async def refused() -> bool:
            failed = telemetry.failures()
            return all(
                f"{method} PERMISSION_DENIED" in failed
                for method in ("RespondWorkflowTaskCompleted", "PollWorkflowTaskQueue")
            )

        await until("the first worker's answer and next poll are refused", 15, refused)

        def warnings() -> list[str]:
            return [one for one in telemetry.warnings if "completing workflow activation" in one]

        async def was_warned() -> bool:
            return bool(warnings())

        # The SDK hands its log over a little later than its metrics.
        await until("the SDK warns of the refused answer", 15, was_warned)
        warned = warnings()
        require(len(warned) == 1 and "Request unauthorized." in warned[0], f"warnings: {telemetry.warnings}")
        status = (await handle.describe()).status
        require(status == WorkflowExecutionStatus.RUNNING, f"before the second worker the workflow is {status!r}")
        async with worker(good, name, identity="second"):
            result = await handle.result()
    require(result == name, f"the workflow's result is {result!r}")
    require_second_only([event async for event in handle.fetch_history_events()])


def require_second_only(events: list) -> None:
    """The first worker's task has timed out; the second has completed the workflow, once."""
    told = [(event.WhichOneof("attributes"), getattr(event, event.WhichOneof("attributes"))) for event in events]
    completed = [of.identity for kind, of in told if kind == "workflow_task_completed_event_attributes"]
    begun = [of.identity for kind, of in told if kind == "workflow_task_started_event_attributes"]
    ended = [kind for kind, _ in told if kind == "workflow_execution_completed_event_attributes"]
    timed_out = [kind for kind, _ in told if kind == "workflow_task_timed_out_event_attributes"]
    require(completed == ["second"] and len(ended) == 1, f"workflow tasks were completed by {completed}")
    require(begun == ["first", "second"] and len(timed_out) == 1, f"workflow tasks were begun by {begun}")


IDLE = {"idle-minute": idle_minute}
SHORT_LIVED = {"token-renewed": token_renewed, "token-expires-in-poll": token_expires_in_poll}
