import { type HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import { expect } from 'vitest';
import { beginBulk, controlBulk, getBulk } from '../../src/functions/http/bulk.ts';
import { createGate } from '../../src/functions/http/gate.ts';
import { findKeyOwner, listOpenCredentials, resolveCredential } from '../../src/functions/http/operations.ts';
import { getCredential, getCredentials } from '../../src/functions/http/read-credentials.ts';
import { recoverLedger } from '../../src/functions/http/recover.ts';
import type { HttpServices } from '../../src/functions/http/route.ts';
import { endOverlap, revokeCredential, rotateKey, vendKey } from '../../src/functions/http/write-credentials.ts';
import type { CallerAuthenticator } from '../../src/vending/model/caller.ts';
import type { VendSettings } from '../../src/vending/policy/policy.ts';
import { SETTINGS } from '../vending/world/steps.ts';
import { World } from '../vending/world/world.ts';
import { HUSH } from './arbitraries/text.ts';
import { type Answer, expectProblemAnswer } from './oracle.ts';

export const CALLER = 'entra:11111111-1111-1111-1111-111111111111:22222222-2222-2222-2222-222222222222';
export const OPERATOR_ROLE = 'KeyVending.Operator';

/** Everything for everybody here: what is refused is refused for its form. */
export const OPEN: VendSettings = {
  ...SETTINGS,
  policy: {
    rules: [
      {
        name: 'open',
        callers: { ids: [CALLER, 'events'], queues: ['vend-requests'] },
        organizations: ['*'],
        environments: ['*'],
        clusters: ['*'],
        secretNamePrefix: 'portal-',
      },
    ],
  },
};

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

export interface Called {
  readonly answer: Answer;
  readonly world: World;
  readonly logs: readonly string[];
}

const asOperator: CallerAuthenticator = {
  authenticate: async () => ({ kind: 'authenticated', caller: { id: CALLER, roles: [OPERATOR_ROLE] } }),
};
export const asCaller: CallerAuthenticator = {
  authenticate: async () => ({ kind: 'authenticated', caller: { id: CALLER, roles: [] } }),
};

const WHILE_RECOVERING = { mode: 'paused', defaultVaultUrl: 'https://teams.vault.azure.net' } as const;
const HANDLERS = {
  vend: vendKey,
  revoke: revokeCredential,
  rotate: rotateKey,
  'end-overlap': endOverlap,
  get: getCredential,
  list: getCredentials,
  'list-open': listOpenCredentials,
  resolve: resolveCredential,
  'begin-bulk': beginBulk,
  'get-bulk': getBulk,
  'control-bulk': controlBulk,
  'find-key': findKeyOwner,
  recover: (services) =>
    recoverLedger({ ...services, settings: { ...services.settings, ...WHILE_RECOVERING }, recoverableAt: 0 }),
} as const satisfies Record<string, (services: HttpServices) => HttpHandler>;

/** Calls a real handler, over a world of its own unless one is given. */
export async function call(
  handler: keyof typeof HANDLERS,
  { method = 'POST', headers = {}, query = {}, params = {}, body }: Call,
  callers: CallerAuthenticator = asOperator,
  world = new World(),
): Promise<Called> {
  const logs: string[] = [];
  const context = new InvocationContext({ logHandler: (_level, ...parts) => void logs.push(parts.join(' ')) });
  const request = new HttpRequest({
    method,
    url: 'http://localhost/api/v1/credentials',
    headers: { ...headers },
    query: { ...query },
    params: { ...params },
    ...(body === undefined ? {} : { body: { bytes: Buffer.from(body) } }),
  });
  const services = {
    gate: createGate(callers, () => world.now),
    effects: world.effects(),
    settings: OPEN,
    operatorRole: OPERATOR_ROLE,
  };
  return { answer: answerOf(await HANDLERS[handler](services)(request, context)), world, logs };
}

function answerOf(reply: Awaited<ReturnType<HttpHandler>>): Answer {
  if (reply === undefined || reply instanceof Response || !('jsonBody' in reply))
    throw new Error('No JSON was answered.');
  const headers = Object.fromEntries(new Headers(reply.headers));
  return { status: reply.status ?? 200, headers, body: JSON.stringify(reply.jsonBody) };
}

/** With one of the declared problems, and without a trace. @returns its name */
export function expectRefused({ answer, world, logs }: Called): string {
  const name = expectProblemAnswer(answer);
  expect(world.confluent.posts).toEqual([]);
  expect([...world.ledger.rows.keys()]).toEqual([]);
  expect(logs.join('\n')).not.toContain(HUSH);
  return name;
}
