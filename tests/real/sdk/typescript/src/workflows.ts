/** The workflows that the checks run. */

import {
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  proxyActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type * as activities from './activities';

const { greet } = proxyActivities<typeof activities>({ startToCloseTimeout: '10 seconds' });

export const tell = defineSignal<[string]>('tell');
export const stage = defineQuery<string>('stage');
export const change = defineUpdate<string, [string]>('change');

/** One activity; its answer is the result. */
export async function simple(name: string): Promise<string> {
  return await greet(name);
}

/** Ends with its first workflow task: no activity, no timer. */
export async function echo(text: string): Promise<string> {
  return text;
}

/** Runs until it is cancelled. */
export async function endless(): Promise<void> {
  await condition(() => false);
}

/** What happened in an `everything`: a field for each thing. */
export interface Story {
  activity: string;
  sleptMs: number;
  child: string;
  signal: string;
  update: string;
}

/** Activity, timer and child; then it waits for one signal and one update. */
export async function everything(name: string): Promise<Story> {
  let at = 'begun';
  let signal = '';
  let update = '';
  setHandler(stage, () => at);
  setHandler(tell, (text) => {
    signal = text;
  });
  setHandler(change, (text) => {
    update = text;
    return `changed to ${text}`;
  });
  const activity = await greet(name);
  const before = Date.now();
  await sleep(300);
  const sleptMs = Date.now() - before;
  const child = await executeChild(echo, { args: [`child of ${name}`], workflowId: `${name}-child` });
  at = 'waiting';
  await condition(() => signal !== '' && update !== '');
  return { activity, sleptMs, child, signal, update };
}
