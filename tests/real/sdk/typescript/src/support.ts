/** Small things that several checks use. */

import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import * as activities from './activities';
import { simple } from './workflows';
import { NAMESPACE, unique, type World } from './world';

export { wait };

/** One check: it holds when it returns. */
export type Check = (world: World) => Promise<void>;

/** Fails the check with one line when the condition does not hold. */
export function demand(condition: boolean, why: string): asserts condition {
  if (!condition) throw new Error(why);
}

/** An error's type and text, with those of its causes, on one line of bounded length. */
export function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : ` <- ${oneLine(error.cause)}`;
  const name = error.name === 'Error' ? '' : `${error.name}: `;
  return `${name}${error.message}${cause}`.replace(/\s+/g, ' ').slice(0, 400);
}

/** Where the build leaves the bundle of workflows.ts. */
export const BUNDLE = join(__dirname, 'workflow-bundle.js');

/** A worker with everything of workflows.ts. */
export async function worker(
  connection: NativeConnection,
  taskQueue: string,
  options: Partial<WorkerOptions> = {},
): Promise<Worker> {
  const workflowBundle = { codePath: BUNDLE };
  return Worker.create({ connection, namespace: NAMESPACE, taskQueue, workflowBundle, activities, ...options });
}

/** Runs a `simple` to its end and looks at the result; somebody has to work on the task queue. */
export async function runSimple(client: Client, taskQueue: string, check: string): Promise<void> {
  const workflowId = unique(check);
  const result = await client.workflow.execute(simple, { args: [workflowId], workflowId, taskQueue });
  demand(result === `hello ${workflowId}`, `the workflow's result is ${result}`);
}

/** Asks until the answer is truthy, and returns it; fails after so many seconds. */
export async function until<T>(what: string, seconds: number, ask: () => Promise<T | false>): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    demand(Date.now() < end, `${what}: not within ${seconds} s`);
    await wait(200);
  }
}

/** The call's answer; a failure when there is none in time. */
export async function within<T>(seconds: number, what: string, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not done within ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([call, tooLate]).finally(() => clearTimeout(timer));
}

/** The error that a call ends with; that it succeeds, or does not end, is a failure of the check. */
export async function errorOf(what: string, seconds: number, call: Promise<unknown>): Promise<unknown> {
  const caught = call.then(
    () => ({ succeeded: true, error: undefined }),
    (error: unknown) => ({ succeeded: false, error }),
  );
  const { succeeded, error } = await within(seconds, what, caught);
  demand(!succeeded, `${what}: succeeded`);
  return error;
}
