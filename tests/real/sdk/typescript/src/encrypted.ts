/** TLS with tokens, and TLS with client certificates in their place. */

import { Client, Connection, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { TransportError } from '@temporalio/worker';
import { demandConnectDenied } from './refused';
import { type Check, demand, errorOf, oneLine, runSimple, worker } from './support';
import { simple } from './workflows';
import { client, type Link, NAMESPACE, native, unique, type World, WRITE } from './world';

/** gRPC's UNAVAILABLE. */
const UNAVAILABLE = 14;

/** The whole way an API key usually goes: with TLS. */
const tls: Check = async (world) => runOver(world.tls(await world.token(WRITE)), 'tls');

/** A client that trusts another CA gets no connection. */
const tlsWrongCa: Check = async (world) => {
  const link = world.tls(await world.token(WRITE), world.places.wrong_ca);
  await demandNoConnection(world, link, 'tls-wrong-ca', /unable to verify|self.signed|UnknownIssuer/);
};

/** The certificate's subject grants what a token would. */
const mtls: Check = async (world) => runOver(world.mtls('worker'), 'mtls');

/**
 * What is heard of a certificate that did not do: with TLS 1.3 an alert after the handshake, or no more than the end of
 * the connection when a write fails first. The client's words (OpenSSL's) and the worker's (Rust's).
 */
const ALERT = new RegExp(
  [
    'alert certificate required|alert unknown ca|EPIPE|ECONNRESET',
    'CertificateRequired|UnknownCA|BrokenPipe|ConnectionReset|connection closed',
  ].join('|'),
);

/** Without a certificate there is no connection; a token does not help. */
const mtlsNoCertificate: Check = async (world) => {
  await demandNoConnection(world, world.mtls(), 'mtls-no-certificate', ALERT);
  await demandNoConnection(world, world.mtls(undefined, await world.token(WRITE)), 'mtls-no-certificate', ALERT);
};

/** A certificate that no rule matches is refused by its call, one of another CA by TLS. */
const mtlsUnmappedCertificate: Check = async (world) => {
  await demandConnectDenied(world.mtls('unmapped'));
  await demandNoConnection(world, world.mtls('stranger'), 'mtls-unmapped-certificate', ALERT);
};

/** A client and a worker run a workflow. */
async function runOver(link: Link, check: string): Promise<void> {
  const starter = await client(link);
  const name = unique(check);
  const working = await worker(await native(link), name);
  await working.runUntil(runSimple(starter, name, check));
}

/** Neither a worker nor a client gets through TLS, and nothing has happened. */
async function demandNoConnection(world: World, link: Link, check: string, sign: RegExp): Promise<void> {
  const worker = await errorOf('connecting a worker', 30, native(link));
  demand(worker instanceof TransportError && sign.test(worker.message), `connecting a worker: ${oneLine(worker)}`);

  // `connect` says only that its time is up. The first call of a lazy connection says why; without the interceptor
  // that repeats calls it says so at once.
  const connection = Connection.lazy({ ...link, interceptors: [] });
  const workflowId = unique(check);
  const start = new Client({ connection, namespace: NAMESPACE }).workflow.start(simple, {
    args: [workflowId],
    workflowId,
    taskQueue: workflowId,
  });
  const error = await errorOf('starting a workflow', 30, start);
  const cause = error instanceof ServiceError ? error.cause : undefined;
  const unavailable = isGrpcServiceError(cause) && cause.code === UNAVAILABLE;
  demand(unavailable && sign.test(cause.details), `starting a workflow: ${oneLine(error)}`);
  await connection.close();
  await world.requireAbsent(workflowId);
}

export const checks: Record<string, Check> = {
  tls,
  'tls-wrong-ca': tlsWrongCa,
  mtls,
  'mtls-no-certificate': mtlsNoCertificate,
  'mtls-unmapped-certificate': mtlsUnmappedCertificate,
};
