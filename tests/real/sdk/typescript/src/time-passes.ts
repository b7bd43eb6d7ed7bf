/** Workers over time: an idle minute, tokens that are renewed, a token that expires while a poll waits. */

import type { WorkflowHandle } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import { type Check, demand, runSimple, until, wait, within, worker } from './support';
import { count, warned } from './telemetry';
import { echo } from './workflows';
import { client, native, unique, WRITE } from './world';

/** Polls of a task queue that failed, whatever the status. */
const failedPolls = (taskQueue: string) => count('temporal_long_request_failure', { task_queue: taskQueue });

/** Polls that wait a whole minute come back empty and are made again, and none fails. */
const idleMinute: Check = async (world) => {
  const link = world.plain(await world.token(WRITE));
  const name = unique('idle-minute');
  const working = await worker(await native(link), name);
  await working.runUntil(async () => {
    await wait(65_000);
    const empty = count('temporal_workflow_task_queue_poll_empty', { task_queue: name });
    demand(empty > 0, 'no poll came back empty in 65 s');
    demand(failedPolls(name) === 0, `${failedPolls(name)} polls failed`);
    await runSimple(await client(link), name, 'idle-minute');
    demand(failedPolls(name) === 0, `${failedPolls(name)} polls failed`);
  });
};

/** Tokens live for six seconds and are fetched every two: the client asks a callback, the worker's connection is told. */
const tokenRenewed: Check = async (world) => {
  let token = await world.token(WRITE, 6);
  const connection = await native(world.plain(token));
  const renew = async () => {
    token = await world.token(WRITE, 6);
    await connection.setApiKey(token);
  };
  // Without a renewal the calls below are refused, so one that fails needs no other notice.
  const renewing = setInterval(() => void renew().catch(() => undefined), 2000);
  try {
    const starter = await client({ ...world.plain(), apiKey: () => token });
    const name = unique('token-renewed');
    const working = await worker(connection, name);
    await working.runUntil(async () => {
      const end = Date.now() + 15_000;
      while (Date.now() < end) {
        await runSimple(starter, name, 'token-renewed');
        await wait(500);
      }
    });
    demand(failedPolls(name) === 0, `${failedPolls(name)} polls failed`);
  } finally {
    clearInterval(renewing);
  }
};

/** The open poll still gets its task, but the answer and the next poll are refused; another worker takes over. */
const tokenExpiresInPoll: Check = async (world) => {
  const good = world.plain(await world.token(WRITE));
  const starter = await client(good);
  const name = unique('token-expires-in-poll');
  // One poll at a time and no cache: else the task would go round this worker's other open polls.
  const options: Partial<WorkerOptions> = {
    identity: 'first',
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
    maxCachedWorkflows: 0,
  };
  const connection = await native(good);
  const first = await worker(connection, name, options);
  // Only now, when making a worker can no longer take up the token's five seconds.
  await connection.setApiKey(await world.token(WRITE, 5));
  await first.runUntil(async () => {
    await wait(8000);
    const handle = await starter.workflow.start(echo, {
      args: [name],
      workflowId: name,
      taskQueue: name,
      workflowTaskTimeout: '2 seconds',
    });
    // No other worker of this program is refused, so an answer that is refused is this one's.
    const status_code = 'PERMISSION_DENIED';
    await until("the first worker's answer is refused", 15, async () => {
      const operation = 'RespondWorkflowTaskCompleted';
      return count('temporal_request_failure', { operation, status_code }) > 0;
    });
    await until("the first worker's next poll is refused", 15, async () => {
      return count('temporal_long_request_failure', { task_queue: name, status_code }) > 0;
    });
    const warnings = await until('the log has a warning about the refused answer', 5, async () => {
      const found = warned('Error while completing workflow activation');
      return found.length > 0 && found;
    });
    const once = warnings.length === 1 && warnings[0]?.includes('Request unauthorized.');
    demand(once === true, `warnings: ${warnings.join(' ')}`);
    const { status } = await handle.describe();
    demand(status.name === 'RUNNING', `before the second worker the workflow is ${status.name}`);
    const second = await worker(await native(good), name, { identity: 'second' });
    const result = await second.runUntil(within(30, "the second worker's workflow", handle.result()));
    demand(result === name, `the workflow's result is ${result}`);
    demandSecondOnly(await handle.fetchHistory());
  });
};

/** The first worker's task has timed out; the second has completed the workflow, once. */
function demandSecondOnly({ events }: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>): void {
  const begun = events?.flatMap((event) => event.workflowTaskStartedEventAttributes?.identity ?? []);
  const completed = events?.flatMap((event) => event.workflowTaskCompletedEventAttributes?.identity ?? []);
  const timedOut = events?.filter((event) => event.workflowTaskTimedOutEventAttributes).length;
  const ended = events?.filter((event) => event.workflowExecutionCompletedEventAttributes).length;
  demand(begun?.join() === 'first,second' && timedOut === 1, `workflow tasks were begun by ${begun}`);
  demand(completed?.join() === 'second' && ended === 1, `workflow tasks were completed by ${completed}`);
}

export const idle: Record<string, Check> = { 'idle-minute': idleMinute };
export const shortLived: Record<string, Check> = {
  'token-renewed': tokenRenewed,
  'token-expires-in-poll': tokenExpiresInPoll,
};
