import { setTimeout } from 'node:timers/promises';
import type { AzureOptions } from '../../src/sandbox/azure.ts';
import type { TokenRequest } from '../../src/sandbox/control/schemas.ts';
import { issueToken } from '../../src/sandbox/control/tokens.ts';
import type { FaultRule } from '../../src/sandbox/kit/faults.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import type { MessageView } from '../../src/sandbox/servicebus/index.ts';
import { WORLD } from '../../src/sandbox/world.ts';
import { type AuditRecord, auditRecordSchema } from '../../src/vending/model/audit.ts';
import { parseDuration } from '../../src/vending/request/duration.ts';

/** ARM's published example request. */
export const EXAMPLE = {
  environmentId: 'env-12132',
  clusterId: 'clusterId-123',
  name: 'CI kafka access key',
  description: 'This API key provides kafka access to cluster x',
};

export type Json = Readonly<Record<string, unknown>>;

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

/** The built function in the sandbox, as a user would drive it. */
export class Rig {
  readonly sandbox: Sandbox;

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

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

  async post(body: unknown, { key, token, headers = {} }: PostOptions = {}): Promise<Reply> {
    const authorization = `Bearer ${token ?? (await this.token())}`;
    const response = await fetch(`${this.url}/api/v1/api-keys`, {
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

  async postTo(path: string, body: unknown, token: string): Promise<Reply> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return replyOf(await fetch(`${this.url}/api${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));
  }

  async delete(path: string, token?: string): Promise<Reply> {
    const authorization = `Bearer ${token ?? (await this.token())}`;
    return replyOf(await fetch(`${this.url}/api${path}`, { method: 'DELETE', headers: { authorization } }));
  }

  async get(path: string, token?: string): Promise<Reply> {
    const authorization = `Bearer ${token ?? (await this.token())}`;
    return replyOf(await fetch(`${this.url}/api${path}`, { headers: { authorization } }));
  }

  send(messageId: string | undefined, body: unknown, more: Readonly<Record<string, string>> = {}): void {
    const { broker } = this.sandbox.azure;
    broker.enqueue(WORLD.queues.request, { body, ...(messageId !== undefined && { messageId }), ...more });
  }

  replies(queue: string = WORLD.queues.result): readonly MessageView[] {
    return this.sandbox.azure.broker.view(queue)?.messages ?? [];
  }

  /** Replies that correlate with a message, once there is one. */
  async replyTo(messageId: string, queue?: string): Promise<MessageView> {
    return until(() => this.replies(queue).find(({ correlationId }) => correlationId === messageId));
  }

  /** The audit records of one request, from the function's log. */
  auditOf(requestId: string): readonly AuditRecord[] {
    const records = this.sandbox.function.logs().flatMap((line) => {
      const { message } = line as { message?: string };
      return message?.startsWith('{"audit":') === true ? [auditRecordSchema.parse(JSON.parse(message).audit)] : [];
    });
    return records.filter((record) => record.requestId === requestId);
  }

  /** An intent's row as it is in the ledger; undefined where there is none. */
  async ledgerRow(requestId: string): Promise<unknown> {
    const rows = await this.sandbox.azure.tables.rows(WORLD.ledgerTable);
    return rows.find(({ partitionKey }) => partitionKey === requestId);
  }

  /** The POSTs that ARM got. */
  posts(): ReturnType<Sandbox['azure']['arm']['requests']> {
    return this.sandbox.azure.arm.requests().filter(({ method }) => method === 'POST');
  }

  keys(): ReturnType<Sandbox['azure']['arm']['keys']> {
    return this.sandbox.azure.arm.keys();
  }

  versions(name: string, vault: string = WORLD.vaults[0]): ReturnType<Sandbox['azure']['vault']['secrets']> {
    return this.sandbox.azure.vault.secrets(vault, name);
  }
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
