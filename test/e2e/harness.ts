import { setTimeout } from 'node:timers/promises';
import type { AzureOptions } from '../../src/sandbox/azure/azure.ts';
import type { TokenRequest } from '../../src/sandbox/azure/tokens.ts';
import { issueToken } from '../../src/sandbox/azure/tokens.ts';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { FaultRule } from '../../src/sandbox/kit/faults.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import type { MessageView } from '../../src/sandbox/servicebus/index.ts';
import { parseDuration } from '../../src/vending/request/validation.ts';
import { type Json, Traces } from './traces.ts';

export type { Json } from './traces.ts';

/** ARM's published example request. */
export const EXAMPLE = {
  environmentId: 'env-12132',
  clusterId: 'clusterId-123',
  name: 'CI kafka access key',
  description: 'This API key provides kafka access to cluster x',
};

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

export interface PostOptions {
  readonly key?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A credential that was vended, as its answer says. */
export interface Vended {
  readonly id: string;
  readonly keyId: string;
  readonly secretName: string;
  readonly version: string;
  readonly body: Json;
}

/** A token of somebody who is neither the portal nor anybody whom the policy names. */
export const OPERATOR: TokenRequest = { oid: '99999999-9999-4999-8999-999999999999', roles: [WORLD.operatorRole] };
export const STRANGER: TokenRequest = { oid: '88888888-8888-4888-8888-888888888888' };

export const problemUri = (type: string): string => `urn:confluent-key-vending:problem:${type}`;

/** The built function in the sandbox, as a user would drive it. */
export class Rig extends Traces {
  static async start(settings: Readonly<Record<string, string>> = {}, azure: AzureOptions = {}): Promise<Rig> {
    return new Rig(await startSandbox({ port: 0, controlPort: 0, withFunction: true, settings, azure }));
  }

  close(): Promise<void> {
    return this.sandbox.close();
  }

  get url(): string {
    return this.sandbox.function.url() ?? '';
  }

  async token(request: TokenRequest = {}): Promise<string> {
    return (await issueToken(this.sandbox.azure.issuer, request)).access_token;
  }

  /** Moves the clock of all Azure and of the function ahead by an ISO 8601 duration. Tokens of before may be old then. */
  async advance(duration: string): Promise<void> {
    await this.sandbox.azure.clock.advance(parseDuration(duration) ?? Number.NaN);
  }

  fault(rule: FaultRule): void {
    this.sandbox.azure.faults.add(rule);
  }

  heal(): void {
    this.sandbox.azure.faults.clear();
  }

  async post(body: unknown, options: PostOptions = {}): Promise<Reply> {
    return this.postTo('/v1/credentials', body, options);
  }

  async postTo(path: string, body: unknown, { key, token, headers = {} }: PostOptions = {}): Promise<Reply> {
    const authorization = `Bearer ${token ?? (await this.token())}`;
    const response = await fetch(`${this.url}/api${path}`, {
      method: 'POST',
      headers: {
        authorization,
        'content-type': 'application/json',
        ...(key !== undefined && { 'idempotency-key': key }),
        ...headers,
      },
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    });
    return replyOf(response);
  }

  /** @throws Error where no key is vended */
  async vend(key: string, request: Json = {}, token?: string): Promise<Vended> {
    const reply = await this.post({ ...EXAMPLE, ...request }, { key, ...(token !== undefined && { token }) });
    if (reply.status !== 201) throw new Error(`No key was vended: ${reply.status} ${JSON.stringify(reply.body)}`);
    return vendedOf(reply.body);
  }

  rotate(id: string, key: string, body: Json = {}, token?: string): Promise<Reply> {
    return this.postTo(`/v1/credentials/${id}/rotate`, body, { key, ...(token !== undefined && { token }) });
  }

  async delete(path: string, token?: string): Promise<Reply> {
    const authorization = `Bearer ${token ?? (await this.token())}`;
    return replyOf(await fetch(`${this.url}/api${path}`, { method: 'DELETE', headers: { authorization } }));
  }

  async get(path: string, token?: string): Promise<Reply> {
    const authorization = `Bearer ${token ?? (await this.token())}`;
    return replyOf(await fetch(`${this.url}/api${path}`, { headers: { authorization } }));
  }

  /** The credential as an operator sees it, once it has this status. */
  async becomes(id: string, status: string): Promise<Json> {
    return until(async () => {
      const { body } = await this.get(`/v1/credentials/${id}`, await this.token(OPERATOR));
      return body.status === status ? body : undefined;
    });
  }

  send(messageId: string | undefined, body: unknown, more: Readonly<Record<string, string>> = {}): void {
    const { broker } = this.sandbox.azure;
    broker.enqueue(WORLD.queues.request, { body, ...(messageId !== undefined && { messageId }), ...more });
  }

  /** The reply that correlates with a message, once there is one. */
  async replyTo(messageId: string, queue?: string): Promise<MessageView> {
    return until(() => this.replies(queue).find(({ correlationId }) => correlationId === messageId));
  }
}

export function vendedOf(body: Json): Vended {
  const apiKey = body.apiKey as Json;
  const secret = body.secret as Json;
  return {
    id: String(body.id),
    keyId: String(apiKey.id),
    secretName: String(secret.name),
    version: String(secret.version),
    body,
  };
}

/** Polls: what the queue brings about has no other sign of being over. @throws Error after the deadline. */
export async function until<T>(look: () => T | undefined | Promise<T | undefined>, deadlineMs = 25_000): Promise<T> {
  const end = Date.now() + deadlineMs;
  while (Date.now() < end) {
    const found = await look();
    if (found !== undefined) return found;
    await setTimeout(20);
  }
  throw new Error('What was waited for did not come.');
}

async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as Json) };
}
