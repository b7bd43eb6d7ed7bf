"""What workflows can do, each with the least permission that it needs."""

from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleSpec,
    WorkflowExecutionStatus,
    WorkflowFailureError,
)
from temporalio.exceptions import CancelledError
from temporalio.service import RPCError, RPCStatusCode

from support import require, until, worker
from workflows import Endless, Everything, Simple, Story
from world import NAMESPACE, READ, WRITE, World, unique


async def workflow(world: World) -> None:
    """Activity, timer, child workflow, signal, query and update, all with one token for writing."""
    client = await world.client(WRITE)
    name = unique("workflow")
    async with worker(await world.client(WRITE), name):
        handle = await client.start_workflow(Everything.run, name, id=name, task_queue=name)

        async def waiting() -> bool:
            return await handle.query(Everything.stage) == "waiting"

        await until("the query answers that the workflow waits", 30, waiting)
        await handle.signal(Everything.tell, f"signal {name}")
        changed = await handle.execute_update(Everything.change, f"update {name}")
        require(changed == f"changed to update {name}", f"the update's answer is {changed!r}")
        story = await handle.result()
    expected = Story(f"hello {name}", story.slept_ms, f"child of {name}", f"signal {name}", f"update {name}")
    require(story == expected and story.slept_ms >= 300, f"the workflow's result is {story}")


async def cancel(world: World) -> None:
    """A running workflow is cancelled by the client and ends as cancelled."""
    client = await world.client(WRITE)
    name = unique("cancel")
    async with worker(client, name):
        handle = await client.start_workflow(Endless.run, id=name, task_queue=name)

        async def begun() -> bool:
            kinds = {event.event_type async for event in handle.fetch_history_events()}
            return EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED in kinds

        await until("the workflow's first task is done", 30, begun)
        await handle.cancel()
        try:
            await handle.result()
        except WorkflowFailureError as error:
            require(isinstance(error.cause, CancelledError), f"the workflow failed with {error.cause!r}")
        else:
            raise AssertionError("the workflow succeeded")
        status = (await handle.describe()).status
    require(status == WorkflowExecutionStatus.CANCELED, f"the workflow's status is {status}")


async def schedule(world: World) -> None:
    """A schedule is created, described, triggered and deleted; its workflow runs."""
    client = await world.client(WRITE)
    name = unique("schedule")
    async with worker(client, name):
        action = ScheduleActionStartWorkflow(Simple.run, name, id=f"{name}-run", task_queue=name)
        handle = await client.create_schedule(name, Schedule(action=action, spec=ScheduleSpec()))
        described = await handle.describe()
        require(described.schedule.action.workflow == "Simple", f"the schedule's action is {described.schedule.action}")
        await handle.trigger()

        async def started() -> list:
            return list((await handle.describe()).info.recent_actions)

        actions = await until("the triggered schedule has started its workflow", 30, started)
        started_id = actions[0].action.workflow_id
        result = await client.get_workflow_handle(started_id, result_type=str).result()
        require(result == f"hello {name}", f"the scheduled workflow's result is {result!r}")
        await handle.delete()
    try:
        await handle.describe()
    except RPCError as error:
        require(error.status == RPCStatusCode.NOT_FOUND, f"the deleted schedule: {error.status}")
    else:
        raise AssertionError("the deleted schedule is still there")


async def list_and_history(world: World) -> None:
    """A token for reading lists, describes and reads the history. It travels in the metadata, not as an API key."""
    writer = await world.client(WRITE)
    name = unique("list-and-history")
    async with worker(writer, name):
        await writer.execute_workflow(Simple.run, name, id=name, task_queue=name)
    bearer = {"authorization": f"Bearer {await world.token(READ)}"}
    reader = await Client.connect(world.plain, namespace=NAMESPACE, rpc_metadata=bearer)

    async def listed() -> list:
        return [found async for found in reader.list_workflows(f"WorkflowId = '{name}'")]

    found = await until("the workflow is in the list", 30, listed)
    require([one.id for one in found] == [name], f"the list has {[one.id for one in found]}")
    handle = reader.get_workflow_handle(name)
    description = await handle.describe()
    require(description.status == WorkflowExecutionStatus.COMPLETED, f"described as {description.status}")
    kinds = [event.event_type for event in (await handle.fetch_history()).events]
    for kind in (
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    ):
        require(kinds.count(kind) == 1, f"the history has {kinds.count(kind)} of {EventType.Name(kind)}")


CHECKS = {"workflow": workflow, "cancel": cancel, "schedule": schedule, "list-and-history": list_and_history}
