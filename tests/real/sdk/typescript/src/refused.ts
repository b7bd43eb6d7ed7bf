/** Tokens that are not good enough: what a user catches, and that nothing has happened. */

import { Client, Connection, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { TransportError } from '@temporalio/worker';
import { type Check, demand, errorOf, oneLine } from './support';
import { simple } from './workflows';
import { client, type Link, NAMESPACE, native, OTHER_WRITE, READ, unique, type World, WRITE } from './world';

/** gRPC's PERMISSION_DENIED. */
const PERMISSION_DENIED = 7;

/** The error that users catch for a refused call; the code and the text of Temporal's own refusal are in its cause. */
export function demandDenied(what: string, error: unknown): void {
  const cause = error instanceof ServiceError ? error.cause : undefined;
  const denied = isGrpcServiceError(cause) && cause.code === PERMISSION_DENIED;
  demand(denied && cause.details === 'Request unauthorized.', `${what}: ${oneLine(error)}`);
}

/** Neither the client nor the worker connects: connecting makes a call (GetSystemInfo), and that one is refused. */
export async function demandConnectDenied(link: Link): Promise<void> {
  demandDenied('connecting a client', await errorOf('connecting a client', 20, client(link)));
  const error = await errorOf('connecting a worker', 20, native(link));
  demand(
    error instanceof TransportError && error.message.includes('Request unauthorized.'),
    `connecting a worker: ${oneLine(error)}`,
  );
}

/** A refused start, and a look at the server behind the gateway. */
async function demandStartDenied(world: World, starter: Client, check: string): Promise<void> {
  const workflowId = unique(check);
  const start = starter.workflow.start(simple, { args: [workflowId], workflowId, taskQueue: workflowId });
  demandDenied('starting a workflow', await errorOf('starting a workflow', 20, start));
  await world.requireAbsent(workflowId);
}

/** A reader of the namespace. Connecting is for everybody whose token is not broken; starting a workflow is not. */
const reader: Check = async (world) =>
  demandStartDenied(world, await client(world.plain(await world.token(READ))), 'reader-refused');

/** A writer of another namespace. */
const otherNamespace: Check = async (world) =>
  demandStartDenied(world, await client(world.plain(await world.token(OTHER_WRITE))), 'other-namespace-refused');

/** Nobody. */
const noToken: Check = async (world) => demandStartDenied(world, await client(world.plain()), 'no-token-refused');

/** A writer whose token has expired: before it connects, and while it is connected. */
const expiredToken: Check = async (world) => {
  const expired = await world.token(WRITE, -60);
  await demandConnectDenied(world.plain(expired));
  const connection = await Connection.connect(world.plain(await world.token(WRITE)));
  connection.setApiKey(expired);
  await demandStartDenied(world, new Client({ connection, namespace: NAMESPACE }), 'expired-token-refused');
};

export const checks: Record<string, Check> = {
  'reader-refused': reader,
  'other-namespace-refused': otherNamespace,
  'no-token-refused': noToken,
  'expired-token-refused': expiredToken,
};
