import { type HttpHandler, HttpRequest, type HttpRequestInit, InvocationContext } from '@azure/functions';
import { beforeEach, expect, it } from 'vitest';
import { revokeKeyOf, rotateKeyOf } from '../../../src/functions/http/change-key.ts';
import { getRequest } from '../../../src/functions/http/get-request.ts';
import type { KeyServices } from '../../../src/functions/http/key-services.ts';
import { listOpenIntents, resolveIntent } from '../../../src/functions/http/operations.ts';
import { vendKey } from '../../../src/functions/http/vend-key.ts';
import type { AuthenticationOutcome } from '../../../src/vending/ports/callers.ts';
import { intentOf } from '../../vending/saga/steps.ts';
import { COMMAND, SETTINGS } from '../../vending/saga/vending.ts';
import { World } from '../../vending/saga/world.ts';

const OPERATOR_ROLE = 'KeyVending.Operator';
const REQUEST_ID = 'a'.repeat(26);

let world: World;
let authentication: AuthenticationOutcome;
let settings: KeyServices['settings'];
let logged: Record<string, unknown>[];
beforeEach(() => {
  world = new World();
  authentication = { kind: 'authenticated', caller: { ...COMMAND.caller, roles: [OPERATOR_ROLE] } };
  settings = SETTINGS;
  logged = [];
});

const authenticator = { authenticate: async () => authentication };
const services = (): KeyServices => ({ authenticator, effects: world.ports(), settings, operatorRole: OPERATOR_ROLE });

async function send(handler: HttpHandler, init: Partial<HttpRequestInit> = {}): Promise<unknown> {
  const context = new InvocationContext({
    logHandler: (_level, text) => void logged.push(JSON.parse(String(text))),
  });
  const request = new HttpRequest({ method: 'GET', url: 'http://localhost/api/v1/api-keys', ...init });
  const reply = await handler(request, context);
  return typeof reply === 'object' && reply !== null && 'status' in reply ? reply.status : undefined;
}

const json = (body: unknown, params: Record<string, string> = {}): Partial<HttpRequestInit> => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', 'idempotency-key': 'order-1' },
  body: { string: JSON.stringify(body) },
  params,
});

const vend = (request: object = COMMAND.request): Promise<unknown> => send(vendKey(services()), json(request));
const failures = (): Record<string, unknown>[] => logged.filter(({ event }) => event === 'request-failed');
const closeVault = (): void => {
  world.writable = false;
};
const pause = (): void => {
  settings = { ...SETTINGS, mode: 'paused' };
};
const silenceLedger = (): void => {
  world.fault = (call) => (call === 'read' || call === 'listDue' ? 'refused' : undefined);
};

it.each<[problem: string, status: number, arrange: () => void]>([
  ['vault-unavailable', 503, closeVault],
  ['ledger-unavailable', 503, silenceLedger],
  ['paused', 503, pause],
])('%s is told to operators once, with its request', async (problem, status, arrange) => {
  arrange();
  expect(await vend()).toBe(status);
  expect(failures()).toEqual([
    { event: 'request-failed', problem, requestId: expect.stringMatching(/^[a-z2-7]{26}$/) },
  ]);
});

it('so is a failure of every other route', async () => {
  silenceLedger();
  const operators = { authenticator, role: OPERATOR_ROLE };
  const params = { requestId: REQUEST_ID };
  const statuses = [
    await send(getRequest(authenticator, world.ports().ledger, OPERATOR_ROLE), { params }),
    await send(revokeKeyOf(services()), { method: 'DELETE', params }),
    await send(rotateKeyOf(services()), json({}, params)),
    await send(resolveIntent(operators, world.ports()), json({ apiKeyId: null }, params)),
    await send(listOpenIntents(operators, world.ports()), { query: { state: 'unknown' } }),
  ];
  expect(statuses).toEqual([503, 503, 503, 503, 503]);
  const told = { event: 'request-failed', problem: 'ledger-unavailable', requestId: REQUEST_ID };
  expect(failures()).toEqual([told, told, told, told, { event: 'request-failed', problem: 'ledger-unavailable' }]);
});

it('so is an identity provider that is silent', async () => {
  authentication = { kind: 'unavailable', upstream: { service: 'identity', status: 503 } };
  expect(await vend()).toBe(503);
  expect(failures()).toEqual([{ event: 'request-failed', problem: 'identity-provider-unavailable' }]);
});

it('what was vended, and what the caller got wrong, is not', async () => {
  expect(await vend()).toBe(201);
  expect(await vend({ ...COMMAND.request, name: 'other' })).toBe(422);
  expect(await vend({})).toBe(400);
  authentication = { kind: 'authenticated', caller: { id: 'entra:tenant:stranger', roles: [] } };
  expect(await vend()).toBe(403);
  const params = { requestId: intentOf(world)?.id ?? '' };
  expect(await send(revokeKeyOf(services()), { method: 'DELETE', params })).toBe(404);
  expect(failures()).toEqual([]);
});
