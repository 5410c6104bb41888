import {
  type HttpHandler,
  HttpRequest,
  type HttpRequestInit,
  type HttpResponseInit,
  InvocationContext,
} from '@azure/functions';
import { beginBulk, controlBulk, getBulk } from '../../../src/functions/http/bulk.ts';
import { createGate } from '../../../src/functions/http/gate.ts';
import { findKeyOwner, listOpenCredentials, resolveCredential } from '../../../src/functions/http/operations.ts';
import { getCredential, getCredentials } from '../../../src/functions/http/read-credentials.ts';
import { recoverLedger } from '../../../src/functions/http/recover.ts';
import type { HttpServices } from '../../../src/functions/http/route.ts';
import { endOverlap, revokeCredential, rotateKey, vendKey } from '../../../src/functions/http/write-credentials.ts';
import type { AuthenticationOutcome, Caller } from '../../../src/vending/model/caller.ts';
import type { VendSettings } from '../../../src/vending/policy/policy.ts';
import type { RecordedTelemetry } from '../../vending/recorded-telemetry.ts';
import { REQUEST, withRule } from '../../vending/world/steps.ts';
import { World } from '../../vending/world/world.ts';

export const OPERATOR_ROLE = 'KeyVending.Operator';
export const PORTAL: Caller = { id: 'entra:t:portal', roles: [] };
export const STRANGER: Caller = { id: 'entra:t:stranger', roles: [] };
export const TEAM: Caller = { id: 'entra:t:team', roles: [] };
export const OPERATOR: Caller = { id: 'entra:t:operator', roles: [OPERATOR_ROLE] };
export const SETTINGS = withRule({ callers: { ids: [PORTAL.id] }, managers: { ids: [TEAM.id] } });

const COLLECTION = 'http://localhost/api/v1/credentials';

/** What a test sends. */
export interface Sent {
  readonly body?: unknown;
  /** Instead of `body`. */
  readonly text?: string;
  /** The `Idempotency-Key` header; null: none. */
  readonly key?: string | null;
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly id?: string;
  /** Of the path, beside the id. */
  readonly params?: Record<string, string>;
  readonly url?: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown>;
}

/** The routes on credentials as the host calls them, over a world in memory. */
export class Client {
  readonly world = new World();
  settings: VendSettings = SETTINGS;
  telemetry: RecordedTelemetry | undefined;
  authentication: AuthenticationOutcome = { kind: 'authenticated', caller: PORTAL };
  readonly logged: Record<string, unknown>[] = [];
  readonly invocationId = '11111111-2222-4333-8444-555555555555';
  readonly #gate = createGate({ authenticate: async () => this.authentication }, () => this.world.now);

  as(caller: Caller): this {
    this.authentication = { kind: 'authenticated', caller };
    return this;
  }

  records = (event: string): Record<string, unknown>[] => this.logged.filter((record) => record.event === event);

  vend = (sent: Sent = {}): Promise<Reply> => this.#post(vendKey, { body: REQUEST, key: 'order-1', ...sent });
  get = (id: string, sent: Sent = {}): Promise<Reply> => this.#send(getCredential, 'GET', { id, ...sent });
  list = (query: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Reply> =>
    this.#send(getCredentials, 'GET', { query, headers });
  beginBulk = (sent: Sent = {}): Promise<Reply> => this.#post(beginBulk, { key: 'leak', ...sent });
  getBulk = (id: string): Promise<Reply> => this.#send(getBulk, 'GET', { id });
  controlBulk = (id: string, sent: Sent = {}): Promise<Reply> => this.#post(controlBulk, { id, ...sent });
  recover = (recoverableAt: number, sent: Sent = {}): Promise<Reply> =>
    this.#post((services) => recoverLedger({ ...services, recoverableAt }), { body: {}, ...sent });
  findKey = (apiKeyId: string): Promise<Reply> => this.#send(findKeyOwner, 'GET', { params: { apiKeyId } });
  revoke = (id: string, sent: Sent = {}): Promise<Reply> => this.#send(revokeCredential, 'DELETE', { id, ...sent });
  rotate = (id: string, sent: Sent = {}): Promise<Reply> =>
    this.#post(rotateKey, { url: `${COLLECTION}/${id}/rotate`, id, key: 'rotation-1', ...sent });
  endOverlap = (id: string, sent: Sent = {}): Promise<Reply> => this.#post(endOverlap, { id, ...sent });
  listOpen = (query: Record<string, string> = {}): Promise<Reply> => this.#send(listOpenCredentials, 'GET', { query });
  resolve = (id: string, sent: Sent = {}): Promise<Reply> => this.#post(resolveCredential, { id, ...sent });

  #post(route: (services: HttpServices) => HttpHandler, sent: Sent): Promise<Reply> {
    const text = sent.text ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
    const type = text === undefined ? {} : { 'content-type': 'application/json' };
    const { key = null } = sent;
    const idempotencyKey = key === null ? {} : { 'idempotency-key': key };
    return this.#send(route, 'POST', {
      ...sent,
      headers: { ...type, ...idempotencyKey, ...sent.headers },
      ...(text === undefined ? {} : { text }),
    });
  }

  async #send(
    route: (services: HttpServices) => HttpHandler,
    method: NonNullable<HttpRequestInit['method']>,
    { headers = {}, query = {}, text, id, params = {}, url = COLLECTION }: Sent,
  ): Promise<Reply> {
    const { telemetry } = this;
    const services = {
      gate: this.#gate,
      effects: { ...this.world.effects(), ...(telemetry !== undefined && { telemetry }) },
      settings: this.settings,
      operatorRole: OPERATOR_ROLE,
    };
    const request = new HttpRequest({
      method,
      url,
      headers,
      query,
      params: { ...params, ...(id !== undefined && { id }) },
      ...(text === undefined ? {} : { body: { string: text } }),
    });
    const context = new InvocationContext({
      invocationId: this.invocationId,
      logHandler: (_level, line) => void this.logged.push(JSON.parse(String(line))),
    });
    const reply = await route(services)(request, context);
    if (typeof reply !== 'object' || reply === null || !('status' in reply)) throw new Error('There is no answer.');
    const { status, headers: answered, jsonBody, body: table }: HttpResponseInit = reply;
    const named = Object.entries({ ...answered }).map(([name, value]) => [name, String(value)]);
    const body = jsonBody ?? { table };
    return { status: Number(status), headers: Object.fromEntries(named), body };
  }
}

/** @throws where the answer names no credential */
export function idOf({ body }: Reply): string {
  if (typeof body.id !== 'string') throw new Error(`Expected a credential, got ${JSON.stringify(body)}`);
  return body.id;
}

/** Of the current key. @throws where there is none */
export function keyOf({ body: { apiKey } }: Reply): string {
  if (typeof apiKey === 'object' && apiKey !== null && 'id' in apiKey) return String(apiKey.id);
  throw new Error('The answer has no key.');
}

export const problem = (type: string): object => ({ type: `urn:confluent-key-vending:problem:${type}` });
