import { type HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import { revokeKeyOf, rotateKeyOf } from '../../src/functions/http/change-key.ts';
import { getRequest } from '../../src/functions/http/get-request.ts';
import type { KeyServices } from '../../src/functions/http/key-services.ts';
import { listOpenIntents, resolveIntent } from '../../src/functions/http/operations.ts';
import { vendKey } from '../../src/functions/http/vend-key.ts';
import type { CallerAuthenticator } from '../../src/vending/ports/callers.ts';
import type { VendSettings } from '../../src/vending/vend.ts';
import { SETTINGS } from '../vending/saga/vending.ts';
import { World } from '../vending/saga/world.ts';
import type { Answer } from './oracle.ts';

export const CALLER = 'entra:11111111-1111-1111-1111-111111111111:22222222-2222-2222-2222-222222222222';
export const OPERATOR_ROLE = 'KeyVending.Operator';

/** Everything for everybody here: what is refused is refused for its form. */
export const OPEN: VendSettings = {
  ...SETTINGS,
  policy: {
    rules: [
      {
        name: 'open',
        callers: { ids: [CALLER], queues: ['vend-requests'] },
        organizations: ['*'],
        environments: ['*'],
        clusters: ['*'],
        secretNamePrefix: 'portal-',
      },
    ],
  },
};

export interface Call {
  readonly method?: 'GET' | 'POST';
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

const operator: CallerAuthenticator = {
  authenticate: async () => ({ kind: 'authenticated', caller: { id: CALLER, roles: [OPERATOR_ROLE] } }),
};

const servicesOf = (world: World, authenticator: CallerAuthenticator): KeyServices => ({
  authenticator,
  effects: world.ports(),
  settings: OPEN,
  operatorRole: OPERATOR_ROLE,
});

type Make = (world: World, callers: CallerAuthenticator) => HttpHandler;

/** The real handlers, each call over a world of its own. */
export const HANDLERS = {
  vend: (world, callers) => vendKey(servicesOf(world, callers)),
  revoke: (world, callers) => revokeKeyOf(servicesOf(world, callers)),
  rotate: (world, callers) => rotateKeyOf(servicesOf(world, callers)),
  get: (world, callers) => getRequest(callers, world.ports().ledger, OPERATOR_ROLE),
  list: (world, authenticator) => listOpenIntents({ authenticator, role: OPERATOR_ROLE }, world.ports()),
  resolve: (world, authenticator) => resolveIntent({ authenticator, role: OPERATOR_ROLE }, world.ports()),
} as const satisfies Record<string, Make>;

export async function call(
  handler: keyof typeof HANDLERS,
  { method = 'POST', headers = {}, query = {}, params = {}, body }: Call,
  callers: CallerAuthenticator = operator,
): Promise<Called> {
  const world = new World();
  const logs: string[] = [];
  const context = new InvocationContext({ logHandler: (_level, ...parts) => void logs.push(parts.join(' ')) });
  const request = new HttpRequest({
    method,
    url: 'http://localhost/api/v1/api-keys',
    headers: { ...headers },
    query: { ...query },
    params: { ...params },
    ...(body === undefined ? {} : { body: { bytes: Buffer.from(body) } }),
  });
  const reply = await HANDLERS[handler](world, callers)(request, context);
  return { answer: answerOf(reply), world, logs };
}

function answerOf(reply: Awaited<ReturnType<HttpHandler>>): Answer {
  if (reply === undefined || reply instanceof Response || !('jsonBody' in reply))
    throw new Error('No JSON was answered.');
  const headers = Object.fromEntries(new Headers(reply.headers));
  return { status: reply.status ?? 200, headers, body: JSON.stringify(reply.jsonBody) };
}
