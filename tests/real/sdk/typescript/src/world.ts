/** Where things are: the addresses, certificates and tokens that this run may use. */

import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { Client, Connection, WorkflowNotFoundError, type ConnectionOptions } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';

/** The namespace this program works in, and the permissions that its tokens name. */
export const NAMESPACE = 'sdk-typescript';
export const WRITE = `${NAMESPACE}:write`;
export const READ = `${NAMESPACE}:read`;
export const OTHER_WRITE = 'other:write';

/** The content of world.json. `direct` is the server itself, the other three are gateways in front of it. */
interface Places {
  direct: string;
  plain: string;
  tls: string;
  mtls: string;
  server_name: string;
  ca: string;
  wrong_ca: string;
  worker_cert: string;
  worker_key: string;
  unmapped_cert: string;
  unmapped_key: string;
  stranger_cert: string;
  stranger_key: string;
  tokens: string;
}

/** Where to connect and as whom: what the client's and the worker's connections both take. */
export type Link = Pick<ConnectionOptions, 'address' | 'tls'> & { apiKey?: string };

/** An id for a workflow, task queue or schedule of this run. */
export function unique(check: string): string {
  return `typescript-${check}-${randomUUID().slice(0, 13)}`;
}

export class World {
  readonly places: Places;

  constructor(path: string) {
    this.places = JSON.parse(readFileSync(path, 'utf8')) as Places;
  }

  /** A JWT with this permission that expires in `ttl` seconds; a negative one has expired already. */
  async token(permission: string, ttl = 3600): Promise<string> {
    const query = new URLSearchParams({ permission, ttl: String(ttl), sub: 'sdk-typescript' });
    const answer = await fetch(`${this.places.tokens}?${query}`, { signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(`the token service answers ${answer.status}`);
    return (await answer.text()).trim();
  }

  /** The plaintext gateway. `tls: false` has to be said: an API key alone switches TLS on. */
  plain(apiKey?: string): Link {
    return { address: this.places.plain, tls: false, apiKey };
  }

  /** The gateway with TLS and tokens. */
  tls(apiKey: string, ca = this.places.ca): Link {
    return { address: this.places.tls, tls: this.trust(ca), apiKey };
  }

  /** The gateway that wants a client certificate: one of those whose files are named in world.json, or none. */
  mtls(certificate?: 'worker' | 'unmapped' | 'stranger', apiKey?: string): Link {
    const clientCertPair = certificate && {
      crt: readFileSync(this.places[`${certificate}_cert`]),
      key: readFileSync(this.places[`${certificate}_key`]),
    };
    return { address: this.places.mtls, tls: { ...this.trust(this.places.ca), clientCertPair }, apiKey };
  }

  /** Asks the server itself whether a workflow exists; that it does is a failure. */
  async requireAbsent(workflowId: string): Promise<void> {
    const direct = await client({ address: this.places.direct, tls: false });
    try {
      await direct.workflow.getHandle(workflowId).describe();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return;
      throw error;
    } finally {
      await direct.connection.close();
    }
    throw new Error(`workflow ${workflowId} exists on the server`);
  }

  private trust(ca: string) {
    return { serverRootCACertificate: readFileSync(ca), serverNameOverride: this.places.server_name };
  }
}

/** A client of the namespace. */
export async function client(link: ConnectionOptions): Promise<Client> {
  return new Client({ connection: await Connection.connect(link), namespace: NAMESPACE });
}

/** What a worker's calls go through. */
export async function native(link: Link): Promise<NativeConnection> {
  return NativeConnection.connect(link);
}
