/** The TypeScript SDK against the gateway: `main.js WORLD.json` prints `ok` or `FAIL` for each check. */

import { version as clientVersion } from '@temporalio/client/package.json';
import { version as workerVersion } from '@temporalio/worker/package.json';
import * as encrypted from './encrypted';
import * as features from './features';
import * as refused from './refused';
import { type Check, oneLine, within } from './support';
import * as telemetry from './telemetry';
import * as timePasses from './time-passes';
import { World } from './world';

/** Runs one check and prints its line. */
async function holds(name: string, check: Check, world: World, seconds: number): Promise<boolean> {
  try {
    await within(seconds, 'the check', check(world));
    console.log(`ok ${name}`);
    return true;
  } catch (error) {
    console.log(`FAIL ${name}: ${oneLine(error)}`);
    return false;
  }
}

/** Runs checks at the same time, each bounded by so many seconds; true when all held. */
async function allHold(checks: Record<string, Check>, world: World, seconds: number): Promise<boolean> {
  const held = await Promise.all(Object.entries(checks).map(([name, check]) => holds(name, check, world, seconds)));
  return held.every(Boolean);
}

/** Runs all checks, the idle minute beside the others; returns the exit status. */
async function main(path: string): Promise<number> {
  console.log(`version @temporalio/client ${clientVersion}`);
  console.log(`version @temporalio/worker ${workerVersion}`);
  telemetry.install();
  const world = new World(path);
  const idle = allHold(timePasses.idle, world, 100);
  const others = await allHold({ ...features.checks, ...refused.checks, ...encrypted.checks }, world, 50);
  // Now that the processor has less to do: their tokens live for seconds only.
  const shortLived = await allHold(timePasses.shortLived, world, 50);
  return (await idle) && others && shortLived ? 0 : 1;
}

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error('usage: main.js WORLD.json');
  process.exit(2);
}
main(path).then(
  // Not by itself: connections that are still open would keep the process.
  (status) => process.exit(status),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
