/** Part of the build: bundles the workflows, once for all workers of all runs. */

import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode } from '@temporalio/worker';
import { BUNDLE } from './support';

async function main(): Promise<void> {
  const { code } = await bundleWorkflowCode({ workflowsPath: require.resolve('./workflows') });
  await writeFile(BUNDLE, code);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
