/** What the SDK itself says about its workers' calls: metrics and warnings. */

import { DefaultLogger, type LogEntry, MetricsBuffer, Runtime } from '@temporalio/worker';

/** A process has one runtime, and so one buffer and one log for all workers. A user would have Prometheus and a log file. */
const buffer = new MetricsBuffer({ maxBufferSize: 100_000 });
const warnings: string[] = [];
const counters: { name: string; tags: Record<string, unknown>; value: number }[] = [];

/** Makes the runtime. To be called once, before there is any worker. */
export function install(): void {
  const log = (entry: LogEntry) => {
    warnings.push(`${entry.message} ${JSON.stringify(entry.meta)}`);
    process.stderr.write(`${entry.level} ${warnings.at(-1)}\n`);
  };
  Runtime.install({
    logger: new DefaultLogger('WARN', log),
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      metrics: { buffer },
    },
  });
}

/** The warnings so far that have this text in them. */
export function warned(text: string): string[] {
  return warnings.filter((warning) => warning.includes(text));
}

/** The sum of a counter over all its tags, or over those that match. */
export function count(name: string, tags: Record<string, string> = {}): number {
  for (const { metric, value, attributes } of buffer.retrieveUpdates()) {
    if (metric.kind === 'counter') counters.push({ name: metric.name, tags: attributes, value });
  }
  const wanted = Object.entries(tags);
  return counters
    .filter((one) => one.name === name && wanted.every(([key, value]) => one.tags[key] === value))
    .reduce((sum, one) => sum + one.value, 0);
}
