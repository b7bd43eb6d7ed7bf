/** What workflows can do, each with the least permission that it needs. */

import { CancelledFailure, Client, Connection, ScheduleNotFoundError, WorkflowFailedError } from '@temporalio/client';
import { type Check, demand, errorOf, until, worker } from './support';
import { change, endless, everything, simple, stage, tell } from './workflows';
import { client, NAMESPACE, native, READ, unique, WRITE } from './world';

/** Activity, timer, child workflow, signal, query and update, all with one permission to write. */
const workflow: Check = async (world) => {
  const starter = await client(world.plain(await world.token(WRITE)));
  const name = unique('workflow');
  const working = await worker(await native(world.plain(await world.token(WRITE))), name);
  const story = await working.runUntil(async () => {
    const handle = await starter.workflow.start(everything, { args: [name], workflowId: name, taskQueue: name });
    await until('the query answers that the workflow waits', 30, async () => (await handle.query(stage)) === 'waiting');
    await handle.signal(tell, `signal ${name}`);
    const changed = await handle.executeUpdate(change, { args: [`update ${name}`] });
    demand(changed === `changed to update ${name}`, `the update's answer is ${changed}`);
    return handle.result();
  });
  const { sleptMs, ...told } = story;
  const expected = {
    activity: `hello ${name}`,
    child: `child of ${name}`,
    signal: `signal ${name}`,
    update: `update ${name}`,
  };
  const same = Object.entries(expected).every(([key, value]) => told[key as keyof typeof told] === value);
  demand(same && sleptMs >= 300, `the workflow's result is ${JSON.stringify(story)}`);
};

/** A running workflow is cancelled by the client and ends as cancelled. */
const cancel: Check = async (world) => {
  const link = world.plain(await world.token(WRITE));
  const starter = await client(link);
  const name = unique('cancel');
  const working = await worker(await native(link), name);
  await working.runUntil(async () => {
    const handle = await starter.workflow.start(endless, { workflowId: name, taskQueue: name });
    await until("the workflow's first task is done", 30, async () => {
      const { events } = await handle.fetchHistory();
      return events?.some((event) => event.workflowTaskCompletedEventAttributes) ?? false;
    });
    await handle.cancel();
    const error = await errorOf('the cancelled workflow', 30, handle.result());
    demand(error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure, `it ended with ${error}`);
    const { status } = await handle.describe();
    demand(status.name === 'CANCELLED', `the workflow's status is ${status.name}`);
  });
};

/** A schedule is created, described, triggered and deleted; its workflow runs. */
const schedule: Check = async (world) => {
  const link = world.plain(await world.token(WRITE));
  const starter = await client(link);
  const name = unique('schedule');
  const working = await worker(await native(link), name);
  await working.runUntil(async () => {
    const handle = await starter.schedule.create({
      scheduleId: name,
      spec: {},
      action: { type: 'startWorkflow', workflowType: simple, args: [name], workflowId: `${name}-run`, taskQueue: name },
    });
    const described = await handle.describe();
    demand(described.action.workflowType === 'simple', `the schedule's action is ${described.action.workflowType}`);
    await handle.trigger();
    const [action] = await until('the triggered schedule has started its workflow', 30, async () => {
      const { recentActions } = (await handle.describe()).info;
      return recentActions.length > 0 && recentActions;
    });
    const result = await starter.workflow.getHandle(action.action.workflow.workflowId).result();
    demand(result === `hello ${name}`, `the scheduled workflow's result is ${result}`);
    await handle.delete();
    const error = await errorOf('describing the deleted schedule', 10, handle.describe());
    demand(error instanceof ScheduleNotFoundError, `the deleted schedule: ${error}`);
  });
};

/** A token for reading lists, describes and reads the history. It travels in the metadata, not as an API key. */
const listAndHistory: Check = async (world) => {
  const link = world.plain(await world.token(WRITE));
  const writer = await client(link);
  const name = unique('list-and-history');
  const working = await worker(await native(link), name);
  await working.runUntil(writer.workflow.execute(simple, { args: [name], workflowId: name, taskQueue: name }));

  const metadata = { authorization: `Bearer ${await world.token(READ)}` };
  const connection = await Connection.connect({ address: world.places.plain, tls: false, metadata });
  const reader = new Client({ connection, namespace: NAMESPACE });
  const listed = await until('the workflow is in the list', 30, async () => {
    const ids: string[] = [];
    for await (const found of reader.workflow.list({ query: `WorkflowId = '${name}'` })) ids.push(found.workflowId);
    return ids.length > 0 && ids;
  });
  demand(listed.join() === name, `the list has ${listed}`);
  const handle = reader.workflow.getHandle(name);
  const { status } = await handle.describe();
  demand(status.name === 'COMPLETED', `described as ${status.name}`);
  const events = (await handle.fetchHistory()).events ?? [];
  for (const kind of [
    'workflowExecutionStartedEventAttributes',
    'activityTaskCompletedEventAttributes',
    'workflowExecutionCompletedEventAttributes',
  ] as const) {
    const times = events.filter((event) => event[kind]).length;
    demand(times === 1, `the history has ${times} of ${kind}`);
  }
};

export const checks: Record<string, Check> = { workflow, cancel, schedule, 'list-and-history': listAndHistory };
